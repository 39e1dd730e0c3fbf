import { badInput } from '../errors.js';
import { parseGlobalId } from '../graphql/globalId.js';
import { checkedList } from '../inputRules.js';
import type { TasteChange } from '../recommender/change.js';
import type { Weights } from '../recommender/workspace.js';
import type { Supposition } from './recommendation.service.js';
import type { RecommendationsArgs, RecommendationWeightsInput } from './recommendation.type.js';

const MOST_IDS = 50;
const MOST_WEIGHT = 4;

/** What the arguments suppose about a reader; null where they suppose nothing. Throws BAD_USER_INPUT. */
export function toSupposition({ without, assuming, weights }: RecommendationsArgs, readerId: number): Supposition | null {
  if (without == null && assuming == null && weights == null) return null;
  return {
    changes: [
      ...checkedList('without', without ?? [], MOST_IDS).flatMap((id) => changesFor('without', id, { readerId, value: null })),
      ...checkedList('assuming', assuming ?? [], MOST_IDS).flatMap((id) => changesFor('assuming', id, { readerId, value: 1 })),
    ],
    weights: weights == null ? null : checkedWeights(weights),
  };
}

/** An upvote or a follow, as the id's type says: they end a dismissal and a mute, and without them there is neither. */
function changesFor(field: string, globalId: string, { readerId, value }: { readonly readerId: number; readonly value: 1 | null }): TasteChange[] {
  const { type, id } = parseGlobalId(globalId, field);
  switch (type) {
    case 'Paper':
      return [
        { kind: 'DISMISSAL', subject: readerId, object: id, value: null },
        { kind: 'UPVOTE', subject: readerId, object: id, value },
      ];
    case 'Tag':
      return [
        { kind: 'TAG_MUTE', subject: readerId, object: id, value: null },
        { kind: 'TAG_FOLLOW', subject: readerId, object: id, value },
      ];
    case 'Author':
      return [
        { kind: 'AUTHOR_MUTE', subject: readerId, object: id, value: null },
        { kind: 'AUTHOR_FOLLOW', subject: readerId, object: id, value },
      ];
    case 'Repo':
    case 'User':
    case 'Comment':
    case 'IngestRun':
    case 'FeedToken':
    case 'Collection':
    case 'Notification':
    case 'Report':
    case 'AuthorshipClaim':
    case 'ExternalIdentity':
    case 'Session':
      throw badInput(field, 'must have ids of papers, tags and authors alone', globalId);
  }
}

function checkedWeights({ tags, votes, freshness, diversity }: RecommendationWeightsInput): Weights {
  const weights = { tags, votes, freshness, diversity };
  for (const [name, weight] of Object.entries(weights)) {
    if (!(weight >= 0 && weight <= MOST_WEIGHT)) throw badInput(`weights.${name}`, `must be between 0 and ${MOST_WEIGHT}`, weight);
  }
  return weights;
}
