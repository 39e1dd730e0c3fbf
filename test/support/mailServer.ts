import { once } from 'node:events';
import { SMTPServer, type SMTPServerDataStream } from 'smtp-server';

/** A mail as it came. */
export interface ReceivedMail {
  readonly to: string;
  /** By lower-case name, unfolded. */
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
  readonly html: string;
  readonly raw: string;
}

/** What the server does with a mail instead of accepting it. */
export type Mishap = 'RCPT_450' | 'RCPT_550' | 'DATA_451' | 'DATA_554' | 'CUT_BEFORE_DATA' | 'CUT_IN_DATA' | 'CUT_AFTER_DATA';

/** A real SMTP server that keeps what it accepts. */
export class MailServer {
  readonly received: ReceivedMail[] = [];
  /** What becomes of the next mail to an address. */
  readonly mishaps = new Map<string, Mishap>();
  /** Called with each mail that was read to its end, before the client is told. */
  onData: () => Promise<void> | void = () => undefined;
  private readonly server: SMTPServer;
  port = 0;

  constructor() {
    this.server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS', 'AUTH'],
      closeTimeout: 200,
      onRcptTo: ({ address }, session, done) => {
        const next = this.mishaps.get(address);
        if (next === 'CUT_BEFORE_DATA') { this.mishaps.delete(address); this.cut(session.id); return; }
        if (next !== 'RCPT_450' && next !== 'RCPT_550') { done(); return; }
        this.mishaps.delete(address);
        done(refusal(next === 'RCPT_450' ? 450 : 550));
      },
      // It fails where the client ends the connection instead of the mail.
      onData: (stream, session, done) => { this.take(stream, { id: session.id, to: session.envelope.rcptTo[0]?.address ?? '' }, done).catch(() => undefined); },
    });
    this.server.on('error', () => undefined);
  }

  get url(): string {
    return `smtp://127.0.0.1:${this.port}`;
  }

  async listen(): Promise<this> {
    const listening = this.server.listen(0, '127.0.0.1');
    await once(listening, 'listening');
    this.port = (listening.address() as { port: number }).port;
    return this;
  }

  close(): Promise<void> {
    return new Promise((done) => { this.server.close(() => { done(); }); });
  }

  to(address: string): ReceivedMail[] {
    return this.received.filter(({ to }) => to === address);
  }

  private async take(stream: SMTPServerDataStream, { id, to }: { id: string; to: string }, done: (error?: Error | null) => void): Promise<void> {
    const next = this.mishaps.get(to) ?? '';
    if (next === 'CUT_IN_DATA') {
      this.mishaps.delete(to);
      // Its end is never read.
      stream.on('error', () => undefined).once('data', () => { this.cut(id); });
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    if (next === 'DATA_451' || next === 'DATA_554') {
      this.mishaps.delete(to);
      done(refusal(Number(next.slice(5))));
      return;
    }
    this.received.push(readMail(to, Buffer.concat(chunks).toString('utf8')));
    await this.onData();
    if (next !== 'CUT_AFTER_DATA') { done(); return; }
    this.mishaps.delete(to);
    this.cut(id);
  }

  private cut(id: string): void {
    for (const connection of this.server.connections as Set<{ id: string; _socket: { destroy(): void } }>) if (connection.id === id) connection._socket.destroy();
  }
}

function refusal(code: number): Error {
  return Object.assign(new Error('not today'), { responseCode: code });
}

/** Reads what the server writes: multipart/alternative of two texts. */
export function readMail(to: string, raw: string): ReceivedMail {
  const [head, body] = split(raw);
  const headers = headersOf(head);
  const boundary = /boundary="([^"]+)"/.exec(headers.get('content-type') ?? '')?.[1] ?? '';
  const parts = body.split(`--${boundary}`).slice(1, -1).map((part) => {
    const [partHead, content] = split(part.replace(/^\r\n/, ''));
    return { headers: headersOf(partHead), content };
  });
  const partOf = (type: string): string => {
    const part = parts.find(({ headers: own }) => own.get('content-type')?.startsWith(type));
    return part === undefined ? '' : decoded(part.content, part.headers.get('content-transfer-encoding') ?? '').replaceAll('\r\n', '\n').replace(/\n$/, '');
  };
  return { to, headers, text: partOf('text/plain'), html: partOf('text/html'), raw };
}

function split(text: string): [string, string] {
  const end = text.indexOf('\r\n\r\n');
  return [text.slice(0, end), text.slice(end + 4)];
}

function headersOf(head: string): Map<string, string> {
  const lines = head.replace(/\r\n[ \t]+/g, ' ').split('\r\n');
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), words(line.slice(line.indexOf(':') + 1).trim())]));
}

// RFC 2047, of which nodemailer writes UTF-8 as Q and B.
function words(value: string): string {
  return value.replace(/\?=\s+=\?/g, '?==?').replace(/=\?UTF-8\?([QB])\?([^?]*)\?=/gi, (_, kind: string, text: string) =>
    kind.toUpperCase() === 'B' ? Buffer.from(text, 'base64').toString('utf8') : quoted(text.replaceAll('_', ' ')));
}

function decoded(text: string, encoding: string): string {
  if (encoding === 'base64') return Buffer.from(text, 'base64').toString('utf8');
  return encoding === 'quoted-printable' ? quoted(text.replace(/=\r\n/g, '')) : text;
}

function quoted(text: string): string {
  return Buffer.from(text.replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))), 'latin1').toString('utf8');
}
