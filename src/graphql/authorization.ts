import { defaultFieldResolver, isObjectType, type GraphQLField, type GraphQLFieldResolver, type GraphQLSchema } from 'graphql';
import type { Role, Scope } from '../generated/prisma/enums.js';
import { forgetReads, hasRole, requireRole, requireScope, requireViewer, type Context } from './context.js';
import { NODE_TYPES } from './globalId.js';
import type { RootProjections } from './planner.js';
import type { Projection, Projections } from './projection.js';

/** Who may ask for a field. */
export type Who = 'ANYONE' | 'READER' | 'OWN' | 'OWN_OR_CURATOR' | 'SUBMITTER_OR_CURATOR' | 'CURATOR' | 'ADMIN';

/** Who may ask for some fields. */
export interface Rule {
  readonly who: Who;
  /** What a token has to be for; null where it does not matter. Of what anyone may ask for, who sends none is not asked for it. */
  readonly scope: Scope | null;
  /** By type. */
  readonly fields: Readonly<Record<string, readonly string[]>>;
  /** What others are answered; where left out, UNAUTHENTICATED or FORBIDDEN. */
  readonly otherwise?: null | false;
  /** Objects of which this is so are for anyone, as by the queries that find them; the rule is of the others. */
  readonly exceptWhere?: Readonly<Record<string, boolean>>;
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
    guard(field, typeName, rule);
  }
  for (const type of ROOT_TYPES.map((name) => schema.getType(name)).filter(isObjectType)) {
    const open = Object.keys(type.getFields()).find((name) => !byField.has(`${type.name}.${name}`));
    if (open !== undefined) throw new Error(`no rule says who may ask for ${type.name}.${open}`);
  }
}

type Resolve = GraphQLFieldResolver<unknown, Context>;

/** Its place among what resolvers are given. */
const CONTEXT = 2;

function guard(field: GraphQLField<unknown, Context>, typeName: string, rule: Rule): void {
  const resolve = field.resolve ?? defaultFieldResolver;
  if (typeName === 'Mutation') field.resolve = guardedWrite(resolve, rule);
  else if (ROOT_TYPES.includes(typeName)) field.resolve = guarded(resolve, rule);
  else if (rule.exceptWhere !== undefined) field.resolve = guardedObject(resolve, rule, rule.exceptWhere);
  else if (rule.who !== 'ANYONE') field.resolve = rule.otherwise === undefined ? guarded(resolve, rule) : guardedPart(resolve, rule);
  if (field.subscribe !== undefined) field.subscribe = guarded(field.subscribe, rule);
}

/** Throws UNAUTHENTICATED, or FORBIDDEN for want of a scope or a role. */
function admit(context: Context, { who, scope }: Rule): void {
  const role = ROLES[who];
  const caller = context.viewer ?? context.unread;
  if (caller !== null && scope !== null) requireScope(caller, scope);
  if (role !== null) requireRole(requireViewer(context), role);
}

function guarded(resolve: Resolve, rule: Rule): Resolve {
  // A promise, as of any resolver: what is asked for beside it goes on.
  return async (...asked) => {
    admit(asked[CONTEXT], rule);
    return await resolve(...asked);
  };
}

/** Of payloads, whose objects are there already: what those are decides whether the rule is asked. */
function guardedObject(resolve: Resolve, rule: Rule, open: NonNullable<Rule['exceptWhere']>): Resolve {
  return async (...asked) => {
    const value = await resolve(...asked);
    const isOpen = Object.entries(open).every(([name, is]) => (value as Readonly<Record<string, unknown>>)[name] === is);
    if (!isOpen) admit(asked[CONTEXT], rule);
    return value;
  };
}

// Mutations come one after the other, each with all that it answers: nothing else is read meanwhile.
/** By a token that may not read, the mutation is the viewer's, and what it answers is what anonymous readers are told. */
function guardedWrite(resolve: Resolve, rule: Rule): Resolve {
  return async (...asked) => {
    const context = asked[CONTEXT];
    const { unread } = context;
    if (unread !== null) context.viewer = unread;
    try {
      admit(context, rule);
      return await resolve(...asked);
    } finally {
      // Unless it made the rest of the request somebody else's.
      if (unread !== null && context.unread === unread) {
        context.viewer = null;
        forgetReads(context);
      }
    }
  };
}

/** Of an object: others are told what the rule says, and who may not read not even that, since it might not be so. */
function guardedPart(resolve: Resolve, { who, otherwise }: Rule): Resolve {
  const role = ROLES[who];
  // Where rows decide, resolvers do, which look at the arguments before.
  const isForRole = role !== null && !BY_ROW.has(who);
  return (...asked) => {
    const context = asked[CONTEXT];
    if (context.unread !== null) return Promise.resolve().then(() => requireViewer(context));
    return !isForRole || (context.viewer !== null && hasRole(context.viewer, role)) ? resolve(...asked) : otherwise;
  };
}

/**
 * Throws where the database would answer a field without asking what its rule asks: a query that is not for anyone, or a field
 * of an object whose JSON does not depend on who asks.
 */
export function assertAsked(rules: readonly Rule[], { roots, projections }: { readonly roots: RootProjections; readonly projections: Projections }): void {
  for (const [name, { who, scope }] of rulesByField(rules)) {
    const [type = '', field = ''] = name.split('.');
    // It knows whose a token is that may read (userOfToken), and asks for no other scope.
    if (type === 'Query' && field in roots && scope !== 'READ') throw new Error(`the database would answer ${name} to tokens without the scope ${String(scope)}`);
    if (who === 'ANYONE') continue;
    const isWritten = type === 'Query' ? field in roots : projections[type]?.[field] !== undefined;
    if (isWritten && !asksWho(projections[type]?.[field])) throw new Error(`the database would answer ${name} whoever asks, which is for ${who}`);
    // Edges are written with the list that they stand in, where nobody would look; payloads by resolvers alone.
    const isLookedAt = [...ROOT_TYPES, ...NODE_TYPES].includes(type) || type.endsWith('Payload');
    if (!isLookedAt) throw new Error(`a rule of a field must be of an object with an id or of a payload, received ${name}`);
  }
}

const ASKER = '(who asks)';

function asksWho(written: Projection[string] | undefined): boolean {
  return typeof written === 'function' && JSON.stringify(written(ASKER)).includes(ASKER);
}
