import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Mail, Mailer, MailOutcome } from './mail.js';
import { mimeOf } from './mime.js';

/** Writes each mail into a folder, as a file that mail programs open: for trying out, and where no SMTP server is set. */
export class FolderMailer implements Mailer {
  constructor(
    private readonly folder: string,
    private readonly onWritten: (file: string) => void,
  ) {}

  async send(mail: Mail, handOver: () => Promise<boolean>): Promise<MailOutcome> {
    const message = await mimeOf(mail);
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    if (!(await handOver())) return { kind: 'WITHHELD' };
    const file = join(this.folder, `${mail.messageId.replace(/[^\w.@-]/g, '')}.eml`);
    // Links in it are for the reader alone.
    await writeFile(`${file}.part`, message, { mode: 0o600 });
    await rename(`${file}.part`, file);
    this.onWritten(file);
    return { kind: 'ACCEPTED' };
  }
}
