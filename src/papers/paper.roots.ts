import { sql, type Sql } from '../database/database.js';
import { currentId } from '../database/redirects.js';
import type { JsonReader } from '../graphql/jsonReader.js';
import type { RootProjections } from '../graphql/planner.js';
import type { PapersArgs } from './paper.resolver.js';
import type { PaperService } from './paper.service.js';
import { IS_VISIBLE } from './paper.visibility.js';
import { paperKeyOf, type PaperKeyArgs } from './paperKey.js';

/** Query.paper, Query.papers */
export function paperRoots(read: JsonReader, papers: PaperService): RootProjections {
  return {
    paper: async (selected, asker) => read.object(selected, { type: 'Paper', from: 'papers p', where: sql`${conditionOf(selected.args)} AND ${IS_VISIBLE}` })(asker),
    papers: async (selected, asker) => {
      const { filter, orderBy } = selected.args as unknown as PapersArgs;
      const start = await papers.startOf(filter ?? {}, orderBy);
      return read.connection(selected, { type: 'Paper', name: String(start), listing: () => papers.listing(filter ?? {}, orderBy, start) })(asker);
    },
  };
}

function conditionOf(args: PaperKeyArgs): Sql {
  const key = paperKeyOf(args);
  if ('rowId' in key) return sql`p.id = ${currentId('Paper', key.rowId)}`;
  const [column, name] = 'doi' in key ? [sql`doi`, key.doi] : [sql`arxiv_id`, key.arxivId];
  return sql`p.id = coalesce((SELECT x.id FROM papers x WHERE x.${column} = ${name}), (SELECT m.paper_id FROM merged_papers m WHERE m.${column} = ${name}))`;
}
