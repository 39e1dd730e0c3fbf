import type { NotificationKind } from '../generated/prisma/enums.js';

/** What a notification says. */
export function sentenceOf(kind: NotificationKind, { actor, paper }: { readonly actor: string; readonly paper: string }): string {
  switch (kind) {
    case 'REPLY':
      return `${actor} replied to your comment on “${paper}”.`;
    case 'MENTION':
      return `${actor} mentioned you in a comment on “${paper}”.`;
    case 'COMMENT':
      return `${actor} commented on “${paper}”, which you submitted.`;
    case 'NEW_FOLLOWER':
      return `${actor} follows you.`;
  }
}
