import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';

// No system call puts one folder in the place of another that is not empty. So the old one is moved aside first, and
// whoever takes the data folder next finishes what was cut off in between: one of the two is there, and whole.

const asideOf = (folder: string): string => `${folder}.replaced`;

/** Where the folder that is to replace another one is made. */
export function draftOf(folder: string): string {
  return `${folder}.restoring`;
}

/** Puts the draft of a folder, whose database was opened before, in its place, be there a database or none. */
export async function replace(folder: string): Promise<void> {
  if (existsSync(folder)) await rename(folder, asideOf(folder));
  await rename(draftOf(folder), folder);
  await rm(asideOf(folder), { recursive: true, force: true });
}

/** Undoes a replacement that was cut off, or where the new folder has its place, does the rest of it. */
export async function settle(folder: string): Promise<void> {
  await rm(draftOf(folder), { recursive: true, force: true });
  const aside = asideOf(folder);
  if (!existsSync(aside)) return;
  if (existsSync(folder)) await rm(aside, { recursive: true });
  else await rename(aside, folder);
}
