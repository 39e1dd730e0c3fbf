import { JobQueue } from '../jobs/jobQueue.js';
import type { Mailer } from '../mail/mail.js';
import type { DigestService } from './digest.service.js';
import type { DigestPress } from './digestPress.js';
import type { DigestTurns, MailRow } from './digestTurns.js';

export interface SenderParts {
  readonly turns: DigestTurns;
  readonly digests: DigestService;
  readonly press: DigestPress;
  readonly mailer: Mailer;
}

/** Sends the mails whose turn it is. */
export class DigestSender extends JobQueue {
  constructor(private readonly parts: SenderParts) {
    super({ name: 'a mail of a digest', turns: parts.turns, execute: (mailId, signal) => this.send(mailId, signal) });
  }

  private async send(mailId: number, signal: AbortSignal): Promise<void> {
    const row = await this.parts.turns.begin(mailId);
    if (row === null) await this.parts.turns.drop(mailId);
    else if (row.kind === 'CONFIRMATION') await this.sendConfirmation(row);
    else await this.sendDigest(row, signal);
  }

  private async sendConfirmation(row: MailRow): Promise<void> {
    const { turns, digests, press, mailer } = this.parts;
    const { mail, token } = press.confirmationMail(row);
    await digests.expect(row.subscription.id, token);
    await turns.end(row, await mailer.send(mail, () => turns.handOver(row, [])));
  }

  private async sendDigest(row: MailRow, signal: AbortSignal): Promise<void> {
    const { turns, press, mailer } = this.parts;
    const { id: subscriptionId, unsubscribeToken, ...settings } = row.subscription;
    const digest = await press.digest({ ...settings, subscriptionId, at: row.periodEnd }, unsubscribeToken);
    if (digest === null) return turns.end(row, { kind: 'EMPTY' });
    if (isAborted(signal)) return;
    const paperIds = digest.papers.map(({ paper }) => paper.rowId);
    // What the mail server was given is waited for, whoever wants to stop: else nobody would know whether it came.
    const outcome = await mailer.send(press.digestMail(row, digest), async () => !isAborted(signal) && (await turns.handOver(row, paperIds)));
    // Withheld to stop, it is left to the next one.
    if (outcome.kind !== 'WITHHELD' || !isAborted(signal)) await turns.end(row, outcome);
  }
}

// It changes meanwhile, which the compiler does not know.
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
