import eslint from '@eslint/js';
import graphql from '@graphql-eslint/eslint-plugin';
import tseslint from 'typescript-eslint';

/** Types of the schema without an id, but for payloads, connections, edges, reasons and facets. */
const PARTS = [
  'AuditEntry', 'DigestPick', 'DigestPreview', 'DigestSubscription', 'Feed', 'FlaggedVote', 'IngestOption', 'IngestProgress', 'IngestReject', 'IngestSource',
  'IngestSourceOption', 'LibraryEntry', 'LibraryReject', 'PageInfo', 'PaperOrigin', 'RankingComparison', 'RankingMove', 'RateLimit', 'RecommenderState',
  'SearchFacets', 'Syndication', 'TasteProfile', 'TextPart', 'VoteBucket',
];

const GRAPHQL = { schema: './schema.graphql', documents: 'test/elsewhere/documents/*.graphql' };

export default tseslint.config(
  { ignores: ['dist/', 'src/generated/', 'coverage/'] },
  { files: ['**/*.{ts,js,mjs}'], extends: [eslint.configs.recommended] },
  { files: ['**/*.ts'], extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked] },
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { project: ['./tsconfig.json', './test/tsconfig.json'], tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      // Payloads and rows are plain objects in the shape of their class.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // `row[index] as number` says what a dense array holds; `!` is banned.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      // Numbers in messages are what templates are for.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // `x == null` says "null or undefined", which is what an optional GraphQL argument is.
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      'max-params': ['error', 3],
    },
  },
  // Factories of decorated classes have types that only inference can write.
  { files: ['src/graphql/connection.ts', 'src/services.ts', '**/*.loaders.ts'], rules: { '@typescript-eslint/explicit-module-boundary-types': 'off' } },
  { files: ['src/main.ts', 'src/cli/**'], rules: { 'no-console': 'off' } },
  {
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/dot-notation': 'off',
      'no-console': 'off',
    },
  },
  { files: ['**/*.mjs', '**/*.js'], languageOptions: { globals: { process: 'readonly', console: 'readonly', Buffer: 'readonly', URL: 'readonly', Blob: 'readonly', setTimeout: 'readonly', setImmediate: 'readonly', setInterval: 'readonly', clearInterval: 'readonly', performance: 'readonly', WebAssembly: 'readonly', fetch: 'readonly' } } },
  {
    files: ['schema.graphql'],
    plugins: { '@graphql-eslint': graphql },
    languageOptions: { parser: graphql.parser, parserOptions: { graphQLConfig: GRAPHQL } },
    rules: {
      ...graphql.configs['flat/schema-recommended'].rules,
      ...graphql.configs['flat/schema-relay'].rules,
      // It knows mutations of one argument alone, which idempotencyKey stands beside: test/api/schema looks at the names.
      '@graphql-eslint/input-name': 'off',
      '@graphql-eslint/no-scalar-result-type-on-mutation': 'error',
      '@graphql-eslint/require-deprecation-date': 'error',
      // A class of TypeGraphQL describes its type, and the roots have none; their fields are described.
      '@graphql-eslint/require-description': ['error', { types: true, rootField: true, ignoredSelectors: ['ObjectTypeDefinition[name.value=/^(Query|Mutation|Subscription)$/]'] }],
      // What is ranked or merged while it is read goes forward alone.
      '@graphql-eslint/relay-arguments': ['error', { includeBoth: false }],
      // Connections have `nodes` too, and lists of at most so many are bounded without one; rows without a page of their own are no Nodes.
      '@graphql-eslint/relay-edge-types': ['error', { listTypeCanWrapOnlyEdgeType: false, shouldImplementNode: false }],
      // SearchResults is a connection that says more than one; test/api/schema looks at the parts of each.
      '@graphql-eslint/relay-connection-types': 'off',
      // `User.username` and `Report.reporter` are words, which the rule takes for prefixes.
      '@graphql-eslint/no-typename-prefix': 'off',
      // Has an id what can be asked for by it: the rest is a part of an answer, or of what has one.
      '@graphql-eslint/strict-id-in-types': ['error', { exceptions: { suffixes: ['Payload', 'Connection', 'Edge', 'Reason', 'Facet', 'Results'], types: PARTS } }],
    },
  },
  {
    files: ['test/elsewhere/documents/*.graphql'],
    plugins: { '@graphql-eslint': graphql },
    languageOptions: { parser: graphql.parser, parserOptions: { graphQLConfig: GRAPHQL } },
    rules: graphql.configs['flat/operations-recommended'].rules,
  },
);
