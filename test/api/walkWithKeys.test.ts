import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { unservedSchema } from '../../src/schemaFile.js';
import { signUp } from '../support/fullLife.js';
import { keyedServer, type Keyed } from '../support/keyedServer.js';
import { PARTS } from './walk/parts.js';
import { startWalk, type Name, type Walk } from './walk/walk.js';

// The same week as in walk.test.ts, in which each mutation has a key and is sent three times, the last time as though the server
// had ended before it answered. Each step finds what it finds there: nothing was done twice.
const keyed: Keyed = { done: new Map(), secret: new Set(), unlike: [] };
const schema = unservedSchema();
let walked: Walk;
beforeAll(async () => {
  walked = await startWalk((server) => keyedServer(server, schema, keyed));
}, 60_000);
afterAll(() => walked.stop());

for (const part of PARTS) part(() => walked);

/** What the week has no step for, mostly the opposites of what it has. */
test('the others', async () => {
  // Who walked has left.
  for (const name of ['ben', 'cleo'] as const) walked.enter(name, await signUp(walked.server, `${name}-again`));
  const asked = async (name: Name, field: string, selection: string): Promise<any> => (await walked.ask(name, `mutation { done: ${field} { ${selection} } }`)).done;
  const paper = `paperId: "${walked.paper.weather}"`;
  const authorId = (await walked.ask(null, 'query ($id: ID!) { paper(id: $id) { authors { nodes { id } } } }', { id: walked.paper.weather })).paper.authors.nodes[0].id;
  const { collection } = await asked('ben', 'createCollection(input: { name: "To be left" })', 'collection { id }');
  expect(await asked('ben', `updateCollection(input: { collectionId: "${collection.id}", name: "Left" })`, 'collection { name updatedAt }')).toMatchObject({ collection: { name: 'Left' } });
  expect(await asked('ben', `deleteCollection(input: { collectionId: "${collection.id}" })`, 'deletedCollectionId')).toEqual({ deletedCollectionId: collection.id });
  await asked('ben', `setReadingState(input: { ${paper}, state: READ })`, 'paper { viewerLibraryEntry { state changedAt } }');
  expect(await asked('ben', `removeFromLibrary(input: { ${paper} })`, 'paper { viewerLibraryEntry { state } }')).toEqual({ paper: { viewerLibraryEntry: null } });
  for (const [name, field] of [['upvotePaper', 'paper { upvoteCount }'], ['removeUpvote', 'paper { upvoteCount }']] as const) await asked('cleo', `${name}(input: { ${paper} })`, field);
  await asked('ben', `followAuthor(input: { authorId: "${authorId}" })`, 'author { viewerFollows }');
  expect(await asked('ben', `unfollowAuthor(input: { authorId: "${authorId}" })`, 'author { viewerFollows }')).toEqual({ author: { viewerFollows: false } });
  await asked('ben', `followUser(input: { userId: "${walked.person('cleo').id}" })`, 'user { followerCount }');
  expect(await asked('ben', `unfollowUser(input: { userId: "${walked.person('cleo').id}" })`, 'user { viewerFollows }')).toEqual({ user: { viewerFollows: false } });
  for (const [end, field] of [['withdrawClaim', 'claim { state resolvedAt }'], ['unlinkAuthor', 'author { name user { username } }']] as const) {
    const { claim } = await asked('ben', `claimAuthorship(input: { authorId: "${authorId}", note: "It is me." })`, 'isNew claim { id }');
    if (end === 'unlinkAuthor') await asked('cora', `resolveClaim(input: { claimId: "${claim.id}", resolution: CONFIRMED })`, 'claim { state resolvedAt }');
    await asked('ben', `${end}(input: { ${end === 'withdrawClaim' ? `claimId: "${claim.id}"` : `authorId: "${authorId}", reason: "It is not."`} })`, field);
  }
  await asked('ben', 'subscribeToDigest(input: { email: "ben@mail.example", timeZone: "UTC" })', 'isConfirmationSent');
  expect(await asked('ben', 'updateDigest(input: { hour: 9 })', 'subscription { hour }')).toEqual({ subscription: { hour: 9 } });
  await asked('ben', 'unsubscribeFromDigest', 'wasSubscribed');
  await asked('cora', `tagPaper(input: { ${paper}, tagSlug: "graphs" })`, 'paper { tags { totalCount } }');
  await asked('cora', `untagPaper(input: { ${paper}, tagSlug: "graphs" })`, 'paper { tags { totalCount } }');
  const { repo } = await asked('cora', `linkRepo(input: { ${paper}, url: "https://github.com/lab/weather" })`, 'repo { id } paper { repos { totalCount } }');
  await asked('cora', `unlinkRepo(input: { ${paper}, repoId: "${repo.id}" })`, 'paper { repos { totalCount } }');
  const { tag } = await asked('cora', 'createTag(input: { name: "Winds", kind: TASK })', 'tag { id }');
  await asked('cora', `addTagAlias(input: { tagId: "${tag.id}", alias: "gusts" })`, 'tag { aliases }');
  await asked('cora', 'removeTagAlias(input: { alias: "gusts" })', 'tag { aliases }');
  const { run } = await asked('admin', 'runIngest(input: { source: "arxiv", options: [{ name: "search", value: "cat:cs.LG" }] })', 'isNew run { id source }');
  await asked('admin', `stopIngest(input: { runId: "${run.id}" })`, 'run { id }');
});

test('each mutation that takes a key was done with one', () => {
  const takers = Object.values(schema.getMutationType()!.getFields()).filter(({ args }) => args.some(({ name }) => name === 'idempotencyKey'));
  expect(takers.map(({ name }) => name).filter((name) => !keyed.done.has(name))).toEqual([]);
});

test('what is repeated is answered alike, also where the server ended before it answered, but for secrets', () => {
  expect(keyed.unlike).toEqual([]);
  expect([...keyed.secret].sort()).toEqual(['createApiToken', 'createFeedToken', 'exportMyData']);
});
