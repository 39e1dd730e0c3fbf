import { Readable } from 'node:stream';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { Mail, Mailer, MailOutcome } from './mail.js';
import { mimeOf } from './mime.js';

// Nodemailer would wait two minutes for a connection and ten for an answer: stopping a server waits for the mail under way.
const TIMEOUTS = { dnsTimeout: 10_000, connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 25_000 };

interface SmtpError extends Error {
  readonly code?: string;
  readonly command?: string;
  readonly responseCode?: number;
}

class Withheld extends Error {}

/**
 * Sends through an SMTP server, a connection a mail. Not through nodemailer's transport, which tells neither when the server
 * is ready to take a mail nor what was under way when it failed.
 */
export class SmtpMailer implements Mailer {
  constructor(private readonly url: string) {}

  forget(): Promise<void> {
    return Promise.resolve();
  }

  async send(mail: Mail, handOver: () => Promise<boolean>): Promise<MailOutcome> {
    const message = await mimeOf(mail);
    const progress = { isHandedOver: false };
    // Read after the server's 354 alone.
    const content = Readable.from((async function* (): AsyncGenerator<Buffer> {
      if (!(await handOver())) throw new Withheld('the mail is not to be sent');
      progress.isHandedOver = true;
      yield message;
    })());
    try {
      await this.converse(mail, content);
      return { kind: 'ACCEPTED' };
    } catch (error) {
      return outcomeOf(error as SmtpError, progress.isHandedOver);
    }
  }

  private async converse({ from, to }: Mail, content: Readable): Promise<void> {
    const [{ default: Connection }, { parseConnectionUrl }] = await Promise.all([import('nodemailer/lib/smtp-connection'), import('nodemailer/lib/shared')]);
    const { auth, ...options } = parseConnectionUrl(this.url);
    const connection = new Connection({ ...TIMEOUTS, ...options, logger: false });
    try {
      await talk(connection, (done) => { connection.connect(done); });
      if (auth !== undefined) await talk(connection, (done) => { connection.login(auth, done); });
      await talk(connection, (done) => { connection.send({ from: addressIn(from), to: [to] }, content, done); });
      connection.quit();
    } catch (error) {
      connection.close();
      throw error;
    }
  }
}

// Errors of the connection come as events, whatever is under way.
function talk(connection: SMTPConnection, step: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.once('error', reject);
    connection.once('end', () => { reject(new Error('the server ended the connection')); });
    step((error) => {
      if (error == null) resolve();
      else reject(error);
    });
  });
}

/** What an error means, after the mail was handed over or before. */
export function outcomeOf(error: SmtpError, isHandedOver: boolean): MailOutcome {
  if (error instanceof Withheld) return { kind: 'WITHHELD' };
  const { command, responseCode, message: reason } = error;
  const isAnswer = responseCode !== undefined && responseCode >= 400;
  if (isHandedOver && !(isAnswer && command === 'DATA')) return { kind: 'UNCERTAIN', reason };
  // What is wrong with the sender or the password is no fault of the address, and is mended.
  const isAboutMail = command === 'RCPT TO' || command === 'DATA';
  return { kind: isAnswer && isAboutMail && responseCode >= 500 ? 'REFUSED' : 'DELAYED', reason };
}

function addressIn(from: string): string {
  return /<([^<>]+)>$/.exec(from)?.[1] ?? from;
}
