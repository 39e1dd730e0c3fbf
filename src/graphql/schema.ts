import type { GraphQLSchema } from 'graphql';
import { buildSchemaSync, type ClassType, type NonEmptyArray } from 'type-graphql';

/** A resolver object; TypeGraphQL finds it by its class. */
export type ResolverObject = object;

/** The schema of these resolvers, which are made by hand: the container only looks them up. */
export function createSchema(resolvers: readonly ResolverObject[]): GraphQLSchema {
  const byClass = new Map(resolvers.map((resolver) => [resolver.constructor as ClassType, resolver]));
  return buildSchemaSync({
    resolvers: [...byClass.keys()] as unknown as NonEmptyArray<ClassType>,
    container: { get: (type) => byClass.get(type as ClassType) },
    // Inputs are checked by the domains, whose errors name field, rule and value.
    validate: false,
  });
}
