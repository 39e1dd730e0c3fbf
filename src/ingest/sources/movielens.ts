import { join } from 'node:path';
import { z } from 'zod';
import { csvFields } from '../files/csvLine.js';
import { type Input, localInput } from '../files/input.js';
import { lineSteps } from '../files/lineSteps.js';
import { type Pass, readingOf } from '../files/passes.js';
import { tagsOf } from '../files/tagNames.js';
import { type Fault, type Item, type Source, SourceError } from '../source.js';

interface Options {
  readonly folder: string;
  readonly 'min-rating': number;
  readonly prefix: string;
}

const MOVIES = ['movieId', 'title', 'genres'];
const RATINGS = ['userId', 'movieId', 'rating', 'timestamp'];
/** What stands for no genre. */
const NO_GENRES = '(no genres listed)';
/** As of papers; the first films are some years older. */
const EARLIEST_YEAR = '1900';
const ID = /^\d{1,15}$/;

/** MovieLens sets, to try recommendations on: films in the place of papers, and good ratings in the place of votes. */
export const source: Source<Options> = {
  name: 'movielens',
  description: 'A MovieLens set, movies.csv and ratings.csv: films in the place of papers, good ratings as votes of simulated readers.',
  url: null,
  courtesyMs: 0,
  rank: 1,
  hasSince: false,
  options: z.strictObject({
    folder: z.string().min(1).describe('Path of the folder with movies.csv and ratings.csv.'),
    'min-rating': z.number().min(0).max(5).default(4).describe('The least rating that is a vote.'),
    prefix: z.string().regex(/^[a-z0-9-]{1,20}$/, 'must be 1 to 20 small letters, digits or hyphens').default('movielens').describe('What names of readers begin with.'),
  }),
  positionals: ['folder'],
  open: ({ folder, 'min-rating': minRating, prefix }, context) => {
    const movies = csvPass('movies', localInput(join(folder, 'movies.csv'), context), { columns: MOVIES, itemsOf: movieItems });
    const ratings = csvPass('ratings', localInput(join(folder, 'ratings.csv'), context), {
      columns: RATINGS,
      itemsOf: (fields, place) => ratingItems(fields, place, { minRating, prefix }),
    });
    return readingOf([movies, ratings], context);
  },
};

interface Rows {
  readonly columns: readonly string[];
  readonly itemsOf: (fields: readonly string[], place: string) => Item[];
}

function csvPass(name: string, input: Input, { columns, itemsOf }: Rows): Pass {
  const headerItems = (text: string): Item[] => {
    const header = csvFields(text, columns);
    if ('fields' in header && header.fields.join(',') === columns.join(',')) return [];
    throw new SourceError(`${input.name} must begin with the line ${columns.join(',')}, received ${JSON.stringify(text.slice(0, 80))}`);
  };
  return {
    name,
    input,
    steps: (opened, start) =>
      lineSteps(opened, start, ({ number, text, place }) => {
        if (number === 1) return headerItems(text);
        const row = csvFields(text, columns);
        return 'fault' in row ? [rejected(place, null, row.fault)] : itemsOf(row.fields, place);
      }),
  };
}

function movieItems([id = '', name = '', genres = '']: readonly string[], place: string): Item[] {
  if (!ID.test(id)) return [rejected(place, name.slice(0, 200), idFault('movieId', id))];
  const leftOut: Fault[] = [];
  const [, year] = /\((\d{4})\)\s*$/.exec(name) ?? [];
  const isKept = year !== undefined && year >= EARLIEST_YEAR;
  if (year !== undefined && !isKept) leftOut.push({ field: 'title', rule: `must end in a year from ${EARLIEST_YEAR} on, for a day of publication`, received: year });
  const day = isKept ? `${year}-01-01` : null;
  const namedTags = tagsOf(genres === NO_GENRES ? [] : genres.split('|'), 'KEYWORD', leftOut);
  // The year stays in the title, since films are made anew under the title of an old one.
  return [{ kind: 'PAPER', place, record: { externalId: id, title: name.trim(), publishedOn: day, namedTags }, leftOut }];
}

function ratingItems([user = '', movie = '', rating = '', time = '']: readonly string[], place: string, options: { minRating: number; prefix: string }): Item[] {
  if (!ID.test(user)) return [rejected(place, null, idFault('userId', user))];
  if (!ID.test(movie)) return [rejected(place, null, idFault('movieId', movie))];
  if (!/^\d(\.\d+)?$/.test(rating)) return [rejected(place, null, { field: 'rating', rule: 'must be a number from 0 to 5', received: rating })];
  if (!/^\d{1,11}$/.test(time)) return [rejected(place, null, { field: 'timestamp', rule: 'must be seconds since 1970', received: time })];
  if (Number(rating) < options.minRating) return [];
  return [{ kind: 'VOTE', place, reader: `${options.prefix}-${user}`, isSimulated: true, paper: { externalId: movie }, at: new Date(Number(time) * 1000) }];
}

function rejected(place: string, title: string | null, fault: Fault): Item {
  return { kind: 'REJECT', place, title: title === '' ? null : title, fault };
}

function idFault(field: string, received: string): Fault {
  return { field, rule: 'must be a whole number', received: received.slice(0, 80) };
}
