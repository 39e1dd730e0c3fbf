-- Part 1: the tables of prisma/schema.prisma.
-- AlterTable. Step by step: to a table whose row type functions take, PostgreSQL adds no column with a default.
ALTER TABLE "comments" ADD COLUMN "is_anonymised" BOOLEAN;
UPDATE "comments" SET "is_anonymised" = false;
ALTER TABLE "comments" ALTER COLUMN "is_anonymised" SET DEFAULT false, ALTER COLUMN "is_anonymised" SET NOT NULL;

-- CreateTable
CREATE TABLE "data_exports" (
    "user_id" INTEGER NOT NULL,
    "token_hash" BYTEA NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "data_exports_pkey" PRIMARY KEY ("user_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "data_exports_token_hash_key" ON "data_exports"("token_hash");

-- AddForeignKey
ALTER TABLE "data_exports" ADD CONSTRAINT "data_exports_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Part 2: what Prisma's language cannot say.

-- A comment outlives its author where that was asked for, and is nobody's then. Whatever else takes an author away, such as
-- a deletion by hand, empties the comment as before.
ALTER TABLE "comments" DROP CONSTRAINT "comments_author_until_deleted";
ALTER TABLE "comments"
    ADD CONSTRAINT "comments_author_until_deleted" CHECK ("user_id" IS NOT NULL OR "deleted_at" IS NOT NULL OR "is_anonymised"),
    ADD CONSTRAINT "comments_anonymised_of_nobody" CHECK ("user_id" IS NULL OR NOT "is_anonymised");

DROP TRIGGER "comments_empty_orphaned" ON "comments";
CREATE TRIGGER "comments_empty_orphaned" BEFORE UPDATE OF "user_id" ON "comments" FOR EACH ROW
    WHEN (NEW.user_id IS NULL AND NOT NEW.is_anonymised) EXECUTE FUNCTION "empty_orphaned_comment"();

-- When a text was edited says as little about an empty one as the text does.
CREATE OR REPLACE FUNCTION "empty_orphaned_comment"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.body := '';
    NEW.edited_at := NULL;
    NEW.deleted_at := coalesce(NEW.deleted_at, CURRENT_TIMESTAMP);
    RETURN NEW;
END $$;

-- What moderators did to an account that is gone stays in their log; which account it was does not: 0 is nobody.
DROP TRIGGER "audit_entries_keep_facts" ON "audit_entries";
CREATE TRIGGER "audit_entries_keep_facts" BEFORE UPDATE ON "audit_entries" FOR EACH ROW
    WHEN ((NEW.id, NEW.at, NEW.action, NEW.object_type, NEW.details) IS DISTINCT FROM (OLD.id, OLD.at, OLD.action, OLD.object_type, OLD.details)
        OR (NEW.actor_id IS NOT NULL AND NEW.actor_id IS DISTINCT FROM OLD.actor_id)
        OR (NEW.object_id <> OLD.object_id AND (NEW.object_type, NEW.object_id) <> ('User', 0)))
    EXECUTE FUNCTION "refuse_change"();
CREATE INDEX "audit_entries_user_object_id_idx" ON "audit_entries" ("object_id") WHERE "object_type" = 'User';
CREATE FUNCTION "forget_audited_user"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE audit_entries SET object_id = 0 WHERE object_type = 'User' AND object_id = OLD.id;
    RETURN NULL;
END $$;
CREATE TRIGGER "users_forget_audited" AFTER DELETE ON "users"
    FOR EACH ROW EXECUTE FUNCTION "forget_audited_user"();
