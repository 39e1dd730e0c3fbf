// Braces by name: BibTeX counts them to find the end of a value, also those behind a backslash.
const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}', '{': '\\textbraceleft{}', '}': '\\textbraceright{}', '%': '\\%', $: '\\$', '&': '\\&', '#': '\\#', _: '\\_',
  '^': '\\textasciicircum{}', '~': '\\textasciitilde{}', '<': '\\textless{}', '>': '\\textgreater{}', '|': '\\textbar{}', '`': '\\textasciigrave{}',
};
const SPECIAL = /[\\{}%$&#_^~<>|`]/g;
// Two of them would become a dash or a quotation mark.
const LIGATURE = /([-',])(?=\1)/g;

/** A text as LaTeX shows it again. */
export function escaped(text: string): string {
  return text.replace(/\s+/g, ' ').trim().replace(SPECIAL, (character) => ESCAPES[character] ?? character).replace(LIGATURE, '$1{}');
}

/**
 * A title whose capitals stay, though styles write titles in lower case: words with a capital behind their first letter
 * stand in braces; where most words begin in lower case, also those that do not, but the first.
 */
export function protectedTitle(title: string): string {
  const words = title.split(/\s+/).filter((word) => word !== '');
  const capitalised = words.filter((word) => /^\P{L}*\p{Lu}/u.test(word)).length;
  const isSentence = capitalised * 2 < words.length;
  return words.map((word, place) => (isProtected(word, isSentence && place > 0) ? `{${escaped(word)}}` : escaped(word))).join(' ');
}

function isProtected(word: string, alsoInitial: boolean): boolean {
  return alsoInitial ? /\p{Lu}/u.test(word) : /\p{L}.*\p{Lu}/u.test(word);
}
