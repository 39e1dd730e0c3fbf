import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from '../../src/database/database.js';
import { seedPapers, seedReader, type Reader, type SeededPaper } from '../support/seed.js';
import { startTestServer, type TestServer } from '../support/testServer.js';

const DELETE = 'mutation ($password: String!) { deleteAccount(input: { password: $password }) { deletedUserId } }';
const SIGN_UP = 'mutation ($username: String!, $password: String!) { signUp(input: { username: $username, password: $password }) { token viewer { id } } }';
const PASSWORD = 'correct horse battery';
const WRONG = { message: 'the username or the password is wrong', extensions: { code: 'UNAUTHENTICATED' } };

/** What a reader writes: of each table that says who, one. */
const WRITES = [
  ['upvotePaper', 'paperId: PAPER'], ['dismissPaper', 'paperId: PAPER'], ['followTag', 'tagSlug: "vision"'], ['followAuthor', 'authorId: AUTHOR'],
  ['muteTag', 'tagSlug: "vision"'], ['muteAuthor', 'authorId: AUTHOR'], ['followUser', 'userId: USER'], ['addComment', 'paperId: PAPER, body: "Too late"'],
  ['createCollection', 'name: "Too late"'], ['setReadingState', 'paperId: PAPER, state: READ'], ['setPaperNote', 'paperId: PAPER, note: "Too late"'],
  ['submitPaper', 'title: "Too late"'], ['report', 'paperId: PAPER, reason: SPAM'], ['claimAuthorship', 'authorId: AUTHOR, note: "Too late"'],
  ['createFeedToken', 'name: "Too late"'], ['exportMyData', ''], ['subscribeToDigest', 'email: "late@mail.example", timeZone: "UTC"'],
] as const;

let server: TestServer;
let other: Reader;
let papers: SeededPaper[];

beforeAll(async () => {
  server = await startTestServer();
  other = await seedReader(server);
  papers = await seedPapers(server, Array.from({ length: 3 }, (_, n) => ({ title: `Paper ${n}`, listedOn: '2026-01-01', authors: ['Ada', 'Alan'], tags: [{ slug: 'vision', weight: 1 }, { slug: 'audio', weight: 1 }] })));
});
afterAll(() => server.stop());

async function signUp(username: string): Promise<Reader> {
  const { token, viewer } = (await server.query(SIGN_UP, { variables: { username, password: PASSWORD } })).signUp;
  return { username, token, id: viewer.id, rowId: Number(Buffer.from(viewer.id, 'base64url').toString().split(':')[1]) };
}

/** Votes, dismisses, follows, mutes and submits. */
async function live({ token }: Reader): Promise<string> {
  const { authors } = await server.query('{ authors(first: 2, orderBy: NAME) { nodes { id } } }');
  const document = `mutation ($liked: ID!, $left: ID!, $unwanted: ID!, $authorId: ID!, $mutedId: ID!, $title: String!) {
    one: upvotePaper(input: { paperId: $liked }) { paper { id } }
    two: upvotePaper(input: { paperId: $left }) { paper { id } }
    three: removeUpvote(input: { paperId: $left }) { paper { id } }
    four: dismissPaper(input: { paperId: $unwanted }) { paper { id } }
    five: followTag(input: { tagSlug: "vision" }) { tag { id } }
    six: followAuthor(input: { authorId: $authorId }) { author { id } }
    seven: muteTag(input: { tagSlug: "audio" }) { tag { id } }
    eight: muteAuthor(input: { authorId: $mutedId }) { author { id } }
    submitPaper(input: { title: $title, tags: ["vision"] }) { paper { id } }
  }`;
  const variables = { liked: papers[0]!.id, left: papers[1]!.id, unwanted: papers[2]!.id, authorId: authors.nodes[0].id, mutedId: authors.nodes[1].id, title: `By ${token.slice(-9)}` };
  return (await server.query(document, { token, variables })).submitPaper.paper.id;
}

const COUNTS = `query ($id: ID!) {
  paper(id: $id) { upvoteCount upvotes { totalCount nodes { username } } }
  tag(slug: "vision") { followerCount }
  authors(first: 1, orderBy: NAME) { nodes { followerCount } }
}`;

describe('deleting an account', () => {
  test('takes all that the reader did, leaves what it submitted, and ends its tokens', async () => {
    const before = await server.query(COUNTS, { variables: { id: papers[0]!.id } });
    const reader = await signUp('leaving');
    await live(other);
    const submitted = await live(reader);
    const { token: second } = (await server.query(`mutation { signIn(input: { username: "leaving", password: "${PASSWORD}" }) { token } }`)).signIn;
    expect((await server.query(DELETE, { token: reader.token, variables: { password: PASSWORD } })).deleteAccount).toEqual({ deletedUserId: reader.id });
    for (const token of [reader.token, second]) expect(await server.send('{ viewer { id } }', { token })).toMatchObject({ status: 401, errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
    const document = 'query ($reader: ID!, $paper: ID!) { node(id: $reader) { id } user(username: "leaving") { id } paper(id: $paper) { title submittedBy { id } tags { totalCount } } }';
    expect(await server.query(document, { variables: { reader: reader.id, paper: submitted } })).toEqual({ node: null, user: null, paper: { title: expect.any(String), submittedBy: null, tags: { totalCount: 1 } } });
    const after = await server.query(COUNTS, { variables: { id: papers[0]!.id } });
    expect(before).toMatchObject({ paper: { upvoteCount: 0 }, tag: { followerCount: 0 }, authors: { nodes: [{ followerCount: 0 }] } });
    expect(after).toEqual({ paper: { upvoteCount: 1, upvotes: { totalCount: 1, nodes: [{ username: other.username }] } }, tag: { followerCount: 1 }, authors: { nodes: [{ followerCount: 1 }] } });
    expect((await server.error(`mutation { signIn(input: { username: "leaving", password: "${PASSWORD}" }) { token } }`))).toMatchObject(WRONG);
  });

  test('leaves in the log that something went, and neither that it was wanted nor what others did', async () => {
    const reader = await signUp('unlogged');
    await live(reader);
    const logOf = (userId: number): Promise<unknown[]> => server.database.rows(sql`
      SELECT kind::text AS kind, paper_id AS "paperId", value, previous FROM changes WHERE user_id = ${userId} ORDER BY changes.kind, paper_id, id`);
    const others = await logOf(other.rowId);
    expect(await logOf(reader.rowId)).toHaveLength(8);
    await server.query(DELETE, { token: reader.token, variables: { password: PASSWORD } });
    const gone = { value: null, previous: null };
    expect(await logOf(reader.rowId)).toEqual([
      { kind: 'UPVOTE', paperId: papers[0]!.rowId, ...gone },
      { kind: 'UPVOTE', paperId: papers[1]!.rowId, ...gone },
      { kind: 'DISMISSAL', paperId: papers[2]!.rowId, ...gone },
      { kind: 'TAG_FOLLOW', paperId: null, ...gone },
      { kind: 'AUTHOR_FOLLOW', paperId: null, ...gone },
      { kind: 'TAG_MUTE', paperId: null, ...gone },
      { kind: 'AUTHOR_MUTE', paperId: null, ...gone },
    ]);
    expect(await logOf(other.rowId)).toEqual(others);
  });

  test('makes the rest of the request anonymous, and the username free', async () => {
    const reader = await signUp('again');
    const document = `mutation ($password: String!, $paperId: ID!) {
      deleteAccount(input: { password: $password }) { deletedUserId }
      upvotePaper(input: { paperId: $paperId }) { paper { id } }
    }`;
    const { errors } = await server.send(document, { token: reader.token, variables: { password: PASSWORD, paperId: papers[0]!.id } });
    expect(errors).toMatchObject([{ path: ['upvotePaper'], extensions: { code: 'UNAUTHENTICATED' } }]);
    expect((await signUp('again')).id).not.toBe(reader.id);
  });

  test('needs a viewer and the right password, and changes nothing without', async () => {
    const reader = await signUp('staying');
    expect((await server.error(DELETE, { variables: { password: PASSWORD } })).extensions).toEqual({ code: 'UNAUTHENTICATED' });
    for (const password of ['', 'wrong password', `${PASSWORD} `]) expect(await server.error(DELETE, { token: reader.token, variables: { password } })).toMatchObject(WRONG);
    // An account without a password, as simulated readers have none.
    expect(await server.error(DELETE, { token: other.token, variables: { password: '' } })).toMatchObject(WRONG);
    for (const { token, username } of [reader, other]) expect((await server.query('{ viewer { username } }', { token })).viewer).toEqual({ username });
  });

  test.each(WRITES)('that goes between the look at its token and %s tells that it is gone, and writes nothing', async (name, fields) => {
    const { sessions } = server.services;
    const findViewer = sessions.findViewer.bind(sessions);
    const reader = await signUp(`going-${name.toLowerCase()}`);
    await server.database.rows(sql`DELETE FROM users WHERE id = ${reader.rowId}`);
    // As the request found it, a moment before.
    sessions.findViewer = () => Promise.resolve({ id: reader.rowId, username: reader.username, role: 'READER', scopes: ['READ', 'VOTE', 'WRITE', 'ADMIN'] });
    try {
      const ids = { PAPER: papers[0]!.id, USER: other.id, AUTHOR: (await server.query('{ authors(first: 1) { nodes { id } } }')).authors.nodes[0].id };
      const input = fields.replace(/PAPER|USER|AUTHOR/g, (type) => `"${ids[type as keyof typeof ids]}"`);
      expect((await server.error(`mutation { ${name}${input === '' ? '' : `(input: { ${input} })`} { __typename } }`, { token: reader.token })).extensions).toEqual({ code: 'UNAUTHENTICATED' });
    } finally {
      sessions.findViewer = findViewer;
    }
  });

  test('succeeds once when it is asked for several times at once, among votes of the same reader', async () => {
    const reader = await signUp('hasty');
    const vote = (paperId: string): Promise<unknown> => server.send('mutation ($paperId: ID!) { upvotePaper(input: { paperId: $paperId }) { paper { id } } }', { token: reader.token, variables: { paperId } });
    const deletions = [1, 2].map(() => server.send(DELETE, { token: reader.token, variables: { password: PASSWORD } }));
    await Promise.all(papers.map(({ id }) => vote(id)));
    const answers = await Promise.all(deletions);
    expect(answers.some(({ data }) => data?.deleteAccount?.deletedUserId === reader.id)).toBe(true);
    const votes = await server.database.prisma.upvote.count({ where: { userId: reader.rowId } });
    const [wrong] = await server.database.rows<{ count: number }>(sql`SELECT count(*)::int4 AS count FROM papers p WHERE upvote_count <> (SELECT count(*) FROM upvotes WHERE paper_id = p.id)`);
    expect([votes, wrong!.count]).toEqual([0, 0]);
    expect(await server.database.prisma.change.count({ where: { userId: reader.rowId, OR: [{ value: { not: null } }, { previous: { not: null } }] } })).toBe(0);
  });
});
