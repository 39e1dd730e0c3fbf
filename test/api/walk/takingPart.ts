import { describe, expect, test } from '@jest/globals';
import { toGlobalId } from '../../../src/graphql/globalId.js';
import { ANONYMOUS, bad, conflict, forbidden, missing, nobodys, sql, SUNDAY, titlesOf, type Name, type Walk } from './walk.js';

const SUBMIT = 'mutation ($input: SubmitPaperInput!) { submitPaper(input: $input) { isNew filledIn paper { id arxivId title upvoteCount viewerHasUpvoted submittedBy { username } tags { nodes { slug } } } } }';
const UPDATE = 'mutation ($paperId: ID!, $abstract: String) { updatePaper(input: { paperId: $paperId, abstract: $abstract }) { paper { abstract } } }';
const IMPORT = 'mutation ($content: String!) { importLibrary(input: { content: $content }) { upvotedCount unchangedCount rejects { field } } }';
const CLAIM = 'mutation ($authorId: ID!, $note: String!, $url: URL) { claimAuthorship(input: { authorId: $authorId, note: $note, evidenceUrl: $url }) { isNew claim { id state } } }';
const RESOLVE_CLAIM = 'mutation ($id: ID!) { resolveClaim(input: { claimId: $id, resolution: CONFIRMED }) { claim { state } } }';

export function submitting(walk: () => Walk): void {
  const submit = async (name: Name, input: Record<string, unknown>): Promise<any> => (await walk().ask(name, SUBMIT, { input })).submitPaper;

  describe('Wednesday: papers are submitted', () => {
    test('by arXiv id alone; what is left out comes from arXiv', async () => {
      const { isNew, filledIn, paper } = await submit('ben', { arxivId: 'arXiv:2503.00010v1' });
      expect([isNew, filledIn]).toEqual([true, ['title', 'abstract', 'publishedAt', 'arxivVersion', 'authors', 'tags']]);
      expect(paper).toMatchObject({ arxivId: '2503.00010', title: 'Otters at Rest', upvoteCount: 0, submittedBy: { username: 'ben' }, tags: { nodes: [{ slug: 'cs-lg' }] } });
      walk().keep("Ben's paper", paper.id);
    });

    test('a second time, whatever the spelling: it is an upvote, and one only', async () => {
      const asked = walk().arxiv.requestsOf('/query').length;
      for (const arxivId of ['https://arxiv.org/pdf/2503.00010v2.pdf', 'https://www.alphaxiv.org/abs/2503.00010', '10.48550/arXiv.2503.00010', '2503.00010 [cs.LG]', 'https://huggingface.co/papers/2503.00010']) {
        expect(await submit('cleo', { arxivId })).toMatchObject({ isNew: false, filledIn: [], paper: { id: walk().kept("Ben's paper"), upvoteCount: 1, viewerHasUpvoted: true } });
      }
      expect(walk().arxiv.requestsOf('/query')).toHaveLength(asked);
    });

    test('by hand, with tags and code', async () => {
      const { isNew, filledIn, paper } = await submit('cleo', { title: 'Graphs of Otters', tags: ['graphs'], authors: ['Pia Roth'], repos: ['https://github.com/cleo/otters'] });
      expect([isNew, filledIn, paper.tags.nodes]).toEqual([true, [], [{ slug: 'graphs' }]]);
      walk().keep("Cleo's paper", paper.id);
    });

    test('and stand on the feed of today, new to Ada, who has seen what was there, and to no anonymous reader', async () => {
      const TODAY = '{ feed(orderBy: NEWEST) { isCurrent papers { edges { isNew node { title } } } } }';
      const shown = (isNew: boolean): unknown => ({ feed: { isCurrent: true, papers: { edges: [{ isNew, node: { title: 'Graphs of Otters' } }, { isNew, node: { title: 'Otters at Rest' } }] } } });
      expect(await walk().ask('ada', TODAY)).toEqual(shown(true));
      expect(await walk().ask(null, TODAY)).toEqual(shown(false));
    });

    test('and refused where they are none', async () => {
      expect(await walk().refused(null, SUBMIT, { input: { title: 'x' } })).toEqual(ANONYMOUS);
      for (const [input, refusal] of [
        [{ arxivId: 'nonsense' }, bad('arxivId')], [{}, bad('title')], [{ title: ' ' }, bad('title')], [{ arxivId: '2503.00099' }, bad('title')], [{ title: 'x', tags: ['no-such-tag'] }, missing('tags')],
        [{ title: 'x', tags: Array(21).fill('graphs') }, bad('tags')], [{ title: 'x', repos: ['https://example.org/no-repo'] }, bad('repos')], [{ title: 'x', publishedOn: '2999-01-01' }, bad('publishedOn')],
      ] as const) expect([input, await walk().refused('ben', SUBMIT, { input })]).toEqual([input, refusal]);
    });

    test('and changed by their submitters and curators alone', async () => {
      const variables = { paperId: walk().kept("Cleo's paper"), abstract: 'Who knows whom.' };
      for (const name of ['cleo', 'cora'] as const) expect(await walk().ask(name, UPDATE, variables)).toEqual({ updatePaper: { paper: { abstract: 'Who knows whom.' } } });
      expect(await walk().refused('ben', UPDATE, variables)).toEqual(forbidden('paperId'));
      expect(await walk().refused(null, UPDATE, variables)).toEqual(ANONYMOUS);
      expect(await walk().refused('cleo', UPDATE, { ...variables, abstract: '' })).toEqual(bad('abstract'));
    });

    test("a reader's own library becomes upvotes: the citations that the paper pages gave", async () => {
      const content = walk().kept('a library in BibTeX');
      expect(await walk().ask('cleo', IMPORT, { content })).toEqual({ importLibrary: { upvotedCount: 1, unchangedCount: 1, rejects: [] } });
      expect(await walk().ask('cleo', IMPORT, { content })).toEqual({ importLibrary: { upvotedCount: 0, unchangedCount: 2, rejects: [] } });
      expect(await walk().refused('cleo', IMPORT, { content: 'Dear diary' })).toEqual(bad('content'));
      expect(await walk().refused(null, IMPORT, { content })).toEqual(ANONYMOUS);
    });

    test('Cleo says that she is Pia Roth, and is once Cora has looked; nobody else is then', async () => {
      const { authors } = await walk().ask(null, '{ authors(prefix: "pia roth") { nodes { id } } }');
      const authorId: string = authors.nodes[0].id;
      const variables = { authorId, note: 'My page at the institute names both.', url: 'https://institute.example/roth' };
      for (const isNew of [true, false]) {
        const { claimAuthorship } = await walk().ask('cleo', CLAIM, variables);
        expect(claimAuthorship).toEqual({ isNew, claim: { id: expect.any(String), state: 'PENDING' } });
        walk().keep("Cleo's claim", claimAuthorship.claim.id);
      }
      const id = walk().kept("Cleo's claim");
      expect((await walk().ask('cora', '{ authorshipClaims(state: PENDING) { nodes { id note claimant { username } author { name } } } }')).authorshipClaims.nodes).toEqual([
        { id, note: variables.note, claimant: { username: 'cleo' }, author: { name: 'Pia Roth' } },
      ]);
      expect(await walk().ask('ben', 'query ($id: ID!) { node(id: $id) { id } }', { id })).toEqual({ node: null });
      for (const name of ['cleo', 'ben'] as const) expect(await walk().refused(name, RESOLVE_CLAIM, { id })).toEqual({ code: 'FORBIDDEN' });
      for (let turn = 1; turn <= 2; turn += 1) expect(await walk().ask('cora', RESOLVE_CLAIM, { id })).toEqual({ resolveClaim: { claim: { state: 'CONFIRMED' } } });
      expect(await walk().refused('ben', CLAIM, variables)).toEqual(conflict('authorId'));
      expect(await walk().refused(null, CLAIM, variables)).toEqual(ANONYMOUS);
      expect(await walk().refused('ben', CLAIM, { ...variables, note: ' ' })).toEqual(bad('note'));
      expect(await walk().refused('ben', CLAIM, { ...variables, authorId: nobodys('Author') })).toEqual(missing('authorId'));
      const READ = 'query ($authorId: ID!, $paperId: ID!) { author(id: $authorId) { user { username authors { nodes { name } } } } paper(id: $paperId) { upvotes { edges { isByAuthor isBySubmitter node { username } } } } }';
      const { author, paper } = await walk().ask(null, READ, { authorId, paperId: walk().paper.molecules });
      expect(author).toEqual({ user: { username: 'cleo', authors: { nodes: [{ name: 'Pia Roth' }] } } });
      expect(paper.upvotes.edges).toContainEqual({ isByAuthor: true, isBySubmitter: false, node: { username: 'cleo' } });
      expect(paper.upvotes.edges).toContainEqual({ isByAuthor: false, isBySubmitter: false, node: { username: 'ben' } });
    });
  });
}

const SHOWN = 'id depth bodyMarkdown bodyHtml author { username } isDeleted upvoteCount replyCount viewerHasUpvoted viewerCanEdit createdAt editedAt editableUntil mentions { nodes { username } }';
const ADD = `mutation ($paperId: ID!, $parentId: ID, $body: String!) { addComment(input: { paperId: $paperId, parentId: $parentId, body: $body }) { comment { ${SHOWN} } } }`;
const EDIT = `mutation ($commentId: ID!, $body: String!) { editComment(input: { commentId: $commentId, body: $body }) { comment { ${SHOWN} } } }`;
const [DELETE, LIKE, UNLIKE] = ['deleteComment', 'upvoteComment', 'removeCommentUpvote'].map((name) => `mutation ($commentId: ID!) { ${name}(input: { commentId: $commentId }) { comment { ${SHOWN} } } }`) as [string, string, string];
const THREAD = `query ($id: ID!, $orderBy: CommentOrder! = BEST, $first: Int) { paper(id: $id) { commentCount comments(orderBy: $orderBy, first: $first) { totalCount nodes { ${SHOWN} replies { nodes { ${SHOWN} } } } } } }`;

export function discussing(walk: () => Walk): void {
  const say = async (name: Name, body: string, parentId: string | null = null): Promise<any> => (await walk().ask(name, ADD, { paperId: walk().kept("Ben's paper"), parentId, body })).addComment.comment;
  const thread = async (name: Name | null, orderBy = 'BEST'): Promise<any> => (await walk().ask(name, THREAD, { id: walk().kept("Ben's paper"), orderBy })).paper;
  const bodies = ({ comments }: any): unknown[] => comments.nodes.map(({ bodyMarkdown }: any) => bodyMarkdown);

  describe('Wednesday afternoon: a discussion', () => {
    test('begins with Markdown, of which HTML is made that is safe to show', async () => {
      const comment = await say('ada', 'A **bold** claim, @ben: <script>alert(1)</script> [x](javascript:alert(1)), see https://a.org/x');
      expect(comment).toMatchObject({ depth: 0, author: { username: 'ada' }, viewerCanEdit: true, mentions: { nodes: [{ username: 'ben' }] } });
      expect(comment.bodyHtml).toBe('<p>A <strong>bold</strong> claim, @ben: &lt;script&gt;alert(1)&lt;/script&gt; [x](javascript:alert(1)), see <a href="https://a.org/x" rel="nofollow ugc noopener">https://a.org/x</a></p>\n');
      expect(Date.parse(comment.editableUntil) - Date.parse(comment.createdAt)).toBe(15 * 60_000);
      walk().keep("Ada's comment", comment.id);
    });

    test('goes on with replies; the same words again are the same comment', async () => {
      const reply = await say('ben', 'Which one?', walk().kept("Ada's comment"));
      expect(reply).toMatchObject({ depth: 1, author: { username: 'ben' } });
      expect((await say('ben', 'Which one?', walk().kept("Ada's comment"))).id).toBe(reply.id);
      walk().keep("Ben's reply", reply.id);
      walk().keep("Cleo's comment", (await say('cleo', 'Otters know better.')).id);
      expect(await thread(null)).toMatchObject({ commentCount: 3, comments: { totalCount: 2 } });
    });

    test('is in the order of votes or of time', async () => {
      expect(bodies(await thread(null, 'NEWEST'))).toEqual(['Otters know better.', expect.stringContaining('bold')]);
      for (let turn = 1; turn <= 2; turn += 1) expect((await walk().ask('cleo', LIKE, { commentId: walk().kept("Ada's comment") })).upvoteComment.comment).toMatchObject({ upvoteCount: 1, viewerHasUpvoted: true });
      expect(bodies(await thread('cleo'))).toEqual([expect.stringContaining('bold'), 'Otters know better.']);
      expect((await walk().ask('cleo', UNLIKE, { commentId: walk().kept("Ada's comment") })).removeCommentUpvote.comment).toMatchObject({ upvoteCount: 0, viewerHasUpvoted: false });
      expect((await walk().ask('ben', LIKE, { commentId: walk().kept("Cleo's comment") })).upvoteComment.comment.upvoteCount).toBe(1);
      expect(bodies(await thread('cleo'))).toEqual(['Otters know better.', expect.stringContaining('bold')]);
    });

    test('may be edited by its author for a quarter of an hour', async () => {
      const commentId = walk().kept("Ada's comment");
      const edited = (await walk().ask('ada', EDIT, { commentId, body: 'A claim, @cleo' })).editComment.comment;
      expect(edited).toMatchObject({ bodyHtml: '<p>A claim, @cleo</p>\n', mentions: { nodes: [{ username: 'cleo' }] }, editedAt: expect.any(String) });
      expect(await walk().refused('ben', EDIT, { commentId, body: 'Mine' })).toEqual(forbidden('commentId'));
      // The time of a comment cannot be changed: another one is written as of sixteen minutes ago.
      const [{ id } = { id: 0 }] = await walk().server.database.rows<{ id: number }>(sql`
        INSERT INTO comments (paper_id, user_id, body, created_at) SELECT id, ${walk().person('ada').rowId}, 'Old', now() - interval '16 minutes' FROM papers WHERE title = 'Lectrue on Shadow' RETURNING id`);
      const old = toGlobalId('Comment', id);
      expect(await walk().refused('ada', EDIT, { commentId: old, body: 'Too late' })).toEqual(conflict('commentId'));
      await walk().ask('ada', DELETE, { commentId: old });
    });

    test('keeps the place of what is deleted while there are replies, and nothing of its text', async () => {
      const { id } = await say('cleo', 'Said in haste');
      const reply = await say('ben', 'Never mind', id);
      for (let turn = 1; turn <= 2; turn += 1) expect((await walk().ask('cleo', DELETE, { commentId: id })).deleteComment.comment).toMatchObject({ bodyMarkdown: null, bodyHtml: null, author: null, isDeleted: true });
      expect((await thread('cleo', 'NEWEST')).comments.nodes[0]).toMatchObject({ id, isDeleted: true, author: null, replies: { nodes: [{ bodyMarkdown: 'Never mind' }] } });
      expect(await walk().refused('ada', ADD, { paperId: walk().kept("Ben's paper"), parentId: id, body: 'Too late' })).toEqual(conflict('parentId'));
      await walk().ask('ben', DELETE, { commentId: reply.id });
      expect(await thread('cleo')).toMatchObject({ commentCount: 3, comments: { totalCount: 2 } });
    });

    test('needs a viewer, words, a paper and a parent on it, and is not voted up by its author', async () => {
      const paperId = walk().kept("Ben's paper");
      for (const [name, document, variables, refusal] of [
        [null, ADD, { paperId, body: 'x' }, ANONYMOUS], ['ada', ADD, { paperId, body: ' ' }, bad('body')], ['ada', ADD, { paperId: walk().kept("Ada's comment"), body: 'x' }, bad('paperId')],
        ['ada', ADD, { paperId: nobodys('Paper'), body: 'x' }, missing('paperId')], ['ada', ADD, { paperId: walk().paper.sparse, parentId: walk().kept("Ada's comment"), body: 'x' }, bad('parentId')],
        ['ada', LIKE, { commentId: walk().kept("Ada's comment") }, forbidden('commentId')], ['ada', DELETE, { commentId: walk().kept("Ben's reply") }, forbidden('commentId')], ['ada', LIKE, { commentId: paperId }, bad('commentId')],
        ['ada', THREAD, { id: paperId, first: 101 }, bad('first')],
      ] as const) expect([variables, await walk().refused(name, document, variables)]).toEqual([variables, refusal]);
    });
  });
}

const FOLLOWING = `query ($first: Int = 20, $after: String) { followingFeed(first: $first, after: $after) { totalCount nodes { title } pageInfo { hasNextPage endCursor }
  edges { reasons { kind tag { slug } author { name } user { username } } } } }`;
const [FOLLOW_TAG, UNFOLLOW_TAG] = ['followTag', 'unfollowTag'].map((name) => `mutation ($slug: String!) { ${name}(input: { tagSlug: $slug }) { tag { followerCount viewerFollows } } }`) as [string, string];
const FOLLOW_AUTHOR = 'mutation ($id: ID!) { followAuthor(input: { authorId: $id }) { author { name followerCount viewerFollows } } }';
const FOLLOW_USER = 'mutation ($id: ID!) { followUser(input: { userId: $id }) { user { username followerCount viewerFollows } } }';

export function following(walk: () => Walk): void {
  describe('Thursday: Ada follows', () => {
    test('a tag, an author and a reader', async () => {
      for (let turn = 1; turn <= 2; turn += 1) expect((await walk().ask('ada', FOLLOW_TAG, { slug: 'graphs' })).followTag.tag).toEqual({ followerCount: 1, viewerFollows: true });
      const { authors } = await walk().ask(null, '{ authors(prefix: "omar") { nodes { id } } }');
      walk().keep('Omar Said', authors.nodes[0].id);
      expect((await walk().ask('ada', FOLLOW_AUTHOR, { id: walk().kept('Omar Said') })).followAuthor.author).toEqual({ name: 'Omar Said', followerCount: 1, viewerFollows: true });
      expect((await walk().ask('ada', FOLLOW_USER, { id: walk().person('ben').id })).followUser.user).toEqual({ username: 'ben', followerCount: 1, viewerFollows: true });
    });

    test('and gets what they bring, each paper once, by the latest of its reasons', async () => {
      const { totalCount, edges, nodes } = (await walk().ask('ada', FOLLOWING)).followingFeed;
      const told = edges.map(({ reasons }: any, place: number) => [nodes[place].title, ...reasons.map(({ kind, tag, author, user }: any) => `${kind} ${tag?.slug ?? author?.name ?? user?.username}`)]);
      expect([totalCount, told]).toEqual([7, [
        ['Graphs of Otters', 'FOLLOWED_TAG graphs'],
        ['Otters at Rest', 'SUBMITTED ben'],
        ['Graph Networks for Molecules', 'UPVOTED ben', 'FOLLOWED_TAG graphs'],
        ['Sparse Attention at Length', 'UPVOTED ben'],
        ['Molecules by Graph Networks', 'FOLLOWED_TAG graphs'],
        ['Message Passing without Messages', 'FOLLOWED_TAG graphs'],
        ['Attention on Small Devices', 'FOLLOWED_AUTHOR Omar Said'],
      ]]);
    });

    test('in pages that stay as they were while more is voted for', async () => {
      const first = (await walk().ask('ada', FOLLOWING, { first: 3 })).followingFeed;
      await walk().ask('ben', 'mutation ($id: ID!) { upvotePaper(input: { paperId: $id }) { paper { id } } }', { id: walk().paper.messages });
      const rest = (await walk().ask('ada', FOLLOWING, { after: first.pageInfo.endCursor })).followingFeed;
      expect(titlesOf(rest)).toEqual(['Sparse Attention at Length', 'Molecules by Graph Networks', 'Message Passing without Messages', 'Attention on Small Devices']);
      expect(titlesOf((await walk().ask('ada', FOLLOWING)).followingFeed)[0]).toBe('Message Passing without Messages');
    });

    test('and what is not followed any more brings nothing', async () => {
      for (let turn = 1; turn <= 2; turn += 1) expect((await walk().ask('ada', UNFOLLOW_TAG, { slug: 'graphs' })).unfollowTag.tag).toEqual({ followerCount: 0, viewerFollows: false });
      expect(titlesOf((await walk().ask('ada', FOLLOWING)).followingFeed)).toEqual(['Message Passing without Messages', 'Otters at Rest', 'Graph Networks for Molecules', 'Sparse Attention at Length', 'Attention on Small Devices']);
      await walk().ask('ada', FOLLOW_TAG, { slug: 'graphs' });
    });

    test('nobody follows themselves, what is not there, or without signing in', async () => {
      expect(await walk().refused('ada', FOLLOW_USER, { id: walk().person('ada').id })).toEqual(bad('userId'));
      expect(await walk().refused('ada', FOLLOW_USER, { id: nobodys('User') })).toEqual(missing('userId'));
      expect(await walk().refused('ada', FOLLOW_TAG, { slug: 'no-such-tag' })).toEqual(missing('tagSlug'));
      expect(await walk().refused('ada', FOLLOW_AUTHOR, { id: walk().person('ben').id })).toEqual(bad('authorId'));
      for (const [document, variables] of [[FOLLOW_TAG, { slug: 'graphs' }], [FOLLOWING, {}]] as const) expect(await walk().refused(null, document, variables)).toEqual(ANONYMOUS);
      expect(await walk().refused('ada', FOLLOWING, { first: 101 })).toEqual(bad('first'));
    });
  });
}

const LISTED = 'collection { paperCount papers { nodes { title } edges { note } } }';
const CREATE = 'mutation ($name: String!, $isPublic: Boolean! = false) { createCollection(input: { name: $name, isPublic: $isPublic }) { collection { id isPublic paperCount } } }';
const PUT = `mutation ($collectionId: ID!, $paperId: ID!, $note: String, $position: Int) { addToCollection(input: { collectionId: $collectionId, paperId: $paperId, note: $note, position: $position }) { ${LISTED} } }`;
const MOVE = `mutation ($collectionId: ID!, $paperId: ID!, $position: Int!) { moveInCollection(input: { collectionId: $collectionId, paperId: $paperId, position: $position }) { ${LISTED} } }`;
const TAKE = `mutation ($collectionId: ID!, $paperId: ID!) { removeFromCollection(input: { collectionId: $collectionId, paperId: $paperId }) { ${LISTED} } }`;
const SHELF = 'query ($id: ID!) { collection(id: $id) { name papers { nodes { title } } } }';

export function collecting(walk: () => Walk): void {
  describe('Thursday: collections', () => {
    test('are in the order in which papers are put and moved', async () => {
      const { collection } = (await walk().ask('ada', CREATE, { name: 'Long contexts', isPublic: true })).createCollection;
      expect(collection).toMatchObject({ isPublic: true, paperCount: 0 });
      walk().keep("Ada's collection", collection.id);
      const { sparse, linear, small } = walk().paper;
      const variables = { collectionId: collection.id };
      await walk().ask('ada', PUT, { ...variables, paperId: sparse });
      await walk().ask('ada', PUT, { ...variables, paperId: linear, position: 0 });
      const put = (await walk().ask('ada', PUT, { ...variables, paperId: small, note: 'for the train' })).addToCollection.collection;
      expect([titlesOf(put.papers), put.papers.edges.map(({ note }: any) => note)]).toEqual([['Linear Attention, Revisited', 'Sparse Attention at Length', 'Attention on Small Devices'], [null, null, 'for the train']]);
      for (let turn = 1; turn <= 2; turn += 1) expect(titlesOf((await walk().ask('ada', MOVE, { ...variables, paperId: small, position: 0 })).moveInCollection.collection.papers)[0]).toBe('Attention on Small Devices');
      for (let turn = 1; turn <= 2; turn += 1) expect((await walk().ask('ada', TAKE, { ...variables, paperId: linear })).removeFromCollection.collection.paperCount).toBe(2);
    });

    test('are seen by others where they are public', async () => {
      walk().keep("Ada's private collection", (await walk().ask('ada', CREATE, { name: 'Not yet' })).createCollection.collection.id);
      expect(await walk().ask('ben', SHELF, { id: walk().kept("Ada's collection") })).toEqual({ collection: { name: 'Long contexts', papers: { nodes: [{ title: 'Attention on Small Devices' }, { title: 'Sparse Attention at Length' }] } } });
      for (const name of ['ben', 'cora', 'admin', null] as const) expect(await walk().ask(name, SHELF, { id: walk().kept("Ada's private collection") })).toEqual({ collection: null });
      expect((await walk().ask('ben', '{ user(username: "ada") { collections { nodes { name } } } }')).user.collections.nodes).toEqual([{ name: 'Long contexts' }]);
      expect((await walk().ask('ada', '{ user(username: "ada") { collections { nodes { name } } } }')).user.collections.nodes).toEqual([{ name: 'Not yet' }, { name: 'Long contexts' }]);
    });

    test("are their owner's to change", async () => {
      const paperId = walk().paper.sparse;
      expect(await walk().refused('ben', PUT, { collectionId: walk().kept("Ada's collection"), paperId })).toEqual(forbidden('collectionId'));
      expect(await walk().refused('ben', PUT, { collectionId: walk().kept("Ada's private collection"), paperId })).toEqual(missing('collectionId'));
      expect(await walk().refused(null, PUT, { collectionId: walk().kept("Ada's collection"), paperId })).toEqual(ANONYMOUS);
      expect(await walk().refused('ada', PUT, { collectionId: paperId, paperId })).toEqual(bad('collectionId'));
      expect(await walk().refused('ada', PUT, { collectionId: walk().kept("Ada's collection"), paperId: nobodys('Paper') })).toEqual(missing('paperId'));
      expect(await walk().refused('ada', PUT, { collectionId: walk().kept("Ada's collection"), paperId, position: -1 })).toEqual(bad('position'));
      expect(await walk().refused('ada', CREATE, { name: 'Not yet' })).toEqual(conflict('name'));
      expect(await walk().refused('ada', CREATE, { name: '' })).toEqual(bad('name'));
    });
  });
}

const ENTRY = 'paper { viewerLibraryEntry { state note readAt } }';
const STATE = `mutation ($paperId: ID!, $state: ReadingState!) { setReadingState(input: { paperId: $paperId, state: $state }) { ${ENTRY} } }`;
const NOTE = `mutation ($paperId: ID!, $note: String) { setPaperNote(input: { paperId: $paperId, note: $note }) { ${ENTRY} } }`;
const LIBRARY = 'query ($state: ReadingState, $first: Int) { library(state: $state, first: $first) { totalCount nodes { title } edges { entry { state note } } } }';

export function keepingALibrary(walk: () => Walk): void {
  describe('Thursday: a library', () => {
    test('says how far its reader is, and what they noted', async () => {
      const { sparse, linear } = walk().paper;
      expect((await walk().ask('ada', STATE, { paperId: sparse, state: 'READING' })).setReadingState.paper.viewerLibraryEntry).toEqual({ state: 'READING', note: null, readAt: null });
      expect((await walk().ask('ada', NOTE, { paperId: linear, note: 'page 3' })).setPaperNote.paper.viewerLibraryEntry).toEqual({ state: 'UNREAD', note: 'page 3', readAt: null });
      expect((await walk().ask('ada', STATE, { paperId: sparse, state: 'READ' })).setReadingState.paper.viewerLibraryEntry).toEqual({ state: 'READ', note: null, readAt: expect.any(String) });
      expect((await walk().ask('ada', LIBRARY)).library).toEqual({ totalCount: 2, nodes: [{ title: 'Linear Attention, Revisited' }, { title: 'Sparse Attention at Length' }], edges: [{ entry: { state: 'UNREAD', note: 'page 3' } }, { entry: { state: 'READ', note: null } }] });
      expect(titlesOf((await walk().ask('ada', LIBRARY, { state: 'READ' })).library)).toEqual(['Sparse Attention at Length']);
    });

    test('is nobody else’s', async () => {
      for (const name of ['ben', 'admin', null] as const) expect(await walk().ask(name, 'query ($id: ID!) { paper(id: $id) { viewerLibraryEntry { note } } }', { id: walk().paper.linear })).toEqual({ paper: { viewerLibraryEntry: null } });
      expect((await walk().ask('ben', LIBRARY)).library.totalCount).toBe(0);
      for (const [document, variables] of [[LIBRARY, {}], [NOTE, { paperId: walk().paper.linear, note: 'x' }]] as const) expect(await walk().refused(null, document, variables)).toEqual(ANONYMOUS);
    });

    test('takes papers, states and notes of some length', async () => {
      expect(await walk().refused('ada', STATE, { paperId: walk().kept("Ada's comment"), state: 'READ' })).toEqual(bad('paperId'));
      expect(await walk().refused('ada', STATE, { paperId: nobodys('Paper'), state: 'READ' })).toEqual(missing('paperId'));
      expect(await walk().refused('ada', STATE, { paperId: walk().paper.sparse, state: 'SKIMMED' })).toEqual({ code: 'BAD_USER_INPUT' });
      expect(await walk().refused('ada', NOTE, { paperId: walk().paper.sparse, note: 'x'.repeat(10_001) })).toEqual(bad('note'));
      expect(await walk().refused('ada', LIBRARY, { first: 0 })).toEqual(bad('first'));
    });
  });
}

const [DISMISS, UNDO] = ['dismissPaper', 'undoDismissPaper'].map((name) => `mutation ($id: ID!) { ${name}(input: { paperId: $id }) { paper { viewerHasDismissed viewerHasUpvoted } } }`) as [string, string];
const [MUTE_TAG, UNMUTE_TAG] = ['muteTag', 'unmuteTag'].map((name) => `mutation ($slug: String!) { ${name}(input: { tagSlug: $slug }) { tag { viewerHasMuted } } }`) as [string, string];
const [MUTE_AUTHOR, UNMUTE_AUTHOR] = ['muteAuthor', 'unmuteAuthor'].map((name) => `mutation ($id: ID!) { ${name}(input: { authorId: $id }) { author { viewerHasMuted viewerFollows } } }`) as [string, string];
const SHOWN_TO_HER = `{ recommendations(first: 100) { edges { score summary node { title } reasons { kind contribution text } } } feed(date: "${SUNDAY}", period: WEEK) { papers { nodes { title } } } }`;

export function sayingNo(walk: () => Walk): void {
  describe('Thursday evening: what Ada does not want to see', () => {
    const seen = async (): Promise<string[]> => {
      const { recommendations, feed } = await walk().ask('ada', SHOWN_TO_HER);
      return [...recommendations.edges.map(({ node }: any) => node.title), ...titlesOf(feed.papers)];
    };

    const title = 'Diffusion for Weather';

    test.each<[string, { no: string; yes: string; variables: () => Promise<Record<string, string>> }]>([
      ['a paper', { no: DISMISS, yes: UNDO, variables: async () => Promise.resolve({ id: walk().paper.weather }) }],
      ['a tag', { no: MUTE_TAG, yes: UNMUTE_TAG, variables: async () => Promise.resolve({ slug: 'climate' }) }],
      ['an author', { no: MUTE_AUTHOR, yes: UNMUTE_AUTHOR, variables: async () => ({ id: (await walk().ask(null, '{ authors(prefix: "quinn") { nodes { id } } }')).authors.nodes[0].id }) }],
    ])('%s goes at once, and comes back as it was, to the last bit', async (_, { no, yes, variables }) => {
      const before = await walk().ask('ada', SHOWN_TO_HER);
      expect(await seen()).toContain(title);
      for (let turn = 1; turn <= 2; turn += 1) await walk().ask('ada', no, await variables());
      expect(await seen()).not.toContain(title);
      // What is asked for by name is there, marked.
      const { search } = await walk().ask('ada', '{ search(query: "weather") { nodes { title viewerHasDismissed viewerHasMuted } } }');
      expect(search.nodes).toEqual([{ title, viewerHasDismissed: no === DISMISS, viewerHasMuted: no !== DISMISS }]);
      for (let turn = 1; turn <= 2; turn += 1) await walk().ask('ada', yes, await variables());
      expect(await walk().ask('ada', SHOWN_TO_HER)).toEqual(before);
    });

    test('a dismissal ends an upvote, and an upvote a dismissal; a mute ends a follow', async () => {
      expect((await walk().ask('cleo', DISMISS, { id: walk().paper.twin })).dismissPaper.paper).toEqual({ viewerHasDismissed: true, viewerHasUpvoted: false });
      expect((await walk().ask('cleo', 'mutation ($id: ID!) { upvotePaper(input: { paperId: $id }) { paper { viewerHasDismissed viewerHasUpvoted } } }', { id: walk().paper.twin })).upvotePaper.paper).toEqual({ viewerHasDismissed: false, viewerHasUpvoted: true });
      expect((await walk().ask('ada', MUTE_AUTHOR, { id: walk().kept('Omar Said') })).muteAuthor.author).toEqual({ viewerHasMuted: true, viewerFollows: false });
      expect((await walk().ask('ada', '{ mutedAuthors { nodes { name } } }')).mutedAuthors.nodes).toEqual([{ name: 'Omar Said' }]);
      await walk().ask('ada', UNMUTE_AUTHOR, { id: walk().kept('Omar Said') });
    });

    test('nobody says no without signing in, or to what is not there', async () => {
      for (const [document, variables, refusal] of [[DISMISS, { id: nobodys('Paper') }, missing('paperId')], [DISMISS, { id: walk().person('ben').id }, bad('paperId')], [MUTE_TAG, { slug: 'no-such-tag' }, missing('tagSlug')], [MUTE_AUTHOR, { id: walk().paper.sparse }, bad('authorId')]] as const) {
        expect(await walk().refused('ada', document, variables)).toEqual(refusal);
        expect(await walk().refused(null, document, variables)).toEqual(ANONYMOUS);
      }
      for (const list of ['dismissedPapers', 'mutedTags', 'mutedAuthors']) {
        expect(await walk().refused(null, `{ ${list} { totalCount } }`)).toEqual(ANONYMOUS);
        expect(await walk().refused('ada', `{ ${list}(last: 101) { totalCount } }`)).toEqual(bad('last'));
      }
    });
  });
}
