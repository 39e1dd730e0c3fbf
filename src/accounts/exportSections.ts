import { latestFirst, type Order } from '../database/lists.js';
import { json, nullableJson, type JsonSql } from '../graphql/projection.js';
import { accountOf } from '../users/signInLimit.service.js';

/** A part of a reader's document: the rows of a table that are the reader's by a column, each written as JSON. */
export interface Section {
  /** Its name in the document. */
  readonly name: string;
  readonly table: string;
  readonly alias: string;
  /** Where the reader's id stands. */
  readonly column: string;
  readonly joins?: string;
  /** Which of the reader's rows; all where left out. */
  readonly where?: string;
  /** Another column by which rows of a joined table are the reader's: `table.column`. */
  readonly through?: string;
  readonly order: Order;
  readonly fields: Readonly<Record<string, JsonSql>>;
  /** An object, or null, in place of a list. */
  readonly isOne?: boolean;
  /** Rows read at a time; fewer of those that may be of 10,000 characters each. */
  readonly pageSize?: number;
}

const LONG_TEXTS = 100;

/** An object of JSON. */
export function objectJson(fields: Readonly<Record<string, JsonSql>>): JsonSql {
  const parts = Object.entries(fields).map(([name, value], place) => `'${place === 0 ? '{' : ','}"${name}":' || ${value}`);
  return `${parts.join(' || ')} || '}'`;
}

const dayJson = (column: string): JsonSql => nullableJson.text(`to_char(${column}, 'YYYY-MM-DD')`);
/** The title of a hidden paper may be what it was hidden for. */
const paper = objectJson({ id: json.globalId('Paper', 'p.id'), title: nullableJson.text('CASE WHEN p.hidden_at IS NULL THEN p.title END') });
const ownPaper = objectJson({ id: json.globalId('Paper', 'p.id'), title: json.text('p.title') });
const comment = json.globalId('Comment', 'c.id');
const tag = objectJson({ id: json.globalId('Tag', 't.id'), name: json.text('t.name') });
const author = objectJson({ id: json.globalId('Author', 'a.id'), name: json.text('a.name') });
const orNull = (condition: string, value: JsonSql): JsonSql => `CASE WHEN ${condition} THEN ${value} ELSE 'null' END`;

/** In the order of ids, for what has no other index by its reader, or little of it. */
function byId(column: string): Order {
  return { name: 'export', descending: false, keys: [{ column, type: 'int4' }] };
}

/** What the reader has put beside a paper, a tag, … : read by (user_id, created_at, other). */
function linked(name: string, table: string, end: { readonly column: string; readonly join: string; readonly fields: Readonly<Record<string, JsonSql>> }): Section {
  return {
    name,
    table,
    alias: 'v',
    column: 'user_id',
    joins: end.join,
    order: latestFirst('export', { createdAt: 'v.created_at', id: `v.${end.column}` }),
    fields: { ...end.fields, createdAt: json.instant('v.created_at') },
  };
}

const TO_PAPER = { column: 'paper_id', join: 'JOIN papers p ON p.id = v.paper_id', fields: { paper } };
const TO_TAG = { column: 'tag_id', join: 'JOIN tags t ON t.id = v.tag_id', fields: { tag } };
const TO_AUTHOR = { column: 'author_id', join: 'JOIN authors a ON a.id = v.author_id', fields: { author } };
const TO_USER = { column: 'followed_id', join: 'JOIN users u ON u.id = v.followed_id', fields: { username: json.text('u.username') } };

// To add a table: a section here, or in the test a line that says why not. Secrets (hashes of passwords and tokens, the token
// that ends a digest) are the server's, and stay out. One line an index: a page of 1,000 upvotes takes as long at the end of
// 200,000 as at their start.
/** All that the server holds of a reader. */
export const SECTIONS: readonly Section[] = [
  {
    name: 'account', table: 'users', alias: 'u', column: 'id', isOne: true, order: byId('u.id'),
    fields: {
      id: json.globalId('User', 'u.id'), username: json.text('u.username'), displayName: nullableJson.text('u.display_name'), role: json.word('u.role'),
      createdAt: json.instant('u.created_at'), upvoteCount: json.number('u.upvote_count'), followerCount: json.number('u.follower_count'),
      tastePausedAt: nullableJson.instant('u.taste_paused_at'), tasteResetAt: nullableJson.instant('u.taste_reset_at'),
    },
  },
  {
    name: 'sessions', table: 'sessions', alias: 's', column: 'user_id', order: latestFirst('export', { createdAt: 's.created_at', id: 's.id' }),
    fields: {
      id: json.globalId('Session', 's.id'), kind: json.word('s.kind'), name: nullableJson.text('s.name'), scopes: json.texts('s.scopes'),
      createdAt: json.instant('s.created_at'), expiresAt: nullableJson.instant('s.expires_at'), lastUsedAt: nullableJson.instant('s.last_used_at'),
    },
  },
  // external_identities_user_id_created_at_id_idx
  {
    name: 'externalIdentities', table: 'external_identities', alias: 'i', column: 'user_id', order: latestFirst('export', { createdAt: 'i.created_at', id: 'i.id' }),
    fields: {
      id: json.globalId('ExternalIdentity', 'i.id'), issuer: json.text('i.issuer'), subject: json.text('i.subject'), createdAt: json.instant('i.created_at'),
      lastSeenOn: dayJson('i.last_seen_on'), refusedBefore: nullableJson.instant('i.refused_before'),
    },
  },
  // sign_in_attempts_pkey. Where others tried to sign in from is of these.
  {
    name: 'signInPlaces', table: 'users', alias: 'u', column: 'id', joins: `JOIN sign_in_attempts t ON t.account = ${accountOf('u.username')}`,
    where: "(t.network = '' OR t.succeeded_at IS NOT NULL)", order: { name: 'export', descending: false, keys: [{ column: 't.network', type: 'text' }] },
    fields: {
      network: nullableJson.text("nullif(t.network, '')"), signedInAt: nullableJson.instant('t.succeeded_at'),
      wrongPasswords: json.number('t.failures'), lastWrongPasswordAt: nullableJson.instant('t.failed_at'),
    },
  },
  {
    name: 'feedTokens', table: 'feed_tokens', alias: 'f', column: 'user_id', order: latestFirst('export', { createdAt: 'f.created_at', id: 'f.id' }),
    fields: { id: json.globalId('FeedToken', 'f.id'), name: json.text('f.name'), createdAt: json.instant('f.created_at'), lastUsedOn: dayJson('f.last_used_on') },
  },
  {
    name: 'lastVisit', table: 'feed_visits', alias: 'v', column: 'user_id', isOne: true, order: byId('v.user_id'),
    fields: { lastSeenAt: json.instant('v.last_seen_at'), seenUntil: nullableJson.instant('v.seen_until') },
  },
  // Whether a vote is flagged is said here, as it is of the reader; nowhere else to anybody but curators.
  linked('upvotes', 'upvotes', { ...TO_PAPER, fields: { paper, flaggedAt: nullableJson.instant('v.flagged_at'), clearedAt: nullableJson.instant('v.cleared_at') } }),
  linked('refusedUpvotes', 'refused_upvotes', TO_PAPER),
  {
    name: 'voteWindow', table: 'vote_windows', alias: 'w', column: 'user_id', isOne: true, order: byId('w.user_id'),
    fields: { minuteFrom: json.instant('w.minute_from'), minuteVotes: json.number('w.minute_votes'), dayFrom: json.instant('w.day_from'), dayVotes: json.number('w.day_votes') },
  },
  linked('dismissals', 'dismissals', TO_PAPER),
  linked('mutedTags', 'tag_mutes', TO_TAG),
  linked('mutedAuthors', 'author_mutes', TO_AUTHOR),
  linked('followedTags', 'tag_follows', TO_TAG),
  linked('followedAuthors', 'author_follows', TO_AUTHOR),
  linked('followedReaders', 'user_follows', TO_USER),
  // user_follows_followed_id_created_at_user_id_idx
  {
    name: 'followers', table: 'user_follows', alias: 'v', column: 'followed_id', joins: 'JOIN users u ON u.id = v.user_id',
    order: latestFirst('export', { createdAt: 'v.created_at', id: 'v.user_id' }), fields: { username: json.text('u.username'), createdAt: json.instant('v.created_at') },
  },
  {
    name: 'comments', table: 'comments', alias: 'c', column: 'user_id', joins: 'JOIN papers p ON p.id = c.paper_id', pageSize: LONG_TEXTS,
    order: latestFirst('export', { createdAt: 'c.created_at', id: 'c.id' }),
    fields: {
      id: comment, paper, parentId: orNull('c.parent_id IS NOT NULL', json.globalId('Comment', 'c.parent_id')), body: json.text('c.body'),
      createdAt: json.instant('c.created_at'), editedAt: nullableJson.instant('c.edited_at'), deletedAt: nullableJson.instant('c.deleted_at'),
      hiddenAt: nullableJson.instant('c.hidden_at'), upvoteCount: json.number('c.upvote_count'),
    },
  },
  // comment_upvotes_pkey
  {
    name: 'commentUpvotes', table: 'comment_upvotes', alias: 'v', column: 'user_id', joins: 'JOIN comments c ON c.id = v.comment_id JOIN papers p ON p.id = c.paper_id',
    order: byId('v.comment_id'), fields: { commentId: comment, paper, createdAt: json.instant('v.created_at') },
  },
  // comment_mentions_user_id_comment_id_idx. What others wrote is theirs, and whom a moderator hid stays hidden.
  {
    name: 'mentions', table: 'comment_mentions', alias: 'm', column: 'user_id',
    joins: 'JOIN comments c ON c.id = m.comment_id JOIN papers p ON p.id = c.paper_id LEFT JOIN users u ON u.id = c.user_id AND c.hidden_at IS NULL',
    order: byId('m.comment_id'), fields: { commentId: comment, paper, by: nullableJson.text('u.username'), createdAt: json.instant('c.created_at') },
  },
  // notifications_listed_idx; kept for 90 days. What is withdrawn is not shown to the reader either: it may be of a hidden comment.
  {
    name: 'notifications', table: 'notifications', alias: 'n', column: 'user_id', where: 'NOT n.is_withdrawn',
    joins: 'LEFT JOIN users u ON u.id = n.actor_id LEFT JOIN papers p ON p.id = n.paper_id LEFT JOIN authors a ON a.id = n.author_id',
    order: latestFirst('export', { createdAt: 'n.created_at', id: 'n.id' }),
    fields: {
      kind: json.word('n.kind'), by: nullableJson.text('u.username'), paper: orNull('p.id IS NOT NULL', paper), author: orNull('a.id IS NOT NULL', author),
      commentId: orNull('n.comment_id IS NOT NULL', json.globalId('Comment', 'n.comment_id')), createdAt: json.instant('n.created_at'), readAt: nullableJson.instant('n.read_at'),
    },
  },
  {
    name: 'collections', table: 'collections', alias: 'k', column: 'owner_id', order: latestFirst('export', { createdAt: 'k.created_at', id: 'k.id' }),
    fields: {
      id: json.globalId('Collection', 'k.id'), name: json.text('k.name'), description: nullableJson.text('k.description'), isPublic: json.boolean('k.is_public'),
      createdAt: json.instant('k.created_at'), updatedAt: json.instant('k.updated_at'), paperCount: json.number('k.paper_count'),
    },
  },
  // collection_papers_pkey
  {
    name: 'collectionPapers', table: 'collections', alias: 'k', column: 'owner_id', through: 'collection_papers.collection_id',
    joins: 'JOIN collection_papers e ON e.collection_id = k.id JOIN papers p ON p.id = e.paper_id',
    order: { name: 'export', descending: false, keys: [{ column: 'e.collection_id', type: 'int4' }, { column: 'e.paper_id', type: 'int4' }] },
    fields: { collectionId: json.globalId('Collection', 'k.id'), paper, position: json.number('e.position'), note: nullableJson.text('e.note'), addedAt: json.instant('e.added_at') },
  },
  {
    name: 'library', table: 'library_entries', alias: 'v', column: 'user_id', joins: 'JOIN papers p ON p.id = v.paper_id', pageSize: LONG_TEXTS,
    order: latestFirst('export', { createdAt: 'v.added_at', id: 'v.paper_id' }),
    fields: {
      paper, state: json.word('v.state'), note: nullableJson.text('v.note'), addedAt: json.instant('v.added_at'),
      changedAt: json.instant('v.changed_at'), readAt: nullableJson.instant('v.read_at'),
    },
  },
  {
    name: 'submissions', table: 'papers', alias: 'p', column: 'submitted_by_id', order: latestFirst('export', { createdAt: 'p.listed_at', id: 'p.id' }),
    fields: { paper: ownPaper, listedAt: json.instant('p.listed_at'), createdAt: json.instant('p.created_at') },
  },
  {
    name: 'digest', table: 'digest_subscriptions', alias: 's', column: 'user_id', isOne: true, order: byId('s.id'),
    fields: {
      email: json.text('s.email'), frequency: json.word('s.frequency'), content: json.word('s.content'), timeZone: json.text('s.time_zone'), hour: json.number('s.hour'),
      weekday: nullableJson.number('s.weekday'), maxPapers: json.number('s.max_papers'), state: json.word('s.state'), createdAt: json.instant('s.created_at'),
      confirmedAt: nullableJson.instant('s.confirmed_at'), nextDueAt: nullableJson.instant('s.next_due_at'), bounceCount: json.number('s.bounce_count'),
    },
  },
  // Kept for 90 days.
  {
    name: 'digestMails', table: 'digest_subscriptions', alias: 's', column: 'user_id', through: 'digest_mails.subscription_id', joins: 'JOIN digest_mails m ON m.subscription_id = s.id',
    order: latestFirst('export', { createdAt: 'm.period_end', id: 'm.id' }),
    fields: {
      kind: json.word('m.kind'), period: json.text('m.period'), state: json.word('m.state'), dueAt: json.instant('m.due_at'), finishedAt: nullableJson.instant('m.finished_at'),
      papers: `coalesce((SELECT '[' || string_agg(${paper}, ',' ORDER BY p.id) || ']' FROM papers p WHERE p.id = ANY (m.paper_ids)), '[]')`, error: nullableJson.text('m.error'),
    },
  },
  // digest_requests_user_id_requested_at_idx; kept for a day.
  { name: 'digestRequests', table: 'digest_requests', alias: 'r', column: 'user_id', order: latestFirst('export', { createdAt: 'r.requested_at', id: 'r.id' }), fields: { requestedAt: json.instant('r.requested_at') } },
  // ingest_runs_created_at_id_idx; kept for 90 days.
  {
    name: 'imports', table: 'ingest_runs', alias: 'r', column: 'requested_by_id', order: latestFirst('export', { createdAt: 'r.created_at', id: 'r.id' }),
    fields: { id: json.globalId('IngestRun', 'r.id'), source: json.text('r.source'), options: 'r.options::text', state: json.word('r.state'), createdAt: json.instant('r.created_at') },
  },
  // reports_reporter_id_created_at_idx. Who ended it is another's.
  {
    name: 'reports', table: 'reports', alias: 'r', column: 'reporter_id', order: latestFirst('export', { createdAt: 'r.created_at', id: 'r.id' }),
    fields: {
      id: json.globalId('Report', 'r.id'), paperId: orNull('r.paper_id IS NOT NULL', json.globalId('Paper', 'r.paper_id')),
      commentId: orNull('r.comment_id IS NOT NULL', json.globalId('Comment', 'r.comment_id')), readerId: orNull('r.user_id IS NOT NULL', json.globalId('User', 'r.user_id')),
      reason: json.word('r.reason'), note: nullableJson.text('r.note'), state: json.word('r.state'), createdAt: json.instant('r.created_at'), resolvedAt: nullableJson.instant('r.resolved_at'),
    },
  },
  // reports_resolver_id_idx
  {
    name: 'resolvedReports', table: 'reports', alias: 'r', column: 'resolver_id', order: byId('r.id'),
    fields: { id: json.globalId('Report', 'r.id'), state: json.word('r.state'), resolvedAt: nullableJson.instant('r.resolved_at'), resolutionNote: nullableJson.text('r.resolution_note') },
  },
  // authorship_claims_linked_idx
  {
    name: 'authors', table: 'authorship_claims', alias: 'c', column: 'user_id', joins: 'JOIN authors a ON a.id = c.author_id', where: "c.state = 'CONFIRMED'",
    order: latestFirst('export', { createdAt: 'c.resolved_at', id: 'c.author_id' }), fields: { author, confirmedAt: json.instant('c.resolved_at') },
  },
  // authorship_claims_user_id_created_at_id_idx. Who decided is another.
  {
    name: 'authorshipClaims', table: 'authorship_claims', alias: 'c', column: 'user_id', joins: 'JOIN authors a ON a.id = c.author_id', order: latestFirst('export', { createdAt: 'c.created_at', id: 'c.id' }),
    fields: {
      id: json.globalId('AuthorshipClaim', 'c.id'), author, state: json.word('c.state'), note: json.text('c.note'), evidenceUrl: nullableJson.text('c.evidence_url'),
      createdAt: json.instant('c.created_at'), resolvedAt: nullableJson.instant('c.resolved_at'), resolutionNote: nullableJson.text('c.resolution_note'),
      endedAt: nullableJson.instant('c.ended_at'), endReason: nullableJson.text('c.end_reason'),
    },
  },
  // authorship_claims_resolver_id_idx
  {
    name: 'resolvedClaims', table: 'authorship_claims', alias: 'c', column: 'resolver_id', order: byId('c.id'),
    fields: { id: json.globalId('AuthorshipClaim', 'c.id'), state: json.word('c.state'), resolvedAt: nullableJson.instant('c.resolved_at'), resolutionNote: nullableJson.text('c.resolution_note') },
  },
  // idempotency_keys_user_id_created_at_idx; kept for a day. What the server noted of its own statements stands in what they wrote.
  {
    name: 'idempotencyKeys', table: 'idempotency_keys', alias: 'i', column: 'user_id', pageSize: LONG_TEXTS,
    order: { name: 'export', descending: true, keys: [{ column: 'i.created_at', type: 'timestamptz' }, { column: 'i.key', type: 'text' }] },
    fields: {
      key: json.text('i.key'), mutation: json.text('i.mutation'), createdAt: json.instant('i.created_at'), completedAt: nullableJson.instant('i.completed_at'), answer: "coalesce(i.answer, 'null')",
    },
  },
  // audit_entries_actor_id_at_id_idx
  {
    name: 'auditEntries', table: 'audit_entries', alias: 'e', column: 'actor_id', order: latestFirst('export', { createdAt: 'e.at', id: 'e.id' }),
    fields: { at: json.instant('e.at'), action: json.word('e.action'), objectType: json.word('e.object_type'), objectRow: json.number('e.object_id'), details: 'e.details::text' },
  },
  // changes_recorded_at_idx: all of the log is read once, which has no index by readers since that would cost every vote.
  {
    name: 'changeLog', table: 'changes', alias: 'x', column: 'user_id',
    order: { name: 'export', descending: true, keys: [{ column: 'x.recorded_at', type: 'timestamptz' }, { column: 'x.id::float8', type: 'float8' }] },
    fields: {
      recordedAt: json.instant('x.recorded_at'), kind: json.word('x.kind'), paperId: orNull('x.paper_id IS NOT NULL', json.globalId('Paper', 'x.paper_id')),
      tagId: orNull('x.tag_id IS NOT NULL', json.globalId('Tag', 'x.tag_id')), authorId: orNull('x.author_id IS NOT NULL', json.globalId('Author', 'x.author_id')),
      value: nullableJson.number('x.value'), previous: nullableJson.number('x.previous'), since: nullableJson.instant('x.since'),
    },
  },
];
