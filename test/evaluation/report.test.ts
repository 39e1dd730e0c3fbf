import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { draw } from '../../src/evaluation/drawing.js';
import { evaluate, type MethodResult } from '../../src/evaluation/evaluate.js';
import { factsOf } from '../../src/evaluation/facts.js';
import { toHtml } from '../../src/evaluation/htmlReport.js';
import { METHODS } from '../../src/evaluation/methods.js';
import { readOptions } from '../../src/evaluation/options.js';
import { plotsOf } from '../../src/evaluation/plots.js';
import { tablesOf, toText } from '../../src/evaluation/tables.js';
import { plantedSet } from './planted.js';

const NASTY = `<script>alert("1")</script> & 'x'`;
const ofSeed = (seed: number): MethodResult[] => {
  let time = 0;
  return evaluate(plantedSet(seed), METHODS, { baseline: 'hybrid kNN', seed: 1, clock: () => (time += 1) });
};
/** With papers that have votes all of which are held out. */
const results = ofSeed(12);
const noNewPapers = results.map((result) => ({ ...result, newPapers: null }));

describe('tables', () => {
  test('have a row for each method, and its figures', () => {
    const [quality, shown, recall, ndcg, against] = tablesOf(results, 'hybrid kNN');
    expect(quality!.header).toEqual(['method', 'recall@20', 'recall@50', 'recall@100', 'recall@300', 'ndcg@10', 'ndcg@20', 'map', `recall@20 of new papers (${results[0]!.newPapers!.readers})`]);
    for (const table of [quality!, shown!, recall!, ndcg!]) expect(table.rows.map(([name]) => name)).toEqual(METHODS.map(({ name }) => name));
    expect(quality!.rows[0]![1]).toBe(results[0]!.averages['recall@20'].toFixed(4));
    expect(quality!.rows[0]!.at(-1)).toBe(results[0]!.newPapers!['recall@20'].toFixed(4));
    expect(ndcg!.rows[1]![1]).toBe(results[1]!.groups[0]!.averages['ndcg@20'].toFixed(4));
    expect(against!.rows.map(([name]) => name)).toEqual(METHODS.map(({ name }) => name).filter((name) => name !== 'hybrid kNN'));
  });

  test('leave out what nobody has', () => {
    expect(tablesOf(noNewPapers, 'hybrid kNN')[0]!.header.at(-1)).toBe('map');
    const [alone] = results;
    expect(tablesOf([{ ...alone!, newPapers: null }].map(({ versusBaseline: _, ...rest }) => rest), 'engine').map(({ title }) => title)).not.toContain('Against engine, with the 95 % interval');
  });

  test('are columns of one width as text', () => {
    const lines = toText(tablesOf(results, 'hybrid kNN')).split('\n\n')[0]!.split('\n').slice(1);
    expect(new Set(lines.map((line) => line.length)).size).toBe(1);
  });
});

describe('plots', () => {
  test('are drawn as SVG without a warning, with every method', async () => {
    const warn = jest.spyOn(console, 'warn');
    const plots = plotsOf(results, 'hybrid kNN');
    expect(plots.map(({ title }) => title)).toEqual(['Recall by depth', 'nDCG@20 by activity', 'Recall@20 of new papers', 'Against hybrid kNN', 'Coverage and recall', 'Time to rank for a reader']);
    for (const plot of plots) {
      const svg = await draw(plot);
      expect(/^<svg .*<\/svg>$/s.test(svg)).toBe(true);
      expect(svg.match(/NaN|Infinity|undefined/g)).toBeNull();
      const absent = METHODS.map(({ name }) => name).filter((name) => !svg.includes(`>${name}</text>`));
      expect(absent).toEqual(plot.title.startsWith('Against') ? ['hybrid kNN'] : []);
    }
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });

  test('leave out what nobody has', () => {
    const titles = plotsOf(noNewPapers.map(({ versusBaseline: _, ...rest }) => rest), 'hybrid kNN').map(({ title }) => title);
    expect(titles).toEqual(['Recall by depth', 'nDCG@20 by activity', 'Coverage and recall', 'Time to rank for a reader']);
  });

  test('tell all methods apart by colour', async () => {
    const svg = await draw(plotsOf(results, 'hybrid kNN')[0]!);
    const colours = new Set([...svg.matchAll(/stroke="(#[0-9a-f]{6})" stroke-width="2"/g)].map(([, colour]) => colour));
    expect(colours.size).toBe(METHODS.length);
  });
});

describe('the page', () => {
  const options = readOptions({ train: NASTY, tags: 'tags.csv', split: 'random', seed: '7' });
  const facts = factsOf(plantedSet(12), options);
  let page: string;
  beforeAll(async () => {
    const named = results.map((result) => (result.name === 'popularity' ? { ...result, name: NASTY } : result));
    const pictures = await Promise.all(plotsOf(named, NASTY).map(async (plot) => ({ plot, svg: await draw(plot) })));
    page = toHtml({ title: NASTY, facts, pictures, tables: tablesOf(named, NASTY) });
  });

  test('says what was measured on what', () => {
    const text = page.replace(/<[^>]+>/g, ' ');
    const parts = ['60, of whom 60 are evaluated', '20 % of each reader’s votes, at random', 'no sampled negatives'];
    expect(parts.filter((part) => !text.includes(part))).toEqual([]);
    expect(facts).toContainEqual(['Seed', '7']);
    expect(text.includes(results[0]!.averages['ndcg@20'].toFixed(4))).toBe(true);
  });

  test('asks for nothing from elsewhere', () => {
    const addresses = page.replaceAll(/xmlns(:xlink)?="[^"]+"/g, '').match(/https?:|\/\/|url\(|src=|href=|@import/g);
    expect(addresses).toBeNull();
    expect(page.includes(`content="default-src 'none'; style-src 'unsafe-inline'"`)).toBe(true);
  });

  test('shows names and never runs them', () => {
    expect(page.match(/<script|<[a-z]+ [^>]*onload/g)).toBeNull();
    expect(page.includes('<h1>&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;x&#39;</h1>')).toBe(true);
  });

  test('names each picture and each table that scrolls', () => {
    expect(page.match(/<svg role="img" aria-label="[^"]{20,}"/g)).toHaveLength(page.match(/<figure>/g)!.length);
    expect(page.match(/<div class="scroll" role="region" tabindex="0" aria-label="[^"]+"/g)).toHaveLength(page.match(/<table>/g)!.length);
  });
});
