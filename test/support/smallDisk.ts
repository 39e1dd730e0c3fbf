import { execFile } from 'node:child_process';
import { chmod, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A file system of two megabytes, which may be full. */
export class SmallDisk {
  private constructor(readonly folder: string) {}

  /** Null where nothing may be mounted. */
  static async mount(): Promise<SmallDisk | null> {
    const folder = await mkdtemp(join(tmpdir(), 'daily-papers-disk-'));
    try {
      await run('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder]);
      await run('chown', ['postgres', folder]);
      await chmod(folder, 0o700);
      return new SmallDisk(folder);
    } catch {
      await rm(folder, { recursive: true, force: true });
      return null;
    }
  }

  /** Leaves no space. */
  async fill(): Promise<void> {
    const file = await open(join(this.folder, 'fill'), 'w');
    try {
      for (;;) await file.write(Buffer.alloc(4096));
    } catch {
      // No space left.
    } finally {
      await file.close();
    }
  }

  async free(): Promise<void> {
    await rm(join(this.folder, 'fill'), { force: true });
  }

  async unmount(): Promise<void> {
    await run('umount', ['-l', this.folder]);
    await rm(this.folder, { recursive: true, force: true });
  }
}
