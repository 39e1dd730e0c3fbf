-- Part 1: the tables of prisma/schema.prisma.
-- AlterTable
ALTER TABLE "papers" ADD COLUMN "hidden_at" TIMESTAMPTZ(3);

-- Part 2: what Prisma's language cannot say.

-- Hidden papers. A moderator hides a paper from every list and every reader; it keeps its votes and links.

-- What readers are shown: the view is inlined, so that the indexes of papers serve as before. A later migration that adds
-- a column to papers makes it anew (CREATE OR REPLACE, with the same text): a view has the columns of its day.
CREATE VIEW "listed_papers" AS SELECT * FROM "papers" WHERE "hidden_at" IS NULL;

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
        ('upvotes', 'user_id', 'users', 'upvote_count')) AS links (table_name, column_name, counted, counter)
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
