// Made-up English: titles and abstracts of words that occur as often as words do, so that a search for two of them finds
// what it would find among real papers.
import { mulberry32 } from '../../../dist/random.js';

const VOCABULARY = 20_000;
const VOCABULARY_SEED = 5;
const ONSETS = ['b', 'c', 'd', 'f', 'g', 'gr', 'h', 'l', 'm', 'n', 'p', 'pr', 'qu', 'r', 's', 'st', 't', 'tr', 'v', 'z'];
const RHYMES = ['a', 'al', 'an', 'ar', 'e', 'el', 'en', 'i', 'in', 'o', 'on', 'or', 'u', 'um'];
// A table of draws: one look-up a word, since a million abstracts have 180 million words.
const DRAWS = 1 << 16;
// Zipf and Mandelbrot's law: the shift keeps the first words from standing in every abstract.
const SHIFT = 10;

const TITLE_CHARACTERS = 80;
const ABSTRACT_CHARACTERS = 1_200;
// Ranks of words that stand in 3 to 40 % of the abstracts.
const SEARCHED = { from: 20, to: 400 };

/** Distinct words, the most frequent first. */
export function makeVocabulary() {
  const random = mulberry32(VOCABULARY_SEED);
  const pick = (parts) => parts[Math.floor(random() * parts.length)];
  const words = new Set();
  while (words.size < VOCABULARY) {
    const syllables = 2 + Math.floor(2.4 * random());
    words.add(Array.from({ length: syllables }, () => pick(ONSETS) + pick(RHYMES)).join(''));
  }
  return [...words];
}

/** Writes titles and abstracts in turn. */
export function makeWriter(seed) {
  const words = makeVocabulary();
  const draws = drawsOf(words.length);
  const random = mulberry32(seed);
  const write = (characters) => {
    let text = '';
    while (text.length < characters) text += `${text === '' ? '' : ' '}${words[draws[Math.floor(random() * DRAWS)]]}`;
    return text[0].toUpperCase() + text.slice(1);
  };
  return { title: () => write(TITLE_CHARACTERS - 5), abstract: () => `${write(ABSTRACT_CHARACTERS - 5)}.` };
}

/** Searches of two words that many papers have. */
export function makeSearches(count) {
  const words = makeVocabulary();
  const random = mulberry32(VOCABULARY_SEED + 1);
  const word = () => words[SEARCHED.from + Math.floor(random() * (SEARCHED.to - SEARCHED.from))];
  return Array.from({ length: count }, () => `${word()} ${word()}`);
}

function drawsOf(count) {
  const weights = Float64Array.from({ length: count }, (_, rank) => 1 / (rank + SHIFT));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const draws = new Uint16Array(DRAWS);
  let [rank, reached] = [0, weights[0]];
  for (let place = 0; place < DRAWS; place += 1) {
    while (rank < count - 1 && (reached / total) * DRAWS <= place) reached += weights[++rank];
    draws[place] = rank;
  }
  return draws;
}
