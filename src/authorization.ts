import type { Rule, Who } from './graphql/authorization.js';

/** What the names mean. */
const MEANINGS: Readonly<Record<Who, string>> = {
  ANYONE: 'everybody, without a token as well',
  READER: 'who is signed in; what is read and written is their own by the statement, or everybody’s',
  OWN: 'who is signed in, where the row is theirs',
  OWN_OR_CURATOR: 'the same, and curators',
  SUBMITTER_OR_CURATOR: 'who submitted the paper, and curators',
  CURATOR: 'curators and admins',
  ADMIN: 'admins',
};

/**
 * Who may ask for what: each query, mutation and subscription, and the fields of objects that not everybody is told. What roles
 * decide is asked before resolvers run (graphql/authorization.ts); what rows decide, by the services that read them.
 */
export const RULES: readonly Rule[] = [
  {
    who: 'ANYONE',
    fields: {
      Query: [
        'author', 'authors', 'feed', 'latestSyndication', 'papers', 'rateLimit', 'recommendations', 'repo', 'repos', 'search', 'searchSyndication', 'tag', 'tags',
        'user',
      ],
    },
  },
  { who: 'ANYONE', fields: { Query: ['viewer'] }, remark: 'whoever asks; null without a token' },
  { who: 'ANYONE', fields: { Query: ['paper'] }, remark: 'a hidden one: its submitter and curators; null for others' },
  { who: 'ANYONE', fields: { Query: ['comment'] }, remark: 'the text of a hidden one: its author and curators' },
  { who: 'ANYONE', fields: { Query: ['collection'], User: ['collections'], Paper: ['collections'] }, remark: 'a private one: its owner; not there for others' },
  {
    who: 'ANYONE',
    fields: { Query: ['node', 'nodes'] },
    remark: 'as by the fields of Query; a notification, a feed token and an external identity: OWN, a report and a claim: OWN_OR_CURATOR, a run of an import: ADMIN; null for others',
  },
  { who: 'ANYONE', fields: { Mutation: ['signUp', 'signIn', 'signOut'] }, remark: 'UNAUTHENTICATED for a wrong password' },
  { who: 'ANYONE', fields: { Mutation: ['confirmDigest'] }, remark: 'who has the token of the mail; tells its reader alone of the digest' },
  { who: 'ANYONE', fields: { Subscription: ['paperListed', 'paperVotes', 'commentAdded'] }, remark: 'of a hidden paper or comment what its by-id query tells' },

  {
    who: 'READER',
    fields: {
      Query: [
        'digestPreview', 'digestSubscription', 'dismissedPapers', 'externalIdentities', 'feedTokens', 'followingFeed', 'library', 'mutedAuthors', 'mutedTags', 'notifications',
        'tasteProfile', 'unreadNotificationCount',
      ],
      Mutation: [
        'addComment', 'claimAuthorship', 'createCollection', 'createFeedToken', 'dismissPaper', 'exportMyData', 'followAuthor', 'followTag', 'followUser',
        'importLibrary', 'markFeedSeen', 'muteAuthor', 'muteTag', 'pauseTaste', 'removeCommentUpvote', 'removeFromLibrary', 'removeTasteSignal', 'removeUpvote',
        'report', 'resetTaste', 'restoreTasteSignal', 'resumeTaste', 'setPaperNote', 'setReadingState', 'submitPaper', 'subscribeToDigest', 'undoDismissPaper',
        'undoResetTaste', 'unfollowAuthor', 'unfollowTag', 'unfollowUser', 'unmuteAuthor', 'unmuteTag', 'unsubscribeFromDigest', 'updateDigest', 'upvotePaper',
      ],
      Subscription: ['notificationAdded'],
    },
  },
  { who: 'READER', fields: { Mutation: ['upvoteComment'] }, remark: 'not of their own comment: FORBIDDEN' },
  { who: 'READER', fields: { Mutation: ['deleteAccount'] }, remark: 'UNAUTHENTICATED for a wrong password, and without one for an old token' },
  { who: 'READER', fields: { Mutation: ['linkExternalIdentity'] }, remark: 'who has a token of the provider, whose subject is nobody else' },
  {
    who: 'READER',
    otherwise: false,
    fields: {
      Paper: ['viewerHasUpvoted', 'viewerHasDismissed', 'viewerHasMuted'],
      Author: ['viewerFollows', 'viewerHasMuted'],
      Tag: ['viewerFollows', 'viewerHasMuted'],
      User: ['viewerFollows'],
      Comment: ['viewerHasUpvoted'],
    },
  },
  { who: 'READER', otherwise: null, fields: { Paper: ['viewerLibraryEntry'], Author: ['viewerClaim'] } },

  { who: 'OWN', fields: { Mutation: ['editComment', 'deleteComment'] }, remark: 'the author of the comment; FORBIDDEN' },
  {
    who: 'OWN',
    fields: { Mutation: ['addToCollection', 'moveInCollection', 'removeFromCollection', 'updateCollection', 'deleteCollection'] },
    remark: 'the owner of the collection; FORBIDDEN',
  },
  { who: 'OWN', fields: { Mutation: ['withdrawClaim', 'markNotificationsRead'] }, remark: 'NOT_FOUND for those of others' },
  { who: 'OWN', fields: { Mutation: ['revokeFeedToken', 'unlinkExternalIdentity'] }, remark: 'changes nothing for those of others' },
  { who: 'OWN', otherwise: false, fields: { Comment: ['viewerCanEdit'] }, remark: 'its author, in time' },

  { who: 'OWN_OR_CURATOR', fields: { Mutation: ['unlinkAuthor'] }, remark: 'the reader who is the author; FORBIDDEN' },
  { who: 'OWN_OR_CURATOR', otherwise: null, fields: { User: ['authorshipClaims'], Report: ['reporter'] } },

  { who: 'SUBMITTER_OR_CURATOR', fields: { Mutation: ['linkRepo', 'tagPaper', 'unlinkRepo', 'untagPaper', 'updatePaper'] }, remark: 'FORBIDDEN' },

  {
    who: 'CURATOR',
    fields: {
      Query: ['authorshipClaims', 'flaggedVotes', 'reports'],
      Mutation: [
        'addTagAlias', 'clearFlaggedVotes', 'confirmFlaggedVotes', 'createTag', 'hideComment', 'hidePaper', 'mergeAuthors', 'mergePapers', 'mergeTags',
        'removeTagAlias', 'resolveReport', 'restoreComment', 'restorePaper',
      ],
    },
  },
  { who: 'CURATOR', fields: { Mutation: ['resolveClaim'] }, remark: 'not their own claim: FORBIDDEN' },
  { who: 'CURATOR', otherwise: null, fields: { Paper: ['flaggedUpvoteCount'], Report: ['resolver'], AuthorshipClaim: ['resolver'] } },

  { who: 'ADMIN', fields: { Query: ['auditLog', 'ingestRun', 'ingestRuns', 'ingestSources', 'recommenderState'], Mutation: ['runIngest', 'setUserRole', 'stopIngest'] } },
];

/** What the names mean, and the rules as a table: Markdown, for ARCHITECTURE.md. */
export function rulesTable(): string {
  const meanings = Object.entries(MEANINGS).map(([who, meaning]) => `- ${who}: ${meaning}`);
  const rows = RULES.map((rule) => {
    const others = rule.otherwise === undefined ? [] : [`${String(rule.otherwise)} for others`];
    const notes = [...(rule.remark === undefined ? [] : [rule.remark]), ...others];
    const fields = Object.entries(rule.fields).map(([type, names]) => `${type}: ${names.join(', ')}`);
    return `| ${rule.who} | ${fields.join('; ')} | ${notes.join('; ')} |`;
  });
  return [...meanings, '', '| who | fields | what rows decide, what others get |', '|---|---|---|', ...rows].join('\n');
}
