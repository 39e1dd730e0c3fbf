-- Part 1: the tables of prisma/schema.prisma.
-- AlterTable
ALTER TABLE "users" ADD COLUMN "taste_paused_at" TIMESTAMPTZ(3);
ALTER TABLE "users" ADD COLUMN "taste_reset_at" TIMESTAMPTZ(3);

-- AlterTable: a column that is empty takes no room in a row.
ALTER TABLE "upvotes" ADD COLUMN "unlearned_at" TIMESTAMPTZ(3);
ALTER TABLE "tag_follows" ADD COLUMN "unlearned_at" TIMESTAMPTZ(3);
ALTER TABLE "author_follows" ADD COLUMN "unlearned_at" TIMESTAMPTZ(3);

-- Part 2: what Prisma's language cannot say.

-- The few rows that teach nothing: a recommender that starts loads all rows by their primary keys, which has all it reads, and
-- takes these back.
CREATE INDEX "upvotes_unlearned_user_id_paper_id_idx" ON "upvotes" ("user_id", "paper_id") WHERE "unlearned_at" IS NOT NULL;
CREATE INDEX "tag_follows_unlearned_user_id_tag_id_idx" ON "tag_follows" ("user_id", "tag_id") WHERE "unlearned_at" IS NOT NULL;
CREATE INDEX "author_follows_unlearned_user_id_author_id_idx" ON "author_follows" ("user_id", "author_id") WHERE "unlearned_at" IS NOT NULL;

-- While a reader's taste is paused, what they do teaches nothing, whoever writes it. What has an earlier time is not of the
-- pause: votes that an import brings, or that move with the merge of duplicates. 10 µs a row, where an upvote's foreign keys
-- take 25.
CREATE FUNCTION "leave_paused_unlearned"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM users WHERE id = NEW.user_id AND taste_paused_at <= NEW.created_at;
    IF FOUND THEN
        NEW.unlearned_at := CURRENT_TIMESTAMP;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER "upvotes_leave_paused" BEFORE INSERT ON "upvotes"
    FOR EACH ROW EXECUTE FUNCTION "leave_paused_unlearned"();
CREATE TRIGGER "tag_follows_leave_paused" BEFORE INSERT ON "tag_follows"
    FOR EACH ROW EXECUTE FUNCTION "leave_paused_unlearned"();
CREATE TRIGGER "author_follows_leave_paused" BEFORE INSERT ON "author_follows"
    FOR EACH ROW EXECUTE FUNCTION "leave_paused_unlearned"();

-- The change log says 1 of a row that teaches and 0 of one that does not. Arguments: the kind, and the column that names what
-- the reader's row is of.
CREATE FUNCTION "signal_value"("unlearned_at" TIMESTAMPTZ) RETURNS DOUBLE PRECISION
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN "unlearned_at" IS NULL THEN 1 ELSE 0 END;

CREATE FUNCTION "log_signals"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('INSERT INTO changes (transaction_id, kind, user_id, %2$I, value, previous)
        SELECT pg_current_xact_id()::text::bigint, %1$L, user_id, %2$I,
            CASE WHEN $1 THEN signal_value(unlearned_at) END, CASE WHEN NOT $1 THEN signal_value(unlearned_at) END
        FROM changed ORDER BY user_id, %2$I', TG_ARGV[0], TG_ARGV[1])
        USING TG_OP = 'INSERT';
    RETURN NULL;
END $$;
CREATE FUNCTION "log_unlearned_signals"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('INSERT INTO changes (transaction_id, kind, user_id, %2$I, value, previous)
        SELECT pg_current_xact_id()::text::bigint, %1$L, user_id, %2$I, signal_value(c.unlearned_at), signal_value(r.unlearned_at)
        FROM changed c JOIN replaced r USING (user_id, %2$I)
        WHERE (c.unlearned_at IS NULL) <> (r.unlearned_at IS NULL) ORDER BY user_id, %2$I', TG_ARGV[0], TG_ARGV[1]);
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION "log_removed_upvotes"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO changes (transaction_id, kind, user_id, paper_id, value, previous, since)
    SELECT pg_current_xact_id()::text::bigint, 'UPVOTE', user_id, paper_id, NULL, signal_value(unlearned_at), created_at FROM changed ORDER BY user_id, paper_id;
    RETURN NULL;
END $$;

DROP TRIGGER "upvotes_log_insert" ON "upvotes";
CREATE TRIGGER "upvotes_log_insert" AFTER INSERT ON "upvotes" REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "log_signals"('UPVOTE', 'paper_id');
CREATE TRIGGER "upvotes_log_update" AFTER UPDATE ON "upvotes" REFERENCING OLD TABLE AS replaced NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "log_unlearned_signals"('UPVOTE', 'paper_id');

DROP TRIGGER "tag_follows_log_insert" ON "tag_follows";
DROP TRIGGER "tag_follows_log_delete" ON "tag_follows";
CREATE TRIGGER "tag_follows_log_insert" AFTER INSERT ON "tag_follows" REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "log_signals"('TAG_FOLLOW', 'tag_id');
CREATE TRIGGER "tag_follows_log_update" AFTER UPDATE ON "tag_follows" REFERENCING OLD TABLE AS replaced NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "log_unlearned_signals"('TAG_FOLLOW', 'tag_id');
CREATE TRIGGER "tag_follows_log_delete" AFTER DELETE ON "tag_follows" REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "log_signals"('TAG_FOLLOW', 'tag_id');

DROP TRIGGER "author_follows_log_insert" ON "author_follows";
DROP TRIGGER "author_follows_log_delete" ON "author_follows";
CREATE TRIGGER "author_follows_log_insert" AFTER INSERT ON "author_follows" REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "log_signals"('AUTHOR_FOLLOW', 'author_id');
CREATE TRIGGER "author_follows_log_update" AFTER UPDATE ON "author_follows" REFERENCING OLD TABLE AS replaced NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "log_unlearned_signals"('AUTHOR_FOLLOW', 'author_id');
CREATE TRIGGER "author_follows_log_delete" AFTER DELETE ON "author_follows" REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "log_signals"('AUTHOR_FOLLOW', 'author_id');
