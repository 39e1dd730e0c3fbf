import { isEnumType, isInterfaceType, isLeafType, isObjectType, getNamedType, type GraphQLField, type GraphQLObjectType, type GraphQLSchema } from 'graphql';
import type { Chance } from './random.js';

export interface RandomOperation {
  readonly document: string;
  readonly variables: Record<string, unknown>;
  /** It asks for nothing but what the database can write. */
  readonly isPlain: boolean;
}

export interface Choices {
  readonly schema: GraphQLSchema;
  /** Texts for arguments, by the argument's name. */
  readonly values: Readonly<Record<string, readonly (string | null)[]>>;
}

/** Answers that depend on more than the question: the moment (which cursors of the following feed hold), who asks, or what is not worth the wait. */
const NEVER = new Set(['asOf', 'followingFeed', 'ingestRun', 'ingestRuns', 'ingestSources', 'modelVersion', 'recommenderState', 'nodes.ids', 'comparison', 'assuming', 'without', 'weights']);
/** The fields of Query that it is asked to write. */
const WRITTEN = new Set(['feed', 'paper', 'papers']);
/** What the database cannot write, as `Type.field`. */
const NOT_WRITTEN = new Set([
  'Paper.upvotes', 'Paper.similar', 'Paper.citation', 'Paper.voteTimeline', 'Paper.byTheSameAuthors', 'Feed.syndication', 'Tag.syndication',
  'Author.syndication', 'Author.papers', 'Tag.papers', 'Tag.relatedTags', 'Repo.papers', 'User.submittedPapers', 'User.upvotedPapers',
  'User.followedTags', 'User.followedAuthors', 'User.similarReaders', 'User.comments', 'Comment.bodyHtml', 'Comment.mentions',
  'Comment.viewerCanEdit', 'Comment.editableUntil', 'Author.viewerClaim', 'User.authorshipClaims',
]);
const ONE_OF = new Set(['paper', 'user', 'repo']);
const DEEPEST = 5;
const MOST_FIELDS = 6;

/** A valid query over the whole schema, or one that the database can write. */
export function randomOperation(choices: Choices, chance: Chance): RandomOperation {
  const isPlain = chance.below(3) > 0;
  return new Operation(choices, chance, isPlain).make();
}

class Operation {
  private readonly declared: string[] = [];
  private readonly variables: Record<string, unknown> = {};
  private readonly fragments: string[] = [];
  private names = 0;
  /** A page is asked for that cannot be: an error, unless there is no object to ask it of. */
  private isFaulty = false;

  constructor(
    private readonly choices: Choices,
    private readonly chance: Chance,
    private readonly isPlain: boolean,
  ) {}

  make(): RandomOperation {
    const query = this.choices.schema.getQueryType()!;
    const roots = this.fieldsOf(query).filter(({ name }) => !this.isPlain || WRITTEN.has(name));
    const selection = Array.from({ length: 1 + this.chance.below(2) }, () => this.field(query, this.chance.pick(this.chance.below(2) === 0 ? roots : roots.filter(({ name }) => WRITTEN.has(name))), 0));
    const head = this.declared.length === 0 ? '' : `(${this.declared.join(', ')})`;
    const document = `query Q${head} { ${selection.join(' ')} }${this.fragments.join('')}`;
    // Of a feed without papers, there is nothing to write.
    return { document, variables: this.variables, isPlain: this.isPlain && !this.isFaulty && /\bpapers?\b/.test(document) };
  }

  private fieldsOf(type: GraphQLObjectType): GraphQLField<unknown, unknown>[] {
    return Object.values(type.getFields()).filter(({ name }) => !NEVER.has(name));
  }

  private selection(type: GraphQLObjectType, depth: number): string {
    const candidates = this.fieldsOf(type).filter((field) => this.isWithin(type, field, depth));
    const chosen = this.chance.sample(candidates, 1 + this.chance.below(MOST_FIELDS));
    const fields = chosen.map((field) => this.field(type, field, depth));
    // The same field once more by the same arguments: what it asks is merged.
    const object = fields.find((text) => /^\w+ \{/.test(text));
    if (object !== undefined && this.chance.below(3) === 0) fields.push(object);
    if (this.chance.below(4) === 0) fields.unshift('__typename');
    return `{ ${this.wrapped(type, fields).join(' ')} }`;
  }

  /** Some of the fields in fragments, on the type itself or on its interface. */
  private wrapped(type: GraphQLObjectType, fields: readonly string[]): string[] {
    const isNode = type.getInterfaces().some(({ name }) => name === 'Node');
    return fields.flatMap((field, place) => {
      switch (this.chance.below(12)) {
        case 0:
          return [`... on ${type.name} { ${field} }`];
        case 1: {
          this.names += 1;
          this.fragments.push(` fragment F${this.names} on ${type.name} { ${field} }`);
          return [`...F${this.names}`];
        }
        case 2:
          return isNode ? [`... on Node { __typename again${place}: id }`, field] : [`... { ${field} }`];
        case 3:
          return this.isPlain ? [field] : [`... on ${type.name} @${this.chance.pick(['skip', 'include'])}(if: ${this.variable('Boolean!', this.chance.below(2) === 0)}) { ${field} }`];
        default:
          return [field];
      }
    });
  }

  private isWithin(type: GraphQLObjectType, field: GraphQLField<unknown, unknown>, depth: number): boolean {
    if (this.isPlain && NOT_WRITTEN.has(`${type.name}.${field.name}`)) return false;
    return depth < DEEPEST || isLeafType(getNamedType(field.type));
  }

  private field(type: GraphQLObjectType, field: GraphQLField<unknown, unknown>, depth: number): string {
    const aliased = this.chance.below(4) === 0 || field.args.length > 0 ? `a${(this.names += 1)}: ${field.name}` : field.name;
    const named = getNamedType(field.type);
    const text = `${aliased}${this.argumentsOf(type, field)}`;
    const directive = !this.isPlain && this.chance.below(15) === 0 ? ` @include(if: ${this.variable('Boolean!', this.chance.below(4) > 0)})` : '';
    if (isObjectType(named)) return `${text}${directive} ${this.selection(named, depth + 1)}`;
    if (isInterfaceType(named)) return `${text}${directive} ${this.ofInterface(named.name, depth)}`;
    return `${text}${directive}`;
  }

  private ofInterface(name: string, depth: number): string {
    const { schema } = this.choices;
    const type = schema.getType(name);
    if (!isInterfaceType(type)) throw new Error(`${name} is no interface`);
    const parts = this.chance.sample(schema.getImplementations(type).objects, 2).map((object) => {
      // Types of an interface have fields of one name and different types: aliases keep them apart.
      this.names += 1;
      const leaves = this.fieldsOf(object).filter(({ name: field, type: of }) => isLeafType(getNamedType(of)) && field !== 'name');
      return `... on ${object.name} { ${this.chance.sample(leaves, 2).map((leaf) => `i${this.names}_${leaf.name}: ${leaf.name}`).join(' ')}${depth < DEEPEST ? ' __typename' : ''} }`;
    });
    return `{ __typename ${parts.join(' ')} }`;
  }

  private argumentsOf(type: GraphQLObjectType, { name, args }: GraphQLField<unknown, unknown>): string {
    let isFirst = false;
    // One of two names an object.
    const one = ONE_OF.has(name) && args.length > 1 && this.chance.below(15) > 0 ? this.chance.pick(args).name : null;
    const given = args.flatMap((argument): string[] => {
      if (one !== null && argument.name !== one) return [];
      const isNeeded = one !== null || String(argument.type).endsWith('!') && argument.defaultValue === undefined;
      const isPage = argument.name === 'first' && depthOf(type) > 0;
      if (argument.name === 'last' && isFirst) {
        if (this.chance.below(10) > 0) return [];
        this.isFaulty = true;
      }
      if (NEVER.has(argument.name) || (!isNeeded && !isPage && this.chance.below(4) > 0)) return [];
      const value = this.valueOf(argument.name, `${type.name}.${name}`);
      if (value === undefined || (value === null && String(argument.type).endsWith('!'))) return isNeeded ? [`${argument.name}: "https://github.com/none/none"`] : [];
      isFirst ||= argument.name === 'first';
      const named = getNamedType(argument.type);
      const isVariable = this.chance.below(3) === 0 && argument.name !== 'filter';
      if (isVariable) return [`${argument.name}: ${this.variable(String(argument.type), value)}`];
      return [`${argument.name}: ${isEnumType(named) || argument.name === 'filter' || argument.name === 'ids' ? String(value) : JSON.stringify(value)}`];
    });
    return given.length === 0 ? '' : `(${given.join(', ')})`;
  }

  private valueOf(argument: string, place: string): string | number | null | undefined {
    const { values } = this.choices;
    switch (argument) {
      case 'first':
      case 'last':
        return this.oneIn(40) ? 0 : 1 + this.chance.below(4);
      case 'after':
      case 'before':
        return this.chance.pick(values[this.oneIn(30) ? 'cursor' : place] ?? [null]);
      default:
        return this.chance.pick(values[`${place}.${argument}`] ?? values[argument] ?? [undefined as never]);
    }
  }

  /** Whether to ask for what cannot be. */
  private oneIn(count: number): boolean {
    const isIt = this.chance.below(count) === 0;
    this.isFaulty ||= isIt;
    return isIt;
  }

  private variable(type: string, value: unknown): string {
    const name = `v${this.declared.length}`;
    const isDefault = this.chance.below(4) === 0 && value !== null;
    const literal = /Order|Period|Kind/.test(type) ? String(value) : JSON.stringify(value);
    this.declared.push(`$${name}: ${type}${isDefault ? ` = ${literal}` : ''}`);
    if (!isDefault) this.variables[name] = value;
    return `$${name}`;
  }
}

/** 1 for a type whose lists are within a list. */
function depthOf({ name }: GraphQLObjectType): number {
  return name === 'Query' || name === 'Feed' ? 0 : 1;
}
