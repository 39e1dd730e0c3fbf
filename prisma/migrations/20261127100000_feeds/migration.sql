-- Part 1: the tables of prisma/schema.prisma.
-- AlterTable: the days of papers that are there are those in UTC. Changing the type of a column fires no trigger and writes
-- the table once.
ALTER TABLE "papers" ADD COLUMN "listed_on" DATE;
ALTER TABLE "papers" ALTER COLUMN "listed_on" TYPE DATE USING ("listed_at" AT TIME ZONE 'UTC')::date;
ALTER TABLE "papers" ALTER COLUMN "listed_on" SET NOT NULL, ALTER COLUMN "listed_on" SET DEFAULT CURRENT_TIMESTAMP;

-- AlterTable
ALTER TABLE "changes" ADD COLUMN "since" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "feed_visits" (
    "user_id" INTEGER NOT NULL,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL,
    "seen_until" TIMESTAMPTZ(3),

    CONSTRAINT "feed_visits_pkey" PRIMARY KEY ("user_id")
);

-- CreateIndex
CREATE INDEX "papers_listed_on_upvote_count_id_idx" ON "papers"("listed_on", "upvote_count" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "papers_listed_on_trending_score_id_idx" ON "papers"("listed_on", "trending_score" DESC, "id" DESC);

-- AddForeignKey
ALTER TABLE "feed_visits" ADD CONSTRAINT "feed_visits_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Part 2: what Prisma's language cannot say.

-- Their work is done by those of listed_on.
DROP INDEX "papers_listed_day_upvote_count_id_idx";
DROP INDEX "papers_listed_day_trending_score_id_idx";

-- The day on which a paper stands in the feed: in the zone that the server was configured with when the paper came, and the
-- very day where a source says only that, which is midnight UTC. A trigger of its own, which votes do not fire.
CREATE FUNCTION "derive_paper_day"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.listed_at = OLD.listed_at THEN
        NEW.listed_on := OLD.listed_on;
    ELSIF isfinite(NEW.listed_at) THEN
        NEW.listed_on := (NEW.listed_at AT TIME ZONE 'UTC')::date;
        IF (NEW.listed_at AT TIME ZONE 'UTC')::time <> time '00:00' THEN
            NEW.listed_on := (NEW.listed_at AT TIME ZONE coalesce((SELECT value FROM settings WHERE key = 'time_zone'), 'UTC'))::date;
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER "papers_derive_day" BEFORE INSERT OR UPDATE OF "listed_at", "listed_on" ON "papers"
    FOR EACH ROW EXECUTE FUNCTION "derive_paper_day"();

-- The log says of an upvote that went since when it was there, so that votes can be counted as of then.
CREATE FUNCTION "log_removed_upvotes"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO changes (transaction_id, kind, user_id, paper_id, value, previous, since)
    SELECT pg_current_xact_id()::text::bigint, 'UPVOTE', user_id, paper_id, NULL, 1, created_at FROM changed ORDER BY user_id, paper_id;
    RETURN NULL;
END $$;
DROP TRIGGER "upvotes_log_delete" ON "upvotes";
CREATE TRIGGER "upvotes_log_delete" AFTER DELETE ON "upvotes" REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "log_removed_upvotes"();
ALTER TABLE "changes" ADD CONSTRAINT "changes_since_of_removed_upvotes" CHECK ("since" IS NULL OR ("kind" = 'UPVOTE' AND "value" IS NULL));

-- Of removed upvotes alone: a vote that comes costs nothing more.
CREATE INDEX "changes_paper_id_recorded_at_idx" ON "changes" ("paper_id", "recorded_at") WHERE "since" IS NOT NULL;
