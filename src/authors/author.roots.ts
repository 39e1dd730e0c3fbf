import { sql } from '../database/database.js';
import { currentId } from '../database/redirects.js';
import { rowIdOf } from '../graphql/globalId.js';
import type { JsonReader } from '../graphql/jsonReader.js';
import type { RootProjections } from '../graphql/planner.js';
import type { AuthorService } from './author.service.js';
import type { AuthorsArgs } from './author.type.js';

/** Query.author, Query.authors */
export function authorRoots(read: JsonReader, authors: AuthorService): RootProjections {
  return {
    author: async (selected, asker) =>
      read.object(selected, { type: 'Author', from: 'authors a', where: sql`a.id = ${currentId('Author', rowIdOf('Author', String(selected.args['id']), 'id'))}` })(asker),
    authors: async (selected, asker) => {
      const { prefix = null, orderBy } = selected.args as unknown as AuthorsArgs;
      const start = await authors.startOf(prefix, orderBy);
      return read.connection(selected, { type: 'Author', name: String(start), listing: () => authors.listing(prefix, orderBy, start) })(asker);
    },
  };
}
