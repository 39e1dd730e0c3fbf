import { z } from 'zod';
import { HttpError, type TextAnswer } from '../http/httpClient.js';
import { SourceError, type Item, type SourceContext, type StaleRepo } from '../source.js';
import { askPatiently, graphqlRefusal, msUntil, refusalOf, type Refusal, type Wait } from './limits.js';
import { jsonOf } from '../http/json.js';
import type { Answers, RepoAsker } from './repoAsker.js';
import { graphqlItem, repoItem, repoRejection } from './repoFacts.js';

const FACTS = 'fragment facts on Repository { stargazerCount primaryLanguage { name } licenseInfo { spdxId } isArchived }';

const errorSchema = z.object({
  type: z.string().optional().catch(undefined),
  message: z.string().catch('no message'),
  path: z.array(z.union([z.string(), z.number()])).catch([]),
});
const answerSchema = z.object({ data: z.record(z.string(), z.unknown()).nullish(), errors: z.array(errorSchema).nullish() });
const limitSchema = z.object({ remaining: z.number(), resetAt: z.coerce.date() });

interface Batch {
  readonly items: readonly Item[];
  /** To wait before the next query; 0 while the hour has points left. */
  readonly pauseMs: number;
}

/** Asks for a hundred repos with one query, which costs one of the 5,000 points of an hour; needs a token. */
export class GraphqlRepos implements RepoAsker {
  readonly batchSize = 100;
  private pauseMs = 0;

  constructor(
    private readonly context: SourceContext,
    private readonly token: string,
    private readonly wait: Wait,
  ) {}

  async ask(repos: readonly StaleRepo[]): Promise<Answers> {
    const { http, url, signal } = this.context;
    if (this.pauseMs > 0) await this.wait(this.pauseMs, signal);
    const request = {
      url: `${url}/graphql`,
      headers: { authorization: `Bearer ${this.token}` },
      body: queryOf(repos),
      accept: [403, 429],
      signal,
      parse: (answer: TextAnswer) => batchOf(repos, answer),
    };
    const { items, pauseMs } = await askPatiently(() => http.ask(request), { wait: this.wait, signal });
    this.pauseMs = pauseMs;
    return { items, askedCount: repos.length, usedUpUntil: null };
  }
}

/** Names go in as variables, so that none can become a part of the query. */
function queryOf(repos: readonly StaleRepo[]): { query: string; variables: Readonly<Record<string, string>> } {
  const declared = repos.map((_, index) => `$o${index}: String!, $n${index}: String!`).join(', ');
  const asked = repos.map((_, index) => `r${index}: repository(owner: $o${index}, name: $n${index}, followRenames: true) { ...facts }`);
  const variables = Object.fromEntries(repos.flatMap(({ address }, index) => [[`o${index}`, address.owner], [`n${index}`, address.name]]));
  return { query: `query (${declared}) { ${asked.join(' ')} rateLimit { remaining resetAt } } ${FACTS}`, variables };
}

function batchOf(repos: readonly StaleRepo[], answer: TextAnswer): Batch | Refusal {
  if (answer.status >= 400) {
    const refusal = refusalOf(answer);
    if (refusal === null) throw new SourceError(`GitHub answered ${answer.status}: ${answer.text.slice(0, 200)}`);
    return refusal;
  }
  const parsed = answerSchema.safeParse(jsonOf(answer.text));
  if (!parsed.success) throw new HttpError(`the answer must be data or a list of errors, received ${answer.text.slice(0, 80)}`);
  const { data } = parsed.data;
  const errors = parsed.data.errors ?? [];
  if (errors.some(isRefusing)) return graphqlRefusal(answer);
  if (data == null) throw new HttpError(`the answer must have data, received the error ${JSON.stringify(errors[0]?.message ?? null)}`);
  const errorByAlias = new Map(errors.map((error) => [error.path[0], error]));
  const items = repos.map(({ address }, index) => {
    const error = errorByAlias.get(`r${index}`);
    if (error === undefined) return graphqlItem(address, data[`r${index}`]);
    // An error deeper inside is not the repository's, which is there.
    if (error.type === 'NOT_FOUND' && error.path.length === 1) return repoItem(address, null);
    const field = error.path.slice(1).join('.') || 'repository';
    return repoRejection(address, { field, rule: 'must not be an error', received: error.message });
  });
  return { items, pauseMs: pauseAfter(data['rateLimit'], answer) };
}

/** Errors beside status 200; the type was RATE_LIMITED once and is RATE_LIMIT now. */
function isRefusing({ type = '', message }: z.infer<typeof errorSchema>): boolean {
  return type.startsWith('RATE_LIMIT') || /secondary rate limit/i.test(message);
}

function pauseAfter(rateLimit: unknown, { headers }: TextAnswer): number {
  const limit = limitSchema.safeParse(rateLimit);
  return limit.success && limit.data.remaining <= 0 ? msUntil(limit.data.resetAt, headers) : 0;
}
