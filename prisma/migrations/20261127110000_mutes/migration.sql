-- Part 1: the tables of prisma/schema.prisma.
-- CreateTable
CREATE TABLE "tag_mutes" (
    "user_id" INTEGER NOT NULL,
    "tag_id" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "tag_mutes_pkey" PRIMARY KEY ("user_id","tag_id")
);

-- CreateIndex
CREATE INDEX "tag_mutes_user_id_created_at_tag_id_idx" ON "tag_mutes"("user_id", "created_at" DESC, "tag_id" DESC);

-- CreateIndex
CREATE INDEX "tag_mutes_tag_id_idx" ON "tag_mutes"("tag_id");

-- AddForeignKey
ALTER TABLE "tag_mutes" ADD CONSTRAINT "tag_mutes_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tag_mutes" ADD CONSTRAINT "tag_mutes_tag_id_fkey" FOREIGN KEY ("tag_id") REFERENCES "tags"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- CreateTable
CREATE TABLE "author_mutes" (
    "user_id" INTEGER NOT NULL,
    "author_id" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "author_mutes_pkey" PRIMARY KEY ("user_id","author_id")
);

-- CreateIndex
CREATE INDEX "author_mutes_user_id_created_at_author_id_idx" ON "author_mutes"("user_id", "created_at" DESC, "author_id" DESC);

-- CreateIndex
CREATE INDEX "author_mutes_author_id_idx" ON "author_mutes"("author_id");

-- AddForeignKey
ALTER TABLE "author_mutes" ADD CONSTRAINT "author_mutes_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "author_mutes" ADD CONSTRAINT "author_mutes_author_id_fkey" FOREIGN KEY ("author_id") REFERENCES "authors"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AlterEnum: a new type in place of the old one, since a value that is added to a type cannot be used in the same
-- transaction, which a migration is. The checks name values of the old one.
ALTER TABLE "changes" DROP CONSTRAINT "changes_ends_by_kind", DROP CONSTRAINT "changes_since_of_removed_upvotes";
ALTER TYPE "change_kind" RENAME TO "change_kind_old";
CREATE TYPE "change_kind" AS ENUM ('PAPER', 'TAG', 'AUTHOR', 'UPVOTE', 'DISMISSAL', 'TAG_FOLLOW', 'AUTHOR_FOLLOW', 'TAG_MUTE', 'AUTHOR_MUTE');
ALTER TABLE "changes" ALTER COLUMN "kind" TYPE "change_kind" USING ("kind"::text::"change_kind");
DROP TYPE "change_kind_old";

-- Part 2: what Prisma's language cannot say.

-- Each kind of change names the ends of its row, and nothing else.
ALTER TABLE "changes"
    ADD CONSTRAINT "changes_ends_by_kind" CHECK (CASE
        WHEN "kind" = 'PAPER' THEN num_nonnulls("paper_id") = 1 AND num_nulls("author_id", "tag_id", "user_id") = 3
        WHEN "kind" = 'TAG' THEN num_nonnulls("paper_id", "tag_id") = 2 AND num_nulls("author_id", "user_id") = 2
        WHEN "kind" = 'AUTHOR' THEN num_nonnulls("paper_id", "author_id") = 2 AND num_nulls("tag_id", "user_id") = 2
        WHEN "kind" IN ('UPVOTE', 'DISMISSAL') THEN num_nonnulls("paper_id", "user_id") = 2 AND num_nulls("author_id", "tag_id") = 2
        WHEN "kind" IN ('TAG_FOLLOW', 'TAG_MUTE') THEN num_nonnulls("tag_id", "user_id") = 2 AND num_nulls("author_id", "paper_id") = 2
        WHEN "kind" IN ('AUTHOR_FOLLOW', 'AUTHOR_MUTE') THEN num_nonnulls("author_id", "user_id") = 2 AND num_nulls("paper_id", "tag_id") = 2
        ELSE false
    END),
    ADD CONSTRAINT "changes_since_of_removed_upvotes" CHECK ("since" IS NULL OR ("kind" = 'UPVOTE' AND "value" IS NULL));

-- A follow and a mute of the same tag or author contradict each other, so that the later one ends the earlier one, whoever
-- writes; as upvotes and dismissals do. Of two that come at once neither sees the other's row: both therefore lock the tag
-- or author after inserting, and only the next statement, which sees what was committed meanwhile, deletes. Locks are taken
-- in one order: tag or author, follow, mute. Triggers of one event fire by name: tag_follows_count_insert has locked the
-- tags before. Arguments: the contrary's table, what both are of, and the column that names it.
CREATE FUNCTION "end_contrary"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('SELECT 1 FROM %I WHERE id IN (SELECT %I FROM changed) ORDER BY id FOR NO KEY UPDATE', TG_ARGV[1], TG_ARGV[2]);
    EXECUTE format('DELETE FROM %1$I x USING changed c WHERE (x.user_id, x.%2$I) = (c.user_id, c.%2$I)', TG_ARGV[0], TG_ARGV[2]);
    RETURN NULL;
END $$;

CREATE TRIGGER "tag_mutes_keep_ends" BEFORE UPDATE OF "user_id", "tag_id" ON "tag_mutes"
    FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
CREATE TRIGGER "tag_mutes_keep_rows" BEFORE TRUNCATE ON "tag_mutes"
    FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
CREATE TRIGGER "tag_mutes_end_follows" AFTER INSERT ON "tag_mutes" REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "end_contrary"('tag_follows', 'tags', 'tag_id');
CREATE TRIGGER "tag_follows_end_mutes" AFTER INSERT ON "tag_follows" REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "end_contrary"('tag_mutes', 'tags', 'tag_id');
CREATE TRIGGER "tag_mutes_log_insert" AFTER INSERT ON "tag_mutes" REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "log_links"('TAG_MUTE', 'user_id', 'tag_id');
CREATE TRIGGER "tag_mutes_log_delete" AFTER DELETE ON "tag_mutes" REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "log_links"('TAG_MUTE', 'user_id', 'tag_id');

CREATE TRIGGER "author_mutes_keep_ends" BEFORE UPDATE OF "user_id", "author_id" ON "author_mutes"
    FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
CREATE TRIGGER "author_mutes_keep_rows" BEFORE TRUNCATE ON "author_mutes"
    FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
CREATE TRIGGER "author_mutes_end_follows" AFTER INSERT ON "author_mutes" REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "end_contrary"('author_follows', 'authors', 'author_id');
CREATE TRIGGER "author_follows_end_mutes" AFTER INSERT ON "author_follows" REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "end_contrary"('author_mutes', 'authors', 'author_id');
CREATE TRIGGER "author_mutes_log_insert" AFTER INSERT ON "author_mutes" REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "log_links"('AUTHOR_MUTE', 'user_id', 'author_id');
CREATE TRIGGER "author_mutes_log_delete" AFTER DELETE ON "author_mutes" REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "log_links"('AUTHOR_MUTE', 'user_id', 'author_id');
