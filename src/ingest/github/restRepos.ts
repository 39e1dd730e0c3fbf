import { HttpError, type TextAnswer } from '../http/httpClient.js';
import type { Item, SourceContext, StaleRepo } from '../source.js';
import { askPatiently, isLastOfHour, LONGEST_WAIT_MS, refusalOf, resetOf, type Refusal, type Wait } from './limits.js';
import { jsonOf } from '../http/json.js';
import type { Answers, RepoAsker } from './repoAsker.js';
import { repoItem, repoRejection, restItem } from './repoFacts.js';

/** Statuses that are answers: as before; gone, or barred by law; refused, for a while or for good. */
const ACCEPTED = [304, 404, 410, 451, 403, 429];
const GONE = [404, 410, 451];
/** The service is asked for one repo after the other, as it wishes; this is about as fast as it answers. */
export const COURTESY_MS = 250;
/** Repos in a row that cannot be read are no longer the fault of the repos. */
const MAX_FAILURES = 3;

interface Answer {
  /** Null where the hour was used up before this repo. */
  readonly item: Item | null;
  readonly usedUpUntil: Date | null;
}

/** Asks for one repo at a time, without a token: 60 requests an hour, so that no run waits for the next one. */
export class RestRepos implements RepoAsker {
  readonly batchSize = 20;
  private failures = 0;

  constructor(
    private readonly context: SourceContext,
    private readonly wait: Wait,
  ) {}

  async ask(repos: readonly StaleRepo[]): Promise<Answers> {
    const items: Item[] = [];
    for (const repo of repos) {
      const { item, usedUpUntil } = await this.askOne(repo);
      if (item !== null) items.push(item);
      if (usedUpUntil !== null) return { items, askedCount: items.length, usedUpUntil };
    }
    return { items, askedCount: items.length, usedUpUntil: null };
  }

  private async askOne(repo: StaleRepo): Promise<Answer> {
    const { http, url, signal } = this.context;
    const { owner, name } = repo.address;
    const request = {
      url: `${url}/repos/${owner}/${name}`,
      headers: { accept: 'application/vnd.github+json', ...(repo.etag === null ? {} : { 'if-none-match': repo.etag }) },
      accept: ACCEPTED,
      courtesyMs: COURTESY_MS,
      signal,
      parse: (answer: TextAnswer) => answerOf(repo, answer),
    };
    try {
      const answer = await askPatiently(() => http.ask(request), { wait: this.wait, signal });
      this.failures = 0;
      return answer;
    } catch (error) {
      this.failures += 1;
      if (!(error instanceof HttpError) || this.failures >= MAX_FAILURES) throw error;
      const fault = { field: 'repository', rule: 'must be readable', received: error.message };
      return { item: repoRejection(repo.address, fault), usedUpUntil: null };
    }
  }
}

function answerOf({ address }: StaleRepo, answer: TextAnswer): Answer | Refusal {
  const { status, headers, text } = answer;
  const usedUpUntil = isLastOfHour(headers) ? (resetOf(headers) ?? new Date(Date.now() + LONGEST_WAIT_MS)) : null;
  if (status === 403 || status === 429) {
    const refusal = refusalOf(answer);
    if (refusal !== null) return refusal.isUsedUp ? { item: null, usedUpUntil } : refusal;
    return { item: repoRejection(address, { field: 'repository', rule: 'must be readable', received: text.slice(0, 200) }), usedUpUntil };
  }
  if (status === 304) return { item: repoItem(address, { unchanged: true }), usedUpUntil };
  if (GONE.includes(status)) return { item: repoItem(address, null), usedUpUntil };
  return { item: restItem(address, jsonOf(text), headers['etag'] ?? null), usedUpUntil };
}
