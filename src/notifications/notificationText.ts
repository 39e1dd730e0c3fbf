import type { NotificationKind } from '../generated/prisma/enums.js';

/** What a sentence names. */
export interface Named {
  readonly actor: string;
  readonly paper: string;
  readonly author: string;
}

/** What a notification says. */
export function sentenceOf(kind: NotificationKind, { actor, paper, author }: Named): string {
  switch (kind) {
    case 'REPLY':
      return `${actor} replied to your comment on “${paper}”.`;
    case 'MENTION':
      return `${actor} mentioned you in a comment on “${paper}”.`;
    case 'COMMENT':
      return `${actor} commented on “${paper}”, which you submitted.`;
    case 'NEW_FOLLOWER':
      return `${actor} follows you.`;
    case 'CLAIM_CONFIRMED':
      return `It was confirmed that you are the author ${author}.`;
    case 'CLAIM_REJECTED':
      return `Your claim to be the author ${author} was rejected.`;
  }
}
