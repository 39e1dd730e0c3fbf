import { rawSql, sql, type Database, type Reader } from '../database/database.js';
import { RateLimitError } from '../errors.js';
import { networkOf } from '../graphql/clientAddress.js';
import { sha256 } from '../sha256.js';
import { SIGN_IN_LIMITS, type SignInLimits } from './signInLimits.js';

/** Who says to be whom, and from where. */
export interface Claimant {
  readonly username: string;
  /** The client's. */
  readonly address: string;
}

/** For how long it is known where an account was signed in to: as long as many are away from it. */
const KNOWN_DAYS = 90;

/** SQL for whose attempts rows are, by a column of usernames. */
export function accountOf(username: string): string {
  return `sha256(convert_to(${username}, 'UTF8'))`;
}

/**
 * How often passwords may be tried. The counts are in the database (take_sign_in), so all servers count as one and a restart
 * forgets nothing. Of usernames it has hashes, also of those that nobody has: what is typed there may be a password.
 */
export class SignInLimitService {
  constructor(
    private readonly database: Database,
    private readonly limits: SignInLimits = SIGN_IN_LIMITS,
  ) {}

  /** To be called before a password is looked at; throws RATE_LIMITED. What is not kept afterwards has failed. */
  async take({ username, address }: Claimant): Promise<void> {
    const { perPlace, perAccount, perAddress } = this.limits;
    const [row] = await this.database.rows<{ wait: number }>(
      sql`SELECT take_sign_in(${sha256(username)}, ${placeOf(address)}, ${perPlace}::int4, ${perAccount}::int4, ${perAddress}::int4) AS wait`,
    );
    refuse('too many wrong passwords were tried', row?.wait ?? 0);
  }

  /** The password was right. */
  async keep({ username, address }: Claimant): Promise<void> {
    await this.database.rows(sql`SELECT keep_sign_in(${sha256(username)}, ${placeOf(address)})::text AS kept`);
  }

  /** An account was made at this place, where its reader is known from here on. No password was tried: nothing is taken back. */
  async know({ username, address }: Claimant): Promise<void> {
    await this.database.rows(sql`
      INSERT INTO sign_in_attempts (account, network, succeeded_at) VALUES (${sha256(username)}, ${placeOf(address)}, clock_timestamp())
      ON CONFLICT (account, network) DO UPDATE SET succeeded_at = excluded.succeeded_at`);
  }

  /** To be called before an account is made; throws RATE_LIMITED. */
  async takeSignUp(address: string): Promise<void> {
    const { signUpsPerHour } = this.limits;
    if (signUpsPerHour === 0) return;
    const [row] = await this.database.rows<{ wait: number }>(sql`SELECT take_sign_up(${placeOf(address)}, ${signUpsPerHour}::int4) AS wait`);
    refuse(`at most ${signUpsPerHour} accounts may be made from an address in an hour`, row?.wait ?? 0);
  }

  /** Forgets what was tried of an account, and where it was signed in to. */
  async forget(reader: Reader, userId: number): Promise<void> {
    await reader.rows(sql`DELETE FROM sign_in_attempts WHERE account = (SELECT ${rawSql(accountOf('username'))} FROM users WHERE id = ${userId}::int4)`);
  }

  /** Removes what counts no longer. Rows that are being counted in are left for the next time. */
  async prune(): Promise<void> {
    await this.database.rows(sql`
      DELETE FROM sign_in_attempts WHERE (account, network) IN (
        SELECT account, network FROM sign_in_attempts
        WHERE coalesce(failed_at <= now() - interval '1 hour', true) AND coalesce(succeeded_at <= now() - make_interval(days => ${KNOWN_DAYS}::int4), true)
        FOR UPDATE SKIP LOCKED)`);
    await this.database.rows(sql`
      DELETE FROM sign_up_windows WHERE network IN (SELECT network FROM sign_up_windows WHERE hour_from <= now() - interval '1 hour' FOR UPDATE SKIP LOCKED)`);
  }
}

function refuse(reason: string, wait: number): void {
  if (wait > 0) throw new RateLimitError(`${reason}: come again in ${wait} s`, wait);
}

/** One line has 64 bits of IPv6 addresses. A client that left while it was asked has none. */
function placeOf(address: string): string {
  return networkOf(address) || 'unknown';
}
