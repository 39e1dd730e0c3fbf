import { readFile } from 'node:fs/promises';
import { buildSchema, type GraphQLSchema } from 'graphql';
import { NODE_TYPES, toGlobalId, type NodeType } from '../../../src/graphql/globalId.js';
import { emptySql, rawSql, sql } from '../../../src/database/database.js';
import { leadFullLife } from '../../support/fullLife.js';
import { seedPapers, seedReader, seedUpvotes, type Reader, type SeededPaper } from '../../support/seed.js';
import { startTestServer, type TestServer } from '../../support/testServer.js';

/** A server with a row of everything, and who may do anything there. */
export interface FuzzWorld {
  readonly server: TestServer;
  readonly schema: GraphQLSchema;
  readonly admin: Reader;
  readonly papers: readonly SeededPaper[];
  /** An object of each type that has an id. */
  readonly ids: Readonly<Record<NodeType, string>>;
}

/** Where the objects of a type are. */
export const TABLES: Readonly<Record<NodeType, string>> = {
  Paper: 'papers', Author: 'authors', Tag: 'tags', Repo: 'repos', User: 'users', Comment: 'comments', IngestRun: 'ingest_runs', Collection: 'collections',
  FeedToken: 'feed_tokens', Report: 'reports', Notification: 'notifications', AuthorshipClaim: 'authorship_claims', ExternalIdentity: 'external_identities', Session: 'sessions',
};

export async function startFuzzWorld(): Promise<FuzzWorld> {
  // With what is shared among the anonymous, as servers have it.
  const server = await startTestServer({ shareMilliseconds: 1000, comments: { editMinutes: 15, mostInWindow: 1_000_000 } });
  const papers = await seedPapers(server, Array.from({ length: 8 }, (_, n) => ({
    title: `Paper ${n} about graphs`, abstract: 'Models of graphs.', listedOn: `2026-01-0${n + 1}`, arxivId: `2601.0000${n}`, authors: ['Ada', 'Alan', `Author ${n}`],
    tags: [{ slug: 'vision', weight: 1 }, { slug: 'audio', weight: 0.5 }], repos: [{ url: `https://github.com/lab/repo-${n}` }],
  })));
  const [admin, other] = [await seedReader(server, 'ADMIN'), await seedReader(server)];
  const { authors } = await server.query('{ authors(first: 2) { nodes { id } } }');
  await leadFullLife(server, admin, { papers, other, tags: ['vision', 'audio'], authors: [authors.nodes[0].id, authors.nodes[1].id] });
  await seedUpvotes(server, papers.map((paper) => [other, paper] as const));
  const ids = await Promise.all(NODE_TYPES.map(async (type) => {
    // Of sessions one that nobody speaks by: it may be ended.
    const where = type === 'Session' ? sql`WHERE kind = 'API_TOKEN'` : emptySql;
    const [row] = await server.database.rows<{ id: number }>(sql`SELECT min(id) AS id FROM ${rawSql(TABLES[type])} ${where}`);
    return [type, toGlobalId(type, row!.id)] as const;
  }));
  return { server, schema: buildSchema(await readFile(new URL('../../../schema.graphql', import.meta.url), 'utf8')), admin, papers, ids: Object.fromEntries(ids) as FuzzWorld['ids'] };
}

/** What fits an argument or a field of an input, by its name; undefined where any value of its type does. */
export function soundValue(name: string, parent: string, { ids }: FuzzWorld): unknown {
  const byName: Readonly<Record<string, unknown>> = {
    paperId: ids.Paper, authorId: ids.Author, tagId: ids.Tag, repoId: ids.Repo, userId: ids.User, commentId: ids.Comment, collectionId: ids.Collection,
    feedTokenId: ids.FeedToken, externalIdentityId: ids.ExternalIdentity, reportId: ids.Report, runId: ids.IngestRun, claimId: ids.AuthorshipClaim, sessionId: ids.Session, id: ids.Paper, ids: [ids.Paper, ids.Tag], slug: 'vision', tagSlug: 'audio', text: 'graphs', query: 'graphs of models',
    url: 'https://github.com/lab/another', password: 'not the password', currentPassword: 'not the password', newPassword: 'another password', username: 'somebody', email: 'a@mail.example', timeZone: 'UTC', source: 'pond', name: 'A name',
    body: 'Well said', reason: 'a reason', content: '2601.00001', token: 'unknown', alias: 'another-alias', position: 1, signalId: 'unknown', value: '1', first: 2, last: 2,
  };
  if (name === 'reason' && parent === 'ReportInput') return 'SPAM';
  if (['duplicateId', 'keepId'].includes(name)) return ids[parent.replace(/^Merge(.*)sInput$/, '$1') as NodeType];
  if (name === 'id' && parent.startsWith('Query.') && parent !== 'Query.node') {
    const type = parent.slice('Query.'.length);
    return ids[`${type[0]!.toUpperCase()}${type.slice(1)}` as NodeType];
  }
  return byName[name];
}
