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
 * Who may ask for what, by which tokens: each query, mutation and subscription, and the fields of objects that not everybody is
 * told. What roles and scopes decide is asked before resolvers run (graphql/authorization.ts); what rows decide, by the services that read them.
 */
export const RULES: readonly Rule[] = [
  {
    who: 'ANYONE',
    scope: 'READ',
    fields: {
      Query: [
        'author', 'authors', 'feed', 'latestSyndication', 'papers', 'rateLimit', 'recommendations', 'repo', 'repos', 'search', 'searchSyndication', 'tag', 'tags',
        'user',
      ],
    },
  },
  { who: 'ANYONE', scope: 'READ', fields: { Query: ['viewer'] }, remark: 'whoever asks; null without a token' },
  { who: 'ANYONE', scope: 'READ', fields: { Query: ['paper'] }, remark: 'a hidden one: its submitter and curators; null for others' },
  { who: 'ANYONE', scope: 'READ', fields: { Query: ['comment'] }, remark: 'the text of a hidden one: its author and curators' },
  { who: 'ANYONE', scope: 'READ', fields: { Query: ['collection'], User: ['collections'], Paper: ['collections'] }, remark: 'a private one: its owner; not there for others' },
  {
    who: 'ANYONE',
    scope: 'READ',
    fields: { Query: ['node', 'nodes'] },
    remark: 'as by the fields of Query; a notification, a feed token, an external identity and a session: OWN, a report and a claim: OWN_OR_CURATOR, a run of an import: ADMIN; null for others',
  },
  { who: 'ANYONE', scope: null, fields: { Mutation: ['signUp', 'signIn'] }, remark: 'UNAUTHENTICATED for a wrong password' },
  { who: 'ANYONE', scope: null, fields: { Mutation: ['signOut'] }, remark: 'the session of the token; of others with the scope ADMIN alone: FORBIDDEN' },
  { who: 'ANYONE', scope: null, fields: { Mutation: ['confirmDigest'] }, remark: 'who has the token of the mail; tells its reader alone of the digest' },
  { who: 'ANYONE', scope: 'READ', fields: { Subscription: ['paperListed', 'paperVotes', 'commentAdded'] }, remark: 'of a hidden paper or comment what its by-id query tells' },

  {
    who: 'READER',
    scope: 'READ',
    fields: {
      Query: [
        'digestPreview', 'digestSubscription', 'dismissedPapers', 'externalIdentities', 'feedTokens', 'followingFeed', 'library', 'mutedAuthors', 'mutedTags', 'notifications', 'sessions',
        'tasteProfile', 'unreadNotificationCount',
      ],
      Subscription: ['notificationAdded'],
    },
  },
  { who: 'READER', scope: 'VOTE', fields: { Mutation: ['removeCommentUpvote', 'removeUpvote', 'upvotePaper'] } },
  { who: 'READER', scope: 'VOTE', fields: { Mutation: ['upvoteComment'] }, remark: 'not of their own comment: FORBIDDEN' },
  {
    who: 'READER',
    scope: 'WRITE',
    fields: {
      Mutation: [
        'addComment', 'claimAuthorship', 'createCollection', 'dismissPaper', 'followAuthor', 'followTag', 'followUser', 'importLibrary', 'markFeedSeen',
        'muteAuthor', 'muteTag', 'pauseTaste', 'removeFromLibrary', 'removeTasteSignal', 'report', 'resetTaste', 'restoreTasteSignal', 'resumeTaste',
        'setPaperNote', 'setReadingState', 'submitPaper', 'subscribeToDigest', 'undoDismissPaper', 'undoResetTaste', 'unfollowAuthor', 'unfollowTag',
        'unfollowUser', 'unmuteAuthor', 'unmuteTag', 'unsubscribeFromDigest', 'updateDigest',
      ],
    },
  },
  // What opens the account to others, or ends it.
  { who: 'READER', scope: 'ADMIN', fields: { Mutation: ['createFeedToken', 'exportMyData'] } },
  { who: 'READER', scope: 'ADMIN', fields: { Mutation: ['createApiToken'] }, remark: 'for no more than the token that makes it: FORBIDDEN' },
  { who: 'READER', scope: 'ADMIN', fields: { Mutation: ['changePassword'] }, remark: 'UNAUTHENTICATED for a wrong password' },
  { who: 'READER', scope: 'ADMIN', fields: { Mutation: ['deleteAccount'] }, remark: 'UNAUTHENTICATED for a wrong password, and without one for an old token' },
  { who: 'READER', scope: 'ADMIN', fields: { Mutation: ['linkExternalIdentity'] }, remark: 'who has a token of the provider, whose subject is nobody else; UNAUTHENTICATED for a wrong password, FORBIDDEN for an API token' },
  {
    who: 'READER',
    scope: 'READ',
    otherwise: false,
    fields: {
      Paper: ['viewerHasUpvoted', 'viewerHasDismissed', 'viewerHasMuted'],
      Author: ['viewerFollows', 'viewerHasMuted'],
      Tag: ['viewerFollows', 'viewerHasMuted'],
      User: ['viewerFollows'],
      Comment: ['viewerHasUpvoted'],
    },
  },
  { who: 'READER', scope: 'READ', otherwise: null, fields: { Paper: ['viewerLibraryEntry'], Author: ['viewerClaim'] } },

  { who: 'OWN', scope: 'WRITE', fields: { Mutation: ['editComment', 'deleteComment'] }, remark: 'the author of the comment; FORBIDDEN' },
  {
    who: 'OWN',
    scope: 'WRITE',
    fields: { Mutation: ['addToCollection', 'moveInCollection', 'removeFromCollection', 'updateCollection', 'deleteCollection'] },
    remark: 'the owner of the collection; FORBIDDEN',
  },
  { who: 'OWN', scope: 'WRITE', fields: { Mutation: ['withdrawClaim', 'markNotificationsRead'] }, remark: 'NOT_FOUND for those of others' },
  { who: 'OWN', scope: 'WRITE', fields: { Mutation: ['revokeFeedToken'] }, remark: 'changes nothing for those of others' },
  { who: 'OWN', scope: 'ADMIN', fields: { Mutation: ['revokeSession', 'unlinkExternalIdentity'] }, remark: 'changes nothing for those of others' },
  { who: 'OWN', scope: 'READ', otherwise: false, fields: { Comment: ['viewerCanEdit'] }, remark: 'its author, in time' },

  { who: 'OWN_OR_CURATOR', scope: 'WRITE', fields: { Mutation: ['unlinkAuthor'] }, remark: 'the reader who is the author; FORBIDDEN' },
  { who: 'OWN_OR_CURATOR', scope: 'READ', otherwise: null, fields: { User: ['authorshipClaims'], Report: ['reporter'] } },

  { who: 'SUBMITTER_OR_CURATOR', scope: 'WRITE', fields: { Mutation: ['linkRepo', 'tagPaper', 'unlinkRepo', 'untagPaper', 'updatePaper'] }, remark: 'FORBIDDEN' },

  {
    who: 'CURATOR',
    scope: 'ADMIN',
    fields: {
      Query: ['authorshipClaims', 'flaggedVotes', 'reports'],
      Mutation: [
        'addTagAlias', 'clearFlaggedVotes', 'confirmFlaggedVotes', 'createTag', 'hideComment', 'hidePaper', 'mergeAuthors', 'mergePapers', 'mergeTags',
        'removeTagAlias', 'resolveReport', 'restoreComment', 'restorePaper',
      ],
    },
  },
  { who: 'CURATOR', scope: 'ADMIN', fields: { Mutation: ['resolveClaim'] }, remark: 'not their own claim: FORBIDDEN' },
  { who: 'CURATOR', scope: 'READ', otherwise: null, fields: { Paper: ['flaggedUpvoteCount'], Report: ['resolver'], AuthorshipClaim: ['resolver'] } },

  {
    who: 'ADMIN',
    scope: 'ADMIN',
    fields: { Query: ['auditLog', 'ingestRun', 'ingestRuns', 'ingestSources', 'recommenderState'], Mutation: ['runIngest', 'setUserRole', 'stopIngest'] },
  },

  // What mutations answer of what is the reader's own, or curators': a token that may not read does it, and is not told.
  {
    who: 'READER',
    scope: 'READ',
    fields: {
      ClaimAuthorshipPayload: ['claim', 'isNew'],
      ImportLibraryPayload: ['unchangedCount', 'upvotedCount'],
      LinkExternalIdentityPayload: ['externalIdentity'],
      MarkFeedSeenPayload: ['seenUntil'],
      MarkNotificationsReadPayload: ['unreadNotificationCount'],
      PauseTastePayload: ['tasteProfile'],
      RemoveTasteSignalPayload: ['signal'],
      ReportPayload: ['isNew', 'report'],
      ResetTastePayload: ['tasteProfile'],
      RestoreTasteSignalPayload: ['signal'],
      ResumeTastePayload: ['tasteProfile'],
      SubscribeToDigestPayload: ['isConfirmationSent', 'subscription'],
      UndoResetTastePayload: ['tasteProfile'],
      UnsubscribeFromDigestPayload: ['wasSubscribed'],
      UpdateDigestPayload: ['subscription'],
      WithdrawClaimPayload: ['claim'],
    },
  },
  { who: 'READER', scope: 'READ', otherwise: null, fields: { ConfirmDigestPayload: ['subscription'] }, remark: 'their own' },
  {
    who: 'READER',
    scope: 'READ',
    exceptWhere: { isPublic: true },
    fields: {
      AddToCollectionPayload: ['collection'], MoveInCollectionPayload: ['collection'], RemoveFromCollectionPayload: ['collection'], UpdateCollectionPayload: ['collection'],
    },
    remark: 'a public one: anyone',
  },
  {
    who: 'READER',
    scope: 'READ',
    exceptWhere: { isHidden: false },
    fields: {
      AddToCollectionPayload: ['paper'], ClearFlaggedVotesPayload: ['paper'], ConfirmFlaggedVotesPayload: ['paper'], DismissPaperPayload: ['paper'],
      HidePaperPayload: ['paper'], LinkRepoPayload: ['paper'], MergePapersPayload: ['paper'], RemoveFromCollectionPayload: ['paper'],
      RemoveFromLibraryPayload: ['paper'], RemoveUpvotePayload: ['paper'], RestorePaperPayload: ['paper'], SetPaperNotePayload: ['paper'],
      SetReadingStatePayload: ['paper'], SubmitPaperPayload: ['paper'], TagPaperPayload: ['paper'], UndoDismissPaperPayload: ['paper'],
      UnlinkRepoPayload: ['paper'], UntagPaperPayload: ['paper'], UpdatePaperPayload: ['paper'], UpvotePaperPayload: ['paper'],
    },
    remark: 'one that is not hidden: anyone',
  },
  {
    who: 'CURATOR',
    scope: 'READ',
    fields: { ClearFlaggedVotesPayload: ['voteCount'], ConfirmFlaggedVotesPayload: ['voteCount'], ResolveClaimPayload: ['claim'], ResolveReportPayload: ['report'] },
  },
  { who: 'ADMIN', scope: 'READ', fields: { RunIngestPayload: ['isNew', 'run'], StopIngestPayload: ['run'] } },
];

/** What the names mean, and the rules as a table: Markdown, for ARCHITECTURE.md. */
export function rulesTable(): string {
  const meanings = Object.entries(MEANINGS).map(([who, meaning]) => `- ${who}: ${meaning}`);
  const rows = RULES.map((rule) => {
    const others = rule.otherwise === undefined ? [] : [`${String(rule.otherwise)} for others`];
    const notes = [...(rule.remark === undefined ? [] : [rule.remark]), ...others];
    const fields = Object.entries(rule.fields).map(([type, names]) => `${type}: ${names.join(', ')}`);
    return `| ${rule.who} | ${rule.scope ?? ''} | ${fields.join('; ')} | ${notes.join('; ')} |`;
  });
  return [...meanings, '', '| who | scope | fields | what rows decide, what others get |', '|---|---|---|---|', ...rows].join('\n');
}
