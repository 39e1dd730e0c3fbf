import { hash, verify } from '@node-rs/argon2';

/** What looking at a password costs, in points: tens of milliseconds of a processor, and by the usual MAX_COST four guesses a document. */
export const PASSWORD_POINTS = 10_000;

// argon2id with 19 MiB, two passes, one lane: the first choice of OWASP's password storage cheat sheet.
const OPTIONS = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

// Verified when there is no such account, so that the time of an answer does not tell which usernames exist.
const NOBODY = hash('nobody has this password', OPTIONS);

export function hashPassword(password: string): Promise<string> {
  return hash(password, OPTIONS);
}

/** Whether the password is right; takes as long for an account without one. */
export async function verifyPassword(passwordHash: string | null, password: string): Promise<boolean> {
  const isRight = await verify(passwordHash ?? (await NOBODY), password);
  return isRight && passwordHash !== null;
}
