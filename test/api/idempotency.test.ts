import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { seedPapers, seedReader, type Reader, type SeededPaper } from '../support/seed.js';
import { startBeside, startTestServer, type TestServer } from '../support/testServer.js';

let server: TestServer;
let other: TestServer;
let paper: SeededPaper;
let reader: Reader;

beforeAll(async () => {
  server = await startTestServer({ comments: { editMinutes: 15, mostInWindow: 1000 } });
  other = await startBeside(server, { comments: { editMinutes: 15, mostInWindow: 1000 } });
  [paper] = (await seedPapers(server, [{ title: 'A Paper', listedOn: '2026-01-01' }])) as [SeededPaper];
});
afterAll(async () => {
  await other.stop();
  await server.stop();
});
beforeEach(async () => {
  reader = await seedReader(server);
});

const COMMENT = 'mutation ($input: AddCommentInput!, $key: String) { addComment(input: $input, idempotencyKey: $key) { comment { id bodyMarkdown createdAt } } }';

describe('a key', () => {
  test('has a mutation done once, and answered alike', async () => {
    const variables = { input: { paperId: paper.id, body: 'Well said.' }, key: 'k-1' };
    const first = await server.query(COMMENT, { token: reader.token, variables });
    expect(await server.query(COMMENT, { token: reader.token, variables })).toEqual(first);
    expect(await other.query(COMMENT, { token: reader.token, variables })).toEqual(first);
  });
});
