import { expect, test } from '@jest/globals';
import { packed, unpacked, type ArchivePart } from '../../src/database/tarball.js';
import { chance, type Chance } from '../support/random.js';

type Plain = Omit<ArchivePart, 'content'> & { readonly content: Buffer };

const bytesOf = (random: Chance, size: number): Buffer => Buffer.from(Array.from({ length: size }, () => random.below(256)));

async function pack(parts: readonly Plain[]): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of packed(parts.map((part) => ({ ...part, content: [part.content] })))) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** Reads an archive that comes in pieces of any size. */
async function unpack(bytes: Buffer, random: Chance): Promise<Plain[]> {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length;) {
      const size = 1 + random.below(3000);
      yield await Promise.resolve(bytes.subarray(at, at + size));
      at += size;
    }
  }
  const parts: Plain[] = [];
  for await (const { path, size, content } of unpacked(chunks())) {
    const pieces: Uint8Array[] = [];
    for await (const piece of content) pieces.push(piece);
    parts.push({ path, size, content: Buffer.concat(pieces) });
  }
  return parts;
}

test.each([1, 2, 3])('what was packed is unpacked, in pieces of any size (seed %i)', async (seed) => {
  const random = chance(seed);
  const sizes = [0, 1, 511, 512, 513, 1024, ...Array.from({ length: 20 }, () => random.below(5000))];
  const files = sizes.map((size, n): Plain => ({ path: `folder/file-${n}`, size, content: bytesOf(random, size) }));
  const parts: Plain[] = [{ path: 'folder', size: null, content: Buffer.alloc(0) }, ...files, { path: 'folder/empty', size: null, content: Buffer.alloc(0) }];
  expect(await unpack(await pack(parts), random)).toEqual(parts);
});

test('a cut archive, a changed header, and what is neither file nor folder are refused', async () => {
  const random = chance(1);
  const bytes = await pack([{ path: 'one', size: 700, content: bytesOf(random, 700) }, { path: 'two', size: 3, content: Buffer.from('abc') }]);
  for (const length of [0, 100, 512, 900, 1536, 2048, 2559]) await expect(unpack(bytes.subarray(0, length), random)).rejects.toThrow('the archive ends too early');
  const changed = Buffer.from(bytes);
  changed[0] = 'x'.charCodeAt(0);
  await expect(unpack(changed, random)).rejects.toThrow('these are not the bytes of an archive');
  // A link, with the checksum that it would have.
  const link = Buffer.from(bytes);
  link[156] = '2'.charCodeAt(0);
  link.write(`${(Number.parseInt(link.toString('latin1', 148, 154), 8) + 2).toString(8).padStart(6, '0')}\0 `, 148);
  await expect(unpack(link, random)).rejects.toThrow('one is neither a file nor a folder');
});

test('a path that is too long, and a size that is not that of the content, are refused', async () => {
  await expect(pack([{ path: 'x'.repeat(101), size: 0, content: Buffer.alloc(0) }])).rejects.toThrow('a path must have at most 100 bytes');
  await expect(pack([{ path: 'one', size: 2, content: Buffer.from('abc') }])).rejects.toThrow('one has 3 bytes, and 2 were announced');
});
