import { json, type Projection } from '../graphql/projection.js';

/** Tags `t`. */
export const TAG_PROJECTION: { readonly Tag: Projection } = {
  Tag: {
    id: json.globalId('Tag', 't.id'),
    slug: json.word('t.slug'),
    name: json.text('t.name'),
    kind: json.word('t.kind'),
    // Slugs need no escaping; a tag has few.
    aliases: `'[' || coalesce((SELECT string_agg('"' || slug || '"', ',' ORDER BY slug) FROM tag_aliases WHERE tag_id = t.id), '') || ']'`,
    paperCount: json.number('t.paper_count'),
    followerCount: json.number('t.follower_count'),
  },
};
