import { randomBytes } from 'node:crypto';
import { sql, type Database } from '../database/database.js';

const KEY = 'feed_ids';

/**
 * What the ids of feeds and entries begin with: a tag: URI (RFC 4151) of this installation, made when first asked for and the
 * same ever after, on all its servers and whatever its address: readers would take all entries for new ones.
 */
export class FeedIdService {
  private beginning: string | null = null;

  constructor(
    private readonly database: Database,
    private readonly publicUrl: string,
  ) {}

  async find(): Promise<string> {
    this.beginning ??= await this.read();
    return this.beginning;
  }

  private async read(): Promise<string> {
    const { hostname } = new URL(this.publicUrl);
    // Two installations may begin at localhost, both of them on one day.
    const made = `${/^[a-z0-9.-]+$/.test(hostname) ? hostname : 'localhost'},${new Date().toISOString().slice(0, 10)}:${randomBytes(6).toString('hex')}`;
    const [row] = await this.database.rows<{ value: string }>(sql`
      INSERT INTO settings (key, value) VALUES (${KEY}, ${made}) ON CONFLICT (key) DO UPDATE SET value = settings.value RETURNING value`);
    return `tag:${row?.value ?? made}/`;
  }
}
