import { join } from 'node:path';
import { FolderMailer } from './folderMailer.js';
import type { Mail, Mailer, MailOutcome } from './mail.js';
import { SmtpMailer } from './smtpMailer.js';

export const MAIL_FOLDER = 'mail';

/** A mailer that tells of the files that it writes, once there is somebody to tell. */
export interface TellingMailer extends Mailer {
  onWritten: ((file: string) => void) | null;
}

/** By SMTP, or into a folder of the data folder where no server is set. */
export function createMailer({ smtpUrl, dataFolder }: { readonly smtpUrl: string | null; readonly dataFolder: string }): TellingMailer {
  const mailer: Mailer = smtpUrl === null ? new FolderMailer(join(dataFolder, MAIL_FOLDER), (file) => { telling.onWritten?.(file); }) : new SmtpMailer(smtpUrl);
  const telling: TellingMailer = {
    onWritten: null,
    forget: (address) => mailer.forget(address),
    send: (mail: Mail, handOver: () => Promise<boolean>): Promise<MailOutcome> => mailer.send(mail, handOver),
  };
  return telling;
}
