-- Part 1: the tables of prisma/schema.prisma.
-- CreateTable
CREATE TABLE "dismissals" (
    "user_id" INTEGER NOT NULL,
    "paper_id" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "dismissals_pkey" PRIMARY KEY ("user_id","paper_id")
);

-- CreateTable
CREATE TABLE "tag_follows" (
    "user_id" INTEGER NOT NULL,
    "tag_id" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "tag_follows_pkey" PRIMARY KEY ("user_id","tag_id")
);

-- CreateTable
CREATE TABLE "author_follows" (
    "user_id" INTEGER NOT NULL,
    "author_id" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "author_follows_pkey" PRIMARY KEY ("user_id","author_id")
);

-- AlterTable
ALTER TABLE "tags" ADD COLUMN "follower_count" INTEGER NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "authors" ADD COLUMN "follower_count" INTEGER NOT NULL DEFAULT 0;

-- AlterEnum: a new type in place of the old one, since a value that is added to a type cannot be used in the same
-- transaction, which a migration is.
ALTER TYPE "change_kind" RENAME TO "change_kind_old";
CREATE TYPE "change_kind" AS ENUM ('PAPER', 'TAG', 'AUTHOR', 'UPVOTE', 'DISMISSAL', 'TAG_FOLLOW', 'AUTHOR_FOLLOW');
ALTER TABLE "changes" ALTER COLUMN "kind" TYPE "change_kind" USING ("kind"::text::"change_kind");
DROP TYPE "change_kind_old";

-- AlterTable
ALTER TABLE "changes"
    ADD COLUMN "author_id" INTEGER,
    ADD COLUMN "previous" DOUBLE PRECISION,
    ALTER COLUMN "paper_id" DROP NOT NULL;

-- CreateIndex
CREATE INDEX "dismissals_user_id_created_at_paper_id_idx" ON "dismissals"("user_id", "created_at" DESC, "paper_id" DESC);

-- CreateIndex
CREATE INDEX "dismissals_paper_id_idx" ON "dismissals"("paper_id");

-- CreateIndex
CREATE INDEX "tag_follows_user_id_created_at_tag_id_idx" ON "tag_follows"("user_id", "created_at" DESC, "tag_id" DESC);

-- CreateIndex
CREATE INDEX "tag_follows_tag_id_idx" ON "tag_follows"("tag_id");

-- CreateIndex
CREATE INDEX "author_follows_user_id_created_at_author_id_idx" ON "author_follows"("user_id", "created_at" DESC, "author_id" DESC);

-- CreateIndex
CREATE INDEX "author_follows_author_id_idx" ON "author_follows"("author_id");

-- AddForeignKey
ALTER TABLE "dismissals" ADD CONSTRAINT "dismissals_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "dismissals" ADD CONSTRAINT "dismissals_paper_id_fkey" FOREIGN KEY ("paper_id") REFERENCES "papers"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tag_follows" ADD CONSTRAINT "tag_follows_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tag_follows" ADD CONSTRAINT "tag_follows_tag_id_fkey" FOREIGN KEY ("tag_id") REFERENCES "tags"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "author_follows" ADD CONSTRAINT "author_follows_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "author_follows" ADD CONSTRAINT "author_follows_author_id_fkey" FOREIGN KEY ("author_id") REFERENCES "authors"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Part 2: what Prisma's language cannot say.

-- The log so far: what came before is what the change before of the same key says; a vote that was taken back was there.
-- Unknown, and left empty, is only what the first logged change of a tag or of a paper's listing replaced.
UPDATE "changes" c SET "previous" = b."value"
    FROM (SELECT "id", lag("value") OVER (PARTITION BY "kind", "paper_id", "user_id", "tag_id" ORDER BY "id") AS "value" FROM "changes") b
    WHERE b."id" = c."id" AND b."value" IS NOT NULL;
UPDATE "changes" SET "previous" = 1 WHERE "kind" = 'UPVOTE' AND "value" IS NULL;
-- It cannot be undone, as authors were not in it: the state of the past reaches back to here.
INSERT INTO "settings" ("key", "value")
    SELECT 'changes_pruned', max("transaction_id") || ' ' || to_char(max("recorded_at") AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
    FROM "changes" HAVING count(*) > 0;

ALTER TABLE "tags"
    ADD CONSTRAINT "tags_follower_count_range" CHECK ("follower_count" >= 0);

ALTER TABLE "authors"
    ADD CONSTRAINT "authors_follower_count_range" CHECK ("follower_count" >= 0);

-- Each kind of change names the ends of its row, and nothing else.
ALTER TABLE "changes"
    ADD CONSTRAINT "changes_ends_by_kind" CHECK (CASE "kind"
        WHEN 'PAPER' THEN num_nonnulls("paper_id") = 1 AND num_nulls("author_id", "tag_id", "user_id") = 3
        WHEN 'TAG' THEN num_nonnulls("paper_id", "tag_id") = 2 AND num_nulls("author_id", "user_id") = 2
        WHEN 'AUTHOR' THEN num_nonnulls("paper_id", "author_id") = 2 AND num_nulls("tag_id", "user_id") = 2
        WHEN 'UPVOTE' THEN num_nonnulls("paper_id", "user_id") = 2 AND num_nulls("author_id", "tag_id") = 2
        WHEN 'DISMISSAL' THEN num_nonnulls("paper_id", "user_id") = 2 AND num_nulls("author_id", "tag_id") = 2
        WHEN 'TAG_FOLLOW' THEN num_nonnulls("tag_id", "user_id") = 2 AND num_nulls("author_id", "paper_id") = 2
        WHEN 'AUTHOR_FOLLOW' THEN num_nonnulls("author_id", "user_id") = 2 AND num_nulls("paper_id", "tag_id") = 2
    END);

-- Counters.

DROP TRIGGER "tags_counters_insert" ON "tags";
DROP TRIGGER "tags_counters_update" ON "tags";
DROP TRIGGER "authors_counters_insert" ON "authors";
DROP TRIGGER "authors_counters_update" ON "authors";
CREATE TRIGGER "tags_counters_insert" BEFORE INSERT ON "tags" FOR EACH ROW
    WHEN ((NEW.paper_count, NEW.follower_count) <> (0, 0)) EXECUTE FUNCTION "refuse_counter_write"();
CREATE TRIGGER "tags_counters_update" BEFORE UPDATE ON "tags" FOR EACH ROW
    WHEN ((NEW.paper_count, NEW.follower_count) <> (OLD.paper_count, OLD.follower_count)) EXECUTE FUNCTION "refuse_counter_write"();
CREATE TRIGGER "authors_counters_insert" BEFORE INSERT ON "authors" FOR EACH ROW
    WHEN ((NEW.paper_count, NEW.follower_count) <> (0, 0)) EXECUTE FUNCTION "refuse_counter_write"();
CREATE TRIGGER "authors_counters_update" BEFORE UPDATE ON "authors" FOR EACH ROW
    WHEN ((NEW.paper_count, NEW.follower_count) <> (OLD.paper_count, OLD.follower_count)) EXECUTE FUNCTION "refuse_counter_write"();

CREATE TRIGGER "tag_follows_count_insert" AFTER INSERT ON "tag_follows" REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "count_rows"('tags', 'tag_id', 'follower_count');
CREATE TRIGGER "tag_follows_count_delete" AFTER DELETE ON "tag_follows" REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "count_rows"('tags', 'tag_id', 'follower_count');
CREATE TRIGGER "tag_follows_keep_ends" BEFORE UPDATE OF "user_id", "tag_id" ON "tag_follows"
    FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
CREATE TRIGGER "tag_follows_keep_rows" BEFORE TRUNCATE ON "tag_follows"
    FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();

CREATE TRIGGER "author_follows_count_insert" AFTER INSERT ON "author_follows" REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "count_rows"('authors', 'author_id', 'follower_count');
CREATE TRIGGER "author_follows_count_delete" AFTER DELETE ON "author_follows" REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "count_rows"('authors', 'author_id', 'follower_count');
CREATE TRIGGER "author_follows_keep_ends" BEFORE UPDATE OF "user_id", "author_id" ON "author_follows"
    FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
CREATE TRIGGER "author_follows_keep_rows" BEFORE TRUNCATE ON "author_follows"
    FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();

CREATE TRIGGER "dismissals_keep_ends" BEFORE UPDATE OF "user_id", "paper_id" ON "dismissals"
    FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
CREATE TRIGGER "dismissals_keep_rows" BEFORE TRUNCATE ON "dismissals"
    FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();

-- An upvote and a dismissal contradict each other, so that the later one ends the earlier one, whoever writes. Of two
-- that come at once neither sees the other's row: both therefore lock the paper after inserting, and only the next
-- statement, which sees what was committed meanwhile, deletes. Locks are taken in one order: paper, upvote, reader,
-- dismissal.
CREATE FUNCTION "end_upvotes"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM papers WHERE id IN (SELECT paper_id FROM changed) ORDER BY id FOR NO KEY UPDATE;
    DELETE FROM upvotes v USING changed c WHERE (v.user_id, v.paper_id) = (c.user_id, c.paper_id);
    RETURN NULL;
END $$;
CREATE TRIGGER "dismissals_end_upvotes" AFTER INSERT ON "dismissals" REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "end_upvotes"();

-- Triggers of one event fire by name: upvotes_count_insert has locked the papers before.
CREATE FUNCTION "end_dismissals"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM dismissals d USING changed c WHERE (d.user_id, d.paper_id) = (c.user_id, c.paper_id);
    RETURN NULL;
END $$;
CREATE TRIGGER "upvotes_end_dismissals" AFTER INSERT ON "upvotes" REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "end_dismissals"();

-- The change log, whose rows now say what they replaced.

-- Rows that are there or not. Arguments: the kind, and the two columns that name the row.
CREATE FUNCTION "log_links"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('INSERT INTO changes (transaction_id, kind, %2$I, %3$I, value, previous)
        SELECT pg_current_xact_id()::text::bigint, %1$L, %2$I, %3$I, $1, $2 FROM changed ORDER BY %2$I, %3$I',
        TG_ARGV[0], TG_ARGV[1], TG_ARGV[2])
        USING CASE TG_OP WHEN 'INSERT' THEN 1::double precision END, CASE TG_OP WHEN 'DELETE' THEN 1::double precision END;
    RETURN NULL;
END $$;

DROP TRIGGER "upvotes_log_insert" ON "upvotes";
DROP TRIGGER "upvotes_log_delete" ON "upvotes";
DROP FUNCTION "log_upvotes"();
CREATE TRIGGER "upvotes_log_insert" AFTER INSERT ON "upvotes" REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "log_links"('UPVOTE', 'user_id', 'paper_id');
CREATE TRIGGER "upvotes_log_delete" AFTER DELETE ON "upvotes" REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "log_links"('UPVOTE', 'user_id', 'paper_id');
CREATE TRIGGER "dismissals_log_insert" AFTER INSERT ON "dismissals" REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "log_links"('DISMISSAL', 'user_id', 'paper_id');
CREATE TRIGGER "dismissals_log_delete" AFTER DELETE ON "dismissals" REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "log_links"('DISMISSAL', 'user_id', 'paper_id');
CREATE TRIGGER "tag_follows_log_insert" AFTER INSERT ON "tag_follows" REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "log_links"('TAG_FOLLOW', 'user_id', 'tag_id');
CREATE TRIGGER "tag_follows_log_delete" AFTER DELETE ON "tag_follows" REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "log_links"('TAG_FOLLOW', 'user_id', 'tag_id');
CREATE TRIGGER "author_follows_log_insert" AFTER INSERT ON "author_follows" REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "log_links"('AUTHOR_FOLLOW', 'user_id', 'author_id');
CREATE TRIGGER "author_follows_log_delete" AFTER DELETE ON "author_follows" REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "log_links"('AUTHOR_FOLLOW', 'user_id', 'author_id');
CREATE TRIGGER "paper_authors_log_insert" AFTER INSERT ON "paper_authors" REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "log_links"('AUTHOR', 'paper_id', 'author_id');
CREATE TRIGGER "paper_authors_log_delete" AFTER DELETE ON "paper_authors" REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "log_links"('AUTHOR', 'paper_id', 'author_id');

CREATE OR REPLACE FUNCTION "log_paper_tags"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO changes (transaction_id, kind, paper_id, tag_id, value, previous)
    SELECT pg_current_xact_id()::text::bigint, 'TAG', paper_id, tag_id,
        CASE TG_OP WHEN 'INSERT' THEN weight END, CASE TG_OP WHEN 'DELETE' THEN weight END
    FROM changed ORDER BY paper_id, tag_id;
    RETURN NULL;
END $$;
CREATE FUNCTION "log_paper_tag_weights"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO changes (transaction_id, kind, paper_id, tag_id, value, previous)
    SELECT pg_current_xact_id()::text::bigint, 'TAG', paper_id, tag_id, changed.weight, replaced.weight
    FROM changed JOIN replaced USING (paper_id, tag_id) WHERE changed.weight <> replaced.weight ORDER BY paper_id, tag_id;
    RETURN NULL;
END $$;
DROP TRIGGER "paper_tags_log_update" ON "paper_tags";
CREATE TRIGGER "paper_tags_log_update" AFTER UPDATE ON "paper_tags" REFERENCING OLD TABLE AS replaced NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "log_paper_tag_weights"();

CREATE OR REPLACE FUNCTION "log_papers"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO changes (transaction_id, kind, paper_id, value, previous)
    SELECT pg_current_xact_id()::text::bigint, 'PAPER', id,
        CASE TG_OP WHEN 'INSERT' THEN extract(epoch FROM listed_at)::double precision END,
        CASE TG_OP WHEN 'DELETE' THEN extract(epoch FROM listed_at)::double precision END
    FROM changed ORDER BY id;
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION "log_paper_listing"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO changes (transaction_id, kind, paper_id, value, previous)
    VALUES (pg_current_xact_id()::text::bigint, 'PAPER', NEW.id,
        extract(epoch FROM NEW.listed_at)::double precision, extract(epoch FROM OLD.listed_at)::double precision);
    RETURN NULL;
END $$;
