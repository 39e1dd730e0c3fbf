import { sql } from '../database/database.js';
import type { JsonReader } from '../graphql/jsonReader.js';
import type { RootProjections } from '../graphql/planner.js';
import { tagIdsNamed, type TagService } from './tag.service.js';
import type { TagsArgs } from './tag.type.js';

/** Query.tag, Query.tags */
export function tagRoots(read: JsonReader, tags: TagService): RootProjections {
  return {
    tag: async (selected, asker) => read.object(selected, { type: 'Tag', from: 'tags t', where: sql`t.id = ANY (ARRAY (${tagIdsNamed([String(selected.args['slug'])])}))` })(asker),
    tags: async (selected, asker) => {
      const args = selected.args as unknown as TagsArgs;
      const start = await tags.startOf(args, args.orderBy);
      return read.connection(selected, { type: 'Tag', name: String(start), listing: () => tags.listing(args, args.orderBy, start) })(asker);
    },
  };
}
