import { parseGlobalId } from '../../src/graphql/globalId.js';
import { sql, type Reader } from '../../src/database/database.js';
import type { Chance } from '../support/random.js';

const PASSWORD = 'a password of a writer';
const MOST_NODES = 100;

/** An answer that says that the server could not do what it was asked, or none at all. */
export interface Failed {
  /** What it says, of whatever form; what went wrong where there is none. */
  readonly text: string;
  readonly status: number;
  readonly tookMs: number;
}

interface Asking {
  readonly token?: string;
  readonly variables?: object;
  readonly onFailed?: (failed: Failed) => void;
}

/** Sends a document; null where no whole answer came: whether it was executed is not known then. */
async function ask(url: string, query: string, { token, variables, onFailed }: Asking = {}): Promise<{ data?: any; errors?: { message: string; extensions: { code: string } }[] } | null> {
  const headers = { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) };
  const start = performance.now();
  try {
    const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query, variables }), signal: AbortSignal.timeout(30_000) });
    if (answer.status < 500) return (await answer.json()) as object;
    // Of a server that is about to end, or that lacks its database.
    onFailed?.({ text: await answer.text(), status: answer.status, tookMs: performance.now() - start });
    return null;
  } catch (error) {
    onFailed?.({ text: String(error), status: 0, tookMs: performance.now() - start });
    return null;
  }
}

/** The rows that a reader knows to be there: by what the server has acknowledged. */
export interface Acknowledged {
  readonly userId: number;
  readonly upvoted: readonly number[];
  readonly comments: readonly { readonly id: number; readonly text: string }[];
  readonly papers: readonly { readonly id: number; readonly text: string }[];
}

/** A reader who writes over HTTP, one thing after the other, and remembers what the server said. */
export class Writer {
  /** How many writes were acknowledged. */
  acknowledged = 0;
  /** Answers that were neither data nor a limit. */
  readonly refused: string[] = [];
  /** What was said to writes that were not acknowledged. */
  readonly failed: Failed[] = [];
  /** Whether a paper is upvoted; null from when a vote is sent until it is answered, or read. */
  readonly upvoted = new Map<string, boolean | null>();
  private readonly written = new Map<string, { readonly type: 'Comment' | 'Paper'; readonly text: string }>();
  private readonly unread = new Set<string>();
  private count = 0;

  private constructor(
    readonly name: string,
    private readonly session: { readonly token: string; readonly viewer: { readonly id: string } },
    private readonly random: Chance,
  ) {}

  static async signUp(url: string, name: string, random: Chance): Promise<Writer> {
    const answer = await ask(url, 'mutation ($name: String!, $password: String!) { signUp(input: { username: $name, password: $password }) { token viewer { id } } }', { variables: { name, password: PASSWORD } });
    if (answer?.data == null) throw new Error(`${name} could not sign up: ${JSON.stringify(answer)}`);
    return new Writer(name, answer.data.signUp, random);
  }

  /** Until the server does not do it, or it is enough. */
  async writeUntilCut(url: string, papers: readonly string[], isEnough: () => boolean = () => false): Promise<void> {
    for (let isThere = true; isThere && !isEnough();) {
      const choice = this.random.below(100);
      const paper = this.random.pick(papers);
      isThere = choice < 45 ? await this.vote(url, paper, this.random.below(3) > 0) : choice < 75 ? await this.comment(url, paper) : (await this.submit(url)) !== null;
    }
  }

  /** The id of the new paper; null where the server is gone. */
  async submit(url: string): Promise<string | null> {
    const text = `Paper ${++this.count} of ${this.name}`;
    const data = await this.write(url, 'mutation ($text: String!) { submitPaper(input: { title: $text, authors: ["Ada Lovelace"] }) { paper { id } } }', { text });
    if (data !== null && data !== 'refused') this.note('Paper', data.submitPaper.paper.id, text);
    return data === null ? null : (data.submitPaper?.paper.id ?? 'refused');
  }

  /**
   * Reads what was acknowledged since the last time, and every vote; gives what is not as the server had said. From then on it is
   * known what became of a vote that was not answered.
   */
  async readBack(url: string): Promise<string[]> {
    const lost: string[] = [];
    const ids = [...this.unread, ...this.upvoted.keys()];
    for (let at = 0; at < ids.length; at += MOST_NODES) {
      const some = ids.slice(at, at + MOST_NODES);
      const answer = await ask(url, 'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Paper { title viewerHasUpvoted } ... on Comment { bodyMarkdown } } }', { token: this.session.token, variables: { ids: some } });
      // As where the session itself was lost.
      if (answer?.data == null) return [...lost, `${this.name} could not read: ${JSON.stringify(answer)}`];
      for (const [index, id] of some.entries()) lost.push(...this.missing(id, answer.data.nodes[index]));
    }
    this.unread.clear();
    return lost;
  }

  /** What must be in the tables. */
  toRows(): Acknowledged {
    const of = (type: 'Comment' | 'Paper'): { id: number; text: string }[] => [...this.written].filter(([, one]) => one.type === type).map(([id, { text }]) => ({ id: rowOf(id), text }));
    return { userId: rowOf(this.session.viewer.id), upvoted: [...this.upvoted].filter(([, isUpvoted]) => isUpvoted).map(([id]) => rowOf(id)), comments: of('Comment'), papers: of('Paper') };
  }

  private async vote(url: string, paper: string, isUpvoted: boolean): Promise<boolean> {
    const before = this.upvoted.get(paper);
    this.upvoted.set(paper, null);
    const data = await this.write(url, `mutation ($paper: ID!) { ${isUpvoted ? 'upvotePaper' : 'removeUpvote'}(input: { paperId: $paper }) { paper { upvoteCount } } }`, { paper });
    if (data !== null) this.upvoted.set(paper, data === 'refused' ? (before ?? false) : isUpvoted);
    return data !== null;
  }

  private async comment(url: string, paper: string): Promise<boolean> {
    const text = `Comment ${++this.count} of ${this.name}`;
    const data = await this.write(url, 'mutation ($paper: ID!, $text: String!) { addComment(input: { paperId: $paper, body: $text }) { comment { id } } }', { paper, text });
    if (data !== null && data !== 'refused') this.note('Comment', data.addComment.comment.id, text);
    return data !== null;
  }

  private async write(url: string, document: string, variables: object): Promise<any> {
    const answer = await ask(url, document, { token: this.session.token, variables, onFailed: (failed) => this.failed.push(failed) });
    if (answer === null) return null;
    if (answer.errors?.every(({ extensions }) => extensions.code === 'UNAVAILABLE') === true) {
      this.failed.push({ text: JSON.stringify(answer.errors), status: 200, tookMs: 0 });
      return null;
    }
    if (answer.errors !== undefined) {
      if (answer.errors.some(({ extensions }) => extensions.code !== 'RATE_LIMITED')) this.refused.push(JSON.stringify(answer.errors));
      return 'refused';
    }
    this.acknowledged += 1;
    return answer.data;
  }

  private note(type: 'Comment' | 'Paper', id: string, text: string): void {
    this.written.set(id, { type, text });
    this.unread.add(id);
  }

  private missing(id: string, found: { title?: string; bodyMarkdown?: string; viewerHasUpvoted?: boolean } | null): string[] {
    const written = this.unread.has(id) ? this.written.get(id) : undefined;
    const isVoted = this.upvoted.get(id);
    if (isVoted !== undefined) this.upvoted.set(id, found?.viewerHasUpvoted === true);
    return [
      ...(written !== undefined && (found?.title ?? found?.bodyMarkdown) !== written.text ? [`${written.text} (${id}) is ${JSON.stringify(found)}`] : []),
      ...(isVoted != null && found?.viewerHasUpvoted !== isVoted ? [`${this.name} had${isVoted ? '' : ' not'} upvoted ${id}`] : []),
    ];
  }
}

/** What the tables do not have as it was acknowledged, once every writer has read back. */
export async function missingIn(database: Reader, writers: readonly Writer[]): Promise<string[]> {
  const missing: string[] = [];
  const texts = new Map((await database.rows<{ key: string; text: string }>(sql`
    SELECT 'comment ' || id AS key, body AS text FROM comments UNION ALL SELECT 'paper ' || id, title FROM papers`)).map(({ key, text }) => [key, text]));
  const votes = await database.rows<{ userId: number; paperId: number }>(sql`SELECT user_id AS "userId", paper_id AS "paperId" FROM upvotes`);
  for (const { userId, upvoted, comments, papers } of writers.map((writer) => writer.toRows())) {
    for (const { id, text } of comments) if (texts.get(`comment ${id}`) !== text) missing.push(`comment ${id}: ${text}`);
    for (const { id, text } of papers) if (texts.get(`paper ${id}`) !== text) missing.push(`paper ${id}: ${text}`);
    const [had, has] = [upvoted, votes.filter((vote) => vote.userId === userId).map(({ paperId }) => paperId)].map((ids) => [...ids].sort((one, other) => one - other).join());
    if (had !== has) missing.push(`reader ${userId} upvoted ${had}, and there is ${has}`);
  }
  return missing;
}

function rowOf(globalId: string): number {
  return parseGlobalId(globalId, 'id').id;
}
