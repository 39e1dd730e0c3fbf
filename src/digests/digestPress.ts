import { dayIn } from '../feeds/period.js';
import type { Mail } from '../mail/mail.js';
import { newToken } from '../users/session.service.js';
import { confirmationLetter, digestLetter } from './digestLetters.js';
import type { DigestOrder, DigestPaper, DigestPicks } from './digestPicks.js';
import type { MailRow } from './digestTurns.js';
import type { Letter } from './letter.js';

export interface DigestAddresses {
  /** Begins the links of mails. */
  readonly publicUrl: string;
  /** Whom mails are from. */
  readonly from: string;
}

/** A digest with what it shows. */
export interface PressedDigest {
  readonly letter: Letter;
  readonly papers: readonly DigestPaper[];
}

/** Writes mails. */
export class DigestPress {
  constructor(
    private readonly picks: DigestPicks,
    private readonly addresses: DigestAddresses,
  ) {}

  /** The digest as of an instant; null where there is nothing to show. */
  async digest(order: DigestOrder, unsubscribeToken: string | null): Promise<PressedDigest | null> {
    const papers = await this.picks.of(order);
    if (papers.length === 0) return null;
    const unsubscribeUrl = unsubscribeToken === null ? null : this.link('unsubscribe', unsubscribeToken);
    return { letter: digestLetter({ settings: order, day: dayIn(order.timeZone, order.at), papers, unsubscribeUrl }), papers };
  }

  /** The mail of a digest. */
  digestMail(row: MailRow, { letter }: PressedDigest): Mail {
    const { email, unsubscribeToken } = row.subscription;
    const headers = {
      'List-Id': `Daily Papers <digest.${this.domain()}>`,
      // RFC 8058: mail programs unsubscribe by a POST to the address.
      'List-Unsubscribe': `<${this.link('unsubscribe', unsubscribeToken)}>`,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
      'Auto-Submitted': 'auto-generated',
      Precedence: 'bulk',
    };
    return { ...letter, from: this.addresses.from, to: email, date: new Date(), headers, messageId: this.messageIdOf(row) };
  }

  /** The mail that asks an address to confirm, with the token of its link. */
  confirmationMail(row: MailRow): { readonly mail: Mail; readonly token: string } {
    const token = newToken('');
    const { email, frequency } = row.subscription;
    const letter = confirmationLetter({ username: row.username, frequency, confirmUrl: this.link('confirm', token) });
    return { token, mail: { ...letter, from: this.addresses.from, to: email, date: new Date(), headers: { 'Auto-Submitted': 'auto-generated' }, messageId: this.messageIdOf(row) } };
  }

  // The same for each attempt: should a mail come twice after all, mail programs show it once.
  private messageIdOf({ period, subscription }: MailRow): string {
    return `<digest.${subscription.id}.${period.replaceAll(' ', '.').toLowerCase()}@${this.domain()}>`;
  }

  private domain(): string {
    return /@([^\s<>@]+)>?$/.exec(this.addresses.from)?.[1] ?? 'localhost';
  }

  private link(page: 'confirm' | 'unsubscribe', token: string): string {
    return `${this.addresses.publicUrl}/digest/${page}?token=${token}`;
  }
}
