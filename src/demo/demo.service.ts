import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { sql, type Database } from '../database/database.js';
import { DomainError } from '../errors.js';
import type { TagKind } from '../generated/prisma/enums.js';
import { digestOf } from '../submissions/paperOrigins.js';
import { checkedRecord } from '../submissions/paperRecord.js';
import type { PaperWriter } from '../submissions/paperWriter.service.js';
import type { TagService } from '../tags/tag.service.js';
import type { UserService } from '../users/user.service.js';
import type { User } from '../users/user.type.js';
import { simulateCommunity, type SimulatedReader } from './community.js';

const FOLDER = new URL('../../prisma/demo/', import.meta.url);
const SETTING = 'demo';
/** As a source of papers, its word counts least: its summaries are ours. */
const RANKS = new Map([[SETTING, 1]]);
const READERS = 300;
const SEED = 20_251_211;
export const DEMO_USERNAME = 'demo';
/** What the demo reader starts with: titles of three papers on sparse autoencoders. */
const FIRST_UPVOTES = [
  'Towards Principled Evaluations of Sparse Autoencoders for Interpretability and Control',
  'Adaptive Sparse Allocation with Mutual Choice & Feature Choice Sparse Autoencoders',
  'Analysis of Variational Sparse Autoencoders',
];

interface DemoPaper {
  readonly title: string;
  readonly summary: string;
  readonly authorCount: number | null;
  readonly publishedOn: string | null;
  readonly listedOn: string;
  readonly originUpvoteCount: number;
  readonly repos: readonly string[];
  readonly projectPage: string | null;
  readonly tags: readonly { readonly slug: string; readonly weight: number }[];
}

/** How to sign in as the demo reader. */
export interface DemoAccount {
  readonly username: string;
  /** Null where only another installation on the same database knows it. */
  readonly password: string | null;
}

export interface DemoOptions {
  readonly dataFolder: string;
  /** Null makes a password at first start and keeps it in the data folder. */
  readonly password: string | null;
}

/** The first-run papers, a simulated community around them, and an account to try them with. */
export class DemoService {
  constructor(
    private readonly database: Database,
    private readonly services: {
      readonly users: UserService;
      readonly tags: TagService;
      readonly writer: PaperWriter;
    },
  ) {}

  /**
   * Loads the demo into an empty database, once: what an administrator deletes stays deleted. Every step can be
   * repeated, so a load that was interrupted is finished at the next start. Returns whether anything was loaded.
   */
  async load(): Promise<boolean> {
    if (!(await this.begin())) return false;
    const papers = await this.loadPapers();
    await this.loadCommunity(papers);
    await this.database.rows(sql`UPDATE settings SET value = 'loaded' WHERE key = ${SETTING}`);
    return true;
  }

  /** Makes the demo reader, or gives it the configured password; says the password where it is known to be right. */
  async prepareAccount({ dataFolder, password }: DemoOptions): Promise<DemoAccount> {
    const { users } = this.services;
    const [existing] = await users.byUsernames([DEMO_USERNAME]);
    const file = join(dataFolder, 'demo-password');
    if (existing !== undefined && password === null) {
      const kept = await readFile(file, 'utf8').then((text) => text.trim(), () => null);
      const isRight = kept !== null && (await users.findByPassword(DEMO_USERNAME, kept)) !== null;
      return { username: DEMO_USERNAME, password: isRight ? kept : null };
    }
    const chosen = password ?? (await makePassword(file));
    const account = { username: DEMO_USERNAME, password: chosen, displayName: 'Demo reader' };
    try {
      if (existing === undefined) await this.giveFirstUpvotes(await users.signUp(account));
      else await users.ensureAccount(account, existing.role);
    } catch (error) {
      // Another server made the account in the meantime.
      if (!(error instanceof DomainError && error.code === 'CONFLICT')) throw error;
      return this.prepareAccount({ dataFolder, password });
    }
    return { username: DEMO_USERNAME, password: chosen };
  }

  private async giveFirstUpvotes(user: User): Promise<void> {
    await this.database.rows(sql`
      INSERT INTO upvotes (user_id, paper_id) SELECT ${user.rowId}::int4, id FROM papers
      WHERE title_key IN (SELECT title_key(t) FROM unnest(${FIRST_UPVOTES}::text[]) AS t) ON CONFLICT DO NOTHING`);
  }

  // The papers table decides only at first: after an interruption it is no longer empty, but the setting says 'loading'.
  private async begin(): Promise<boolean> {
    await this.database.rows(sql`
      INSERT INTO settings (key, value) SELECT ${SETTING}, CASE WHEN EXISTS (SELECT FROM papers) THEN 'declined' ELSE 'loading' END
      ON CONFLICT (key) DO NOTHING`);
    const [setting] = await this.database.rows<{ value: string }>(sql`SELECT value FROM settings WHERE key = ${SETTING}`);
    return setting?.value === 'loading';
  }

  private async loadPapers(): Promise<(DemoPaper & { rowId: number })[]> {
    const tags = await readDemo<{ slug: string; name: string; kind: TagKind }[]>('tags.json');
    for (const tag of tags) await this.services.tags.create(tag);
    const papers = await readDemo<DemoPaper[]>('papers.json');
    const records = papers.map((paper) =>
      checkedRecord(
        {
          ...paper,
          abstract: paper.summary,
          projectUrl: paper.projectPage,
          statedAuthorCount: paper.authorCount,
          repos: paper.repos.map((url) => ({ url })),
        },
        new Date(),
      ),
    );
    const named = records.map((record) => ({ externalId: null, record, digest: digestOf(record) }));
    const written = await this.database.bulkTransaction((reader) => this.services.writer.write(reader, { source: SETTING, ranks: RANKS, now: new Date() }, named));
    return papers.map((paper, index) => ({ ...paper, rowId: written[index]?.paperId ?? 0 }));
  }

  private async loadCommunity(papers: readonly (DemoPaper & { rowId: number })[]): Promise<void> {
    const readers = simulateCommunity(papers, { readers: READERS, seed: SEED });
    await this.database.transaction(async ({ prisma }) => {
      await prisma.user.createMany({
        data: readers.map(({ username, displayName }) => ({ username, displayName, isSimulated: true })),
        skipDuplicates: true,
      });
      const users = await prisma.user.findMany({ where: { isSimulated: true }, select: { id: true, username: true } });
      const idOf = new Map(users.map((user) => [user.username, user.id]));
      await prisma.upvote.createMany({
        data: readers.flatMap((reader) => upvoteRows(reader, papers, idOf.get(reader.username) ?? 0)),
        skipDuplicates: true,
      });
    });
  }
}

function upvoteRows(reader: SimulatedReader, papers: readonly { rowId: number; listedOn: string }[], userId: number) {
  return reader.upvotes.map(({ paper, delaySeconds }) => {
    const { rowId, listedOn } = papers[paper] as { rowId: number; listedOn: string };
    return { userId, paperId: rowId, createdAt: new Date(Date.parse(`${listedOn}T00:00:00Z`) + delaySeconds * 1000) };
  });
}

// Kept before the account is made, since an account whose password nobody knows could never be used. A file that is there
// already, from a start that was interrupted or from another server, decides.
async function makePassword(file: string): Promise<string> {
  await mkdir(dirname(file), { recursive: true });
  try {
    await writeFile(file, `${randomBytes(9).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const kept = (await readFile(file, 'utf8')).trim();
  if (kept !== '') return kept;
  // Cut off between its creation and its first byte.
  await rm(file);
  return makePassword(file);
}

async function readDemo<Content>(name: string): Promise<Content> {
  return JSON.parse(await readFile(new URL(name, FOLDER), 'utf8')) as Content;
}
