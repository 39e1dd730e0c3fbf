import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { seedPaper, seedReader, type Reader, type SeededPaper } from '../support/seed.js';
import { startTestServer, type TestServer } from '../support/testServer.js';

const EDITS: [string, (paperId: string) => string][] = [
  ['updatePaper', (paperId) => `updatePaper(input: { paperId: "${paperId}" })`],
  ['tagPaper', (paperId) => `tagPaper(input: { paperId: "${paperId}", tagSlug: "audio" })`],
  ['untagPaper', (paperId) => `untagPaper(input: { paperId: "${paperId}", tagSlug: "audio" })`],
  ['linkRepo', (paperId) => `linkRepo(input: { paperId: "${paperId}", url: "https://github.com/lab/code" })`],
  ['unlinkRepo', (paperId) => `unlinkRepo(input: { paperId: "${paperId}", repoId: "${idOf('Repo:1')}" })`],
];
const idOf = (text: string): string => Buffer.from(text).toString('base64url');

let server: TestServer;
let submitter: Reader;
let others: { readonly READER: Reader; readonly CURATOR: Reader; readonly ADMIN: Reader };
let paper: SeededPaper;
let imported: SeededPaper;

beforeAll(async () => {
  server = await startTestServer();
  submitter = await seedReader(server);
  others = { READER: await seedReader(server), CURATOR: await seedReader(server, 'CURATOR'), ADMIN: await seedReader(server, 'ADMIN') };
  await server.services.tags.create({ name: 'Audio', kind: 'TASK' });
  paper = await seedPaper(server, { title: 'Submitted', listedOn: '2026-01-01', submittedById: submitter.rowId, repos: [{ url: 'https://github.com/lab/code' }] });
  imported = await seedPaper(server, { title: 'Imported', listedOn: '2026-01-01' });
});
afterAll(() => server.stop());

describe.each(EDITS)('%s', (name, field) => {
  const edit = (paperId: string): string => `mutation { ${field(paperId)} { paper { id } } }`;

  test('is for the submitter, curators and admins', async () => {
    for (const { token } of [submitter, others.CURATOR, others.ADMIN]) expect(await server.query(edit(paper.id), { token })).toEqual({ [name]: { paper: { id: paper.id } } });
    for (const { token } of [others.CURATOR, others.ADMIN]) expect(await server.query(edit(imported.id), { token })).toEqual({ [name]: { paper: { id: imported.id } } });
  });

  test('is not for other readers, even if they submitted another paper', async () => {
    const forbidden = { message: 'only the submitter of a paper or a curator may edit it', extensions: { code: 'FORBIDDEN', field: 'paperId' } };
    expect(await server.error(edit(paper.id), { token: others.READER.token })).toMatchObject(forbidden);
    expect(await server.error(edit(imported.id), { token: submitter.token })).toMatchObject(forbidden);
  });

  test('is not for an anonymous request, which does not learn whether the paper exists', async () => {
    for (const id of [paper.id, idOf('Paper:999999')]) {
      expect(await server.error(edit(id))).toMatchObject({ message: 'this needs a signed-in viewer: send Authorization: Bearer <token>', extensions: { code: 'UNAUTHENTICATED' } });
    }
  });

  test('needs a paper', async () => {
    const { token } = others.CURATOR;
    expect(await server.error(edit(idOf('Paper:999999')), { token })).toMatchObject({ message: 'there is no such paper', extensions: { code: 'NOT_FOUND', field: 'paperId' } });
    expect((await server.error(edit('garbage'), { token })).extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'paperId' });
    expect((await server.error(edit(submitter.id), { token })).extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'paperId' });
  });
});

describe('other mutations', () => {
  test('submitPaper is for every reader, and not for an anonymous request', async () => {
    const document = 'mutation { submitPaper(input: { title: "By a reader" }) { isNew paper { submittedBy { username } } } }';
    expect((await server.error(document)).extensions.code).toBe('UNAUTHENTICATED');
    const { token, username } = others.READER;
    expect((await server.query(document, { token })).submitPaper).toEqual({ isNew: true, paper: { submittedBy: { username } } });
  });

  test('createTag is for curators and admins', async () => {
    const document = 'mutation { createTag(input: { name: "By whom", kind: TASK }) { tag { slug } } }';
    expect((await server.error(document)).extensions.code).toBe('UNAUTHENTICATED');
    expect(await server.error(document, { token: others.READER.token })).toMatchObject({ message: 'this needs the role CURATOR, the viewer has READER', extensions: { code: 'FORBIDDEN' } });
    for (const { token } of [others.CURATOR, others.ADMIN]) expect((await server.query(document, { token })).createTag.tag).toEqual({ slug: 'by-whom' });
  });
});
