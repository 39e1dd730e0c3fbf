import { cruise, type IFlattenedRuleSet } from 'dependency-cruiser';

/** From left to right: a domain imports only those before it; users and tags do not know each other. */
export const LINE = ['audit', 'users', 'identities', 'tags', 'idempotency', 'papers', 'authors', 'claims', 'repos', 'origins', 'upvotes', 'dismissals', 'mutes', 'follows', 'comments', 'collections', 'citations', 'submissions', 'ingest', 'recommendations', 'feeds', 'search', 'notifications', 'live', 'digests', 'syndication', 'moderation', 'accounts', 'demo', 'nodes'];
const APART: Readonly<Record<string, readonly string[]>> = { users: ['audit'], tags: ['audit'] };
/** Folders that a domain may import besides: they import no domain. */
const INFRASTRUCTURE = ['database', 'graphql', 'generated', 'jobs', 'mail', 'telemetry'];
/** The one file that imports the plotting library, and the library. */
const DRAWING = '^src/evaluation/drawing\\.ts$';
const PLOTTING = '(^|/)vega(-lite)?(/|$)';

const forbidden: NonNullable<IFlattenedRuleSet['forbidden']> = [
  { name: 'no-cycle', severity: 'error', from: { pathNot: '^src/generated' }, to: { circular: true } },
  ...LINE.map((domain, place) => ({
    name: `line: ${domain}`,
    severity: 'error' as const,
    from: { path: `^src/${domain}/` },
    to: { path: `^src/(${LINE.join('|')})/`, pathNot: `^src/(${[...(APART[domain] ?? LINE.slice(0, place)), domain].join('|')})/` },
  })),
  {
    name: 'infrastructure knows no domain',
    severity: 'error',
    from: { path: `^src/(${INFRASTRUCTURE.join('|')})/` },
    to: { path: `^src/(${LINE.join('|')}|recommender|cli)/` },
  },
  { name: 'recommender is pure', severity: 'error', from: { path: '^src/recommender/' }, to: { pathNot: '^src/recommender/' } },
  {
    name: 'evaluation is pure',
    severity: 'error',
    from: { path: '^src/evaluation/', pathNot: DRAWING },
    to: { pathNot: '^src/(evaluation|recommender)/|^src/random\\.ts$' },
  },
  { name: 'drawing alone knows the plotting library', severity: 'error', from: { path: '^src/', pathNot: DRAWING }, to: { path: PLOTTING } },
  { name: 'drawing knows nothing else', severity: 'error', from: { path: DRAWING }, to: { pathNot: `^src/evaluation/|${PLOTTING}` } },
  {
    name: 'only recommendations calls the recommender',
    severity: 'error',
    from: { path: '^src/', pathNot: '^src/(recommendations|recommender|evaluation|cli)/' },
    to: { path: '^src/recommender/' },
  },
  {
    name: 'types run no queries',
    severity: 'error',
    from: { path: '\\.type\\.ts$' },
    to: { path: '(^src/database/|^src/generated/.*(client|internal)|\\.(service|loaders|resolver|fields)\\.ts$)' },
  },
  {
    name: 'resolvers and loaders leave SQL to services',
    severity: 'error',
    from: { path: '\\.(resolver|fields|loaders)\\.ts$' },
    to: { path: '^(src/database/|src/generated/.*(client|internal)|node_modules/(pg|@electric-sql)/)' },
  },
  { name: 'services know no resolver', severity: 'error', from: { path: '\\.(service|loaders)\\.ts$' }, to: { path: '\\.(resolver|fields)\\.ts$' } },
  { name: 'services know no loader', severity: 'error', from: { path: '\\.service\\.ts$' }, to: { path: '\\.loaders\\.ts$' } },
  { name: 'the root is imported by cli alone', severity: 'error', from: { path: '^src/', pathNot: '^src/(main\\.ts|cli/)' }, to: { path: '^src/(main|app)\\.ts$' } },
];

/** The imports below `folder`/src that break a rule, as `rule: from → to`. */
export async function brokenImportRules(folder: string): Promise<string[]> {
  const { output } = await cruise(
    ['src'],
    {
      baseDir: folder,
      ruleSet: { forbidden },
      validate: true,
      tsPreCompilationDeps: true,
      doNotFollow: { path: 'node_modules' },
      exclude: { path: '^src/generated/.*/internal' },
    },
    { extensions: ['.ts', '.js'], extensionAlias: { '.js': ['.ts', '.js'] } },
  );
  if (typeof output === 'string') throw new Error(output);
  if (output.summary.totalCruised < 1) throw new Error(`no module was seen below ${folder}`);
  return output.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`);
}
