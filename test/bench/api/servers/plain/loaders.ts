// A DataLoader an edge, each over `findMany` with `include`.
import DataLoader from 'dataloader';
import type { Prisma, PrismaClient } from '../../../../../src/generated/prisma/client.js';

type TagRow = Prisma.PaperTagGetPayload<{ include: { tag: true } }>;
type UpvoteRow = Prisma.UpvoteGetPayload<{ include: { user: true } }>;

export interface Loaders {
  readonly authors: DataLoader<number, Prisma.AuthorGetPayload<object>[]>;
  readonly tags: DataLoader<number, TagRow[]>;
  readonly repos: DataLoader<number, Prisma.RepoGetPayload<object>[]>;
  readonly upvotes: DataLoader<number, UpvoteRow[]>;
  readonly viewerHasUpvoted: DataLoader<number, boolean>;
}

/** The loaders of one request. */
export function createLoaders(prisma: PrismaClient, viewerId: number | null): Loaders {
  return {
    authors: new DataLoader(async (ids: readonly number[]) => {
      const rows = await prisma.paperAuthor.findMany({ where: { paperId: { in: [...ids] } }, include: { author: true }, orderBy: { position: 'asc' } });
      return listsBy(ids, rows, (row) => row.author);
    }),
    tags: new DataLoader(async (ids: readonly number[]) => {
      const rows = await prisma.paperTag.findMany({ where: { paperId: { in: [...ids] } }, include: { tag: true }, orderBy: [{ weight: 'desc' }, { tagId: 'asc' }] });
      return listsBy(ids, rows, (row) => row);
    }),
    repos: new DataLoader(async (ids: readonly number[]) => {
      const rows = await prisma.paperRepo.findMany({ where: { paperId: { in: [...ids] } }, include: { repo: true }, orderBy: [{ isOfficial: 'desc' }, { repo: { stars: 'desc' } }, { repoId: 'desc' }] });
      return listsBy(ids, rows, (row) => row.repo);
    }),
    // Ten a paper: a `findMany` over all papers would read every upvote of each.
    upvotes: new DataLoader((ids: readonly number[]) =>
      Promise.all(ids.map((paperId) => prisma.upvote.findMany({ where: { paperId }, include: { user: true }, orderBy: [{ createdAt: 'desc' }, { userId: 'desc' }], take: 10 }))),
    ),
    viewerHasUpvoted: new DataLoader(async (ids: readonly number[]) => {
      if (viewerId === null) return ids.map(() => false);
      const rows = await prisma.upvote.findMany({ where: { userId: viewerId, paperId: { in: [...ids] } } });
      const upvoted = new Set(rows.map((row) => row.paperId));
      return ids.map((id) => upvoted.has(id));
    }),
  };
}

function listsBy<Row extends { paperId: number }, Item>(ids: readonly number[], rows: readonly Row[], itemOf: (row: Row) => Item): Item[][] {
  const lists = new Map<number, Item[]>(ids.map((id) => [id, []]));
  for (const row of rows) lists.get(row.paperId)?.push(itemOf(row));
  return ids.map((id) => lists.get(id) ?? []);
}
