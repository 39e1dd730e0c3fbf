import { Kind, OperationTypeNode, parse, print, type FieldNode, type GraphQLSchema, type SelectionNode } from 'graphql';
import { sql } from '../../src/database/database.js';
import { askingBy, type Answer, type RequestOptions, type TestServer } from './testServer.js';

/** What came of mutations that were sent with keys. */
export interface Keyed {
  /** How often each was done, by name. */
  readonly done: Map<string, number>;
  /** Those that were answered CONFLICT again, as their answers have secrets. */
  readonly secret: Set<string>;
  /** Answers that were not alike. */
  readonly unlike: { readonly document: string; readonly first: unknown; readonly then: unknown; readonly how: 'REPEATED' | 'RESUMED' }[];
}

/**
 * A server to which each mutation is sent with keys of its own, and what was answered without an error again: as it was, and as
 * though its server had ended before it was answered. Whoever asks it sees the first answers.
 */
export function keyedServer(server: TestServer, schema: GraphQLSchema, keyed: Keyed): TestServer {
  let uses = 0;
  const send = async (document: string, options: RequestOptions = {}): Promise<Answer<any>> => {
    const prefix = `use-${(uses += 1)}`;
    const { text, names } = withKeys(document, schema, prefix);
    const first = await server.send(text, options);
    if (names.length === 0 || first.errors.length > 0) return first;
    for (const name of names) keyed.done.set(name, (keyed.done.get(name) ?? 0) + 1);
    const again = async (how: 'REPEATED' | 'RESUMED'): Promise<void> => {
      const then = await server.send(text, options);
      if (then.errors[0]?.message.includes('as it has a secret') === true) for (const name of names) keyed.secret.add(name);
      else if (JSON.stringify([then.data, then.errors]) !== JSON.stringify([first.data, []])) keyed.unlike.push({ document: text, first: first.data, then, how });
    };
    await again('REPEATED');
    await server.database.rows(sql`
      UPDATE idempotency_keys SET answer = NULL, selection = NULL, completed_at = NULL, held_until = now() - interval '1 s' WHERE key LIKE ${`${prefix}-%`}`);
    await again('RESUMED');
    return first;
  };
  return {
    ...server,
    send,
    ...askingBy(send),
  };
}

/** The document with a key in each mutation that takes one. */
function withKeys(document: string, schema: GraphQLSchema, prefix: string): { readonly text: string; readonly names: readonly string[] } {
  const fields = schema.getMutationType()!.getFields();
  const names: string[] = [];
  const keyed = (field: FieldNode): FieldNode => {
    const name = field.name.value;
    if (!fields[name]?.args.some((argument) => argument.name === 'idempotencyKey')) return field;
    names.push(name);
    const value = { kind: Kind.STRING, value: `${prefix}-${names.length}` } as const;
    return { ...field, arguments: [...(field.arguments ?? []), { kind: Kind.ARGUMENT, name: { kind: Kind.NAME, value: 'idempotencyKey' }, value }] };
  };
  const { definitions, ...rest } = parse(document);
  const text = print({
    ...rest,
    definitions: definitions.map((definition) => {
      if (definition.kind !== Kind.OPERATION_DEFINITION || definition.operation !== OperationTypeNode.MUTATION) return definition;
      const selections = definition.selectionSet.selections.map((selection): SelectionNode => (selection.kind === Kind.FIELD ? keyed(selection) : selection));
      return { ...definition, selectionSet: { ...definition.selectionSet, selections } };
    }),
  });
  return { text: names.length === 0 ? document : text, names };
}
