import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from '../../src/database/database.js';
import { toGlobalId } from '../../src/graphql/globalId.js';
import { seedPaper, seedReader, type Reader, type SeededPaper } from '../support/seed.js';
import { startTestServer, type TestServer } from '../support/testServer.js';

type Role = 'READER' | 'CURATOR' | 'ADMIN';
const ROLES: readonly Role[] = ['READER', 'CURATOR', 'ADMIN'];

let server: TestServer;
let by: Record<Role, Reader>;
let submitter: Reader;
let made = 0;

beforeAll(async () => {
  server = await startTestServer();
  by = { READER: await seedReader(server), CURATOR: await seedReader(server, 'CURATOR'), ADMIN: await seedReader(server, 'ADMIN') };
  submitter = await seedReader(server);
});
afterAll(() => server.stop());

function seed(record: Partial<Parameters<typeof seedPaper>[1]> = {}): Promise<SeededPaper> {
  made += 1;
  return seedPaper(server, { title: `Moderated ${made}`, listedOn: '2026-01-01', ...record });
}

const idsOf = async (table: 'authors' | 'tags', type: 'Author' | 'Tag', names: readonly string[]): Promise<string[]> => {
  const rows = await server.database.rows<{ id: number }>(table === 'tags' ? sql`SELECT id FROM tags WHERE slug = ANY (${[...names]}) ORDER BY slug` : sql`SELECT id FROM authors WHERE name = ANY (${[...names]}) ORDER BY name`);
  return rows.map(({ id }) => toGlobalId(type, id));
};

/** A call of each mutation that can succeed once. */
const CALLS: Record<string, () => Promise<string>> = {
  hidePaper: async () => `hidePaper(input: { paperId: "${(await seed()).id}", reason: "spam" }) { paper { isHidden } }`,
  restorePaper: async () => `restorePaper(input: { paperId: "${(await seed()).id}" }) { paper { isHidden } }`,
  mergePapers: async () => `mergePapers(input: { keepId: "${(await seed()).id}", duplicateId: "${(await seed()).id}" }) { paper { id } }`,
  mergeAuthors: async () => {
    const names = [`A ${made}`, `B ${made}`];
    await seed({ authors: names });
    const [keepId, duplicateId] = await idsOf('authors', 'Author', names);
    return `mergeAuthors(input: { keepId: "${keepId}", duplicateId: "${duplicateId}" }) { author { id } }`;
  },
  mergeTags: async () => {
    const slugs = [`a-${made}`, `b-${made}`];
    await seed({ tags: slugs.map((slug) => ({ slug, weight: 1 })) });
    const [keepId, duplicateId] = await idsOf('tags', 'Tag', slugs);
    return `mergeTags(input: { keepId: "${keepId}", duplicateId: "${duplicateId}" }) { tag { id } }`;
  },
  resolveReport: async () => {
    const { report } = await server.services.reports.add({ reporterId: submitter.rowId, column: 'paper_id', rowId: (await seed()).rowId, reason: 'SPAM', note: null });
    return `resolveReport(input: { reportId: "${toGlobalId('Report', report.rowId)}", resolution: DISMISSED }) { report { state } }`;
  },
};

describe.each(Object.keys(CALLS))('%s', (name) => {
  test('is for curators and admins', async () => {
    for (const role of ROLES) {
      const document = `mutation { ${await CALLS[name]!()} }`;
      if (role === 'READER') expect((await server.error(document, { token: by.READER.token })).extensions).toEqual({ code: 'FORBIDDEN' });
      else expect((await server.query(document, { token: by[role].token }))[name]).toBeTruthy();
    }
    expect((await server.error(`mutation { ${await CALLS[name]!()} }`)).extensions).toEqual({ code: 'UNAUTHENTICATED' });
  });

  test('is repeatable, and noted once', async () => {
    const document = `mutation { ${await CALLS[name]!()} }`;
    const before = await entries();
    const first = await server.query(document, { token: by.CURATOR.token });
    expect(await server.query(document, { token: by.CURATOR.token })).toEqual(first);
    const noted = (await entries()).length - before.length;
    expect(noted).toBe(name === 'restorePaper' ? 0 : 1);
  });
});

async function entries(filter = '{}'): Promise<any[]> {
  const { auditLog } = await server.query(`{ auditLog(first: 100, filter: ${filter}) { totalCount nodes { at action objectType objectId details actor { username } } } }`, { token: by.ADMIN.token });
  expect(auditLog.totalCount).toBe(auditLog.nodes.length);
  return auditLog.nodes;
}

describe('a hidden paper', () => {
  const READ = 'query ($id: ID!, $arxivId: String!) { paper(id: $id) { isHidden title } byArxiv: paper(arxivId: $arxivId) { id } node(id: $id) { id } nodes(ids: [$id]) { id } }';
  const hide = (id: string): Promise<any> => server.query(`mutation { hidePaper(input: { paperId: "${id}", reason: "an advertisement" }) { paper { isHidden } } }`, { token: by.CURATOR.token });

  test('is there by id for curators and its submitter alone', async () => {
    const paper = await seed({ arxivId: '2601.00077', submittedById: submitter.rowId, title: 'Seen by few' });
    expect(await hide(paper.id)).toEqual({ hidePaper: { paper: { isHidden: true } } });
    const variables = { id: paper.id, arxivId: '2601.00077' };
    const seen = { paper: { isHidden: true, title: 'Seen by few' }, byArxiv: { id: paper.id }, node: { id: paper.id }, nodes: [{ id: paper.id }] };
    for (const { token } of [submitter, by.CURATOR, by.ADMIN]) for (let n = 0; n < 4; n += 1) expect(await server.query(READ, { token, variables })).toEqual(seen);
    const gone = { paper: null, byArxiv: null, node: null, nodes: [null] };
    for (const token of [null, by.READER.token]) for (let n = 0; n < 4; n += 1) expect(await server.query(READ, { token, variables })).toEqual(gone);
    const only = 'query ($id: ID!) { paper(id: $id) { isHidden } }';
    for (const [token, expected] of [[null, null], [by.READER.token, null], [submitter.token, { isHidden: true }], [by.CURATOR.token, { isHidden: true }]] as const) {
      for (let n = 0; n < 4; n += 1) expect(await server.query(only, { token, variables: { id: paper.id } })).toEqual({ paper: expected });
    }
  });

  test('takes no votes and is not submitted again', async () => {
    const paper = await seed({ arxivId: '2601.00078' });
    await hide(paper.id);
    for (const mutation of ['upvotePaper', 'removeUpvote', 'dismissPaper', 'undoDismissPaper']) {
      expect((await server.error(`mutation { ${mutation}(input: { paperId: "${paper.id}" }) { paper { id } } }`, { token: by.READER.token })).extensions).toEqual({ code: 'NOT_FOUND', field: 'paperId' });
    }
    expect(await server.database.prisma.upvote.count({ where: { paperId: paper.rowId } })).toBe(0);
    const submit = 'mutation { submitPaper(input: { title: "Again", arxivId: "2601.00078" }) { isNew paper { id } } }';
    expect(await server.error(submit, { token: by.READER.token })).toMatchObject({ message: 'a curator has hidden this paper', extensions: { code: 'CONFLICT' } });
    expect((await server.query(submit, { token: by.CURATOR.token })).submitPaper).toEqual({ isNew: false, paper: { id: paper.id } });
  });

  test('is not submitted again by the name of a duplicate that was merged into it either', async () => {
    const [kept, duplicate] = [await seed({ arxivId: '2601.00080' }), await seed({ arxivId: '2601.00079' })];
    await server.query(`mutation { mergePapers(input: { keepId: "${kept.id}", duplicateId: "${duplicate.id}" }) { __typename } }`, { token: by.CURATOR.token });
    await hide(kept.id);
    const submit = 'mutation { submitPaper(input: { title: "Again", arxivId: "2601.00079" }) { isNew paper { id } } }';
    expect((await server.error(submit, { token: by.READER.token })).extensions).toEqual({ code: 'CONFLICT', field: 'arxivId' });
    expect((await server.query(submit, { token: by.CURATOR.token })).submitPaper).toEqual({ isNew: false, paper: { id: kept.id } });
  });

  test('says nothing of its discussion, whatever is done to it', async () => {
    const paper = await seed();
    const say = (token: string, parentId: string | null = null): Promise<any> => server.query('mutation ($input: AddCommentInput!) { addComment(input: $input) { comment { id } } }', { token, variables: { input: { paperId: paper.id, parentId, body: 'A secret' } } });
    const id: string = (await say(by.READER.token)).addComment.comment.id;
    await say(submitter.token, id);
    await hide(paper.id);
    const other = await seedReader(server);
    const ask = (mutation: string, more = ''): string => `mutation { ${mutation}(input: { commentId: "${id}"${more} }) { comment { bodyMarkdown replies { nodes { bodyMarkdown } } } } }`;
    for (const document of [ask('upvoteComment'), ask('removeCommentUpvote'), ask('deleteComment'), ask('editComment', ', body: "Mine"')]) {
      expect((await server.error(document, { token: other.token })).extensions).toEqual({ code: 'NOT_FOUND', field: 'commentId' });
    }
    expect(await server.database.prisma.commentUpvote.count({ where: { userId: other.rowId } })).toBe(0);
    expect((await server.query(ask('removeCommentUpvote'), { token: by.CURATOR.token })).removeCommentUpvote.comment.bodyMarkdown).toBe('A secret');
  });

  test('needs a reason, and to exist', async () => {
    const { token } = by.CURATOR;
    const paper = await seed();
    for (const reason of ['', ' ', 'x'.repeat(1001)]) {
      expect((await server.error('mutation ($id: ID!, $reason: String!) { hidePaper(input: { paperId: $id, reason: $reason }) { paper { id } } }', { token, variables: { id: paper.id, reason } })).extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'reason' });
    }
    for (const mutation of ['hidePaper', 'restorePaper']) {
      expect((await server.error(`mutation { ${mutation}(input: { paperId: "${toGlobalId('Paper', 999999)}", reason: "none" }) { paper { id } } }`, { token })).extensions).toEqual({ code: 'NOT_FOUND', field: 'paperId' });
    }
  });

  test('comes back as it was, counters and all', async () => {
    const paper = await seed({ authors: ['Sole Author'], tags: [{ slug: 'sole', weight: 1 }], repos: [{ url: 'https://github.com/sole/code' }] });
    await server.services.upvotes.add(by.READER.rowId, paper.rowId);
    const COUNTS = `{ tag(slug: "sole") { paperCount papers { totalCount nodes { id } } } authors(prefix: "sole author") { nodes { paperCount papers { nodes { id } } } }
      repo(url: "https://github.com/sole/code") { paperCount papers { nodes { id } } } user(username: "${by.READER.username}") { upvoteCount upvotedPapers { totalCount nodes { id upvoteCount } } } }`;
    const before = await server.query(COUNTS);
    await hide(paper.id);
    expect(await server.query(COUNTS)).toEqual({
      tag: { paperCount: 0, papers: { totalCount: 0, nodes: [] } }, authors: { nodes: [{ paperCount: 0, papers: { nodes: [] } }] },
      repo: { paperCount: 0, papers: { nodes: [] } }, user: { upvoteCount: 0, upvotedPapers: { totalCount: 0, nodes: [] } },
    });
    await server.query(`mutation { restorePaper(input: { paperId: "${paper.id}" }) { paper { isHidden } } }`, { token: by.CURATOR.token });
    expect(await server.query(COUNTS)).toEqual(before);
    // Deleted while hidden, it leaves the counters where they were.
    await hide(paper.id);
    await server.database.prisma.paper.delete({ where: { id: paper.rowId } });
    expect(await server.query(COUNTS)).toMatchObject({ tag: { paperCount: 0 }, authors: { nodes: [{ paperCount: 0 }] }, repo: { paperCount: 0 }, user: { upvoteCount: 0 } });
  });
});

describe('the audit log', () => {
  test('is for admins', async () => {
    expect((await server.error('{ auditLog { totalCount } }')).extensions).toEqual({ code: 'UNAUTHENTICATED' });
    for (const role of ['READER', 'CURATOR'] as const) expect((await server.error('{ auditLog { totalCount } }', { token: by[role].token })).extensions).toEqual({ code: 'FORBIDDEN' });
  });

  test('says who did what to which object, and why', async () => {
    const paper = await seed();
    await server.query(`mutation { hidePaper(input: { paperId: "${paper.id}", reason: "no paper" }) { paper { id } } }`, { token: by.CURATOR.token });
    const [entry] = await entries(`{ action: HIDE, actor: "${by.CURATOR.id}" }`);
    expect(entry).toEqual({ at: expect.any(String), action: 'HIDE', objectType: 'Paper', objectId: paper.id, details: { reason: 'no paper' }, actor: { username: by.CURATOR.username } });
    expect(await entries('{ since: "2999-01-01T00:00:00Z" }')).toEqual([]);
    expect(await entries(`{ actor: "${by.READER.id}" }`)).toEqual([]);
  });

  test('is written once, and lets go of an account that is deleted', async () => {
    const leaving = await seedReader(server, 'CURATOR');
    const paper = await seed();
    await server.query(`mutation { hidePaper(input: { paperId: "${paper.id}", reason: "by who leaves" }) { paper { id } } }`, { token: leaving.token });
    for (const statement of [sql`UPDATE audit_entries SET details = '{}'`, sql`UPDATE audit_entries SET actor_id = ${by.ADMIN.rowId}`, sql`DELETE FROM audit_entries`, sql`TRUNCATE audit_entries`]) {
      await expect(server.database.rows(statement)).rejects.toThrow(/refused/);
    }
    await server.database.prisma.user.delete({ where: { id: leaving.rowId } });
    const entry = (await entries()).find(({ objectId }) => objectId === paper.id);
    expect(entry).toMatchObject({ action: 'HIDE', actor: null });
  });

  test('has no entry of what was not done', async () => {
    const before = await entries();
    await server.error(`mutation { hidePaper(input: { paperId: "${toGlobalId('Paper', 999999)}", reason: "none" }) { paper { id } } }`, { token: by.CURATOR.token });
    expect(await entries()).toEqual(before);
  });
});

describe('reports', () => {
  const REPORT = `mutation ($paperId: ID, $userId: ID, $reason: ReportReason! = SPAM, $note: String) {
    report(input: { paperId: $paperId, userId: $userId, reason: $reason, note: $note }) { isNew report { id reason note state reporter { username } object { __typename ... on Paper { id } ... on User { username } } } } }`;
  const REPORTS = `query ($state: ReportState) { reports(state: $state, first: 100) { totalCount nodes { id state reporter { username } resolver { username } resolutionNote resolvedAt } } }`;

  test('are made once a reader and object while they are open', async () => {
    const paper = await seed();
    const reader = await seedReader(server);
    const ask = (variables: Record<string, unknown>): Promise<any> => server.query(REPORT, { token: reader.token, variables });
    const first = (await ask({ paperId: paper.id, note: ' An advertisement. ' })).report;
    expect(first).toEqual({ isNew: true, report: { id: expect.any(String), reason: 'SPAM', note: 'An advertisement.', state: 'OPEN', reporter: { username: reader.username }, object: { __typename: 'Paper', id: paper.id } } });
    const again = await Promise.all(Array.from({ length: 4 }, () => ask({ paperId: paper.id, reason: 'ABUSE' })));
    for (const { report } of again) expect(report).toEqual({ ...first, isNew: false });
    expect((await ask({ userId: by.READER.id, reason: 'ABUSE' })).report.report.object).toEqual({ __typename: 'User', username: by.READER.username });
    await server.query(`mutation { resolveReport(input: { reportId: "${first.report.id}", resolution: ACTED, note: "hidden" }) { report { id } } }`, { token: by.CURATOR.token });
    expect((await ask({ paperId: paper.id })).report.isNew).toBe(true);
  });

  test('are for curators, with their reporters', async () => {
    expect((await server.error(REPORTS)).extensions).toEqual({ code: 'UNAUTHENTICATED' });
    expect((await server.error(REPORTS, { token: by.READER.token })).extensions).toEqual({ code: 'FORBIDDEN' });
    const { reports } = await server.query(REPORTS, { token: by.CURATOR.token, variables: { state: 'ACTED' } });
    expect(reports.nodes).toEqual([{ id: expect.any(String), state: 'ACTED', reporter: { username: expect.any(String) }, resolver: { username: by.CURATOR.username }, resolutionNote: 'hidden', resolvedAt: expect.any(String) }]);
    const [{ id }] = reports.nodes;
    for (const [token, expected] of [[null, null], [by.READER.token, null], [by.ADMIN.token, { id }]] as const) expect((await server.query('query ($id: ID!) { node(id: $id) { id } }', { token, variables: { id } })).node).toEqual(expected);
    expect(await server.error(`mutation { resolveReport(input: { reportId: "${id}", resolution: DISMISSED }) { report { id } } }`, { token: by.CURATOR.token })).toMatchObject({ message: 'the report has ended as ACTED', extensions: { code: 'CONFLICT' } });
  });

  test('are refused where they name nothing, or two things', async () => {
    const { token } = by.READER;
    const paper = await seed();
    expect((await server.error(REPORT)).extensions).toEqual({ code: 'UNAUTHENTICATED' });
    for (const variables of [{}, { paperId: paper.id, userId: by.READER.id }]) expect((await server.error(REPORT, { token, variables })).extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'paperId' });
    expect((await server.error(REPORT, { token, variables: { paperId: toGlobalId('Paper', 999999) } })).extensions).toEqual({ code: 'NOT_FOUND', field: 'paperId' });
    expect((await server.error(REPORT, { token, variables: { userId: toGlobalId('User', 999999) } })).extensions).toEqual({ code: 'NOT_FOUND', field: 'userId' });
    for (const note of ['', 'x'.repeat(1001)]) expect((await server.error(REPORT, { token, variables: { paperId: paper.id, note } })).extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'note' });
  });

  test('are 20 a day, also of those that come at once', async () => {
    const reader = await seedReader(server);
    const papers = await Promise.all(Array.from({ length: 24 }, () => seed()));
    const answers = await Promise.all(papers.map(({ id }) => server.send(REPORT, { token: reader.token, variables: { paperId: id } })));
    const refused = answers.flatMap(({ errors }) => errors);
    expect(refused).toHaveLength(4);
    for (const error of refused) expect(error.extensions).toEqual({ code: 'RATE_LIMITED', retryAfter: expect.any(Number) });
    await server.database.rows(sql`UPDATE reports SET created_at = created_at - interval '1 day' WHERE reporter_id = ${reader.rowId} AND paper_id = ${papers[0]!.rowId}`);
    const [{ count } = { count: 0 }] = await server.database.rows<{ count: number }>(sql`SELECT count(*)::int4 AS count FROM reports WHERE reporter_id = ${reader.rowId}`);
    expect(count).toBe(20);
  });
});
