import { HeaderMap } from '@apollo/server';
import { GraphQLError, type GraphQLSchema, type OperationDefinitionNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import { LimitError, RateLimitError, type DomainError } from '../errors.js';
import type { Bill } from './bill.js';
import { Budgets, type Spent } from './budget.js';
import { networkOf } from './clientAddress.js';
import type { Viewer } from './context.js';
import { OperationCosts } from './cost.js';
import type { ExecutionRequest } from './executor.js';
import { callerOf } from './openMutations.js';
import type { RequestContext } from './requestContext.js';

export interface CostLimits {
  /** Points that a request may cost. */
  readonly maxCost: number;
  /** Points a minute of an address that sends no token; 0 for no limit. */
  readonly anonymousBudget: number;
  /** Points a minute of a reader, over all of their tokens; 0 for no limit. */
  readonly userBudget: number;
}

export interface AdmissionOptions extends CostLimits {
  readonly schema: GraphQLSchema;
  readonly findViewer: (token: string) => Promise<Viewer | null>;
  readonly hashOf: (token: string) => Uint8Array;
}

/** Tokens whose readers are remembered. */
const MOST_TOKENS = 100_000;

/**
 * Lets in what a request may cost and its caller can pay. A token is charged to its reader, so that more tokens give no more
 * points: who that is, is looked up when a token comes first and remembered until it holds no longer. A token that stands for
 * nobody is charged to the address that it came from, as no token is.
 */
export class Admission {
  private readonly costs: OperationCosts;
  private readonly anonymous: Budgets | null;
  private readonly users: Budgets | null;
  private readonly readers = new LRUCache<string, number>({ max: MOST_TOKENS });

  constructor(private readonly options: AdmissionOptions) {
    this.costs = new OperationCosts(options.schema);
    this.anonymous = options.anonymousBudget === 0 ? null : new Budgets(options.anonymousBudget);
    this.users = options.userBudget === 0 ? null : new Budgets(options.userBudget);
  }

  /** Writes the bill into the context; null where the operation may run. At once, unless a token has to be looked up. */
  admit({ document, variables, contextValue }: ExecutionRequest<RequestContext>, operation: OperationDefinitionNode): GraphQLError | null | Promise<GraphQLError | null> {
    const { maxCost } = this.options;
    const cost = this.costs.of(document, operation, variables);
    contextValue.bill = { cost, maxCost, balance: null };
    if (cost > maxCost) return tooDear(cost, maxCost);
    const { anonymous, users } = this;
    if (anonymous === null && users === null) return null;
    if (contextValue.token === null) return this.chargeAddress(contextValue, cost);
    return this.chargeToken(contextValue, { token: contextValue.token, operation, cost });
  }

  /** To be called when a token turned out to stand for nobody: whoever has it still must not spend its reader's points. */
  forget(token: string): void {
    if (this.readers.size > 0) this.readers.delete(this.keyOf(token));
  }

  private async chargeToken(context: RequestContext, { token, operation, cost }: { readonly token: string; readonly operation: OperationDefinitionNode; readonly cost: number }): Promise<GraphQLError | null> {
    const key = this.keyOf(token);
    const reader = this.readers.get(key) ?? (await callerOf(token, operation, this.options.findViewer))?.id;
    if (reader === undefined) return this.chargeAddress(context, cost);
    this.readers.set(key, reader);
    return charge(this.users, String(reader), { context, cost });
  }

  private chargeAddress(context: RequestContext, cost: number): GraphQLError | null {
    return this.anonymous === null ? null : charge(this.anonymous, networkOf(context.address()), { context, cost });
  }

  private keyOf(token: string): string {
    return Buffer.from(this.options.hashOf(token)).toString('base64');
  }
}

function charge(budgets: Budgets | null, caller: string, { context, cost }: { readonly context: RequestContext; readonly cost: number }): GraphQLError | null {
  if (budgets === null) return null;
  // What it could not pay for with a full budget, waiting will not help.
  if (cost > budgets.limit) return tooDear(cost, budgets.limit);
  const spent = budgets.spend(caller, cost);
  context.bill = { cost, maxCost: Math.min(context.bill?.maxCost ?? cost, budgets.limit), balance: spent };
  return spent.isGranted ? null : tooMuch(cost, spent);
}

function tooDear(cost: number, limit: number): GraphQLError {
  return refusal(new LimitError('COST_EXCEEDED', `the operation may cost at most ${limit} points, it costs ${cost}`, { limit, received: cost }), 400);
}

function tooMuch(cost: number, { remaining, limit, retryAfter }: Spent): GraphQLError {
  const error = new RateLimitError(`the operation costs ${cost} points, of ${limit} a minute ${remaining} are left: come again in ${retryAfter} s`, retryAfter);
  return refusal(error, 429, new HeaderMap([['retry-after', String(retryAfter)]]));
}

function refusal(originalError: DomainError, status: number, headers = new HeaderMap()): GraphQLError {
  // Apollo takes its own kind of map alone, of which its types do not know.
  const extensions: Record<string, unknown> = { http: { status, headers } };
  return new GraphQLError(originalError.message, { originalError, extensions });
}

/** The headers that tell a client of its budget. */
export function budgetHeaders({ balance }: Bill): readonly (readonly [name: string, value: string])[] {
  if (balance === null) return [];
  const { limit, remaining, resetAt } = balance;
  const seconds = Math.max(0, Math.ceil((resetAt.getTime() - Date.now()) / 1000));
  return [['ratelimit-limit', String(limit)], ['ratelimit-remaining', String(remaining)], ['ratelimit-reset', String(seconds)]];
}
