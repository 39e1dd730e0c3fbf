import { sql, type Database, type Sql } from '../database/database.js';
import { readPage, type Page, type PageOf } from '../database/lists.js';
import { DomainError, badInput } from '../errors.js';
import type { TagShare, TasteProfile } from '../recommender/tasteProfile.js';
import { BY_SCORE, pageOf, type RankingPage, type RankingRange } from './recommendation.service.js';
import type { TasteFollower } from './tasteFollower.js';
import { REMOVABLE_KINDS, SIGNALS_LATEST_FIRST, SIGNAL_COLUMNS, SIGNAL_KINDS, SIGNAL_TABLES, signalCount, signalNamed, signalsForPage, toSignalId, type SignalKey, type SignalKind } from './tasteSignals.js';

/** What a reader said of how they are learned from. */
export interface TasteState {
  readonly pausedAt: Date | null;
  readonly resetAt: Date | null;
}

interface SignalRow {
  readonly kindRank: number;
  readonly objectId: number;
  readonly createdAt: Date;
  readonly removedAt: Date | null;
}

/** A signal as its table has it. */
export type Signal = SignalKey & Pick<SignalRow, 'createdAt' | 'removedAt'>;

const TOP_TAGS = BY_SCORE('taste-tags');
const UNDO_RESET_HOURS = 24;

/** What is learned of a reader, and what is to be forgotten. */
export class TasteService {
  constructor(
    private readonly database: Database,
    private readonly follower: TasteFollower,
  ) {}

  async state(userId: number): Promise<TasteState> {
    const [row] = await this.database.rows<TasteState>(sql`
      SELECT taste_paused_at AS "pausedAt", taste_reset_at AS "resetAt" FROM users WHERE id = ${userId}`);
    return row ?? { pausedAt: null, resetAt: null };
  }

  /** What the recommender reads of a reader, over what is committed by the time of the call. */
  async profile(userId: number): Promise<TasteProfile> {
    return (await this.follower.ask({ kind: 'profile', readerId: userId })).answer;
  }

  async signals(userId: number, kind: SignalKind | null, page: Page): Promise<PageOf<Signal>> {
    const kinds = kind === null ? SIGNAL_KINDS : [kind];
    const list = { columns: SIGNAL_COLUMNS, from: signalsForPage(userId, kinds, page), where: [], order: SIGNALS_LATEST_FIRST };
    const found = await readPage<SignalRow>(this.database, list, page);
    return { ...found, rows: found.rows.map(toSignal) };
  }

  async countSignals(userId: number, kind: SignalKind | null): Promise<number> {
    const [row] = await this.database.rows<{ count: number }>(signalCount(userId, kind === null ? SIGNAL_KINDS : [kind]));
    return row?.count ?? 0;
  }

  /** Throws BAD_USER_INPUT for a foreign cursor. */
  topTags({ tagShares }: TasteProfile, range: RankingRange): RankingPage<TagShare> {
    return pageOf(tagShares.map((item) => ({ item, score: item.share, id: item.tagId })), TOP_TAGS, range);
  }

  /** Throws NOT_FOUND where the reader gave no such signal. */
  async getSignal(userId: number, key: SignalKey): Promise<Signal> {
    const [row] = await this.database.rows<SignalRow>(sql`SELECT ${SIGNAL_COLUMNS} FROM ${signalNamed(userId, key)}`);
    if (row === undefined) throw new DomainError('NOT_FOUND', `signalId must be of a signal that the viewer gave and did not take back, received ${JSON.stringify(toSignalId(key))}`, 'signalId');
    return toSignal(row);
  }

  /** Keeps the row and learns nothing of it, or learns of it again. Throws BAD_USER_INPUT for a signal that also hides papers. */
  async setRemoved(userId: number, { kind, objectId }: SignalKey, isRemoved: boolean): Promise<void> {
    const { table, object, isRemovable } = SIGNAL_TABLES[kind];
    if (!isRemovable) throw badInput('signalId', "must be of an upvote or a follow; a dismissal and a mute are taken back by the mutation that the signal's removal names", toSignalId({ kind, objectId }));
    await this.database.rows(sql`
      UPDATE ${table} SET unlearned_at = ${isRemoved ? sql`CURRENT_TIMESTAMP` : sql`NULL`}
      WHERE user_id = ${userId} AND ${object} = ${objectId} AND ${isRemoved ? sql`unlearned_at IS NULL` : sql`unlearned_at IS NOT NULL`}`);
  }

  async pause(userId: number): Promise<void> {
    await this.database.rows(sql`UPDATE users SET taste_paused_at = CURRENT_TIMESTAMP WHERE id = ${userId} AND taste_paused_at IS NULL`);
  }

  async resume(userId: number): Promise<void> {
    await this.database.rows(sql`UPDATE users SET taste_paused_at = NULL WHERE id = ${userId} AND taste_paused_at IS NOT NULL`);
  }

  // Rows are locked in the order of votes: upvotes before their reader. What a reset took has its time, so that it can be
  // undone; one that finds nothing to take leaves the one before to be undone.
  /** Learns nothing of all that the reader upvoted and followed so far. */
  async reset(userId: number): Promise<void> {
    await this.database.bulkTransaction(async (reader) => {
      let count = 0;
      for (const kind of REMOVABLE_KINDS) {
        const [row] = await reader.rows<{ count: number }>(countOf(sql`
          UPDATE ${SIGNAL_TABLES[kind].table} SET unlearned_at = CURRENT_TIMESTAMP WHERE user_id = ${userId} AND unlearned_at IS NULL`));
        count += row?.count ?? 0;
      }
      await reader.rows(sql`
        UPDATE users SET taste_reset_at = CURRENT_TIMESTAMP WHERE id = ${userId} AND (${count > 0} OR taste_reset_at IS NULL)`);
    });
  }

  // upvotes_unlearned_user_id_paper_id_idx and its like for follows
  /** Learns again of what the last reset took; where there was none, nothing changes. Throws CONFLICT after a day. */
  async undoReset(userId: number): Promise<void> {
    await this.database.bulkTransaction(async (reader) => {
      const [reset] = await reader.rows<{ at: string; isOld: boolean }>(sql`
        SELECT taste_reset_at::text AS at, taste_reset_at < CURRENT_TIMESTAMP - make_interval(hours => ${UNDO_RESET_HOURS}::int4) AS "isOld"
        FROM users WHERE id = ${userId} AND taste_reset_at IS NOT NULL`);
      if (reset === undefined) return;
      if (reset.isOld) throw new DomainError('CONFLICT', `a reset can be undone for ${UNDO_RESET_HOURS} hours, the last one was at ${new Date(reset.at).toISOString()}: restore single signals`, 'resetAt');
      for (const kind of REMOVABLE_KINDS) {
        await reader.rows(sql`
          UPDATE ${SIGNAL_TABLES[kind].table} SET unlearned_at = NULL WHERE user_id = ${userId} AND unlearned_at IS NOT NULL AND unlearned_at = ${reset.at}::text::timestamptz`);
      }
      await reader.rows(sql`UPDATE users SET taste_reset_at = NULL WHERE id = ${userId} AND taste_reset_at = ${reset.at}::text::timestamptz`);
    });
  }
}

function countOf(update: Sql): Sql {
  return sql`WITH changed AS (${update} RETURNING 1) SELECT count(*)::int4 AS count FROM changed`;
}

function toSignal({ kindRank, objectId, createdAt, removedAt }: SignalRow): Signal {
  return { kind: SIGNAL_KINDS[kindRank] as SignalKind, objectId, createdAt, removedAt };
}
