import { isInterfaceType, type GraphQLSchema, type GraphQLTypeResolver } from 'graphql';
import { buildSchemaSync, getMetadataStorage, type ClassType, type NonEmptyArray } from 'type-graphql';
import { enforceRules, type Rule } from './authorization.js';
import { stopLateWrites } from './deadline.js';
import { describeCosts } from './fieldCost.js';
import type { IdempotencyKeys } from './idempotencyKey.js';
import { takeKeys } from './keyedMutations.js';
import { resolveLazyFields } from './lazy.js';
import { connectStreams, openedByStreams } from './streams.js';

/** A resolver object; TypeGraphQL finds it by its class. */
export type ResolverObject = object;

/** The schema of these resolvers, which are made by hand: the container only looks them up. Its fields ask first who may. */
export function createSchema(resolvers: readonly ResolverObject[], rules: readonly Rule[], keys: IdempotencyKeys): GraphQLSchema {
  const { objectTypes, interfaceTypes } = getMetadataStorage();
  // What is a property needs no resolver: compiled operations read it in place.
  for (const type of objectTypes) type.simpleResolvers ??= true;
  const byClass = new Map(resolvers.map((resolver) => [resolver.constructor as ClassType, resolver]));
  const schema = buildSchemaSync({
    resolvers: [...byClass.keys()] as unknown as NonEmptyArray<ClassType>,
    container: { get: (type) => byClass.get(type as ClassType) },
    // Inputs are checked by the domains, whose errors name field, rule and value.
    validate: false,
    // Asked for where there are subscriptions, and never used: `connectStreams` opens them.
    pubSub: { publish: () => undefined, subscribe: openedByStreams },
  });
  for (const { name, resolveType } of interfaceTypes) {
    const type = schema.getType(name);
    // TypeGraphQL waits for the name of a type even where it is at hand; compiled operations take only one that is.
    if (isInterfaceType(type) && resolveType !== undefined) type.resolveType = resolveType as GraphQLTypeResolver<unknown, unknown>;
  }
  connectStreams(schema, resolvers);
  resolveLazyFields(schema);
  takeKeys(schema, rules, keys);
  enforceRules(schema, rules);
  describeCosts(schema);
  stopLateWrites(schema);
  return schema;
}
