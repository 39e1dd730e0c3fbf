import { parseGlobalId } from '../../src/graphql/globalId.js';
import type { Chance } from '../support/random.js';

const PASSWORD = 'a password of a writer';
const MOST_NODES = 100;

/** Sends a document; null where no whole answer came: whether it was executed is not known then. */
async function ask(url: string, query: string, { token, variables }: { readonly token?: string; readonly variables?: object } = {}): Promise<{ data?: any; errors?: { message: string; extensions: { code: string } }[] } | null> {
  const headers = { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) };
  try {
    const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query, variables }), signal: AbortSignal.timeout(30_000) });
    // A server that is about to end.
    return answer.status === 503 ? null : ((await answer.json()) as object);
  } catch {
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

  /** Until the server is gone. */
  async writeUntilCut(url: string, papers: readonly string[]): Promise<void> {
    for (let isThere = true; isThere;) {
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
    const answer = await ask(url, document, { token: this.session.token, variables });
    if (answer === null) return null;
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

function rowOf(globalId: string): number {
  return parseGlobalId(globalId, 'id').id;
}
