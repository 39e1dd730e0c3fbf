import { badInput } from '../errors.js';

/** What names a repository. */
export interface RepoAddress {
  readonly host: string;
  readonly owner: string;
  readonly name: string;
}

// Where the path of a repository ends after two parts, whatever follows (/tree/main, /issues/3).
const TWO_PART_HOSTS = new Set(['github.com', 'codeberg.org', 'bitbucket.org']);
const PART = /^[A-Za-z0-9_.-]{1,100}$/;
const MAX_PARTS = 6;
const MAX_OWNER_CHARACTERS = 200;
/** Of a domain name (RFC 1035). */
const MAX_HOST_CHARACTERS = 253;

/** The repository that a page of it shows, or null where the address names none. */
export function findRepoAddress(text: string): RepoAddress | null {
  if (!URL.canParse(text)) return null;
  const { protocol, hostname, pathname } = new URL(text);
  const host = hostname.replace(/^www\./, '');
  if (!/^https?:$/.test(protocol) || !/^[a-z0-9.-]+\.[a-z]+$/.test(host) || host.length > MAX_HOST_CHARACTERS) return null;
  // GitLab writes the pages of a repository behind /-/.
  const parts = (pathname.split('/-/')[0] ?? '').split('/').filter((part) => part !== '');
  const path = TWO_PART_HOSTS.has(host) ? parts.slice(0, 2) : parts;
  const name = path.at(-1)?.replace(/\.git$/, '') ?? '';
  const owner = path.slice(0, -1);
  if (owner.length === 0 || path.length > MAX_PARTS || ![...owner, name].every((part) => PART.test(part))) return null;
  return owner.join('/').length > MAX_OWNER_CHARACTERS ? null : { host, owner: owner.join('/'), name };
}

/** The same; throws BAD_USER_INPUT. */
export function checkedRepoAddress(field: string, url: URL | string): RepoAddress {
  const address = findRepoAddress(String(url));
  if (address === null) throw badInput(field, 'must be the address of a repository such as https://github.com/owner/name', String(url));
  return address;
}

/** One key for each repository, whatever the case of the address: the column `key`. */
export function repoKey({ host, owner, name }: RepoAddress): string {
  return `${host}/${owner}/${name}`.toLowerCase();
}
