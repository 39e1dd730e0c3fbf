import { z } from 'zod';
import type { RepoAddress } from '../../repos/repoAddress.js';
import type { Fault, Item, RepoFacts } from '../source.js';

/** What the database takes. */
const MAX_ETAG_CHARACTERS = 200;

const stars = z.int('must be a whole number').min(0, 'must be at least 0').max(1e9, 'must be at most 1000000000');
const isArchived = z.boolean('must be true or false');
const named = z.string('must be text').min(1, 'must not be empty').max(100, 'must have at most 100 characters');

const restRepo = z
  .object(
    {
      stargazers_count: stars,
      language: named.nullish(),
      license: z.object({ spdx_id: named.nullish() }, 'must be an object').nullish(),
      archived: isArchived.default(false),
    },
    'must be an object',
  )
  .transform(({ stargazers_count: count, language, license, archived }) =>
    factsOf(count, { language, license: license?.spdx_id, isArchived: archived }),
  );

const graphqlRepo = z
  .object(
    {
      stargazerCount: stars,
      primaryLanguage: z.object({ name: named }, 'must be an object').nullish(),
      licenseInfo: z.object({ spdxId: named.nullish() }, 'must be an object').nullish(),
      isArchived,
    },
    'must be an object',
  )
  .transform(({ stargazerCount, primaryLanguage, licenseInfo, isArchived: archived }) =>
    factsOf(stargazerCount, { language: primaryLanguage?.name, license: licenseInfo?.spdxId, isArchived: archived }),
  );

type KnownFacts = Extract<RepoFacts, { unchanged: false }>;

/** What the REST interface says of a repository. */
export function restItem(address: RepoAddress, answer: unknown, etag: string | null): Item {
  return itemOf(address, restRepo.safeParse(answer), { answer, etag: etag !== null && etag.length <= MAX_ETAG_CHARACTERS ? etag : null });
}

/** What the GraphQL interface says of one; it has no ETags. */
export function graphqlItem(address: RepoAddress, answer: unknown): Item {
  return itemOf(address, graphqlRepo.safeParse(answer), { answer, etag: null });
}

export function repoItem(address: RepoAddress, facts: RepoFacts | null): Item {
  return { kind: 'REPO', place: placeOf(address), address, facts };
}

export function repoRejection(address: RepoAddress, fault: Fault): Item {
  return { kind: 'REJECT', place: placeOf(address), title: null, fault };
}

type Parsed = z.ZodSafeParseResult<KnownFacts>;

function itemOf(address: RepoAddress, parsed: Parsed, { answer, etag }: { answer: unknown; etag: string | null }): Item {
  if (parsed.success) return repoItem(address, { ...parsed.data, etag });
  const { path = [], message = '' } = parsed.error.issues[0] ?? {};
  const received = path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | null | undefined)?.[key], answer);
  return repoRejection(address, { field: path.length === 0 ? 'repository' : path.join('.'), rule: message, received });
}

interface Optional {
  readonly language: string | null | undefined;
  readonly license: string | null | undefined;
  readonly isArchived: boolean;
}

function factsOf(count: number, { language, license, isArchived: archived }: Optional): KnownFacts {
  // NOASSERTION is the service's word for a licence that it does not recognise.
  const known = license == null || license === 'NOASSERTION' ? null : license;
  return { unchanged: false, stars: count, language: language ?? null, license: known, isArchived: archived, etag: null };
}

function placeOf({ host, owner, name }: RepoAddress): string {
  return `${host}/${owner}/${name}`;
}
