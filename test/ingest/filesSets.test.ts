import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { source as citeulike } from '../../src/ingest/sources/citeulike.js';
import { source as movielens } from '../../src/ingest/sources/movielens.js';
import { SourceError, type Item } from '../../src/ingest/source.js';
import { brokenCheckpoints, createFilesWorld, readAll, type FilesWorld } from './filesWorld.js';

let world: FilesWorld;
beforeAll(async () => { world = await createFilesWorld(); });
afterAll(() => world.drop());

let folders = 0;
/** A new folder with these files. */
async function folderOf(files: Record<string, string>): Promise<string> {
  const name = `set${(folders += 1)}`;
  await mkdir(join(world.folder, name));
  for (const [file, content] of Object.entries(files)) await world.write(join(name, file), content);
  return join(world.folder, name);
}
const says = (items: readonly Item[]): string[] =>
  items.map((item) => {
    if (item.kind === 'PAPER') return `paper ${item.record.externalId}: ${(item.record.namedTags ?? []).map(({ name }) => name).join(' ')}`;
    if (item.kind === 'TAG') return `tag ${item.tag.slug}`;
    if (item.kind === 'VOTE') return `${item.reader} votes for ${item.paper.externalId}`;
    return item.kind === 'REJECT' ? `reject ${item.place}: ${item.fault.field} ${item.fault.rule}` : item.kind;
  });

describe('CiteULike', () => {
  const defaults = { 'listed-on': '2013-01-01', prefix: 'citeulike' };

  test('papers with their tags, those of libraries alone, then votes', async () => {
    const folder = await folderOf({ 'tags.dat': 'tide\r\nmoon\n潮汐\n', 'item-tag.dat': '2 1 0\n0\n2 2 7\n', 'users.dat': '2 0 4\n3 1 4 3\n0\n' });
    const { items, error } = await readAll(citeulike, { folder, ...defaults });
    expect(error).toBeNull();
    expect(says(items)).toEqual([
      'tag tide',
      'tag moon',
      'tag tag-2',
      'paper 0: moon tide',
      'paper 1: ',
      'paper 2: 潮汐',
      'paper 4: ',
      'paper 3: ',
      'citeulike-0 votes for 0',
      'citeulike-0 votes for 4',
      'citeulike-1 votes for 1',
      'citeulike-1 votes for 4',
      'citeulike-1 votes for 3',
    ]);
    expect(items[3]).toEqual({
      kind: 'PAPER',
      place: 'line 1',
      record: {
        externalId: '0',
        title: 'CiteULike paper 0',
        listedOn: '2013-01-01',
        namedTags: [
          { name: 'moon', kind: 'KEYWORD', slug: 'moon' },
          { name: 'tide', kind: 'KEYWORD', slug: 'tide' },
        ],
      },
      leftOut: [],
    });
    expect(items[5]).toMatchObject({
      leftOut: [
        { field: 'tags', rule: 'must have a line in tags.dat', received: 7 },
      ],
    });
    expect(items.at(-1)).toEqual({ kind: 'VOTE', place: 'line 2', reader: 'citeulike-1', isSimulated: true, paper: { externalId: '3' }, at: null });
  });

  test('broken lines are rejected, and the others go on', async () => {
    const folder = await folderOf({ 'tags.dat': 'tide\n', 'item-tag.dat': '1 0\n2 0\n0\n', 'users.dat': '1 0\n1 x\n3 0 1\n1 2\n' });
    expect(says((await readAll(citeulike, { folder, ...defaults })).items)).toEqual([
      'tag tide',
      'paper 0: tide',
      'reject line 2: count must be the number of ids behind it',
      'paper 2: ',
      'citeulike-0 votes for 0',
      'reject line 2: line must hold whole numbers with spaces between',
      'reject line 3: count must be the number of ids behind it',
      'citeulike-3 votes for 2',
    ]);
  });

  test('names that make one slug, or none, are tags of their own', async () => {
    const folder = await folderOf({ 'tags.dat': 'deep-sea\n-\nDeep Sea\ndeep sea\n--\n', 'item-tag.dat': '3 2 0 3\n', 'users.dat': '' });
    const { items } = await readAll(citeulike, { folder, ...defaults });
    expect(says(items).slice(0, 5)).toEqual(['tag deep-sea', 'tag tag-1', 'tag deep-sea-2', 'tag deep-sea-3', 'tag tag-4']);
    expect(items.at(-1)).toMatchObject({ record: { namedTags: [{ name: 'Deep Sea', slug: 'deep-sea-2' }, { slug: 'deep-sea' }, { slug: 'deep-sea-3' }] } });
  });

  test('a day and a prefix of its own', async () => {
    const folder = await folderOf({ 'tags.dat': '', 'item-tag.dat': '0\n', 'users.dat': '1 0\n' });
    const { items } = await readAll(citeulike, { folder, 'listed-on': '2014-02-03', prefix: 'cul' });
    expect(items).toMatchObject([{ record: { listedOn: '2014-02-03' } }, { reader: 'cul-0' }]);
    expect(citeulike.options.safeParse({ folder, 'listed-on': '2014-02-30' }).success).toBe(false);
    expect(citeulike.options.parse({ folder })).toEqual({ folder, ...defaults });
  });

  test('a library larger than a parcel is split, and every checkpoint leads to exactly the rest', async () => {
    const ids = Array.from({ length: 1500 }, (_, id) => id + 5);
    const users = [`${ids.length} ${ids.join(' ')}`, '1 0', `${ids.length} ${ids.toReversed().join(' ')}`].join('\n');
    const folder = await folderOf({ 'tags.dat': 'tide\n', 'item-tag.dat': '1 0\n'.repeat(700), 'users.dat': users });
    const { parcels, items } = await readAll(citeulike, { folder, ...defaults });
    expect(items).toHaveLength(1 + 700 + 805 + 3001);
    expect(Math.max(...parcels.map((parcel) => parcel.items.length))).toBe(300);
    expect(await brokenCheckpoints(citeulike, { folder, ...defaults })).toEqual([]);
  });

  test('what is no such set: an error', async () => {
    const folder = await folderOf({ 'tags.dat': 'tide\n', 'item-tag.dat': 'a,b\nc,d\n', 'users.dat': '' });
    expect((await readAll(citeulike, { folder, ...defaults })).error).toEqual(
      new SourceError('item-tag.dat must hold whole numbers with spaces between on each line: line 1 must hold whole numbers with spaces between, received "a,b"'),
    );
    await expect(readAll(citeulike, { folder: await folderOf({}), ...defaults })).rejects.toThrow(/^tags\.dat must be a file that can be read/);
  });

  test('a list of tags that has changed since is refused', async () => {
    const folder = await folderOf({ 'tags.dat': 'tide\n', 'item-tag.dat': '1 0\n'.repeat(400), 'users.dat': '' });
    const { parcels } = await readAll(citeulike, { folder, ...defaults });
    await world.write(join(folder.split('/').at(-1)!, 'tags.dat'), 'another\n');
    const { error } = await readAll(citeulike, { folder, ...defaults }, { checkpoint: parcels[0]!.checkpoint });
    expect(error!.message).toMatch(/^tags\.dat must be as it was/);
  });

  test('the set of 5,551 readers', async () => {
    const folder = '../shared/data/citeulike-a';
    if ((await stat(folder).catch(() => null)) === null) { console.log('skipped: no data'); return; }
    const { items, error } = await readAll(citeulike, { folder, ...defaults });
    expect(error).toBeNull();
    const papers = items.filter((item) => item.kind === 'PAPER');
    const votes = items.filter((item) => item.kind === 'VOTE');
    expect(new Set(papers.map(({ record }) => record.externalId)).size).toBe(16_980);
    expect(papers).toHaveLength(16_980);
    const tags = items.flatMap((item) => (item.kind === 'TAG' ? [item.tag.slug] : []));
    expect([tags.length, new Set(tags).size]).toEqual([46_391, 46_391]);
    // One is of no paper.
    expect(new Set(papers.flatMap(({ record }) => record.namedTags ?? []).map(({ slug }) => slug)).size).toBe(46_390);
    expect(papers.flatMap(({ leftOut = [] }) => leftOut)).toEqual([]);
    expect([votes.length, new Set(votes.map(({ reader }) => reader)).size]).toEqual([204_986, 5551]);
    expect(items).toHaveLength(46_391 + 16_980 + 204_986);
  });
});

describe('MovieLens', () => {
  const defaults = { 'min-rating': 4, prefix: 'movielens' };
  const MOVIES = 'movieId,title,genres\r\n1,The Tide (1987),Drama|Sea\r\n2,"Moon, The ""Big"" (2001)",(no genres listed)\r\n3,Untimed,Drama\r\n4,Old Waves (1891),Drama\r\n';
  const RATINGS = 'userId,movieId,rating,timestamp\n7,1,4.0,1000000000\n7,2,3.5,1000000001\n8,2,5.0,1000000002\n';

  test('films with years and genres, then ratings that are good', async () => {
    const folder = await folderOf({ 'movies.csv': MOVIES, 'ratings.csv': RATINGS });
    const { items, error } = await readAll(movielens, { folder, ...defaults });
    expect(error).toBeNull();
    const keyword = (name: string): object => ({ name, kind: 'KEYWORD', weight: 1 });
    expect(items).toEqual([
      { kind: 'PAPER', place: 'line 2', record: { externalId: '1', title: 'The Tide (1987)', publishedOn: '1987-01-01', namedTags: [keyword('Drama'), keyword('Sea')] }, leftOut: [] },
      { kind: 'PAPER', place: 'line 3', record: { externalId: '2', title: 'Moon, The "Big" (2001)', publishedOn: '2001-01-01', namedTags: [] }, leftOut: [] },
      { kind: 'PAPER', place: 'line 4', record: { externalId: '3', title: 'Untimed', publishedOn: null, namedTags: [keyword('Drama')] }, leftOut: [] },
      expect.objectContaining({ place: 'line 5', leftOut: [{ field: 'title', rule: 'must end in a year from 1900 on, for a day of publication', received: '1891' }] }),
      { kind: 'VOTE', place: 'line 2', reader: 'movielens-7', isSimulated: true, paper: { externalId: '1' }, at: new Date('2001-09-09T01:46:40Z') },
      { kind: 'VOTE', place: 'line 4', reader: 'movielens-8', isSimulated: true, paper: { externalId: '2' }, at: new Date('2001-09-09T01:46:42Z') },
    ]);
    const less = await readAll(movielens, { folder, ...defaults, 'min-rating': 3.5 });
    expect(less.items.filter(({ kind }) => kind === 'VOTE')).toHaveLength(3);
  });

  test('broken rows are rejected, and the others go on', async () => {
    const folder = await folderOf({
      'movies.csv': 'movieId,title,genres\nx,Tide,Drama\n1,"Tide,Drama\n2,Tide\n3,Moon,Drama\n',
      'ratings.csv': `${RATINGS}x,1,4.0,1\n7,y,4.0,1\n7,1,good,1\n7,1,4.0,noon\n7,1,4.0\n`,
    });
    expect(says((await readAll(movielens, { folder, ...defaults })).items)).toEqual([
      'reject line 2: movieId must be a whole number',
      'reject line 3: line must be CSV, quotes closed on the same line',
      'reject line 4: line must have 3 fields: movieId, title, genres',
      'paper 3: Drama',
      'movielens-7 votes for 1',
      'movielens-8 votes for 2',
      'reject line 5: userId must be a whole number',
      'reject line 6: movieId must be a whole number',
      'reject line 7: rating must be a number from 0 to 5',
      'reject line 8: timestamp must be seconds since 1970',
      'reject line 9: line must have 4 fields: userId, movieId, rating, timestamp',
    ]);
  });

  test('every checkpoint leads to exactly the rest', async () => {
    const ratings = Array.from({ length: 2000 }, (_, index) => `${index},1,${(index % 5) + 0.5},${index}\n`).join('');
    const folder = await folderOf({ 'movies.csv': MOVIES, 'ratings.csv': `${RATINGS}${ratings}` });
    expect((await readAll(movielens, { folder, ...defaults })).parcels.length).toBeGreaterThan(2);
    expect(await brokenCheckpoints(movielens, { folder, ...defaults })).toEqual([]);
  });

  test('another table in its place: an error', async () => {
    const folder = await folderOf({ 'movies.csv': 'movieId,imdbId,tmdbId\n1,0114709,862\n', 'ratings.csv': RATINGS });
    expect((await readAll(movielens, { folder, ...defaults })).error).toEqual(
      new SourceError('movies.csv must begin with the line movieId,title,genres, received "movieId,imdbId,tmdbId"'),
    );
  });
});
