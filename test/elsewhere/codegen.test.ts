import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { preset } from '@graphql-codegen/client-preset';
import { codegen } from '@graphql-codegen/core';
import { buildSchema, parse, validate } from 'graphql';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { DOCUMENTS } from './world.js';

const SCALARS = { DateTime: 'string', LocalDate: 'string', URL: 'string', JSONObject: 'Record<string, unknown>' };

/** What a client's code may say. */
const SOUND = `
  import { GraphQLClient } from 'graphql-request';
  import { FeedDocument, RecommendationsDocument, UpvotePaperDocument, type FeedQuery, type Readme1Query } from './graphql/graphql.js';
  export async function titles(client: GraphQLClient): Promise<string[]> {
    const { feed }: FeedQuery = await client.request(FeedDocument, { date: '2026-01-05', first: 5 });
    const end: string | null | undefined = feed.papers.pageInfo.endCursor;
    const { recommendations } = await client.request(RecommendationsDocument, { first: 3, weights: { tags: 2 } });
    const names = recommendations.edges.flatMap(({ reasons }) => reasons.flatMap((reason) => (reason.__typename === 'TagReason' ? [reason.tag.name] : [])));
    const votes: number = (await client.request(UpvotePaperDocument, { input: { paperId: 'UGFwZXI6MQ' } })).upvotePaper.paper.upvoteCount;
    return [...feed.papers.edges.map(({ node }) => node.title + (node.listedOn ?? '').length), ...names, String(votes), end ?? ''];
  }
  export const of = ({ feed }: Readme1Query): number => feed.papers.totalCount;
`;
/** What it may not, each with the error that says so. */
const UNSOUND: readonly (readonly [string, RegExp])[] = [
  ['client.request(FeedDocument, { first: "five" })', /string.*not assignable to.*number/s],
  ['client.request(UpvotePaperDocument, { input: {} })', /paperId.*missing/s],
  ['client.request(UpvotePaperDocument)', /Expected 2|No overload|Argument/],
  ['client.request(FeedDocument, {}).then(({ feed }) => feed.papers.edges[0]!.node.titel)', /'titel' does not exist/],
  ['client.request(PaperDocument, { id: "1" }).then(({ paper }) => paper.title)', /possibly 'null'/],
];

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'daily-papers-codegen-'));
  await symlink(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'));
  await generate();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The queries of README's commands, with a name each. */
async function readmeDocuments(): Promise<Map<string, string>> {
  const text = (await readFile(new URL('../../README.md', import.meta.url), 'utf8')).replaceAll("'$PASSWORD'", 'some password');
  const bodies = [...text.matchAll(/-d '(\{"query":[\s\S]*?"\})'/g)].map(([, body]) => (JSON.parse(body!) as { query: string }).query);
  return new Map(bodies.map((query, n) => [`Readme${n + 1}`, /^\s*\{/.test(query) ? `query Readme${n + 1} ${query}` : query.replace(/^\s*mutation/, `mutation Readme${n + 1}`)]));
}

/** What `graphql-codegen` does with the preset for clients. */
async function generate(): Promise<void> {
  const sdl = await readFile(new URL('../../schema.graphql', import.meta.url), 'utf8');
  const documents = [...DOCUMENTS, ...(await readmeDocuments())].map(([location, text]) => ({ location, document: parse(text), rawSDL: text }));
  const given = {
    schema: parse(sdl), schemaAst: buildSchema(sdl), documents, plugins: [], pluginMap: {}, pluginContext: {}, presetConfig: { fragmentMasking: false },
    config: { scalars: SCALARS, useTypeImports: true, strictScalars: true, nonOptionalTypename: true, importExtension: '.js' as const }, baseOutputDir: `${folder}/graphql/`,
  };
  for (const section of await preset.buildGeneratesSection(given)) {
    await mkdir(dirname(section.filename), { recursive: true });
    await writeFile(section.filename, await codegen(section));
  }
}

/** What the compiler says against a file beside what was generated, and against that. */
async function errorsOf(name: string, text: string): Promise<string[]> {
  const file = join(folder, name);
  await writeFile(file, text);
  const options: ts.CompilerOptions = {
    strict: true, noEmit: true, target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler, types: [], lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
    exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, verbatimModuleSyntax: true, skipLibCheck: true,
  };
  const program = ts.createProgram([file], options);
  return ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
}

describe('types that graphql-codegen makes of the schema', () => {
  test('are for all documents of README and of the clients here, which are valid', async () => {
    const schema = buildSchema(await readFile(new URL('../../schema.graphql', import.meta.url), 'utf8'));
    const readme = await readmeDocuments();
    expect(readme.size).toBeGreaterThanOrEqual(5);
    for (const [name, text] of readme) expect([name, validate(schema, parse(text)).map(({ message }) => message)]).toEqual([name, []]);
    const types = await readFile(join(folder, 'graphql/graphql.ts'), 'utf8');
    for (const name of [...readme.keys(), 'Feed', 'PaperCard', 'PaperVotes']) expect(types).toMatch(new RegExp(`export type ${name}(Query|Mutation|Subscription|Fragment) `));
  });

  test('let a client’s code say what is so, under the strictest rules of the compiler', async () => {
    expect(await errorsOf('sound.ts', SOUND)).toEqual([]);
  });

  test('let it say nothing else', async () => {
    const lines = UNSOUND.map(([code], n) => `export const wrong${n} = (client: GraphQLClient) => ${code};`);
    const head = "import { GraphQLClient } from 'graphql-request';\nimport { FeedDocument, PaperDocument, UpvotePaperDocument } from './graphql/graphql.js';";
    const errors = await errorsOf('unsound.ts', [head, ...lines].join('\n'));
    expect(errors).toEqual(UNSOUND.map(([, rule]) => expect.stringMatching(rule)));
  });
});
