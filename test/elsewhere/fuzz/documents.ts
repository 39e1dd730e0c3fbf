import { getNamedType, isEnumType, isInputObjectType, isAbstractType, isLeafType, isListType, isNonNullType, getNullableType, Lexer, Source, TokenKind, type GraphQLField, type GraphQLInputType, type GraphQLObjectType } from 'graphql';
import type { Chance } from '../../support/random.js';
import { EnumValue, literalOf, soundInput } from './places.js';
import type { FuzzWorld } from './world.js';

const DEEPEST = 4;
const MOST_FIELDS = 5;
/** They end the session that all the others need. */
const NEVER = new Set(['signOut', 'deleteAccount']);
const TEXTS = ['', 'vision', 'audio', 'graphs', 'nobody', 'a "quoted" \\ text', '漢字 👩‍🔬', "' OR 1=1 --", '\n\t', 'x'.repeat(300), '__proto__'];
const NUMBERS = [0, 1, 2, 5, 100, 101, -1, 2_147_483_647, -2_147_483_648];

/** A valid document of any fields, depth and arguments: of queries mostly, and of mutations. */
export function wildDocument(world: FuzzWorld, chance: Chance): string {
  return new WildDocument(world, chance).make();
}

class WildDocument {
  private names = 0;
  private readonly fragments: string[] = [];

  constructor(
    private readonly world: FuzzWorld,
    private readonly chance: Chance,
  ) {}

  make(): string {
    const isMutation = this.chance.below(4) === 0;
    const type = this.world.schema.getType(isMutation ? 'Mutation' : 'Query') as GraphQLObjectType;
    const count = 1 + this.chance.below(isMutation ? 2 : 3);
    const fields = Array.from({ length: count }, () => this.field(type, this.chance.pick(fieldsOf(type)), isMutation ? 2 : 0));
    return `${isMutation ? 'mutation' : 'query'} Wild { ${fields.join(' ')} }${this.fragments.join('')}`;
  }

  private selection(type: GraphQLObjectType, depth: number): string {
    const candidates = fieldsOf(type).filter((field) => depth < DEEPEST || isLeafType(getNamedType(field.type)));
    const fields = this.chance.sample(candidates, 1 + this.chance.below(MOST_FIELDS)).map((field) => this.field(type, field, depth));
    // Some types have nothing but objects.
    if (fields.length === 0) fields.push('__typename');
    switch (this.chance.below(8)) {
      case 0:
        return `{ ... on ${type.name} { ${fields.join(' ')} } }`;
      case 1: {
        this.names += 1;
        this.fragments.push(` fragment F${this.names} on ${type.name} { ${fields.join(' ')} }`);
        return `{ ...F${this.names} __typename }`;
      }
      case 2:
        return `{ __typename ... @include(if: ${this.chance.below(2) === 0}) { ${fields.join(' ')} } }`;
      default:
        return `{ __typename ${fields.join(' ')} }`;
    }
  }

  private field(type: GraphQLObjectType, field: GraphQLField<unknown, unknown>, depth: number): string {
    this.names += 1;
    // Always by a name of its own: what is asked for twice may differ in its arguments.
    const text = `a${this.names}: ${field.name}${this.argumentsOf(type, field)}`;
    const named = getNamedType(field.type);
    if (isLeafType(named)) return text;
    if (!isAbstractType(named)) return `${text} ${this.selection(named as GraphQLObjectType, depth + 1)}`;
    const parts = this.chance.sample(this.world.schema.getPossibleTypes(named), 2).map((object) => `... on ${object.name} ${this.selection(object, DEEPEST)}`);
    return `${text} { __typename ${parts.join(' ')} }`;
  }

  private argumentsOf(type: GraphQLObjectType, { name, args }: GraphQLField<unknown, unknown>): string {
    const given = args.flatMap((argument) => {
      const isNeeded = isNonNullType(argument.type) && argument.defaultValue === undefined;
      // Pages are small, or a document of this depth is a question of millions of rows.
      if (argument.name === 'first') return [`first: ${this.chance.below(20) === 0 ? 0 : 1 + this.chance.below(3)}`];
      if (!isNeeded && this.chance.below(3) > 0) return [];
      return [`${argument.name}: ${literalOf(this.value({ name: argument.name, type: argument.type, parent: `${type.name}.${name}` }))}`];
    });
    return given.length === 0 ? '' : `(${given.join(', ')})`;
  }

  private value(given: { readonly name: string; readonly type: GraphQLInputType; readonly parent: string }, depth = 0): unknown {
    const nullable = getNullableType(given.type);
    if (!isNonNullType(given.type) && this.chance.below(10) === 0) return null;
    if (isListType(nullable)) return Array.from({ length: this.chance.below(3) }, () => this.value({ ...given, type: nullable.ofType }, depth));
    if (isInputObjectType(nullable)) {
      const fields = Object.values(nullable.getFields()).filter((field) => (isNonNullType(field.type) && field.defaultValue === undefined) || (depth < 3 && this.chance.below(2) === 0));
      return Object.fromEntries(fields.map((field) => [field.name, this.value({ name: field.name, type: field.type, parent: nullable.name }, depth + 1)]));
    }
    if (isEnumType(nullable)) return new EnumValue(this.chance.pick(nullable.getValues()).name);
    const sound = soundInput(this.world, { ...given, type: nullable });
    if (this.chance.below(3) > 0) return sound;
    switch (nullable.name) {
      case 'Int':
        return this.chance.pick(NUMBERS);
      case 'Float':
        return this.chance.pick([...NUMBERS, 0.5, 1e300, -1e-300]);
      case 'Boolean':
        return this.chance.below(2) === 0;
      case 'ID':
        return this.chance.pick([...Object.values(this.world.ids), ...TEXTS]);
      case 'String':
        return this.chance.pick(TEXTS);
      default:
        return sound;
    }
  }
}

function fieldsOf(type: GraphQLObjectType): GraphQLField<unknown, unknown>[] {
  return Object.values(type.getFields()).filter(({ name }) => !NEVER.has(name));
}

const INSTEAD = ['{', '}', '(', ')', '[', ']', ':', '!', '=', '|', '&', '@', '$', '...', 'on', 'fragment', 'query', 'mutation', 'subscription', 'type', '__typename', '__schema', 'id', 'papers', 'true', 'null', '0', '-1', '1e999', '00', '1.', '"', '"text"', '"""block"""', '"\\u0000"', '"\\ud800"', '"\\u{110000}"', '#', '\0', '\ufeff', '\ud800', '💥', '\\', ';', '`'];

/** A document with one to three of its tokens dropped, doubled, swapped or replaced. */
export function mutated(document: string, chance: Chance): string {
  const tokens = tokensOf(document);
  for (let left = 1 + chance.below(3); left > 0; left -= 1) {
    const place = chance.below(tokens.length);
    const token = tokens[place]!;
    switch (chance.below(4)) {
      case 0:
        tokens.splice(place, 1);
        break;
      case 1:
        tokens.splice(place, 0, token);
        break;
      case 2: {
        const other = chance.below(tokens.length);
        tokens[place] = tokens[other]!;
        tokens[other] = token;
        break;
      }
      default:
        tokens[place] = chance.pick(INSTEAD);
    }
    if (tokens.length === 0) return '';
  }
  return tokens.join(chance.below(10) === 0 ? '' : ' ');
}

function tokensOf(document: string): string[] {
  const lexer = new Lexer(new Source(document));
  const tokens: string[] = [];
  while (lexer.advance().kind !== TokenKind.EOF) tokens.push(document.slice(lexer.token.start, lexer.token.end));
  return tokens;
}
