-- Part 1: the tables of prisma/schema.prisma.
-- CreateEnum
CREATE TYPE "reading_state" AS ENUM ('UNREAD', 'READING', 'READ');

-- AlterTable
ALTER TABLE "users" ADD COLUMN "follower_count" INTEGER NOT NULL DEFAULT 0;

-- CreateTable
CREATE TABLE "user_follows" (
    "user_id" INTEGER NOT NULL,
    "followed_id" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "user_follows_pkey" PRIMARY KEY ("user_id","followed_id")
);

-- CreateTable
CREATE TABLE "collections" (
    "id" SERIAL NOT NULL,
    "owner_id" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT,
    "is_public" BOOLEAN NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "paper_count" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "collections_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "collection_papers" (
    "collection_id" INTEGER NOT NULL,
    "paper_id" INTEGER NOT NULL,
    "position" DOUBLE PRECISION NOT NULL,
    "note" TEXT,
    "added_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "collection_papers_pkey" PRIMARY KEY ("collection_id","paper_id")
);

-- CreateTable
CREATE TABLE "library_entries" (
    "user_id" INTEGER NOT NULL,
    "paper_id" INTEGER NOT NULL,
    "state" "reading_state" NOT NULL DEFAULT 'UNREAD',
    "note" TEXT,
    "added_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "changed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "read_at" TIMESTAMPTZ(3),

    CONSTRAINT "library_entries_pkey" PRIMARY KEY ("user_id","paper_id")
);

-- CreateIndex
CREATE INDEX "user_follows_user_id_created_at_followed_id_idx" ON "user_follows"("user_id", "created_at" DESC, "followed_id" DESC);

-- CreateIndex
CREATE INDEX "user_follows_followed_id_created_at_user_id_idx" ON "user_follows"("followed_id", "created_at" DESC, "user_id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "collections_owner_id_name_key" ON "collections"("owner_id", "name");

-- CreateIndex
CREATE INDEX "collections_owner_id_created_at_id_idx" ON "collections"("owner_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "collection_papers_collection_id_position_paper_id_idx" ON "collection_papers"("collection_id", "position", "paper_id");

-- CreateIndex
CREATE INDEX "collection_papers_paper_id_added_at_collection_id_idx" ON "collection_papers"("paper_id", "added_at" DESC, "collection_id" DESC);

-- CreateIndex
CREATE INDEX "library_entries_user_id_added_at_paper_id_idx" ON "library_entries"("user_id", "added_at" DESC, "paper_id" DESC);

-- CreateIndex
CREATE INDEX "library_entries_user_id_changed_at_paper_id_idx" ON "library_entries"("user_id", "changed_at" DESC, "paper_id" DESC);

-- CreateIndex
CREATE INDEX "library_entries_user_id_state_added_at_paper_id_idx" ON "library_entries"("user_id", "state", "added_at" DESC, "paper_id" DESC);

-- CreateIndex
CREATE INDEX "library_entries_user_id_state_changed_at_paper_id_idx" ON "library_entries"("user_id", "state", "changed_at" DESC, "paper_id" DESC);

-- CreateIndex
CREATE INDEX "library_entries_paper_id_idx" ON "library_entries"("paper_id");

-- AddForeignKey
ALTER TABLE "user_follows" ADD CONSTRAINT "user_follows_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "user_follows" ADD CONSTRAINT "user_follows_followed_id_fkey" FOREIGN KEY ("followed_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "collections" ADD CONSTRAINT "collections_owner_id_fkey" FOREIGN KEY ("owner_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "collection_papers" ADD CONSTRAINT "collection_papers_collection_id_fkey" FOREIGN KEY ("collection_id") REFERENCES "collections"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "collection_papers" ADD CONSTRAINT "collection_papers_paper_id_fkey" FOREIGN KEY ("paper_id") REFERENCES "papers"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "library_entries" ADD CONSTRAINT "library_entries_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "library_entries" ADD CONSTRAINT "library_entries_paper_id_fkey" FOREIGN KEY ("paper_id") REFERENCES "papers"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Part 2: what Prisma's language cannot say.

ALTER TABLE "users"
    ADD CONSTRAINT "users_follower_count_range" CHECK ("follower_count" >= 0);

ALTER TABLE "user_follows"
    ADD CONSTRAINT "user_follows_others" CHECK ("user_id" <> "followed_id");

ALTER TABLE "collections"
    ADD CONSTRAINT "collections_name_form" CHECK ("name" = btrim("name") AND char_length("name") BETWEEN 1 AND 100),
    ADD CONSTRAINT "collections_description_form" CHECK ("description" = btrim("description") AND char_length("description") BETWEEN 1 AND 2000),
    ADD CONSTRAINT "collections_paper_count_range" CHECK ("paper_count" BETWEEN 0 AND 1000);

ALTER TABLE "collection_papers"
    ADD CONSTRAINT "collection_papers_position_range" CHECK ("position" BETWEEN -1e15 AND 1e15),
    ADD CONSTRAINT "collection_papers_note_form" CHECK ("note" = btrim("note") AND char_length("note") BETWEEN 1 AND 1000);

ALTER TABLE "library_entries"
    ADD CONSTRAINT "library_entries_note_form" CHECK ("note" = btrim("note") AND char_length("note") BETWEEN 1 AND 10000),
    ADD CONSTRAINT "library_entries_read_at_of_read" CHECK (("read_at" IS NOT NULL) = ("state" = 'READ'));

-- Counters.

CREATE TRIGGER "users_follower_count_insert" BEFORE INSERT ON "users" FOR EACH ROW
    WHEN (NEW.follower_count <> 0) EXECUTE FUNCTION "refuse_counter_write"();
CREATE TRIGGER "users_follower_count_update" BEFORE UPDATE ON "users" FOR EACH ROW
    WHEN (NEW.follower_count <> OLD.follower_count) EXECUTE FUNCTION "refuse_counter_write"();
CREATE TRIGGER "collections_counters_insert" BEFORE INSERT ON "collections" FOR EACH ROW
    WHEN (NEW.paper_count <> 0) EXECUTE FUNCTION "refuse_counter_write"();
CREATE TRIGGER "collections_counters_update" BEFORE UPDATE ON "collections" FOR EACH ROW
    WHEN (NEW.paper_count <> OLD.paper_count) EXECUTE FUNCTION "refuse_counter_write"();

CREATE TRIGGER "user_follows_count_insert" AFTER INSERT ON "user_follows" REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "count_rows"('users', 'followed_id', 'follower_count');
CREATE TRIGGER "user_follows_count_delete" AFTER DELETE ON "user_follows" REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "count_rows"('users', 'followed_id', 'follower_count');
CREATE TRIGGER "user_follows_keep_ends" BEFORE UPDATE OF "user_id", "followed_id" ON "user_follows"
    FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
CREATE TRIGGER "user_follows_keep_rows" BEFORE TRUNCATE ON "user_follows"
    FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();

CREATE TRIGGER "collection_papers_count_insert" AFTER INSERT ON "collection_papers" REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "count_rows"('collections', 'collection_id', 'paper_count');
CREATE TRIGGER "collection_papers_count_delete" AFTER DELETE ON "collection_papers" REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "count_rows"('collections', 'collection_id', 'paper_count');
CREATE TRIGGER "collection_papers_keep_ends" BEFORE UPDATE OF "collection_id", "paper_id" ON "collection_papers"
    FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
CREATE TRIGGER "collection_papers_keep_rows" BEFORE TRUNCATE ON "collection_papers"
    FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();

CREATE TRIGGER "library_entries_keep_ends" BEFORE UPDATE OF "user_id", "paper_id" ON "library_entries"
    FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
