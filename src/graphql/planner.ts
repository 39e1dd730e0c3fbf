import { GraphQLError, OperationTypeNode, type DocumentNode, type GraphQLSchema, type OperationDefinitionNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import { DomainError, UnavailableError } from '../errors.js';
import type { OperationRecord } from '../telemetry/operation.js';
import type { Bill } from './bill.js';
import { Unsupported, UnsupportedValues, fragmentsOf, selectionOf, type Selected } from './selection.js';

/** A text that is JSON already: an answer's data as the database wrote it. */
export class JsonText {
  constructor(readonly text: string) {}
}

/** The JSON of an object from the JSON of its fields. */
export function objectText(fields: readonly Selected[], texts: readonly string[]): string {
  return `{${fields.map(({ key }, place) => `"${key}":${texts[place] ?? 'null'}`).join(',')}}`;
}

/** Who asks. */
export class Asker {
  /** Null for an anonymous request. */
  readonly tokenHash: Uint8Array | null;
  /** Whether a statement found the token to hold, or there is none. */
  isKnown: boolean;
  /** Whom it stands for, once a statement has found out. */
  viewerId: number | null = null;

  constructor(
    tokenHash: Uint8Array | null,
    /** What the request costs; null where nobody has worked it out. */
    readonly bill: Bill | null = null,
    /** What is told of the operation; null where nobody asks. */
    readonly record: OperationRecord | null = null,
  ) {
    this.tokenHash = tokenHash;
    this.isKnown = tokenHash === null;
  }
}

/** Writes a field of Query as JSON. Throws Unsupported for what only resolvers can give, and the errors of the field. */
export type RootProjection = (selected: Selected, asker: Asker) => Promise<string>;

/** By name of the field of Query. */
export type RootProjections = Readonly<Record<string, RootProjection>>;

/** A query, ready to be answered. */
export interface PlannedRequest {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** Coerced. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly asker: Asker;
}

export interface PlannerOptions {
  readonly schema: GraphQLSchema;
  readonly roots: RootProjections;
  /** Told of errors that are neither the client's nor Unsupported. */
  readonly onFailure: (error: unknown, asker: Asker) => void;
}

type Planned = readonly { readonly selected: Selected; readonly write: RootProjection }[];

/** In place of a plan, for variables that resolvers are to answer. */
const LEFT_TO_RESOLVERS = 'resolvers';

/** Plans of an operation that are kept, each with the statement of a page: 20 kB. */
const MOST_PLANS = 20;

/**
 * Answers queries by the database's own JSON, a statement a field of Query; null for those that resolvers must answer. Throws
 * UNAVAILABLE where the database fails.
 */
export class Planner {
  private readonly unsupported = new WeakSet<OperationDefinitionNode>();
  private readonly planned = new WeakMap<OperationDefinitionNode, LRUCache<string, Planned | typeof LEFT_TO_RESOLVERS>>();

  constructor(private readonly options: PlannerOptions) {}

  async answer(request: PlannedRequest): Promise<JsonText | null> {
    const { operation } = request;
    if (operation.operation !== OperationTypeNode.QUERY || this.unsupported.has(operation)) return null;
    try {
      const fields = this.plan(request);
      if (fields === LEFT_TO_RESOLVERS) return null;
      const texts = await Promise.all(fields.map(({ selected, write }) => write(selected, request.asker)));
      // A token that does not hold is refused, and not here.
      if (!request.asker.isKnown) return null;
      return new JsonText(objectText(fields.map(({ selected }) => selected), texts));
    } catch (error) {
      // Resolvers would wait for a database in trouble a second time.
      if (error instanceof UnavailableError) throw error;
      // Whatever else went wrong, resolvers meet it too, and say where.
      if (error instanceof UnsupportedValues) this.planned.get(operation)?.set(JSON.stringify(request.variables), LEFT_TO_RESOLVERS);
      else if (error instanceof Unsupported) this.unsupported.add(operation);
      else if (!(error instanceof DomainError || error instanceof GraphQLError)) this.options.onFailure(error, request.asker);
      return null;
    }
  }

  /** Kept for the variables that an operation came with last, most of which come again. */
  private plan(request: PlannedRequest): Planned | typeof LEFT_TO_RESOLVERS {
    const { operation, variables } = request;
    const plans = this.planned.get(operation) ?? new LRUCache<string, Planned | typeof LEFT_TO_RESOLVERS>({ max: MOST_PLANS });
    this.planned.set(operation, plans);
    const key = JSON.stringify(variables);
    const known = plans.get(key);
    if (known !== undefined) return known;
    const plan = this.rootsOf(request);
    plans.set(key, plan);
    return plan;
  }

  private rootsOf({ document, operation, variables }: PlannedRequest): Planned {
    const { schema, roots } = this.options;
    const queryType = schema.getQueryType();
    if (queryType == null) throw new Unsupported('a schema without queries');
    return selectionOf({ schema, fragments: fragmentsOf(document), variables }, queryType, [operation.selectionSet]).map((selected) => {
      const write = roots[selected.name];
      if (write === undefined) throw new Unsupported(selected.name);
      return { selected, write };
    });
  }
}
