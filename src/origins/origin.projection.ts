import { json, nullableJson, type Projection } from '../graphql/projection.js';
import { ORIGINS_OF_PAPER } from './origin.service.js';

/** Origins `o`, and those of papers `p`. */
export const ORIGIN_PROJECTION: { readonly PaperOrigin: Projection; readonly Paper: Projection } = {
  PaperOrigin: {
    source: json.word('o.source'),
    externalId: json.text('o.external_id'),
    fields: json.texts(`coalesce(o.fields, '{}')`),
    facts: nullableJson.value('o.facts'),
    firstSeenAt: json.instant('o.first_seen_at'),
    changedAt: json.instant('o.changed_at'),
  },
  Paper: {
    origins: {
      kind: 'many',
      type: 'PaperOrigin',
      list: ORIGINS_OF_PAPER,
      id: 'p.id',
      edge: {},
      totalCount: '(SELECT count(*)::text FROM paper_origins WHERE paper_id = p.id)',
    },
  },
};
