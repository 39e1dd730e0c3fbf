import { rawSql } from '../database/database.js';
import type { JsonReader } from '../graphql/jsonReader.js';
import type { RootProjections } from '../graphql/planner.js';

/** Query.viewer */
export function userRoots(read: JsonReader): RootProjections {
  return {
    viewer: async (selected, asker) => read.object(selected, { type: 'User', from: 'users u', where: rawSql('u.id = (SELECT id FROM viewer)') })(asker),
  };
}
