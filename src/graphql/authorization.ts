import { defaultFieldResolver, isObjectType, type GraphQLField, type GraphQLFieldResolver, type GraphQLSchema } from 'graphql';
import type { Role } from '../generated/prisma/enums.js';
import { hasRole, requireRole, type Context } from './context.js';
import { NODE_TYPES } from './globalId.js';
import type { RootProjections } from './planner.js';
import type { Projection, Projections } from './projection.js';

/** Who may ask for a field. */
export type Who = 'ANYONE' | 'READER' | 'OWN' | 'OWN_OR_CURATOR' | 'SUBMITTER_OR_CURATOR' | 'CURATOR' | 'ADMIN';

/** Who may ask for some fields. */
export interface Rule {
  readonly who: Who;
  /** By type. */
  readonly fields: Readonly<Record<string, readonly string[]>>;
  /** What others are answered; where left out, UNAUTHENTICATED or FORBIDDEN. */
  readonly otherwise?: null | false;
  /** What services look at beside it. */
  readonly remark?: string;
}

/** What is asked of everybody who asks, before a resolver runs. */
const ROLES: Readonly<Record<Who, Role | null>> = {
  ANYONE: null,
  READER: 'READER',
  OWN: 'READER',
  OWN_OR_CURATOR: 'READER',
  SUBMITTER_OR_CURATOR: 'READER',
  CURATOR: 'CURATOR',
  ADMIN: 'ADMIN',
};

/** Who may is said by the row, which resolvers and services have. */
const BY_ROW: ReadonlySet<Who> = new Set(['OWN', 'OWN_OR_CURATOR', 'SUBMITTER_OR_CURATOR']);
const ROOT_TYPES = ['Query', 'Mutation', 'Subscription'];

/** The rule of each field, by `Type.field`; throws where a field has two. */
export function rulesByField(rules: readonly Rule[]): ReadonlyMap<string, Rule> {
  const byField = new Map<string, Rule>();
  for (const rule of rules) {
    for (const name of fieldNamesOf(rule)) {
      if (byField.has(name)) throw new Error(`${name} has two rules of who may ask for it`);
      byField.set(name, rule);
    }
  }
  return byField;
}

/** As `Type.field`. */
export function fieldNamesOf({ fields }: Rule): string[] {
  return Object.entries(fields).flatMap(([type, names]) => names.map((name) => `${type}.${name}`));
}

/**
 * Has each field ask first who may, however operations are executed. Throws where a query, mutation or subscription has no
 * rule, and where a rule has no field: a server with either does not start.
 */
export function enforceRules(schema: GraphQLSchema, rules: readonly Rule[]): void {
  const byField = rulesByField(rules);
  for (const [name, rule] of byField) {
    const [typeName = '', fieldName = ''] = name.split('.');
    const type = schema.getType(typeName);
    const field: GraphQLField<unknown, Context> | undefined = isObjectType(type) ? type.getFields()[fieldName] : undefined;
    if (field === undefined) throw new Error(`a rule says who may ask for ${name}, which is no field`);
    guard(field, rule);
  }
  for (const type of ROOT_TYPES.map((name) => schema.getType(name)).filter(isObjectType)) {
    const open = Object.keys(type.getFields()).find((name) => !byField.has(`${type.name}.${name}`));
    if (open !== undefined) throw new Error(`no rule says who may ask for ${type.name}.${open}`);
  }
}

type Resolve = GraphQLFieldResolver<unknown, Context>;

/** Its place among what resolvers are given. */
const CONTEXT = 2;

function guard(field: GraphQLField<unknown, Context>, rule: Rule): void {
  const role = ROLES[rule.who];
  // Where rows decide and nobody is refused, resolvers do, which look at the arguments before.
  if (role === null || (rule.otherwise !== undefined && BY_ROW.has(rule.who))) return;
  field.resolve = guarded(field.resolve ?? defaultFieldResolver, role, rule);
  if (field.subscribe !== undefined) field.subscribe = guarded(field.subscribe, role, rule);
}

function guarded(resolve: Resolve, role: Role, { otherwise }: Rule): Resolve {
  if (otherwise === undefined) {
    // A promise, as of any resolver: what is asked for beside it goes on.
    return async (...asked) => {
      requireRole(asked[CONTEXT], role);
      return await resolve(...asked);
    };
  }
  return (...asked) => {
    const { viewer } = asked[CONTEXT];
    return viewer !== null && hasRole(viewer, role) ? resolve(...asked) : otherwise;
  };
}

/**
 * Throws where the database would answer a field without asking what its rule asks: a query that is not for anyone, or a field
 * of an object whose JSON does not depend on who asks.
 */
export function assertAsked(rules: readonly Rule[], { roots, projections }: { readonly roots: RootProjections; readonly projections: Projections }): void {
  for (const [name, { who }] of rulesByField(rules)) {
    if (who === 'ANYONE') continue;
    const [type = '', field = ''] = name.split('.');
    const isWritten = type === 'Query' ? field in roots : projections[type]?.[field] !== undefined;
    if (isWritten && !asksWho(projections[type]?.[field])) throw new Error(`the database would answer ${name} whoever asks, which is for ${who}`);
    // Edges and payloads are written with the list or root that they stand in, where nobody would look.
    if (![...ROOT_TYPES, ...NODE_TYPES].includes(type)) throw new Error(`a rule of a field must be of an object with an id, received ${name}`);
  }
}

const ASKER = '(who asks)';

function asksWho(written: Projection[string] | undefined): boolean {
  return typeof written === 'function' && JSON.stringify(written(ASKER)).includes(ASKER);
}
