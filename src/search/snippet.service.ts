import { sql, type Database, type Sql } from '../database/database.js';
import type { TextPart } from './search.type.js';

// Characters of no meaning (Unicode's private use), which are taken out of texts before: marks in the text itself mark
// nothing. One stands for <, since PostgreSQL leaves out what looks like a tag.
const [START, STOP, LESS] = ['\uE000', '\uE001', '\uE002'];
const TITLE = `HighlightAll=true, StartSel=${START}, StopSel=${STOP}`;
const ABSTRACT = `MaxFragments=2, MaxWords=28, MinWords=12, FragmentDelimiter=" … ", StartSel=${START}, StopSel=${STOP}`;
/** Marks in a text; more are not shown. */
const MOST_MARKS = 50;
/** Of an abstract so much is looked at. */
const MOST_CHARACTERS = 10_000;

export interface Snippets {
  readonly title: TextPart[];
  readonly snippet: TextPart[];
}

/** Where the words that were searched for stand in titles and abstracts. */
export class SnippetService {
  constructor(private readonly database: Database) {}

  async byPaper(ids: readonly number[], words: Sql): Promise<Map<number, Snippets>> {
    const clean = (text: Sql): Sql => sql`translate(${text}, ${`<${START}${STOP}${LESS}`}, ${LESS})`;
    const rows = await this.database.rows<{ id: number; title: string; abstract: string }>(sql`
      SELECT p.id, ts_headline('english', ${clean(sql`p.title`)}, q.words, ${TITLE}) AS title,
        ts_headline('english', ${clean(sql`left(coalesce(p.abstract, ''), ${MOST_CHARACTERS}::int4)`)}, q.words, ${ABSTRACT}) AS abstract
      FROM listed_papers p CROSS JOIN (SELECT ${words}) q (words) WHERE p.id = ANY (${[...ids]}::int4[])`);
    return new Map(rows.map(({ id, title, abstract }) => [id, { title: partsOf(title), snippet: partsOf(abstract) }]));
  }
}

/** The pieces of a marked text; what follows the last mark that is shown is one. */
export function partsOf(marked: string): TextPart[] {
  const [head = '', ...tail] = marked.replaceAll(LESS, '<').split(START);
  const beyond = tail.splice(MOST_MARKS).join('').replaceAll(STOP, '');
  const pieces = [{ text: head, isMatch: false }];
  for (const [place, piece] of tail.entries()) {
    const [match = '', rest = ''] = piece.split(STOP);
    pieces.push({ text: match, isMatch: true }, { text: place === MOST_MARKS - 1 ? rest + beyond : rest, isMatch: false });
  }
  return pieces.filter(({ text }) => text !== '');
}
