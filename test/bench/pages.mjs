// npm run bench:pages -- --database URL [--papers N] [--rounds N]
//
// What a page costs at the start of a list, after 1,000 items and after 100,000: times, and the blocks of 8 kB that the
// database read for it, which do not depend on what else the machine does. Needs a superuser, who fills a database of its own.
import { Database, rawSql, sql } from '../../dist/database/database.js';
import { encodeCursor, asText } from '../../dist/database/lists.js';
import { openPostgres } from '../../dist/database/postgres.js';
import { feedListing } from '../../dist/feeds/feed.listing.js';
import { PAPER_ORDERS } from '../../dist/papers/paper.listing.js';
import { createServices } from '../../dist/services.js';
import { benchCommunity, say, statementsOf, withClient } from './communityBench.mjs';
import { loadAverage, machine, quantile, spread, spreadText, table, text } from './recommender/figures.mjs';

const PLACES = [0, 1000, 100_000];
const PAGE = { limit: 20, fromEnd: false, after: null, before: null };
const WARM_UPS = 6;

await benchCommunity({ rounds: 15, readersOf: (papers) => Math.max(1000, papers) }, measure);

/** Lists by name: `read` gives a page, `order`, `from` and `where` say where its places are. */
function listsOf({ papers, authors, upvotes }) {
  const filtered = (filter, order, where) => ({ read: (page) => papers.list(filter, order, page), order: PAPER_ORDERS[order], from: 'papers p', where });
  const feed = (period, order, startsOn, endsOn) => {
    const range = { startsOn, endsOn, asOf: null };
    return { read: (page) => papers.page(feedListing(range, order), page), order: PAPER_ORDERS[order], from: 'papers p', where: `p.listed_on BETWEEN '${startsOn}' AND '${endsOn}'` };
  };
  const tagged = (tag) => `EXISTS (SELECT FROM paper_tags x WHERE x.paper_id = p.id AND x.tag_id = ${tag})`;
  const votes = (parent, other, name) => ({
    order: { name, descending: true, keys: [{ column: 'v.created_at', type: 'timestamptz' }, { column: `v.${other}`, type: 'int4' }] },
    from: 'upvotes v',
    where: `v.${parent} = 1`,
  });
  const ofParent = (order, where, read) => ({ order: PAPER_ORDERS[order], from: 'papers p', where, read });
  return {
    'feed of a day, trending': feed('DAY', 'TRENDING', '2024-02-07', '2024-02-07'),
    'feed of a month, top': feed('MONTH', 'TOP', '2024-02-01', '2024-02-29'),
    'papers, trending': filtered({}, 'TRENDING', 'true'),
    'papers, top': filtered({}, 'TOP', 'true'),
    'papers, newest': filtered({}, 'NEWEST', 'true'),
    'papers of a frequent tag, trending': filtered({ tags: { any: ['tag-1'] } }, 'TRENDING', tagged(1)),
    'papers of a rare tag, top': filtered({ tags: { any: ['tag-900'] } }, 'TOP', tagged(900)),
    'papers with code, newest': filtered({ hasCode: true }, 'NEWEST', 'p.repo_count > 0'),
    'search, a frequent word, newest': filtered({ text: 'term1' }, 'NEWEST', "p.id IN (SELECT paper_id FROM paper_search WHERE vector @@ 'term1')"),
    'search, a frequent word, top': filtered({ text: 'term40' }, 'TOP', "p.id IN (SELECT paper_id FROM paper_search WHERE vector @@ 'term40')"),
    'search, a rare word, trending': filtered({ text: 'term4321' }, 'TRENDING', "p.id IN (SELECT paper_id FROM paper_search WHERE vector @@ 'term4321')"),
    'tag’s papers, frequent, newest': ofParent('NEWEST', tagged(1), async (page) => (await papers.pagesByTag([1], { order: 'NEWEST', ofMany: true }, page)).get(1)),
    'author’s papers, newest': ofParent('NEWEST', 'EXISTS (SELECT FROM paper_authors x WHERE x.paper_id = p.id AND x.author_id = 77)', async (page) => (await authors.papersByAuthor([77], { order: 'NEWEST', ofMany: false }, page)).get(77)),
    'author’s papers, very many, top': ofParent('TOP', 'EXISTS (SELECT FROM paper_authors x WHERE x.paper_id = p.id AND x.author_id = 1)', async (page) => (await authors.papersByAuthor([1], { order: 'TOP', ofMany: true }, page)).get(1)),
    'upvotes of a paper': { ...votes('paper_id', 'user_id', 'paper.upvotes'), read: async (page) => (await upvotes.votersByPaper([1], page)).get(1) },
    'papers a reader upvoted': { ...votes('user_id', 'paper_id', 'user.upvotes'), read: async (page) => (await upvotes.papersByVoter([1], page)).get(1) },
  };
}

async function measure(url, { papers, rounds }) {
  const database = new Database(await openPostgres(url, 1));
  const services = createServices(database, { sessionDays: 1, recommenderThreads: 0 });
  try {
    const lists = Object.entries(listsOf(services));
    const rows = [];
    for (const [name, list] of lists) {
      say(name);
      const pages = await pagesOf(database, list);
      const ms = await timesOf(list, pages, rounds);
      const blocks = [];
      for (const page of pages) blocks.push(page === null ? NaN : await withClient(url, (client) => blocksOf(client, { database, list, page })));
      rows.push([name, ...ms.map((figures) => (figures === null ? '–' : spreadText(spread(figures)))), ratio(ms), ...blocks.map(text)]);
    }
    const heading = `Pages of 20 among ${text(papers)} papers, ${rounds} rounds, the places in turn; median (least–most)\nMachine: ${JSON.stringify(machine())}, load average ${loadAverage()[0]}`;
    return heading + table('', [['list', ...PLACES.map((place) => `ms after ${text(place)}`), 'last / first', ...PLACES.map((place) => `blocks after ${text(place)}`)], ...rows]);
  } finally {
    await services.engine.close();
    await database.close();
  }
}

/** The page after each place; null where the list is not as long. */
async function pagesOf(database, { order, from, where }) {
  const pages = [PAGE];
  for (const place of PLACES.slice(1)) {
    const keys = order.keys.map((key, index) => `${asText(key)} AS k${index}`).join(', ');
    const [row] = await database.rows(sql`SELECT ${rawSql(keys)} FROM ${rawSql(from)} WHERE ${rawSql(where)}
      ORDER BY ${rawSql(order.keys.map(({ column }) => `${column} DESC`).join(', '))} OFFSET ${rawSql(String(place - 1))} LIMIT 1`);
    pages.push(row === undefined ? null : { ...PAGE, after: encodeCursor(order, order.keys.map((_, index) => row[`k${index}`])) });
  }
  return pages;
}

async function timesOf({ read }, pages, rounds) {
  const times = pages.map((page) => (page === null ? null : []));
  for (let round = -WARM_UPS; round < rounds; round += 1) {
    for (const [place, page] of pages.entries()) {
      if (page === null) continue;
      const from = performance.now();
      await read(page);
      if (round >= 0) times[place].push(performance.now() - from);
    }
  }
  return times;
}

function ratio(ms) {
  const last = ms.findLast((figures) => figures !== null);
  return text(quantile(last, 0.5) / quantile(ms[0], 0.5));
}

/** Blocks that the statements of a page read. */
async function blocksOf(client, { database, list, page }) {
  let blocks = 0;
  for (const { statement, values } of await statementsOf(database, () => list.read(page))) {
    const { rows } = await client.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${statement}`, values);
    const { Plan } = rows[0]['QUERY PLAN'][0];
    blocks += Plan['Shared Hit Blocks'] + Plan['Shared Read Blocks'];
  }
  return blocks;
}
