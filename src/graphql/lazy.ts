import { isObjectType, type GraphQLSchema } from 'graphql';
import { Extensions } from 'type-graphql';

/** What is computed when its field is selected, and not before. */
export type Lazy<Value> = () => Promise<Value> | Value;

/** Decorates a field whose property is a function. */
export function LazyField(): PropertyDecorator {
  return Extensions({ isLazy: true });
}

/** A function that computes its value at the first call. */
export function once<Value>(compute: () => Value): () => Value {
  let made: { readonly value: Value } | null = null;
  return () => (made ??= { value: compute() }).value;
}

/** Gives lazy fields a resolver: graphql-js would call the function by itself, a compiled operation would not. */
export function resolveLazyFields(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      if (field.extensions['isLazy'] === true) field.resolve = (source: Record<string, Lazy<unknown>>) => source[field.name]?.();
    }
  }
}
