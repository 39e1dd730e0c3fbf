import { mkdir, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
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

  // One after the other: such a folder is for trying out, and may have thousands of files.
  async forget(address: string): Promise<void> {
    // Made for the first mail.
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const files = await readdir(this.folder);
    for (const file of files.filter((name) => /\.eml(\.part)?$/.test(name))) {
      const path = join(this.folder, file);
      if ((await recipientOf(path)).toLowerCase() === address.toLowerCase()) await rm(path, { force: true });
    }
  }
}

/** Longer than the headers of any mail that is written here. */
const HEAD_BYTES = 16_384;

/** The address that a file's mail is to; empty where it says none. */
async function recipientOf(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    const [head = ''] = buffer.toString('utf8', 0, bytesRead).split(/\r?\n\r?\n/, 1);
    return /^To:\s+<?([^\s<>]+)>?\s*$/im.exec(head)?.[1] ?? '';
  } finally {
    await file.close();
  }
}
