-- Part 1: the tables of prisma/schema.prisma.
-- CreateEnum
CREATE TYPE "notification_kind" AS ENUM ('REPLY', 'MENTION', 'COMMENT', 'NEW_FOLLOWER', 'CLAIM_CONFIRMED', 'CLAIM_REJECTED');

-- CreateEnum
CREATE TYPE "live_event_kind" AS ENUM ('COMMENT', 'NOTIFICATION');

-- CreateTable
CREATE TABLE "notifications" (
    "id" SERIAL NOT NULL,
    "user_id" INTEGER NOT NULL,
    "kind" "notification_kind" NOT NULL,
    "actor_id" INTEGER,
    "paper_id" INTEGER,
    "comment_id" INTEGER,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "read_at" TIMESTAMPTZ(3),
    "is_withdrawn" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "notifications_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "live_events" (
    "id" BIGSERIAL NOT NULL,
    "transaction_id" BIGINT NOT NULL,
    "kind" "live_event_kind" NOT NULL,
    "row_id" INTEGER NOT NULL,
    "topic_id" INTEGER NOT NULL,
    "recorded_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "live_events_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "notifications_user_id_comment_id_key" ON "notifications"("user_id", "comment_id");

-- CreateIndex
CREATE INDEX "notifications_actor_id_idx" ON "notifications"("actor_id");

-- CreateIndex
CREATE INDEX "notifications_paper_id_idx" ON "notifications"("paper_id");

-- CreateIndex
CREATE INDEX "notifications_comment_id_idx" ON "notifications"("comment_id");

-- CreateIndex
CREATE INDEX "notifications_created_at_idx" ON "notifications"("created_at");

-- CreateIndex
CREATE INDEX "live_events_transaction_id_id_idx" ON "live_events"("transaction_id", "id");

-- CreateIndex
CREATE INDEX "live_events_recorded_at_idx" ON "live_events"("recorded_at");

-- AddForeignKey
ALTER TABLE "notifications" ADD CONSTRAINT "notifications_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "notifications" ADD CONSTRAINT "notifications_actor_id_fkey" FOREIGN KEY ("actor_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "notifications" ADD CONSTRAINT "notifications_paper_id_fkey" FOREIGN KEY ("paper_id") REFERENCES "papers"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "notifications" ADD CONSTRAINT "notifications_comment_id_fkey" FOREIGN KEY ("comment_id") REFERENCES "comments"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Part 2: what Prisma's language cannot say.

-- The inbox, its unread part, and both by kind; of what is not withdrawn, which is all that lists have.
CREATE INDEX "notifications_listed_idx" ON "notifications" ("user_id", "created_at" DESC, "id" DESC) WHERE NOT "is_withdrawn";
CREATE INDEX "notifications_listed_by_kind_idx" ON "notifications" ("user_id", "kind", "created_at" DESC, "id" DESC) WHERE NOT "is_withdrawn";
CREATE INDEX "notifications_unread_idx" ON "notifications" ("user_id", "created_at" DESC, "id" DESC) WHERE NOT "is_withdrawn" AND "read_at" IS NULL;
CREATE INDEX "notifications_unread_by_kind_idx" ON "notifications" ("user_id", "kind", "created_at" DESC, "id" DESC) WHERE NOT "is_withdrawn" AND "read_at" IS NULL;

-- A follower is told of once.
CREATE UNIQUE INDEX "notifications_new_follower_key" ON "notifications" ("user_id", "actor_id") WHERE "kind" = 'NEW_FOLLOWER';

ALTER TABLE "notifications"
    ADD CONSTRAINT "notifications_of_others" CHECK ("user_id" <> "actor_id"),
    ADD CONSTRAINT "notifications_cause_by_kind" CHECK (CASE "kind"
        WHEN 'NEW_FOLLOWER' THEN "actor_id" IS NOT NULL AND num_nonnulls("paper_id", "comment_id") = 0
        ELSE num_nulls("actor_id", "paper_id", "comment_id") = 0
    END);

-- Tells who is to be told of a comment as it now is, each once and of the most specific cause: the author of what it replies
-- to, whom it mentions, who submitted the paper; never its own author. Whom it has told and need not any more loses the
-- notification, and has it again, read or not, when the cause comes back (a mention, a comment that is shown again).
-- Recipients are looked up: in the middle of the deletion of an account, its comments still name it.
CREATE FUNCTION "notify_of_comment"("told" INTEGER) RETURNS VOID LANGUAGE plpgsql AS $$
BEGIN
    WITH said AS (SELECT c.* FROM comments c WHERE c.id = told AND comment_is_shown(c)),
    causes AS (
        SELECT DISTINCT ON (x.user_id) x.user_id, x.kind FROM (
            SELECT p.user_id, 'REPLY'::notification_kind AS kind FROM said s JOIN comments p ON p.id = s.parent_id
            UNION ALL SELECT m.user_id, 'MENTION' FROM said s JOIN comment_mentions m ON m.comment_id = s.id
            UNION ALL SELECT p.submitted_by_id, 'COMMENT' FROM said s JOIN papers p ON p.id = s.paper_id) x
        JOIN users u ON u.id = x.user_id
        WHERE x.user_id <> (SELECT s.user_id FROM said s)
        ORDER BY x.user_id, x.kind),
    withdrawn AS (
        UPDATE notifications SET is_withdrawn = true
        WHERE comment_id = told AND NOT is_withdrawn AND user_id NOT IN (SELECT user_id FROM causes))
    INSERT INTO notifications AS n (user_id, kind, actor_id, paper_id, comment_id)
    SELECT c.user_id, c.kind, s.user_id, s.paper_id, s.id FROM causes c, said s
    ON CONFLICT (user_id, comment_id) DO UPDATE SET kind = excluded.kind, is_withdrawn = false
        WHERE n.kind <> excluded.kind OR n.is_withdrawn;
END $$;

CREATE FUNCTION "notify_of_comments"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM notify_of_comment(c.id) FROM changed c ORDER BY c.id;
    RETURN NULL;
END $$;
CREATE TRIGGER "comments_notify" AFTER INSERT ON "comments" REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "notify_of_comments"();

CREATE FUNCTION "notify_of_mentions"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM notify_of_comment(c.comment_id) FROM (SELECT DISTINCT comment_id FROM changed) c ORDER BY c.comment_id;
    RETURN NULL;
END $$;
CREATE TRIGGER "comment_mentions_notify_insert" AFTER INSERT ON "comment_mentions" REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "notify_of_mentions"();
CREATE TRIGGER "comment_mentions_notify_delete" AFTER DELETE ON "comment_mentions" REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "notify_of_mentions"();

-- What is deleted does not come back, what is hidden may.
CREATE FUNCTION "notify_of_shown_comment"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.deleted_at IS NOT NULL THEN
        DELETE FROM notifications WHERE comment_id = NEW.id;
    ELSE
        PERFORM notify_of_comment(NEW.id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER "comments_notify_shown" AFTER UPDATE OF "user_id", "deleted_at", "hidden_at" ON "comments" FOR EACH ROW
    WHEN (comment_is_shown(NEW) <> comment_is_shown(OLD) OR (NEW.deleted_at IS NOT NULL AND OLD.deleted_at IS NULL))
    EXECUTE FUNCTION "notify_of_shown_comment"();

CREATE FUNCTION "notify_of_follows"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO notifications AS n (user_id, kind, actor_id)
        SELECT followed_id, 'NEW_FOLLOWER', user_id FROM changed ORDER BY followed_id, user_id
        ON CONFLICT (user_id, actor_id) WHERE kind = 'NEW_FOLLOWER' DO UPDATE SET is_withdrawn = false WHERE n.is_withdrawn;
    ELSE
        UPDATE notifications n SET is_withdrawn = true FROM changed c
        WHERE n.kind = 'NEW_FOLLOWER' AND (n.user_id, n.actor_id) = (c.followed_id, c.user_id) AND NOT n.is_withdrawn;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER "user_follows_notify_insert" AFTER INSERT ON "user_follows" REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "notify_of_follows"();
CREATE TRIGGER "user_follows_notify_delete" AFTER DELETE ON "user_follows" REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "notify_of_follows"();

-- The live log: what is new, in the order in which it was written. Arguments: the kind, and the column of the topic.
CREATE FUNCTION "log_live"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('INSERT INTO live_events (transaction_id, kind, row_id, topic_id)
        SELECT pg_current_xact_id()::text::bigint, %L, id, %I FROM changed ORDER BY id', TG_ARGV[0], TG_ARGV[1]);
    RETURN NULL;
END $$;
CREATE TRIGGER "comments_log_live" AFTER INSERT ON "comments" REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "log_live"('COMMENT', 'paper_id');
CREATE TRIGGER "notifications_log_live" AFTER INSERT ON "notifications" REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "log_live"('NOTIFICATION', 'user_id');
