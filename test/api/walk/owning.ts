import { describe, expect, test } from '@jest/globals';
import { startBeside } from '../../support/testServer.js';
import { ANONYMOUS, bad, conflict, missing, nobodys, PASSWORD, sumOf, titlesOf, type Name, type Walk } from './walk.js';

const FOR_ME = `query ($first: Int! = 100, $after: String, $assuming: [ID!], $without: [ID!], $weights: RecommendationWeightsInput, $asOf: String, $modelVersion: String) {
  recommendations(first: $first, after: $after, assuming: $assuming, without: $without, weights: $weights, asOf: $asOf, modelVersion: $modelVersion) {
    totalCount asOf modelVersion nodes { title } edges { score summary node { id } reasons { kind contribution text } } pageInfo { hasNextPage endCursor } } }`;
const UPVOTE = 'mutation ($id: ID!) { upvotePaper(input: { paperId: $id }) { paper { viewerHasUpvoted } } }';
type Variables = Record<string, unknown>;

export function recommending(walk: () => Walk): void {
  const forAda = async (variables: Variables = {}): Promise<any> => (await walk().ask('ada', FOR_ME, variables)).recommendations;
  const ranking = ({ nodes, edges }: any): unknown => [nodes, edges];

  describe('Sunday: recommendations', () => {
    test('are what Ada has not upvoted, each with reasons that add up to its score', async () => {
      const { nodes, edges, totalCount } = await forAda();
      expect(titlesOf({ nodes })).not.toEqual(expect.arrayContaining(['Sparse Attention at Length']));
      expect(totalCount).toBe(edges.length);
      for (const { score, reasons } of edges) expect(Math.abs(sumOf(reasons) - score)).toBeLessThan(1e-9);
      expect(edges.map(({ score }: any) => score)).toEqual(edges.map(({ score }: any) => score).sort((one: number, other: number) => other - one));
      const linear = edges.find(({ node }: any) => node.id === walk().paper.linear);
      expect(linear.reasons.map(({ kind, text }: any) => `${kind}: ${text}`)).toEqual(expect.arrayContaining(['SHARED_TAG: shares attention with 1 paper you upvoted', 'SHARED_AUTHOR: shares its author Mia Lind with 1 paper you upvoted']));
    });

    test('change with the next upvote, by what it says; what would be is what comes', async () => {
      const before = await forAda();
      walk().keep('as of before', before.asOf);
      const reasonsOf = ({ edges }: any): string[] => edges.find(({ node }: any) => node.id === walk().paper.before).reasons.map(({ kind }: any) => kind);
      expect(reasonsOf(before)).not.toContain('SHARED_AUTHOR');
      const supposed = await forAda({ assuming: [walk().paper.weather] });
      expect(ranking(await forAda())).toEqual(ranking(before));
      await walk().ask('ada', UPVOTE, { id: walk().paper.weather });
      const after = await forAda();
      // Quinn Ames wrote both.
      expect(reasonsOf(after)).toContain('SHARED_AUTHOR');
      expect(after.totalCount).toBe(before.totalCount - 1);
      expect(ranking(supposed)).toEqual(ranking(after));
      expect(ranking(await forAda({ asOf: before.asOf, modelVersion: before.modelVersion }))).toEqual(ranking(before));
    });

    test('come in pages, with each side weighed, to anybody', async () => {
      const all = await forAda();
      const first = await forAda({ first: 4 });
      const rest = await forAda({ after: first.pageInfo.endCursor });
      expect([...titlesOf(first), ...titlesOf(rest)]).toEqual(titlesOf(all));
      const untagged = await forAda({ weights: { tags: 0 } });
      expect(untagged.edges.flatMap(({ reasons }: any) => reasons).filter(({ kind }: any) => kind === 'SHARED_TAG')).toEqual([]);
      const anonymous = (await walk().ask(null, FOR_ME)).recommendations;
      expect(new Set(anonymous.edges.flatMap(({ reasons }: any) => reasons.map(({ kind }: any) => kind)))).toEqual(new Set(['TRENDING']));
    });

    test('refuse suppositions, places in time and pages that are none', async () => {
      for (const [field, value] of [['assuming', ['x']], ['assuming', [walk().person('ben').id]], ['assuming', Array(51).fill(walk().paper.small)], ['asOf', 'yesterday'], ['first', 101], ['after', 'x']] as const) expect([field, await walk().refused('ada', FOR_ME, { [field]: value })]).toEqual([field, bad(field)]);
      expect(await walk().refused('ada', FOR_ME, { modelVersion: 'another' })).toEqual(conflict('modelVersion'));
    });
  });
}

const PROFILE = `{ tasteProfile { isPaused votesUsed topTags(first: 3) { nodes { slug } } signals { totalCount nodes { id kind isUsed weight paper { title } tag { slug } } } } }`;
const [REMOVE, RESTORE] = ['removeTasteSignal', 'restoreTasteSignal'].map((name) => `mutation ($id: ID!) { ${name}(input: { signalId: $id }) { signal { isUsed weight } } }`) as [string, string];

export function tasting(walk: () => Walk): void {
  const profile = async (name: Name = 'ada'): Promise<any> => (await walk().ask(name, PROFILE)).tasteProfile;
  const ranked = async (): Promise<unknown> => (await walk().ask('ada', FOR_ME)).recommendations.edges.map(({ score, node }: any) => [node.id, score]);
  const change = async (mutation: string): Promise<any> => (await walk().ask('ada', `mutation { ${mutation} { tasteProfile { isPaused votesUsed } } }`))[mutation].tasteProfile;

  describe('Sunday: the taste profile', () => {
    test('has each signal that Ada gave, the latest first, and what they add up to', async () => {
      const { signals, votesUsed, topTags } = await profile();
      expect(signals.nodes.map(({ kind, paper, tag, isUsed, weight }: any) => [kind, paper?.title ?? tag.slug, isUsed, weight])).toEqual([
        ['UPVOTE', 'Diffusion for Weather', true, 1], ['UPVOTE', 'Otters at Rest', true, 1], ['FOLLOWED_TAG', 'graphs', true, 1], ['UPVOTE', 'Sparse Attention at Length', true, 1],
      ]);
      expect([votesUsed, topTags.nodes[0]]).toEqual([3, { slug: 'graphs' }]);
      walk().keep("Ada's vote for the weather", signals.nodes[0].id);
    });

    test('a signal that is removed counts as though it had never been; the vote stays', async () => {
      const all = await ranked();
      const before = (await walk().ask('ada', FOR_ME, { asOf: walk().kept('as of before') })).recommendations.edges.map(({ score, node }: any) => [node.id, score]);
      const id = walk().kept("Ada's vote for the weather");
      for (let turn = 1; turn <= 2; turn += 1) expect((await walk().ask('ada', REMOVE, { id })).removeTasteSignal.signal).toEqual({ isUsed: false, weight: 0 });
      expect(await ranked()).toEqual(before.filter(([paperId]: [string]) => paperId !== walk().paper.weather));
      expect((await walk().ask('ada', 'query ($id: ID!) { paper(id: $id) { viewerHasUpvoted upvoteCount } }', { id: walk().paper.weather })).paper).toEqual({ viewerHasUpvoted: true, upvoteCount: 1 });
      for (let turn = 1; turn <= 2; turn += 1) expect((await walk().ask('ada', RESTORE, { id })).restoreTasteSignal.signal).toEqual({ isUsed: true, weight: 1 });
      expect(await ranked()).toEqual(all);
    });

    test('in a pause nothing counts, and after a reset nothing of before, until it is undone', async () => {
      const before = await ranked() as [string, number][];
      for (let turn = 1; turn <= 2; turn += 1) expect(await change('pauseTaste')).toEqual({ isPaused: true, votesUsed: 3 });
      await walk().ask('ada', UPVOTE, { id: walk().paper.small });
      expect(await ranked()).toEqual(before.filter(([id]) => id !== walk().paper.small));
      expect(await change('resumeTaste')).toEqual({ isPaused: false, votesUsed: 3 });
      expect((await profile()).signals.nodes[0]).toMatchObject({ paper: { title: 'Attention on Small Devices' }, isUsed: false, weight: 0 });
      for (let turn = 1; turn <= 2; turn += 1) expect(await change('resetTaste')).toEqual({ isPaused: false, votesUsed: 0 });
      expect(new Set((await walk().ask('ada', FOR_ME)).recommendations.edges.flatMap(({ reasons }: any) => reasons.map(({ kind }: any) => kind)))).toEqual(new Set(['TRENDING']));
      for (let turn = 1; turn <= 2; turn += 1) expect(await change('undoResetTaste')).toEqual({ isPaused: false, votesUsed: 3 });
      expect(await ranked()).toEqual(before.filter(([id]) => id !== walk().paper.small));
    });

    test("is Ada's alone", async () => {
      const id = walk().kept("Ada's vote for the weather");
      expect((await profile('cora')).signals.totalCount).toBe(0);
      expect(await walk().refused('cora', REMOVE, { id })).toEqual(missing('signalId'));
      expect(await walk().refused('ada', REMOVE, { id: 'x' })).toEqual(bad('signalId'));
      expect(await walk().refused('ada', REMOVE, { id: walk().paper.sparse })).toEqual(bad('signalId'));
      for (const [document, variables] of [[PROFILE, {}], [REMOVE, { id }], ['mutation { resetTaste { tasteProfile { isPaused } } }', {}]] as const) expect(await walk().refused(null, document, variables)).toEqual(ANONYMOUS);
      expect(await walk().refused('ada', '{ tasteProfile { signals(first: 101) { totalCount } } }')).toEqual(bad('first'));
    });
  });
}

const EXPORT = 'mutation { exportMyData { downloadUrl } }';
const LEAVE = 'mutation ($password: String!, $comments: FateOfComments! = REMOVE) { deleteAccount(input: { password: $password, comments: $comments }) { deletedUserId } }';
const THREAD = 'query ($id: ID!) { paper(id: $id) { commentCount submittedBy { username } comments(orderBy: OLDEST) { nodes { bodyMarkdown isDeleted author { username } replies(orderBy: OLDEST) { nodes { bodyMarkdown } } } } } }';

export function leaving(walk: () => Walk): void {
  const votesOf = async (id: string): Promise<unknown> => (await walk().ask(null, 'query ($id: ID!) { paper(id: $id) { upvoteCount upvotes { nodes { username } } } }', { id })).paper;
  const thread = async (): Promise<any> => (await walk().ask(null, THREAD, { id: walk().kept("Ben's paper") })).paper;
  const leave = async (name: Name, comments: string): Promise<unknown> => (await walk().ask(name, LEAVE, { password: PASSWORD, comments })).deleteAccount.deletedUserId;

  describe('Sunday evening: what is whose', () => {
    test('Ada gets everything that the server holds of her, once, and no secret', async () => {
      const { downloadUrl } = (await walk().ask('ada', EXPORT)).exportMyData;
      const text = await (await walk().fetch(downloadUrl)).text();
      const sections = JSON.parse(text);
      expect(sections).toMatchObject({
        account: { username: 'ada', displayName: 'Ada Reads' }, comments: [{ body: 'A claim, @cleo' }, { body: '', deletedAt: expect.any(String) }], followedReaders: [{ username: 'ben' }], followedTags: [{ tag: { name: 'graphs' } }],
        collections: expect.arrayContaining([expect.objectContaining({ name: 'Long contexts', isPublic: true, paperCount: 2 }), expect.objectContaining({ name: 'Not yet' })]),
        library: expect.arrayContaining([expect.objectContaining({ state: 'READ' }), expect.objectContaining({ note: 'page 3' })]), digest: null, feedTokens: [],
      });
      expect(sections.upvotes.map(({ paper }: any) => paper.title)).toEqual(['Attention on Small Devices', 'Diffusion for Weather', 'Otters at Rest', 'Sparse Attention at Length']);
      for (const secret of [walk().person('ada').token, PASSWORD]) expect(text).not.toContain(secret);
      expect((await walk().fetch(downloadUrl)).status).toBe(404);
      expect(await walk().refused(null, EXPORT)).toEqual(ANONYMOUS);
      expect((await walk().fetch('/export/none')).status).toBe(404);
    });

    test('Ada lets a script read and vote, sees where she is signed in, and ends all of it but this', async () => {
      const MAKE = 'mutation ($scopes: [Scope!]!) { createApiToken(input: { name: "a script", scopes: $scopes }) { token session { id } } }';
      const { token, session } = (await walk().ask('ada', MAKE, { scopes: ['READ', 'VOTE'] })).createApiToken;
      const { query, error } = walk().server;
      expect(await query(UPVOTE, { token, variables: { id: walk().paper.small } })).toEqual({ upvotePaper: { paper: { viewerHasUpvoted: true } } });
      expect(await error('mutation { pauseTaste { tasteProfile { isPaused } } }', { token })).toMatchObject({ message: 'this needs a token with the scope WRITE, this one has READ, VOTE', extensions: { code: 'FORBIDDEN' } });
      expect(await walk().refused('ada', MAKE, { scopes: ['READ'] })).toEqual(conflict('name'));
      const { nodes } = (await walk().ask('ada', '{ sessions { nodes { id kind name isCurrent } } }')).sessions;
      expect(nodes[0]).toEqual({ id: session.id, kind: 'API_TOKEN', name: 'a script', isCurrent: false });
      expect(nodes.filter(({ isCurrent }: any) => isCurrent)).toHaveLength(1);
      for (let turn = 1; turn <= 2; turn += 1) await walk().ask('ada', 'mutation ($id: ID!) { revokeSession(input: { sessionId: $id }) { sessionId } }', { id: session.id });
      expect((await walk().server.send('{ viewer { username } }', { token })).status).toBe(401);
      const CHANGE = 'mutation ($current: String!, $next: String!) { changePassword(input: { currentPassword: $current, newPassword: $next }) { endedSessions } }';
      expect(await walk().refused('ada', CHANGE, { current: 'not hers at all', next: 'something longer' })).toEqual(ANONYMOUS);
      expect(await walk().refused('ada', CHANGE, { current: PASSWORD, next: 'short' })).toEqual(bad('newPassword'));
      expect((await walk().ask('ada', CHANGE, { current: PASSWORD, next: 'something longer' })).changePassword).toEqual({ endedSessions: nodes.length - 2 });
    });

    test('nobody leaves by accident', async () => {
      expect(await walk().refused('ben', LEAVE, { password: 'not his at all' })).toEqual(ANONYMOUS);
      expect(await walk().refused(null, LEAVE, { password: PASSWORD })).toEqual(ANONYMOUS);
      expect(await walk().refused('ben', LEAVE, { password: PASSWORD, comments: 'SHRED' })).toEqual({ code: 'BAD_USER_INPUT' });
      expect((await walk().ask('ben', '{ viewer { username } }')).viewer).toEqual({ username: 'ben' });
    });

    test('Cleo leaves, and her comments stay without her', async () => {
      const { token, id } = walk().person('cleo');
      expect(await leave('cleo', 'ANONYMISE')).toBe(id);
      expect(await walk().server.send('{ viewer { username } }', { token })).toMatchObject({ status: 401 });
      expect((await thread()).comments.nodes).toMatchObject([{ bodyMarkdown: 'A claim, @cleo', author: { username: 'ada' } }, { bodyMarkdown: 'Otters know better.', isDeleted: false, author: null }]);
      expect(await votesOf(walk().paper.sparse)).toEqual({ upvoteCount: 2, upvotes: { nodes: [{ username: 'ben' }, { username: 'ada' }] } });
      expect(await walk().ask(null, 'query ($id: ID!) { user(username: "cleo") { id } node(id: $id) { id } }', { id })).toEqual({ user: null, node: null });
    });

    test('Ben leaves, and takes his comments with him; the paper that he submitted stays', async () => {
      await leave('ben', 'REMOVE');
      expect(await thread()).toEqual({ commentCount: 2, submittedBy: null, comments: { nodes: [
        { bodyMarkdown: 'A claim, @cleo', isDeleted: false, author: { username: 'ada' }, replies: { nodes: [] } }, { bodyMarkdown: 'Otters know better.', isDeleted: false, author: null, replies: { nodes: [] } },
      ] } });
      expect(await votesOf(walk().paper.sparse)).toEqual({ upvoteCount: 1, upvotes: { nodes: [{ username: 'ada' }] } });
      expect(await votesOf(walk().paper.molecules)).toEqual({ upvoteCount: 0, upvotes: { nodes: [] } });
      expect(await walk().ask('ada', '{ viewer { followedUsers { totalCount } } followingFeed { nodes { title } } }')).toMatchObject({ viewer: { followedUsers: { totalCount: 0 } } });
      // Of what concerned her, his replies are gone.
      expect(await walk().ask('ada', '{ unreadNotificationCount }')).toEqual({ unreadNotificationCount: 0 });
    });

    test('after the week a server that starts knows what the one that walked along knows', async () => {
      const STATE = '{ recommenderState { checksum paperCount readerCount upvoteCount } }';
      const beside = await startBeside(walk().server);
      try {
        const { token } = walk().person('admin');
        const [one, other] = [await walk().server.query(STATE, { token }), await beside.query(STATE, { token })];
        expect(other).toEqual(one);
        // Ada's, but for the one that she gave in the pause, and the guest's that Cora cleared.
        expect(one.recommenderState.upvoteCount).toBe(4);
      } finally {
        await beside.stop();
      }
      expect(await walk().refused('ada', STATE)).toEqual({ code: 'FORBIDDEN' });
      expect(await walk().ask(null, 'query ($id: ID!) { node(id: $id) { id } }', { id: nobodys('User') })).toEqual({ node: null });
    });
  });
}
