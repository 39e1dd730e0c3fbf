// Text whose words come as often as in real text: the full-text index is what an import costs most.

/** PostgreSQL leaves these out of its index, and text is full of them. */
const STOP_WORDS = 'the of and in to a we for is that with on as by this are our from which be an it can these at not'.split(' ');
const ONSETS = ['b', 'c', 'd', 'f', 'g', 'h', 'l', 'm', 'n', 'p', 'r', 's', 't', 'v', 'st', 'tr'];
const VOWELS = ['a', 'e', 'i', 'o', 'u'];
const CODAS = ['', 'n', 'r', 's', 'l'];
const SYLLABLES = ONSETS.flatMap((onset) => VOWELS.flatMap((vowel) => CODAS.map((coda) => onset + vowel + coda)));
const VOCABULARY = 100_000;
const WORDS_OF_SENTENCE = 22;
const words = Array.from({ length: VOCABULARY }, (_, rank) => (rank < STOP_WORDS.length ? STOP_WORDS[rank] : coinedWord(rank)));

/**
 * A rank from 0 up to `count`, drawn so that ranks beyond `flat` come as Zipf's law has it and the first ones about alike:
 * the inverse of the distribution ln((rank + flat) / flat) / ln((count + flat) / flat).
 */
export function zipfRank(random, count, flat) {
  return Math.min(count - 1, Math.floor(flat * ((count + flat) / flat) ** random() - flat));
}

/** Another word for each number: its digits as syllables, the last first, of which it has two at least. */
export function coinedWord(number) {
  let word = '';
  for (let rest = number + SYLLABLES.length; rest > 0; rest = Math.floor(rest / SYLLABLES.length)) word += SYLLABLES[rest % SYLLABLES.length];
  return word;
}

/** A word of a text. */
export const drawWord = (random) => words[zipfRank(random, VOCABULARY, 3)];

/** Sentences of so many words. */
export function prose(random, count) {
  const sentences = [];
  for (let left = count; left > 0; left -= WORDS_OF_SENTENCE) {
    sentences.push(`${capitalized(Array.from({ length: Math.min(left, WORDS_OF_SENTENCE) }, () => drawWord(random)).join(' '))}.`);
  }
  return sentences.join(' ');
}

export const capitalized = (text) => text.charAt(0).toUpperCase() + text.slice(1);
