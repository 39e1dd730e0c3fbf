-- Part 1: the indexes of prisma/schema.prisma.
-- CreateIndex
CREATE INDEX "papers_repo_count_idx" ON "papers"("repo_count");

-- CreateIndex
CREATE INDEX "tags_kind_slug_idx" ON "tags"("kind", "slug");

-- CreateIndex
CREATE INDEX "repos_host_paper_count_id_idx" ON "repos"("host", "paper_count" DESC, "id" DESC);

-- Part 2: indexes on expressions, which Prisma's language cannot say.

-- Orders within each day of the feed, by which a week or a month is merged.
CREATE INDEX "papers_listed_day_upvote_count_id_idx" ON "papers" ((("listed_at" AT TIME ZONE 'UTC')::date), "upvote_count" DESC, "id" DESC);
CREATE INDEX "papers_listed_day_trending_score_id_idx" ON "papers" ((("listed_at" AT TIME ZONE 'UTC')::date), "trending_score" DESC, "id" DESC);

CREATE INDEX "repos_host_known_stars_id_idx" ON "repos" ("host", coalesce("stars", -1) DESC, "id" DESC);
