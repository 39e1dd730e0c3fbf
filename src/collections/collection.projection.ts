import { rawSql } from '../database/database.js';
import { json, nullableJson, type Projection } from '../graphql/projection.js';
import { collectionsOfOwner, isVisibleTo } from './collection.service.js';
import { PAPERS_OF_COLLECTION, collectionsOfPaper } from './collectionPaper.service.js';

const addedAt = json.instant('l.added_at');

/** Collections `c`, those of users `u` and those that hold papers `p`; and what the viewer keeps of papers, entries `e`. */
export const COLLECTION_PROJECTION: Readonly<Record<'Collection' | 'LibraryEntry' | 'User' | 'Paper', Projection>> = {
  Collection: {
    id: json.globalId('Collection', 'c.id'),
    name: json.text('c.name'),
    description: nullableJson.text('c.description'),
    isPublic: json.boolean('c.is_public'),
    paperCount: json.number('c.paper_count'),
    createdAt: json.instant('c.created_at'),
    updatedAt: json.instant('c.updated_at'),
    owner: { kind: 'one', type: 'User', from: 'users u', key: 'u.id', column: 'c.owner_id' },
    papers: { kind: 'many', type: 'Paper', list: PAPERS_OF_COLLECTION, id: 'c.id', edge: { addedAt, note: nullableJson.text('l.note') }, totalCount: json.number('c.paper_count') },
  },
  LibraryEntry: {
    state: json.word('e.state'),
    note: nullableJson.text('e.note'),
    addedAt: json.instant('e.added_at'),
    changedAt: json.instant('e.changed_at'),
    readAt: nullableJson.instant('e.read_at'),
  },
  User: {
    collections: (viewer) => ({
      kind: 'many',
      type: 'Collection',
      list: collectionsOfOwner(rawSql(viewer)),
      id: 'u.id',
      edge: {},
      totalCount: `(SELECT count(*)::text FROM collections c WHERE c.owner_id = u.id AND ${isVisibleTo(rawSql(viewer)).text})`,
    }),
  },
  Paper: {
    collections: (viewer) => ({
      kind: 'many',
      type: 'Collection',
      list: collectionsOfPaper(rawSql(viewer)),
      id: 'p.id',
      edge: { addedAt },
      totalCount: `(SELECT count(*)::text FROM ${collectionsOfPaper(rawSql(viewer)).from.text} WHERE l.paper_id = p.id)`,
    }),
    viewerLibraryEntry: (viewer) => ({
      kind: 'one',
      type: 'LibraryEntry',
      from: `(SELECT * FROM library_entries x WHERE x.user_id = ${viewer}) e`,
      key: 'e.paper_id',
      column: 'p.id',
    }),
  },
};
