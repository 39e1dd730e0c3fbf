import { describe, expect, test } from '@jest/globals';
import { ADMIN_PASSWORD, ANONYMOUS, bad, conflict, missing, nobodys, PASSWORD, sumOf, SUNDAY, titlesOf, type Name, type Walk } from './walk.js';

const SIGN_UP = 'mutation ($username: String!, $password: String!) { signUp(input: { username: $username, password: $password }) { token } }';
const SIGN_IN = 'mutation ($username: String!, $password: String!) { signIn(input: { username: $username, password: $password }) { token viewer { id username role } } }';
const SET_ROLE = 'mutation ($username: String!, $role: Role!) { setUserRole(input: { username: $username, role: $role }) { user { username role } } }';
const UPVOTE = 'mutation ($paperId: ID!) { upvotePaper(input: { paperId: $paperId }) { paper { upvoteCount viewerHasUpvoted } } }';

/** Accounts: three readers, a curator, an admin. */
export function arriving(walk: () => Walk): void {
  describe('Monday morning: people arrive', () => {
    test('three readers make accounts, and one who will be a curator', async () => {
      for (const [name, displayName] of [['ada', 'Ada Reads'], ['ben', 'Ben Reads'], ['cleo', undefined], ['cora', undefined]] as const) await walk().signUp(name, displayName);
      expect(await walk().ask('ada', '{ viewer { username displayName role upvoteCount } }')).toEqual({ viewer: { username: 'ada', displayName: 'Ada Reads', role: 'READER', upvoteCount: 0 } });
      expect(await walk().ask(null, '{ viewer { username } }')).toEqual({ viewer: null });
    });

    test('a name that is taken or none, and a password that is too short, are refused', async () => {
      expect(await walk().refused(null, SIGN_UP, { username: 'ada', password: PASSWORD })).toEqual(conflict('username'));
      expect(await walk().refused(null, SIGN_UP, { username: 'No Name', password: PASSWORD })).toEqual(bad('username'));
      expect(await walk().refused(null, SIGN_UP, { username: 'dora', password: 'short' })).toEqual(bad('password'));
      expect(await walk().refused(null, SIGN_IN, { username: 'ada', password: 'not hers at all' })).toEqual(ANONYMOUS);
    });

    test('a session ends with its signing out; a token that does not hold is refused, not ignored', async () => {
      const { token } = (await walk().ask(null, SIGN_IN, { username: 'ben', password: PASSWORD })).signIn;
      const { query, send } = walk().server;
      expect(await query('mutation { signOut { endedSessions } }', { token })).toEqual({ signOut: { endedSessions: 1 } });
      expect(await send('{ viewer { username } }', { token })).toMatchObject({ status: 401, errors: [{ extensions: ANONYMOUS }] });
      expect((await walk().ask('ben', '{ viewer { username } }')).viewer.username).toBe('ben');
    });

    test('the admin, whose password is in the configuration, makes Cora a curator; readers may not', async () => {
      const { token, viewer } = (await walk().ask(null, SIGN_IN, { username: 'admin', password: ADMIN_PASSWORD })).signIn;
      expect(viewer).toMatchObject({ username: 'admin', role: 'ADMIN' });
      walk().enter('admin', { username: 'admin', token, id: viewer.id, rowId: Number(Buffer.from(viewer.id, 'base64url').toString().split(':')[1]) });
      expect(await walk().refused('ada', SET_ROLE, { username: 'ada', role: 'ADMIN' })).toEqual({ code: 'FORBIDDEN' });
      expect(await walk().refused('admin', SET_ROLE, { username: 'nobody', role: 'CURATOR' })).toEqual(missing('username'));
      expect(await walk().ask('admin', SET_ROLE, { username: 'cora', role: 'CURATOR' })).toEqual({ setUserRole: { user: { username: 'cora', role: 'CURATOR' } } });
    });
  });
}

const FEED = `query ($date: LocalDate, $period: FeedPeriod! = WEEK, $orderBy: FeedOrder! = TRENDING, $asOf: DateTime, $first: Int = 20, $after: String) {
  feed(date: $date, period: $period, orderBy: $orderBy, asOf: $asOf) { startsOn endsOn isCurrent previous next papers(first: $first, after: $after) {
    totalCount nodes { title } edges { isNew upvoteCountThen score summary reasons { kind contribution } node { id viewerHasUpvoted } } pageInfo { hasNextPage endCursor } } } }`;

/** Feeds, and what votes do to them. */
export function feeds(walk: () => Walk): void {
  const feed = async (name: Name | null, variables: Record<string, unknown> = {}): Promise<any> => (await walk().ask(name, FEED, { date: SUNDAY, ...variables })).feed;

  describe('Monday: the feed', () => {
    test('of a day has its papers and says where its neighbours are', async () => {
      const { papers, ...wednesday } = await feed(null, { period: 'DAY', date: '2025-03-05' });
      expect(wednesday).toEqual({ startsOn: '2025-03-05', endsOn: '2025-03-05', isCurrent: false, previous: '2025-03-04', next: '2025-03-06' });
      expect(titlesOf(papers)).toEqual(['Graph Networks for Molecules', 'Attention on Small Devices']);
      expect(await feed(null, { period: 'DAY', date: null })).toMatchObject({ startsOn: '2025-03-07', previous: '2025-03-06', next: null });
    });

    test('of a week and of a month have theirs', async () => {
      expect(await feed(null)).toMatchObject({ startsOn: '2025-03-03', endsOn: '2025-03-09', previous: '2025-02-24', next: null, papers: { totalCount: 8 } });
      expect(await feed(null, { period: 'MONTH' })).toMatchObject({ startsOn: '2025-03-01', endsOn: '2025-03-31', previous: '2025-02-01', next: null, papers: { totalCount: 8 } });
      expect(titlesOf((await feed(null, { period: 'MONTH', date: '2025-02-01' })).papers)).toEqual(['Before the Week']);
    });

    const NEWEST = ['Molecules by Graph Networks', 'Cheap Papers, Written Fast', 'Diffusion for Weather', 'Message Passing without Messages', 'Graph Networks for Molecules', 'Attention on Small Devices', 'Linear Attention, Revisited', 'Sparse Attention at Length'];
    test('without votes has the newest first, in every order', async () => {
      for (const orderBy of ['NEWEST', 'TOP', 'TRENDING', 'FOR_YOU']) expect([orderBy, titlesOf((await feed(null, { orderBy })).papers)]).toEqual([orderBy, NEWEST]);
    });

    test('takes votes at once: TOP by their number, TRENDING by three days for ten times as many', async () => {
      walk().keep('the instant before the votes', await walk().instant());
      const { sparse, molecules } = walk().paper;
      for (const [place, name] of (['ada', 'ben', 'cleo'] as const).entries()) expect((await walk().ask(name, UPVOTE, { paperId: sparse })).upvotePaper.paper).toEqual({ upvoteCount: place + 1, viewerHasUpvoted: true });
      for (let turn = 1; turn <= 2; turn += 1) expect((await walk().ask('ben', UPVOTE, { paperId: molecules })).upvotePaper.paper).toEqual({ upvoteCount: 1, viewerHasUpvoted: true });
      const rest = (...taken: string[]): string[] => NEWEST.filter((title) => !taken.includes(title));
      expect(titlesOf((await feed('ada', { orderBy: 'TOP' })).papers)).toEqual(['Sparse Attention at Length', 'Graph Networks for Molecules', ...rest('Sparse Attention at Length', 'Graph Networks for Molecules')]);
      // Monday's three votes, log10(4), are 1.8 days: it passes Tuesday's and not Wednesday's. Wednesday's one vote is 0.9 days.
      expect(titlesOf((await feed('ada')).papers)).toEqual([...rest('Linear Attention, Revisited', 'Sparse Attention at Length'), 'Sparse Attention at Length', 'Linear Attention, Revisited']);
      expect(titlesOf((await feed('ada', { orderBy: 'NEWEST' })).papers)).toEqual(NEWEST);
    });

    test('as of an instant is as it stood then', async () => {
      const before = await feed('ada', { orderBy: 'TOP', asOf: walk().kept('the instant before the votes') });
      expect([titlesOf(before.papers), before.papers.edges.map(({ upvoteCountThen }: any) => upvoteCountThen)]).toEqual([NEWEST, NEWEST.map(() => 0)]);
      expect((await feed('ada', { orderBy: 'TOP', asOf: await walk().instant() })).papers.edges.slice(0, 3).map(({ upvoteCountThen }: any) => upvoteCountThen)).toEqual([3, 1, 0]);
      expect(await walk().refused('ada', FEED, { asOf: '2999-01-01T00:00:00Z' })).toEqual(bad('asOf'));
    });

    test('for the viewer has the scores of recommendations, each the sum of its reasons', async () => {
      const { edges } = (await feed('ada', { orderBy: 'FOR_YOU' })).papers;
      const { recommendations } = await walk().ask('ada', '{ recommendations(first: 100) { edges { score node { id } } } }');
      const scores = new Map(recommendations.edges.map(({ score, node }: any) => [node.id, score]));
      for (const { node, score, reasons } of edges) {
        expect(Math.abs(sumOf(reasons) - score)).toBeLessThan(1e-9);
        if (node.viewerHasUpvoted === false) expect(score).toBe(scores.get(node.id));
      }
      expect(edges.filter(({ node }: any) => node.viewerHasUpvoted).map(({ node }: any) => node.id)).toEqual([walk().paper.sparse]);
      // What shares the tag and the author with what she upvoted is before the rest.
      expect(edges[0].node.id).toBe(walk().paper.linear);
    });

    test('comes in pages, and refuses pages that are none', async () => {
      const first = (await feed('ada', { first: 3 })).papers;
      expect(first.pageInfo.hasNextPage).toBe(true);
      const rest = (await feed('ada', { first: 100, after: first.pageInfo.endCursor })).papers;
      expect([...titlesOf(first), ...titlesOf(rest)]).toEqual(titlesOf((await feed('ada')).papers));
      for (const [field, value] of [['first', 0], ['first', 101], ['after', 'x']] as const) expect(await walk().refused('ada', FEED, { date: SUNDAY, [field]: value })).toEqual(bad(field));
      expect(await walk().refused('ada', FEED, { date: '2025-02-30' })).toEqual({ code: 'BAD_USER_INPUT' });
      expect(await walk().refused('ada', FEED, { date: SUNDAY, orderBy: 'TOP', after: first.pageInfo.endCursor })).toEqual(bad('after'));
    });

    test('votes need a viewer and a paper', async () => {
      expect(await walk().refused(null, UPVOTE, { paperId: walk().paper.sparse })).toEqual(ANONYMOUS);
      expect(await walk().refused('ada', UPVOTE, { paperId: walk().person('ben').id })).toEqual(bad('paperId'));
      expect(await walk().refused('ada', UPVOTE, { paperId: 'x' })).toEqual(bad('paperId'));
      expect(await walk().refused('ada', UPVOTE, { paperId: nobodys('Paper') })).toEqual(missing('paperId'));
    });

    test('Ada has seen it: what comes from now on is new to her', async () => {
      const MARK = 'mutation ($until: DateTime) { markFeedSeen(input: { seenUntil: $until }) { seenUntil } }';
      expect(Date.parse((await walk().ask('ada', MARK)).markFeedSeen.seenUntil)).toBeLessThanOrEqual(Date.now());
      expect((await feed('ada')).papers.edges.some(({ isNew }: any) => isNew)).toBe(false);
      expect(await walk().refused('ada', MARK, { until: '2999-01-01T00:00:00Z' })).toEqual(bad('seenUntil'));
      expect(await walk().refused(null, MARK)).toEqual(ANONYMOUS);
      await walk().instant();
    });
  });
}

const SEARCH = `query ($query: String!, $personalWeight: Float! = 0, $filter: PaperFilter) { search(query: $query, personalWeight: $personalWeight, filter: $filter) {
  totalCount correctedQuery didYouMean nodes { title } edges { score relevance personal title { text isMatch } snippet { text isMatch } }
  facets { isComplete tags { count tag { slug } } years { year count } code { withCode withoutCode } } } }`;

export function search(walk: () => Walk): void {
  const find = async (query: string, variables: Record<string, unknown> = {}, name: Name | null = 'ada'): Promise<any> => (await walk().ask(name, SEARCH, { query, ...variables })).search;

  describe('Monday afternoon: a search', () => {
    test.each([
      ['attention', ['Linear Attention, Revisited', 'Attention on Small Devices', 'Sparse Attention at Length']],
      // Forms of a word, a phrase, an exclusion, one or another, the beginning of a word; names and tags are found too.
      ['networks', ['Graph Networks for Molecules', 'Molecules by Graph Networks']],
      ['"sparse attention"', ['Sparse Attention at Length']],
      ['"attention sparse"', []],
      ['attention -devices', ['Linear Attention, Revisited', 'Sparse Attention at Length']],
      ['weather or devices', ['Diffusion for Weather', 'Attention on Small Devices']],
      ['diffu', ['Diffusion for Weather']],
      ['diffu ', []],
      ['roth', ['Graph Networks for Molecules', 'Message Passing without Messages']],
      ['chemistry', ['Graph Networks for Molecules']],
    ])('for %j finds %j', async (query, titles) => {
      expect(titlesOf(await find(query)).sort()).toEqual([...titles].sort());
    });

    test('corrects what no paper has, and suggests what more papers have', async () => {
      expect(await find('atention ')).toMatchObject({ correctedQuery: 'attention', didYouMean: null, totalCount: 3 });
      expect(await find('lectrue')).toMatchObject({ correctedQuery: null, didYouMean: 'lecture', totalCount: 1 });
      expect(await find('lecture')).toMatchObject({ correctedQuery: null, didYouMean: null, totalCount: 10 });
      expect(await find('qqqqqq')).toMatchObject({ correctedQuery: null, didYouMean: null, totalCount: 0 });
    });

    test('shows where the words stand, as text', async () => {
      const { edges } = await find('kernels');
      expect(edges[0].snippet).toEqual([{ text: 'view by <', isMatch: false }, { text: 'kernels', isMatch: true }, { text: '> & its limits', isMatch: false }]);
      expect((await find('weather')).edges[0].title).toEqual([{ text: 'Diffusion for ', isMatch: false }, { text: 'Weather', isMatch: true }]);
    });

    test('counts its hits by tag, year and code, and takes filters', async () => {
      const { facets } = await find('attention');
      expect(facets).toMatchObject({ isComplete: true, years: [{ year: 2025, count: 1 }, { year: 2024, count: 1 }], code: { withCode: 1, withoutCode: 2 } });
      expect(facets.tags.map(({ count, tag }: any) => `${tag.slug} ${count}`).sort()).toEqual(['attention 3', 'hardware 1', 'language 1']);
      expect(titlesOf(await find('attention', { filter: { hasCode: true } }))).toEqual(['Sparse Attention at Length']);
    });

    test("blends the viewer's own ranking in, by the formula of the schema", async () => {
      const { edges } = await find('attention', { personalWeight: 0.25 });
      for (const { score, relevance, personal } of edges) expect(score).toBeCloseTo(0.75 * relevance + 0.25 * personal, 12);
      expect(edges.map(({ score }: any) => score)).toEqual(edges.map(({ score }: any) => score).sort((one: number, other: number) => other - one));
      expect((await find('attention')).edges.map(({ personal }: any) => personal)).toEqual([null, null, null]);
    });

    test('refuses what is no search', async () => {
      for (const query of ['', '-only', 'x'.repeat(251)]) expect(await walk().refused('ada', SEARCH, { query })).toEqual(bad('query'));
      expect(await walk().refused('ada', SEARCH, { query: 'attention', personalWeight: 2 })).toEqual(bad('personalWeight'));
      expect(await walk().refused(null, '{ search(query: "attention", first: 101) { totalCount } }')).toEqual(bad('first'));
      expect(await walk().refused('ada', SEARCH, { query: 'attention', filter: { author: walk().paper.sparse } })).toEqual(bad('filter.author'));
    });
  });
}

const PAGE = `query ($id: ID, $arxivId: String, $doi: String) { paper(id: $id, arxivId: $arxivId, doi: $doi) {
  id title abstract arxivId upvoteCount viewerHasUpvoted submittedBy { username }
  authors { nodes { name } } tags { edges { weight node { slug } } } repos { edges { isOfficial node { url } } } origins { nodes { source } }
  upvotes { totalCount nodes { username } } voteTimeline { count cumulative } bibtex: citation csl: citation(format: CSL_JSON)
  byTheSameAuthors { edges { sharedAuthors { name } node { title } } } similar(first: 3) { nodes { title } edges { score reasons { kind contribution text } } } } }`;

export function paperPage(walk: () => Walk): void {
  describe('Tuesday: the page of a paper', () => {
    const read = async (variables: Record<string, unknown>, name: Name | null = 'ada'): Promise<any> => (await walk().ask(name, PAGE, variables)).paper;

    test('has everything in one request', async () => {
      const page = await read({ id: walk().paper.sparse });
      expect(page).toMatchObject({
        title: 'Sparse Attention at Length', arxivId: '2503.00001', abstract: 'Pruned keys keep long contexts cheap.', upvoteCount: 3, viewerHasUpvoted: true, submittedBy: null,
        authors: { nodes: [{ name: 'Mia Lind' }, { name: 'Noa Katz' }] }, tags: { edges: [{ weight: 1, node: { slug: 'attention' } }, { weight: 0.5, node: { slug: 'language' } }] },
        repos: { edges: [{ isOfficial: true, node: { url: 'https://github.com/lab/sparse' } }] }, upvotes: { totalCount: 3, nodes: [{ username: 'cleo' }, { username: 'ben' }, { username: 'ada' }] },
        byTheSameAuthors: { edges: [
          { sharedAuthors: [{ name: 'Noa Katz' }], node: { title: 'Molecules by Graph Networks' } },
          { sharedAuthors: [{ name: 'Noa Katz' }], node: { title: 'Graph Networks for Molecules' } },
          { sharedAuthors: [{ name: 'Mia Lind' }], node: { title: 'Linear Attention, Revisited' } },
        ] },
      });
      expect(page.voteTimeline.at(-1).cumulative).toBe(3);
      expect(page.similar.nodes[0].title).toBe('Linear Attention, Revisited');
      for (const { score, reasons } of page.similar.edges) expect(Math.abs(sumOf(reasons) - score)).toBeLessThan(1e-9);
      expect(page.similar.edges[0].reasons.map(({ kind }: any) => kind)).toEqual(expect.arrayContaining(['SHARED_TAG', 'SHARED_AUTHOR']));
      expect(page.bibtex).toBe(`@misc{lind2025sparse,
  title = {Sparse Attention at Length},
  author = {Lind, Mia and Katz, Noa},
  year = {2025},
  month = mar,
  eprint = {2503.00001},
  archivePrefix = {arXiv},
  url = {https://arxiv.org/abs/2503.00001},
}
`);
      expect(JSON.parse(page.csl)).toMatchObject([{ title: 'Sparse Attention at Length', author: [{ family: 'Lind', given: 'Mia' }, { family: 'Katz', given: 'Noa' }] }]);
      walk().keep('a library in BibTeX', [page, await read({ id: walk().paper.molecules })].map(({ bibtex }) => bibtex).join('\n'));
    });

    test('is found by arXiv id and DOI, in their spellings', async () => {
      for (const arxivId of ['2503.00001', 'arXiv:2503.00001v3', 'https://arxiv.org/pdf/2503.00001v2.pdf']) expect((await read({ arxivId })).id).toBe(walk().paper.sparse);
      for (const doi of ['10.5555/MOLECULES', 'https://doi.org/10.5555/molecules']) expect((await read({ doi }, null)).id).toBe(walk().paper.molecules);
    });

    test('is null where there is none, and refused where it is asked for by what is no id', async () => {
      expect(await read({ id: nobodys('Paper') })).toBeNull();
      expect(await read({ arxivId: '2503.99999' })).toBeNull();
      expect(await walk().refused('ada', PAGE, { id: walk().person('ada').id })).toEqual(bad('id'));
      expect(await walk().refused('ada', PAGE, { arxivId: 'sparse' })).toEqual(bad('arxivId'));
      expect(await walk().refused('ada', PAGE, { id: walk().paper.sparse, doi: '10.5555/molecules' })).toEqual(bad('id'));
      expect(await walk().refused('ada', PAGE)).toEqual(bad('id'));
      expect(await walk().refused(null, '{ paper(arxivId: "2503.00001") { similar(first: 0) { totalCount } } }')).toEqual(bad('first'));
      expect(await walk().refused(null, '{ paper(arxivId: "2503.00001") { upvotes(last: 101) { totalCount } } }')).toEqual(bad('last'));
      expect(await walk().refused(null, '{ paper(arxivId: "2503.00001") { byTheSameAuthors(first: 1, last: 1) { totalCount } } }')).toEqual(bad('last'));
      expect(await walk().refused(null, '{ paper(arxivId: "2503.00001") { voteTimeline(from: "2025-03-02T00:00:00Z", to: "2025-03-01T00:00:00Z") { count } } }')).toEqual(bad('from'));
    });
  });
}

const CREATE_TOKEN = 'mutation ($name: String!) { createFeedToken(input: { name: $name }) { feedToken { id } syndication { atomUrl jsonFeedUrl } } }';
const REVOKE_TOKEN = 'mutation ($id: ID!) { revokeFeedToken(input: { feedTokenId: $id }) { feedTokenId } }';

export function feedReaders(walk: () => Walk): void {
  describe('Tuesday: a feed reader', () => {
    test('gets a tag as Atom and as JSON Feed, again only when it has changed', async () => {
      const { atomUrl, jsonFeedUrl } = (await walk().ask(null, '{ tag(slug: "graphs") { syndication { atomUrl jsonFeedUrl } } }')).tag.syndication;
      expect(atomUrl).toBe('https://papers.example/feeds/tags/graphs.atom');
      const atom = await walk().fetch(atomUrl);
      const [etag, modified] = [atom.headers.get('etag')!, atom.headers.get('last-modified')!];
      expect([atom.status, atom.headers.get('content-type')]).toEqual([200, expect.stringContaining('application/atom+xml')]);
      expect(await atom.text()).toContain('<title>Molecules by Graph Networks</title>');
      const { items } = await (await walk().fetch(jsonFeedUrl)).json() as { items: { title: string }[] };
      expect(items.map(({ title }) => title)).toEqual(['Molecules by Graph Networks', 'Message Passing without Messages', 'Graph Networks for Molecules']);
      for (const headers of [{ 'if-none-match': etag }, { 'if-modified-since': modified }]) expect((await walk().fetch(atomUrl, { headers: headers as Record<string, string> })).status).toBe(304);
      await walk().ask('cleo', UPVOTE, { paperId: walk().paper.twin });
      const changed = await walk().fetch(atomUrl, { headers: { 'if-none-match': etag } });
      expect([changed.status, changed.headers.get('etag') === etag]).toEqual([200, false]);
    });

    test('gets recommendations by an address that is a secret, until it is revoked', async () => {
      const { feedToken, syndication } = (await walk().ask('ada', CREATE_TOKEN, { name: 'phone' })).createFeedToken;
      const feed = await walk().fetch(syndication.jsonFeedUrl);
      expect([feed.status, feed.headers.get('cache-control')]).toEqual([200, 'private, no-store']);
      const { items } = await feed.json() as { items: { title: string }[] };
      expect(items.map(({ title }) => title)).toEqual(titlesOf((await walk().ask('ada', '{ recommendations(first: 50) { nodes { title } } }')).recommendations));
      expect(await walk().refused('ada', CREATE_TOKEN, { name: 'phone' })).toEqual(conflict('name'));
      expect(await walk().refused('ada', REVOKE_TOKEN, { id: walk().paper.sparse })).toEqual(bad('feedTokenId'));
      expect(await walk().refused(null, REVOKE_TOKEN, { id: feedToken.id })).toEqual(ANONYMOUS);
      expect(await walk().refused('ada', '{ feedTokens(first: 0) { totalCount } }')).toEqual(bad('first'));
      // Another reader's is not there for Ben.
      await walk().ask('ben', REVOKE_TOKEN, { id: feedToken.id });
      expect((await walk().fetch(syndication.atomUrl)).status).toBe(200);
      await walk().ask('ada', REVOKE_TOKEN, { id: feedToken.id });
      expect((await walk().fetch(syndication.atomUrl)).status).toBe(404);
    });

    test('is told what is no feed', async () => {
      for (const [path, status] of [['/feeds/tags/no-such-tag.atom', 404], ['/feeds/today.atom?order=worst', 400], ['/feeds/search.atom', 400], [`/feeds/authors/${walk().paper.sparse}.atom`, 404]] as const) {
        expect([path, (await walk().fetch(path)).status]).toEqual([path, status]);
      }
      expect(await walk().refused(null, '{ searchSyndication(text: "") { atomUrl } }')).toEqual(bad('text'));
    });
  });
}
