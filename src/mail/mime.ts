import type { Mail } from './mail.js';

/** The mail as RFC 5322 has it. */
export async function mimeOf({ headers, ...mail }: Mail): Promise<Buffer> {
  // Loaded when the first mail is sent.
  const { default: MailComposer } = await import('nodemailer/lib/mail-composer');
  const composer = new MailComposer({ ...mail, headers: { ...headers }, disableFileAccess: true, disableUrlAccess: true });
  return composer.compile().build();
}
