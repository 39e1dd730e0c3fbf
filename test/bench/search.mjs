// npm run bench:search -- --database URL [--papers N] [--rounds N]
//
// What a search costs among many papers: the first page of what is found, its facets and its snippets apart, beside the plan
// of the statement that finds it. Needs a superuser, who fills a database of its own.
import { Database } from '../../dist/database/database.js';
import { openPostgres } from '../../dist/database/postgres.js';
import { createServices } from '../../dist/services.js';
import { benchCommunity, say, statementsOf, withClient } from './communityBench.mjs';
import { loadAverage, machine, spread, spreadText, table, text } from './recommender/figures.mjs';

const PAGE = { limit: 20, fromEnd: false, after: null, before: null };
const WARM_UPS = 2;
const NOBODY = { readerId: null, weight: 0 };

// Words follow Zipf's law, and the last one stands for all that begin so: term1 for what nearly all papers have.
const SEARCHES = {
  'a rare word': ['term4900'],
  'two rare words': ['term4900 term4321'],
  'a word of a quarter of all papers': ['term40'],
  'a word of nearly all papers': ['term1'],
  'two frequent words': ['term3 term5'],
  'a phrase': ['"term40 term77"'],
  'a phrase of the most frequent words': ['"term1 term2"'],
  'without a word': ['term400 -term40'],
  'a prefix (the last word)': ['term44 term9'],
  'a word nobody wrote (corrected)': ['termm4321'],
  'a frequent word, two frequent filters': ['term1', { tags: { all: ['tag-1'] }, hasCode: true }],
  'a frequent word, a rare tag': ['term1', { tags: { all: ['tag-900'] } }],
};

await benchCommunity({ rounds: 9, readersOf: () => 1000 }, measure);

async function measure(url, { papers, rounds }) {
  const database = new Database(await openPostgres(url, 1));
  const { search, facets, snippets, engine } = createServices(database, { sessionDays: 1, recommenderThreads: 0 });
  try {
    const rows = [];
    const plans = [];
    for (const [name, [query, filter = {}]] of Object.entries(SEARCHES)) {
      say(name);
      const [pages, facetTimes, snippetTimes] = [[], [], []];
      let found;
      let count;
      for (let round = -WARM_UPS; round < rounds; round += 1) {
        const from = performance.now();
        found = await search.find(query, filter);
        const page = await search.rank(found, NOBODY, PAGE);
        const ranked = performance.now();
        await Promise.all([facets.tags(found.pool), facets.years(found.pool), facets.code(found.pool)]);
        const counted = performance.now();
        await snippets.byPaper(page.rows.map(({ id }) => id), found.words);
        const marked = performance.now();
        count = await search.count(found);
        if (round < 0) continue;
        pages.push(ranked - from);
        facetTimes.push(counted - ranked);
        snippetTimes.push(marked - counted);
      }
      rows.push([name, count ?? 'not counted', ...[pages, facetTimes, snippetTimes].map((times) => spreadText(spread(times)))]);
      plans.push(`${name}: ${(await plansOf(url, database, () => search.find(query, filter))).join('; ')}`);
    }
    const heading = `Searches among ${text(papers)} papers, ${rounds} rounds; median ms (least–most)\nMachine: ${JSON.stringify(machine())}, load average ${loadAverage()[0]}`;
    return `${heading}${table('', [['search', 'found', 'first page', 'all facets', 'snippets'], ...rows])}\n\nHow papers are found\n${plans.join('\n')}`;
  } finally {
    await engine.close();
    await database.close();
  }
}

/** How the tables of words are read, with the rows that came of it. */
async function plansOf(url, database, work) {
  const statements = await statementsOf(database, work);
  const found = [];
  await withClient(url, async (client) => {
    for (const { statement, values } of statements.filter((one) => /paper_search|search_words/.test(one.statement))) {
      const { rows } = await client.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${statement}`, values);
      for (const node of nodesOf(rows[0]['QUERY PLAN'][0].Plan)) {
        if (!/paper_search|search_words/.test(node['Relation Name'] ?? node['Index Name'] ?? '')) continue;
        found.push(`${node['Node Type']} of ${node['Index Name'] ?? node['Relation Name']} (${text(node['Actual Rows'] * node['Actual Loops'])} rows)`);
      }
    }
  });
  return found;
}

function nodesOf(plan) {
  return [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
}
