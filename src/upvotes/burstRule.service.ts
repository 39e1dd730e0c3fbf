import { sql, type Database } from '../database/database.js';

/** Which votes for a paper are taken for coordinated: so many within the minutes, by accounts that were younger than the hours. */
export interface BurstRule {
  /** 0 for none. */
  readonly votes: number;
  readonly minutes: number;
  readonly newAccountHours: number;
}

/** The setting by which triggers flag votes: see burst_rule in prisma/migrations. */
const VOTE_BURSTS = 'vote_bursts';

/** By what the database flags votes, whoever writes them. */
export class BurstRuleService {
  constructor(
    private readonly database: Database,
    private readonly rule: BurstRule,
  ) {}

  /** Has votes that come from here on judged by this server's rule. What is flagged already stays as it was judged. */
  async keep(): Promise<void> {
    const { votes, minutes, newAccountHours } = this.rule;
    await this.database.rows(sql`
      INSERT INTO settings (key, value) VALUES (${VOTE_BURSTS}, ${`${votes} ${minutes} ${newAccountHours}`})
      ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE settings.value <> excluded.value`);
  }
}
