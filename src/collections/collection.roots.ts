import { rawSql, sql } from '../database/database.js';
import { rowIdOf } from '../graphql/globalId.js';
import type { JsonReader } from '../graphql/jsonReader.js';
import type { RootProjections } from '../graphql/planner.js';
import { isVisibleTo } from './collection.service.js';

/** Query.collection */
export function collectionRoots(read: JsonReader): RootProjections {
  return {
    collection: async (selected, asker) => {
      const id = rowIdOf('Collection', String(selected.args['id']), 'id');
      const where = sql`c.id = ${id} AND ${isVisibleTo(rawSql('(SELECT id FROM viewer)'))}`;
      return read.object(selected, { type: 'Collection', from: 'collections c', where })(asker);
    },
  };
}
