import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { z } from 'zod';
import { ArchiveError, packed, unpacked, type ArchivePart } from './tarball.js';

// A backup is the folder of the database, closed, as one tar in one gzip: `tar tzf` lists it, gzip's checksum says whether
// all of it is there, and a database of any size passes through in pieces. PGlite's own dump is the same files, and holds
// them all in memory, twice.

const FORMAT = 1;
/** The first part says what the others are, before anything is written. */
const MANIFEST = 'daily-papers-backup.json';
const MANIFEST_BYTES = 10_000;
const FOLDER = 'pgdata';
/** PostgreSQL's version whose files the embedded database reads. */
const POSTGRES = '18';

const manifestSchema = z.object({ format: z.number(), postgres: z.string(), madeAt: z.string(), files: z.number(), bytes: z.number() });
type Manifest = z.infer<typeof manifestSchema>;

/** There is nothing to back up, or a file that is not restored; the message says why. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
}

/**
 * Writes the folder of a closed database into a file, in place of what was there before: at once, and when it is whole.
 * Gives the size of the folder's files in bytes.
 */
export async function writeBackup(file: string, folder: string): Promise<number> {
  const parts = await partsOf(folder);
  const bytes = parts.reduce((sum, { size }) => sum + (size ?? 0), 0);
  const files = parts.filter(({ size }) => size !== null).length;
  const postgres = (await readFile(join(folder, 'PG_VERSION'), 'utf8')).trim();
  await writeWhole(file, [manifestPart({ format: FORMAT, postgres, madeAt: new Date().toISOString(), files, bytes }), ...parts]);
  return bytes;
}

async function partsOf(folder: string): Promise<ArchivePart[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const parts = await Promise.all(entries.map(async (entry): Promise<ArchivePart> => {
    const source = join(entry.parentPath, entry.name);
    const path = [FOLDER, ...relative(folder, source).split(sep)].join('/');
    if (entry.isDirectory()) return { path, size: null, content: [] };
    if (!entry.isFile()) throw new BackupError(`${source} is neither a file nor a folder`);
    return { path, size: (await stat(source)).size, content: bytesOf(source) };
  }));
  // Folders come before what they hold, and the same files in the same order.
  return parts.sort((one, other) => (one.path < other.path ? -1 : 1));
}

/** The file is opened when it is read, and not before. */
async function* bytesOf(file: string): AsyncGenerator<Uint8Array> {
  yield* createReadStream(file) as AsyncIterable<Uint8Array>;
}

function manifestPart(manifest: Manifest): ArchivePart {
  const text = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`);
  return { path: MANIFEST, size: text.length, content: [text] };
}

/** Under another name first, on the disk, and then renamed: whatever ends this process, no half file has the name. */
async function writeWhole(file: string, parts: readonly ArchivePart[]): Promise<void> {
  const draft = `${file}.partial`;
  try {
    // It has the hashes of passwords.
    await pipeline(packed(parts), createGzip(), createWriteStream(draft, { mode: 0o600, flush: true }));
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/**
 * Makes a folder of what a file has, to its last byte; gives the size of it. Throws BackupError where the file is no backup, not
 * a whole one, or one of another version, and leaves then what it has made.
 */
export async function readBackup(file: string, folder: string): Promise<number> {
  try {
    let manifest: Manifest | null = null;
    await pipeline(createReadStream(file), createGunzip(), async (chunks: AsyncIterable<Uint8Array>) => {
      const found = { files: 0, bytes: 0 };
      for await (const part of unpacked(chunks)) {
        if (manifest === null) {
          manifest = await readManifest(part);
          await mkdir(folder, { mode: 0o700 });
          continue;
        }
        await unpackPart(folder, part);
        found.files += part.size === null ? 0 : 1;
        found.bytes += part.size ?? 0;
      }
      if (found.files !== manifest?.files || found.bytes !== manifest.bytes) throw new ArchiveError('it has not the files that it says');
    });
    return (manifest as unknown as Manifest).bytes;
  } catch (error) {
    throw explained(error, file);
  }
}

async function readManifest({ path, size, content }: ArchivePart): Promise<Manifest> {
  if (path !== MANIFEST || size === null || size > MANIFEST_BYTES) throw new ArchiveError(`its first file is not ${MANIFEST}`);
  const pieces: Uint8Array[] = [];
  for await (const piece of content) pieces.push(piece);
  const { success, data } = manifestSchema.safeParse(JSON.parse(Buffer.concat(pieces).toString('utf8')));
  if (!success) throw new ArchiveError(`its ${MANIFEST} says not what it must`);
  if (data.format !== FORMAT) throw new BackupError(`was made in format ${data.format}, and this version reads format ${FORMAT}`);
  if (data.postgres !== POSTGRES) throw new BackupError(`has files of PostgreSQL ${data.postgres}, and this version reads those of ${POSTGRES}`);
  return data;
}

async function unpackPart(folder: string, { path, size, content }: ArchivePart): Promise<void> {
  const [first, ...names] = path.split('/');
  // Whoever made the file must not write beside the folder.
  if (first !== FOLDER || names.length === 0 || names.some((name) => ['', '.', '..'].includes(name) || name.includes(sep))) {
    throw new ArchiveError(`${JSON.stringify(path)} is no place in a database`);
  }
  const target = join(folder, ...names);
  if (size === null) await mkdir(target, { mode: 0o700 });
  else await pipeline(content, createWriteStream(target, { mode: 0o600, flags: 'wx' }));
}

/** What is wrong with a file, where the error tells it; others, such as a full disk, are as they come. */
function explained(error: unknown, file: string): unknown {
  if (!(error instanceof Error)) return error;
  const { code = '' } = error as NodeJS.ErrnoException;
  if (error instanceof BackupError) return new BackupError(`${file} ${error.message}`);
  if (code === 'Z_BUF_ERROR') return new BackupError(`${file} ends too early: it was cut off`, { cause: error });
  const isForeign = error instanceof ArchiveError || error instanceof SyntaxError || code.startsWith('Z_');
  return isForeign ? new BackupError(`${file} is no backup, or damaged: ${error.message}`, { cause: error }) : error;
}
