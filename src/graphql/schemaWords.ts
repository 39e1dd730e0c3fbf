import { isEnumType, type GraphQLSchema } from 'graphql';

/** The texts that any answer may have for a value, whatever it tells of: names of types and values of enums. */
export function schemaWords(schema: GraphQLSchema): ReadonlySet<string> {
  return new Set(Object.values(schema.getTypeMap()).flatMap((type) => [type.name, ...(isEnumType(type) ? type.getValues().map(({ name }) => name) : [])]));
}
