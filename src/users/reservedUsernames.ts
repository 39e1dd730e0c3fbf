/** Accounts that the configuration makes, and gives a password and a role: whoever had the name before would be met there. */
export const RESERVED_USERNAMES: ReadonlySet<string> = new Set(['admin', 'demo']);
