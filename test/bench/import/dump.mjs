// An archive in the layout of Papers with Code, as large as one likes. Each paper follows from the seed and its number
// alone, so that the files are written in constant memory, and the links in another order than the papers, as in life.
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { mulberry32 } from '../../../dist/random.js';
import { capitalized, coinedWord, drawWord, prose, zipfRank } from './text.mjs';

const RECORDS_AT_ONCE = 200;
const MONTHS = 120;
const FIRST_YEAR = 2015;
const TASKS = 4000;
const METHODS = 2000;
const CATEGORIES = ['Vision', 'Language', 'Graphs', 'Audio', 'General', 'Sequential'];
/** A large prime: with a number of papers that is no multiple of it, its multiples meet each paper once. */
const STRIDE = 15_485_863;

/** Writes the archive's two files, packed, into a folder; gives their paths. */
export async function writeDump(folder, { papers, seed, onProgress = () => undefined }) {
  const files = { papers: join(folder, 'papers-with-abstracts.json.gz'), links: join(folder, 'links-between-papers-and-code.json.gz') };
  const count = (done) => onProgress(done, 2 * papers);
  await writeArray(files.papers, papers, (index) => archivedPaper(index, { papers, seed }), count);
  await writeArray(files.links, papers, (index) => archivedLink((index * STRIDE) % papers, { papers, seed }), (done) => count(papers + done));
  return files;
}

/** The paper of a number, from 0. */
export function archivedPaper(index, { papers, seed }) {
  const random = randomOf(index, seed);
  const named = naming(index, random);
  const authors = Array.from({ length: 1 + zipfRank(random, 12, 5) }, () => authorName(zipfRank(random, papers, Math.max(1, papers / 500))));
  return {
    ...named,
    abstract: prose(random, 100 + pick(random, 120)),
    url_abs: `https://arxiv.example/abs/${index}`,
    url_pdf: `https://arxiv.example/pdf/${index}.pdf`,
    proceeding: random() < 0.3 ? `Venue ${FIRST_YEAR + pick(random, 10)} 5` : null,
    authors: [...new Set(authors)],
    tasks: distinct(1 + pick(random, 3), () => `Task of ${labelOf(zipfRank(random, TASKS, 8))}`),
    date: dateOf(index, random),
    methods: distinct(pick(random, 3) * pick(random, 2), () => zipfRank(random, METHODS, 8)).map((rank) => methodOf(rank)),
  };
}

/** The link of a paper to its code; null for two papers of three. */
export function archivedLink(index, { seed }) {
  if (index % 3 !== 1) return null;
  const { paper_url, arxiv_id, title } = naming(index, randomOf(index, seed));
  const random = randomOf(index, seed + 1);
  // One repository of twenty has several papers.
  const repo = random() < 0.05 ? pick(random, 1 + Math.floor(index / 100)) : index;
  return {
    paper_url,
    paper_title: title,
    paper_arxiv_id: arxiv_id,
    paper_url_abs: `https://arxiv.example/abs/${index}`,
    paper_url_pdf: `https://arxiv.example/pdf/${index}.pdf`,
    repo_url: `https://github.com/${coinedWord(repo % 50_000)}/${coinedWord(repo)}`,
    is_official: random() < 0.5,
    mentioned_in_paper: random() < 0.5,
    mentioned_in_github: random() < 0.5,
    framework: ['pytorch', 'tf', 'jax', 'none'][pick(random, 4)],
  };
}

// What names a paper comes first of its random numbers, so that its link finds the same. A coined word keeps titles apart.
function naming(index, random) {
  const title = `${capitalized(coinedWord(1_000_000 + index))}: ${capitalized(Array.from({ length: 5 + pick(random, 6) }, () => drawWord(random)).join(' '))}`;
  return {
    paper_url: `https://paperswithcode.example/paper/${title.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`,
    arxiv_id: random() < 0.8 ? arxivIdOf(index) : null,
    title,
  };
}

function arxivIdOf(index) {
  const { year, month } = monthOf(index);
  return `${String(year).slice(2)}${two(month)}.${String(1 + Math.floor(index / MONTHS)).padStart(5, '0')}`;
}

function dateOf(index, random) {
  const { year, month } = monthOf(index);
  return `${year}-${two(month)}-${two(1 + pick(random, 28))}`;
}

const monthOf = (index) => ({ year: FIRST_YEAR + Math.floor((index % MONTHS) / 12), month: 1 + (index % 12) });

function authorName(rank) {
  return `${capitalized(coinedWord(rank % 3000))} ${capitalized(coinedWord(rank))}`;
}

function methodOf(rank) {
  const name = `${labelOf(rank)} Method`;
  return {
    name,
    full_name: `${name} of ${labelOf(rank + METHODS)}`,
    description: prose(mulberry32(rank), 60),
    introduced_year: FIRST_YEAR,
    source_url: `https://arxiv.example/abs/${rank}`,
    main_collection: { name: labelOf(rank % 300), description: '', parent: null, area: CATEGORIES[rank % CATEGORIES.length] },
  };
}

const labelOf = (rank) => capitalized(coinedWord(rank + 20_000));

function distinct(count, draw) {
  return [...new Set(Array.from({ length: count }, draw))];
}

const randomOf = (index, seed) => mulberry32(Math.imul(index + 1, 0x9e3779b1) ^ Math.imul(seed + 1, 0x85ebca6b));
const pick = (random, count) => Math.floor(random() * count);
const two = (number) => String(number).padStart(2, '0');

async function writeArray(file, count, recordOf, onProgress) {
  await pipeline(Readable.from(arrayText(count, recordOf, onProgress)), createGzip({ level: 1 }), createWriteStream(file));
}

function* arrayText(count, recordOf, onProgress) {
  let separator = '[\n';
  for (let from = 0; from < count; from += RECORDS_AT_ONCE) {
    const until = Math.min(count, from + RECORDS_AT_ONCE);
    let text = '';
    for (let index = from; index < until; index += 1) {
      const record = recordOf(index);
      if (record === null) continue;
      text += separator + JSON.stringify(record);
      separator = ',\n';
    }
    onProgress(until);
    if (text !== '') yield text;
  }
  yield '\n]\n';
}
