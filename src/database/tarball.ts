/** A file or a folder in an archive. */
export interface ArchivePart {
  /** Relative, with `/` between names. */
  readonly path: string;
  /** In bytes; null for a folder. */
  readonly size: number | null;
  /** Of a part that was unpacked, to be read once, and to its end before the next part is asked for. */
  readonly content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** Bytes that are no archive, or not all of one. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';
}

// The format of POSIX (ustar), which `tar` lists and unpacks: blocks of 512 bytes, of which the first of a part says what comes.
const BLOCK = 512;
const [FILE, FOLDER] = ['0', '5'];
const PATH = { at: 0, size: 100 };
const SIZE = { at: 124, size: 12 };
const CHECKSUM = { at: 148, size: 8 };
const TYPE = { at: 156, size: 1 };
const MAGIC = { at: 257, size: 8 };
/** With its version; files of GNU's own format say it otherwise. */
const USTAR = 'ustar\u000000';

/** The bytes of an archive, made while they are read: however large it is, a piece of it is in memory. */
export async function* packed(parts: Iterable<ArchivePart>): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    yield headerOf(part);
    let written = 0;
    for await (const piece of part.content) {
      written += piece.length;
      yield piece;
    }
    if (written !== (part.size ?? 0)) throw new ArchiveError(`${part.path} has ${written} bytes, and ${part.size ?? 0} were announced`);
    yield Buffer.alloc(paddingOf(written));
  }
  yield Buffer.alloc(2 * BLOCK);
}

/** The parts of an archive in their order, and then the bytes behind its end. Throws ArchiveError, and what reading throws. */
export async function* unpacked(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<ArchivePart> {
  const bytes = new ByteReader(chunks);
  for (;;) {
    const header = await bytes.take(BLOCK);
    if (header.every((byte) => byte === 0)) break;
    const { path, size } = readHeader(header);
    yield { path, size, content: bytes.pieces(size ?? 0) };
    await bytes.take(paddingOf(size ?? 0));
  }
  // Who made them looks at its own checksum at their end.
  await bytes.skipRest();
}

function paddingOf(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

function headerOf({ path, size }: ArchivePart): Buffer {
  const header = Buffer.alloc(BLOCK);
  const name = size === null ? `${path}/` : path;
  if (Buffer.byteLength(name) > PATH.size) throw new ArchiveError(`a path must have at most ${PATH.size} bytes, received ${name}`);
  const put = (text: string, { at }: { readonly at: number }): void => void header.write(text, at);
  put(name, PATH);
  put(size === null ? '0000700\0' : '0000600\0', { at: 100 });
  put('0000000\0', { at: 108 });
  put('0000000\0', { at: 116 });
  put(`${(size ?? 0).toString(8).padStart(SIZE.size - 1, '0')}\0`, SIZE);
  put('00000000000\0', { at: 136 });
  put(size === null ? FOLDER : FILE, TYPE);
  put(USTAR, MAGIC);
  put(`${checksumOf(header).toString(8).padStart(6, '0')}\0 `, CHECKSUM);
  return header;
}

function readHeader(header: Buffer): Pick<ArchivePart, 'path' | 'size'> {
  const text = ({ at, size }: { readonly at: number; readonly size: number }): string => header.toString('utf8', at, at + size).replace(/\0.*$/s, '');
  if (header.toString('latin1', MAGIC.at, MAGIC.at + MAGIC.size) !== USTAR || Number.parseInt(text(CHECKSUM), 8) !== checksumOf(header)) {
    throw new ArchiveError('these are not the bytes of an archive');
  }
  const type = text(TYPE);
  if (type !== FILE && type !== FOLDER) throw new ArchiveError(`${text(PATH)} is neither a file nor a folder`);
  if (type === FOLDER) return { path: text(PATH).replace(/\/$/, ''), size: null };
  const size = text(SIZE);
  if (!/^[0-7]{1,11}$/.test(size)) throw new ArchiveError(`${text(PATH)} has a size that is no number: ${size}`);
  return { path: text(PATH), size: Number.parseInt(size, 8) };
}

/** The sum of the block's bytes, those of the checksum itself taken for spaces. */
function checksumOf(header: Buffer): number {
  return header.reduce((sum, byte, at) => sum + (at >= CHECKSUM.at && at < CHECKSUM.at + CHECKSUM.size ? 32 : byte), 0);
}

class ByteReader {
  private readonly chunks: AsyncIterator<Uint8Array>;
  private rest: Uint8Array = Buffer.alloc(0);

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.chunks = chunks[Symbol.asyncIterator]();
  }

  async take(size: number): Promise<Buffer> {
    const pieces: Uint8Array[] = [];
    for await (const piece of this.pieces(size)) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  /** The next `size` bytes, as they come. */
  async *pieces(size: number): AsyncGenerator<Uint8Array> {
    for (let left = size; left > 0; ) {
      if (this.rest.length === 0) await this.next();
      const piece = this.rest.subarray(0, left);
      this.rest = this.rest.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  }

  async skipRest(): Promise<void> {
    while ((await this.chunks.next()).done !== true);
  }

  private async next(): Promise<void> {
    const next = await this.chunks.next();
    if (next.done === true) throw new ArchiveError('the archive ends too early');
    this.rest = next.value;
  }
}
