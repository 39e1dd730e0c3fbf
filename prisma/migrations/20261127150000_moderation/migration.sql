-- Part 1: the tables of prisma/schema.prisma.
-- CreateEnum
CREATE TYPE "audit_action" AS ENUM ('HIDE', 'RESTORE', 'MERGE', 'RESOLVE_REPORT', 'SET_ROLE', 'CREATE_TAG', 'ADD_TAG_ALIAS', 'REMOVE_TAG_ALIAS', 'EDIT', 'DELETE', 'RESOLVE_CLAIM', 'UNLINK_AUTHOR', 'CLEAR_VOTES', 'CONFIRM_VOTES');

-- CreateEnum
CREATE TYPE "report_reason" AS ENUM ('SPAM', 'ABUSE', 'WRONG_METADATA', 'DUPLICATE', 'OTHER');

-- CreateEnum
CREATE TYPE "report_state" AS ENUM ('OPEN', 'DISMISSED', 'ACTED');

-- AlterTable
ALTER TABLE "papers" ADD COLUMN "hidden_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "audit_entries" (
    "id" SERIAL NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "actor_id" INTEGER,
    "action" "audit_action" NOT NULL,
    "object_type" TEXT NOT NULL,
    "object_id" INTEGER NOT NULL,
    "details" JSONB NOT NULL,

    CONSTRAINT "audit_entries_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "reports" (
    "id" SERIAL NOT NULL,
    "reporter_id" INTEGER NOT NULL,
    "paper_id" INTEGER,
    "comment_id" INTEGER,
    "user_id" INTEGER,
    "reason" "report_reason" NOT NULL,
    "note" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "state" "report_state" NOT NULL DEFAULT 'OPEN',
    "resolved_at" TIMESTAMPTZ(3),
    "resolver_id" INTEGER,
    "resolution_note" TEXT,

    CONSTRAINT "reports_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "merged_papers" (
    "old_id" INTEGER NOT NULL,
    "paper_id" INTEGER NOT NULL,
    "arxiv_id" TEXT,
    "doi" TEXT,

    CONSTRAINT "merged_papers_pkey" PRIMARY KEY ("old_id")
);

-- CreateTable
CREATE TABLE "merged_authors" (
    "old_id" INTEGER NOT NULL,
    "author_id" INTEGER NOT NULL,
    "name_key" TEXT,
    "orcid" TEXT,

    CONSTRAINT "merged_authors_pkey" PRIMARY KEY ("old_id")
);

-- CreateTable
CREATE TABLE "merged_tags" (
    "old_id" INTEGER NOT NULL,
    "tag_id" INTEGER NOT NULL,

    CONSTRAINT "merged_tags_pkey" PRIMARY KEY ("old_id")
);

-- CreateIndex
CREATE INDEX "audit_entries_at_id_idx" ON "audit_entries"("at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "audit_entries_actor_id_at_id_idx" ON "audit_entries"("actor_id", "at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "audit_entries_action_at_id_idx" ON "audit_entries"("action", "at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "reports_created_at_id_idx" ON "reports"("created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "reports_state_created_at_id_idx" ON "reports"("state", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "reports_reporter_id_created_at_idx" ON "reports"("reporter_id", "created_at");

-- CreateIndex
CREATE INDEX "reports_paper_id_idx" ON "reports"("paper_id");

-- CreateIndex
CREATE INDEX "reports_comment_id_idx" ON "reports"("comment_id");

-- CreateIndex
CREATE INDEX "reports_user_id_idx" ON "reports"("user_id");

-- CreateIndex
CREATE INDEX "reports_resolver_id_idx" ON "reports"("resolver_id");

-- CreateIndex
CREATE UNIQUE INDEX "merged_papers_arxiv_id_key" ON "merged_papers"("arxiv_id");

-- CreateIndex
CREATE UNIQUE INDEX "merged_papers_doi_key" ON "merged_papers"("doi");

-- CreateIndex
CREATE INDEX "merged_papers_paper_id_idx" ON "merged_papers"("paper_id");

-- CreateIndex
CREATE UNIQUE INDEX "merged_authors_orcid_key" ON "merged_authors"("orcid");

-- CreateIndex
CREATE INDEX "merged_authors_name_key_idx" ON "merged_authors"("name_key");

-- CreateIndex
CREATE INDEX "merged_authors_author_id_idx" ON "merged_authors"("author_id");

-- CreateIndex
CREATE INDEX "merged_tags_tag_id_idx" ON "merged_tags"("tag_id");

-- AddForeignKey
ALTER TABLE "audit_entries" ADD CONSTRAINT "audit_entries_actor_id_fkey" FOREIGN KEY ("actor_id") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "reports" ADD CONSTRAINT "reports_reporter_id_fkey" FOREIGN KEY ("reporter_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "reports" ADD CONSTRAINT "reports_paper_id_fkey" FOREIGN KEY ("paper_id") REFERENCES "papers"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "reports" ADD CONSTRAINT "reports_comment_id_fkey" FOREIGN KEY ("comment_id") REFERENCES "comments"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "reports" ADD CONSTRAINT "reports_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "reports" ADD CONSTRAINT "reports_resolver_id_fkey" FOREIGN KEY ("resolver_id") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "merged_papers" ADD CONSTRAINT "merged_papers_paper_id_fkey" FOREIGN KEY ("paper_id") REFERENCES "papers"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "merged_authors" ADD CONSTRAINT "merged_authors_author_id_fkey" FOREIGN KEY ("author_id") REFERENCES "authors"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "merged_tags" ADD CONSTRAINT "merged_tags_tag_id_fkey" FOREIGN KEY ("tag_id") REFERENCES "tags"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Part 2: what Prisma's language cannot say.

-- Hidden papers. A moderator hides a paper from every list and every reader; it keeps its votes and links.

-- What readers are shown: the view is inlined, so that the indexes of papers serve as before. A later migration that adds
-- a column to papers makes it anew (CREATE OR REPLACE, with the same text): a view has the columns of its day.
CREATE VIEW "listed_papers" AS SELECT * FROM "papers" WHERE "hidden_at" IS NULL;

-- All of the others, so that they are counted without a look at their rows.
CREATE INDEX "papers_listed_id_idx" ON "papers" ("id") WHERE "hidden_at" IS NULL;

-- The hidden ones, which are few: left out where only ids are read.
CREATE INDEX "papers_hidden_id_idx" ON "papers" ("id") WHERE "hidden_at" IS NOT NULL;

-- Counters of what has papers count those that are listed. A counter changes with a link, when its paper is not hidden, and
-- with the hiding, for the links that are there; both lock the paper first, so that of two that come at once the second
-- sees the first. A paper's own counters go on counting all.
CREATE OR REPLACE FUNCTION "count_links"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    step INTEGER := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
BEGIN
    PERFORM 1 FROM papers WHERE id IN (SELECT paper_id FROM changed) ORDER BY id FOR NO KEY UPDATE;
    EXECUTE format('UPDATE papers SET %2$I = c.n FROM (
            SELECT x.paper_id, (SELECT count(*)::integer FROM %1$I l WHERE l.paper_id = x.paper_id) AS n
            FROM (SELECT DISTINCT paper_id FROM changed) x) c
        WHERE papers.id = c.paper_id AND papers.%2$I <> c.n', TG_TABLE_NAME, TG_ARGV[0]);
    EXECUTE format('SELECT 1 FROM %I WHERE id IN (SELECT %I FROM changed) ORDER BY id FOR NO KEY UPDATE',
        TG_ARGV[1], TG_ARGV[2]);
    EXECUTE format('UPDATE %1$I SET %3$I = %3$I + $1 * c.n
        FROM (SELECT l.%2$I AS id, count(*)::integer AS n FROM changed l
            WHERE NOT EXISTS (SELECT FROM papers p WHERE p.id = l.paper_id AND p.hidden_at IS NOT NULL)
            GROUP BY l.%2$I) c WHERE %1$I.id = c.id',
        TG_ARGV[1], TG_ARGV[2], TG_ARGV[3]) USING step;
    RETURN NULL;
END $$;

CREATE FUNCTION "count_upvotes"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    step INTEGER := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
BEGIN
    PERFORM 1 FROM papers WHERE id IN (SELECT paper_id FROM changed) ORDER BY id FOR NO KEY UPDATE;
    UPDATE papers SET upvote_count = upvote_count + step * c.n
        FROM (SELECT paper_id AS id, count(*)::integer AS n FROM changed GROUP BY paper_id) c WHERE papers.id = c.id;
    PERFORM 1 FROM users WHERE id IN (SELECT user_id FROM changed) ORDER BY id FOR NO KEY UPDATE;
    UPDATE users SET upvote_count = upvote_count + step * c.n
        FROM (SELECT v.user_id AS id, count(*)::integer AS n FROM changed v
            WHERE NOT EXISTS (SELECT FROM papers p WHERE p.id = v.paper_id AND p.hidden_at IS NOT NULL)
            GROUP BY v.user_id) c WHERE users.id = c.id;
    RETURN NULL;
END $$;
DROP TRIGGER "upvotes_count_insert" ON "upvotes";
DROP TRIGGER "upvotes_count_delete" ON "upvotes";
CREATE TRIGGER "upvotes_count_insert" AFTER INSERT ON "upvotes" REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "count_upvotes"();
CREATE TRIGGER "upvotes_count_delete" AFTER DELETE ON "upvotes" REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "count_upvotes"();

-- Of a full collection a hidden paper is not counted, and comes back: the limit is that of adding.
ALTER TABLE "collections"
    DROP CONSTRAINT "collections_paper_count_range",
    ADD CONSTRAINT "collections_paper_count_range" CHECK ("paper_count" >= 0);
-- The papers are locked against being hidden, and not against each other's votes for longer than it takes.
CREATE FUNCTION "count_collected"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    step INTEGER := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
BEGIN
    PERFORM 1 FROM papers WHERE id IN (SELECT paper_id FROM changed) ORDER BY id FOR SHARE;
    PERFORM 1 FROM collections WHERE id IN (SELECT collection_id FROM changed) ORDER BY id FOR NO KEY UPDATE;
    UPDATE collections SET paper_count = paper_count + step * c.n
        FROM (SELECT l.collection_id AS id, count(*)::integer AS n FROM changed l
            WHERE NOT EXISTS (SELECT FROM papers p WHERE p.id = l.paper_id AND p.hidden_at IS NOT NULL)
            GROUP BY l.collection_id) c WHERE collections.id = c.id;
    RETURN NULL;
END $$;
DROP TRIGGER "collection_papers_count_insert" ON "collection_papers";
DROP TRIGGER "collection_papers_count_delete" ON "collection_papers";
CREATE TRIGGER "collection_papers_count_insert" AFTER INSERT ON "collection_papers" REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "count_collected"();
CREATE TRIGGER "collection_papers_count_delete" AFTER DELETE ON "collection_papers" REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "count_collected"();

-- The counters of what a paper is linked to, when it is hidden, restored, or deleted while it is hidden: then its links go
-- next, as those of a listed paper do.
CREATE FUNCTION "count_hidden_paper"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    step INTEGER := CASE WHEN TG_OP = 'UPDATE' AND NEW.hidden_at IS NOT NULL THEN -1 ELSE 1 END;
    link RECORD;
BEGIN
    FOR link IN SELECT * FROM (VALUES
        ('paper_authors', 'author_id', 'authors', 'paper_count'),
        ('paper_tags', 'tag_id', 'tags', 'paper_count'),
        ('paper_repos', 'repo_id', 'repos', 'paper_count'),
        ('upvotes', 'user_id', 'users', 'upvote_count'),
        ('collection_papers', 'collection_id', 'collections', 'paper_count')) AS links (table_name, column_name, counted, counter)
    LOOP
        EXECUTE format('SELECT 1 FROM %1$I WHERE id IN (SELECT %2$I FROM %3$I WHERE paper_id = $1) ORDER BY id FOR NO KEY UPDATE',
            link.counted, link.column_name, link.table_name) USING OLD.id;
        EXECUTE format('UPDATE %1$I SET %2$I = %2$I + $2 WHERE id IN (SELECT %3$I FROM %4$I WHERE paper_id = $1)',
            link.counted, link.counter, link.column_name, link.table_name) USING OLD.id, step;
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER "papers_count_hiding" AFTER UPDATE OF "hidden_at" ON "papers" FOR EACH ROW
    WHEN ((NEW.hidden_at IS NULL) <> (OLD.hidden_at IS NULL)) EXECUTE FUNCTION "count_hidden_paper"();
-- Triggers of one event fire by name, and those that delete the links are called RI_….
CREATE TRIGGER "A_papers_count_hidden" AFTER DELETE ON "papers" FOR EACH ROW
    WHEN (OLD.hidden_at IS NOT NULL) EXECUTE FUNCTION "count_hidden_paper"();

-- The change log: to the recommender a hidden paper is not listed. Its votes, tags and authors stay, and wait.
CREATE OR REPLACE FUNCTION "log_papers"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO changes (transaction_id, kind, paper_id, value, previous)
    SELECT pg_current_xact_id()::text::bigint, 'PAPER', id,
        CASE TG_OP WHEN 'INSERT' THEN extract(epoch FROM listed_at)::double precision END,
        CASE TG_OP WHEN 'DELETE' THEN extract(epoch FROM listed_at)::double precision END
    FROM changed WHERE hidden_at IS NULL ORDER BY id;
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION "log_paper_listing"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO changes (transaction_id, kind, paper_id, value, previous)
    VALUES (pg_current_xact_id()::text::bigint, 'PAPER', NEW.id,
        CASE WHEN NEW.hidden_at IS NULL THEN extract(epoch FROM NEW.listed_at)::double precision END,
        CASE WHEN OLD.hidden_at IS NULL THEN extract(epoch FROM OLD.listed_at)::double precision END);
    RETURN NULL;
END $$;
DROP TRIGGER "papers_log_listing" ON "papers";
CREATE TRIGGER "papers_log_listing" AFTER UPDATE OF "listed_at", "hidden_at" ON "papers" FOR EACH ROW
    WHEN (CASE WHEN NEW.hidden_at IS NULL THEN NEW.listed_at END IS DISTINCT FROM CASE WHEN OLD.hidden_at IS NULL THEN OLD.listed_at END)
    EXECUTE FUNCTION "log_paper_listing"();

-- Reports. Of one reader and object at most one is open.
CREATE UNIQUE INDEX "reports_open_paper_key" ON "reports" ("reporter_id", "paper_id") WHERE "state" = 'OPEN' AND "paper_id" IS NOT NULL;
CREATE UNIQUE INDEX "reports_open_comment_key" ON "reports" ("reporter_id", "comment_id") WHERE "state" = 'OPEN' AND "comment_id" IS NOT NULL;
CREATE UNIQUE INDEX "reports_open_user_key" ON "reports" ("reporter_id", "user_id") WHERE "state" = 'OPEN' AND "user_id" IS NOT NULL;

ALTER TABLE "reports"
    ADD CONSTRAINT "reports_one_object" CHECK (num_nonnulls("paper_id", "comment_id", "user_id") = 1),
    ADD CONSTRAINT "reports_note_length" CHECK (char_length("note") BETWEEN 1 AND 1000),
    ADD CONSTRAINT "reports_resolution_note_length" CHECK (char_length("resolution_note") BETWEEN 1 AND 1000),
    ADD CONSTRAINT "reports_resolved_when_over" CHECK (("resolved_at" IS NOT NULL) = ("state" <> 'OPEN'));

-- The audit log is written once. An account that goes takes its name from its entries, and nothing else ever changes.
ALTER TABLE "audit_entries"
    ADD CONSTRAINT "audit_entries_object_type_form" CHECK ("object_type" ~ '^[A-Z][A-Za-z]{1,39}$'),
    ADD CONSTRAINT "audit_entries_details_are_object" CHECK (jsonb_typeof("details") = 'object');
CREATE TRIGGER "audit_entries_keep_facts" BEFORE UPDATE ON "audit_entries" FOR EACH ROW
    WHEN (NEW.actor_id IS NOT NULL OR (NEW.id, NEW.at, NEW.action, NEW.object_type, NEW.object_id, NEW.details)
        IS DISTINCT FROM (OLD.id, OLD.at, OLD.action, OLD.object_type, OLD.object_id, OLD.details))
    EXECUTE FUNCTION "refuse_change"();
CREATE TRIGGER "audit_entries_keep_rows" BEFORE DELETE OR TRUNCATE ON "audit_entries"
    FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();

-- Merges. What was merged away is found under its old names; no redirect leads to another one.

ALTER TABLE "merged_papers" ADD CONSTRAINT "merged_papers_lead_away" CHECK ("old_id" <> "paper_id");
ALTER TABLE "merged_authors" ADD CONSTRAINT "merged_authors_lead_away" CHECK ("old_id" <> "author_id");
ALTER TABLE "merged_tags" ADD CONSTRAINT "merged_tags_lead_away" CHECK ("old_id" <> "tag_id");

-- Comments keep their paper but for a merge, which moves them with their threads and says so within its transaction.
DROP TRIGGER "comments_keep_ends" ON "comments";
CREATE TRIGGER "comments_keep_ends" BEFORE UPDATE OF "parent_id", "depth", "created_at" ON "comments"
    FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
CREATE TRIGGER "comments_keep_paper" BEFORE UPDATE OF "paper_id" ON "comments"
    FOR EACH STATEMENT WHEN (coalesce(current_setting('daily_papers.merging', true), '') <> 'on') EXECUTE FUNCTION "refuse_change"();

-- The discussions of two papers have become one: counted and scored anew.
CREATE FUNCTION "join_discussions"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE papers p SET comment_count = c.n
        FROM (SELECT x.id, (SELECT count(*)::integer FROM comments c WHERE c.paper_id = x.id AND comment_is_shown(c)) AS n
            FROM (VALUES (NEW.old_id), (NEW.paper_id)) x (id)) c
        WHERE p.id = c.id AND p.comment_count <> c.n;
    PERFORM score_siblings(NEW.paper_id, NULL);
    RETURN NULL;
END $$;
CREATE TRIGGER "merged_papers_join_discussions" AFTER INSERT ON "merged_papers"
    FOR EACH ROW EXECUTE FUNCTION "join_discussions"();
