-- Part 1: the tables of prisma/schema.prisma.
-- CreateEnum
CREATE TYPE "ingest_state" AS ENUM ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'STOPPED');

-- CreateEnum
CREATE TYPE "ingest_trigger" AS ENUM ('SCHEDULE', 'ADMIN', 'COMMAND');

-- AlterTable
ALTER TABLE "papers"
    ADD COLUMN "doi" TEXT,
    ADD COLUMN "arxiv_version" INTEGER,
    ADD COLUMN "withdrawn_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "authors" ADD COLUMN "orcid" TEXT;

-- AlterTable
ALTER TABLE "repos"
    ADD COLUMN "license" TEXT,
    ADD COLUMN "is_archived" BOOLEAN,
    ADD COLUMN "refreshed_at" TIMESTAMPTZ(3),
    ADD COLUMN "etag" TEXT;

-- CreateTable
CREATE TABLE "tag_aliases" (
    "slug" TEXT COLLATE "C" NOT NULL,
    "tag_id" INTEGER NOT NULL,

    CONSTRAINT "tag_aliases_pkey" PRIMARY KEY ("slug")
);

-- CreateTable
CREATE TABLE "paper_origins" (
    "source" TEXT NOT NULL,
    "external_id" TEXT NOT NULL,
    "paper_id" INTEGER NOT NULL,
    "fields" TEXT[],
    "facts" JSONB,
    "digest" BYTEA NOT NULL,
    "first_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "changed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "paper_origins_pkey" PRIMARY KEY ("source","external_id")
);

-- CreateTable
CREATE TABLE "ingest_runs" (
    "id" SERIAL NOT NULL,
    "source" TEXT NOT NULL,
    "options" JSONB NOT NULL,
    "trigger" "ingest_trigger" NOT NULL,
    "requested_by_id" INTEGER,
    "state" "ingest_state" NOT NULL DEFAULT 'QUEUED',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "active_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),
    "checkpoint" JSONB,
    "done" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "total" DOUBLE PRECISION,
    "added_count" INTEGER NOT NULL DEFAULT 0,
    "changed_count" INTEGER NOT NULL DEFAULT 0,
    "unchanged_count" INTEGER NOT NULL DEFAULT 0,
    "rejected_count" INTEGER NOT NULL DEFAULT 0,
    "executor" TEXT,
    "error" TEXT,

    CONSTRAINT "ingest_runs_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ingest_rejects" (
    "id" SERIAL NOT NULL,
    "run_id" INTEGER NOT NULL,
    "place" TEXT NOT NULL,
    "title" TEXT,
    "field" TEXT NOT NULL,
    "rule" TEXT NOT NULL,
    "received" TEXT NOT NULL,
    "is_whole" BOOLEAN NOT NULL,

    CONSTRAINT "ingest_rejects_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "papers_doi_key" ON "papers"("doi");

-- DropIndex
DROP INDEX "authors_name_key_key";

-- CreateIndex
CREATE UNIQUE INDEX "authors_orcid_key" ON "authors"("orcid");

-- CreateIndex
CREATE INDEX "authors_name_key_id_idx" ON "authors"("name_key", "id");

-- CreateIndex
CREATE INDEX "repos_host_refreshed_at_id_idx" ON "repos"("host", "refreshed_at", "id");

-- CreateIndex
CREATE INDEX "tag_aliases_tag_id_idx" ON "tag_aliases"("tag_id");

-- CreateIndex
CREATE INDEX "paper_origins_paper_id_source_external_id_idx" ON "paper_origins"("paper_id", "source", "external_id");

-- CreateIndex
CREATE INDEX "ingest_runs_created_at_id_idx" ON "ingest_runs"("created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "ingest_runs_source_created_at_id_idx" ON "ingest_runs"("source", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "ingest_runs_state_active_at_idx" ON "ingest_runs"("state", "active_at");

-- CreateIndex
CREATE INDEX "ingest_rejects_run_id_id_idx" ON "ingest_rejects"("run_id", "id");

-- AddForeignKey
ALTER TABLE "tag_aliases" ADD CONSTRAINT "tag_aliases_tag_id_fkey" FOREIGN KEY ("tag_id") REFERENCES "tags"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "paper_origins" ADD CONSTRAINT "paper_origins_paper_id_fkey" FOREIGN KEY ("paper_id") REFERENCES "papers"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ingest_runs" ADD CONSTRAINT "ingest_runs_requested_by_id_fkey" FOREIGN KEY ("requested_by_id") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ingest_rejects" ADD CONSTRAINT "ingest_rejects_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "ingest_runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Part 2: what Prisma's language cannot say.

-- Of one spelling at most one author has no ORCID: those whom nobody told apart.
CREATE UNIQUE INDEX "authors_name_key_orcid_key" ON "authors" ("name_key", coalesce("orcid", ''));

ALTER TABLE "papers"
    ADD CONSTRAINT "papers_doi_form" CHECK ("doi" ~ '^10\.[0-9]{4,9}/[^[:space:]]+$' AND "doi" = lower("doi") AND char_length("doi") <= 300),
    ADD CONSTRAINT "papers_arxiv_version_range" CHECK ("arxiv_version" BETWEEN 1 AND 9999),
    ADD CONSTRAINT "papers_withdrawn_at_range" CHECK ("withdrawn_at" BETWEEN '1900-01-01T00:00:00Z' AND '2999-12-31T23:59:59Z');

-- The papers that were withdrawn, which are few.
CREATE INDEX "papers_withdrawn_id_idx" ON "papers" ("id") WHERE "withdrawn_at" IS NOT NULL;

ALTER TABLE "authors"
    ADD CONSTRAINT "authors_orcid_form" CHECK ("orcid" ~ '^[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9X]$');

ALTER TABLE "repos"
    ADD CONSTRAINT "repos_license_form" CHECK (char_length("license") BETWEEN 1 AND 100),
    ADD CONSTRAINT "repos_etag_form" CHECK (char_length("etag") BETWEEN 1 AND 200);

ALTER TABLE "tag_aliases"
    ADD CONSTRAINT "tag_aliases_slug_form" CHECK ("slug" ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND char_length("slug") <= 80);

ALTER TABLE "paper_origins"
    ADD CONSTRAINT "paper_origins_source_form" CHECK ("source" ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND char_length("source") <= 40),
    ADD CONSTRAINT "paper_origins_external_id_form" CHECK (char_length("external_id") BETWEEN 1 AND 300),
    ADD CONSTRAINT "paper_origins_fields_bound" CHECK (cardinality("fields") <= 20),
    ADD CONSTRAINT "paper_origins_facts_are_object" CHECK (jsonb_typeof("facts") = 'object'),
    ADD CONSTRAINT "paper_origins_digest_is_sha256" CHECK (octet_length("digest") = 32);

ALTER TABLE "ingest_runs"
    ADD CONSTRAINT "ingest_runs_source_form" CHECK ("source" ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND char_length("source") <= 40),
    ADD CONSTRAINT "ingest_runs_counts_range" CHECK (least("added_count", "changed_count", "unchanged_count", "rejected_count") >= 0),
    ADD CONSTRAINT "ingest_runs_done_range" CHECK ("done" >= 0 AND "total" >= 0),
    ADD CONSTRAINT "ingest_runs_ends_when_over" CHECK (("finished_at" IS NOT NULL) = ("state" IN ('SUCCEEDED', 'FAILED', 'STOPPED'))),
    ADD CONSTRAINT "ingest_runs_starts_before_running" CHECK ("started_at" IS NOT NULL OR "state" <> 'RUNNING'),
    ADD CONSTRAINT "ingest_runs_error_of_failed" CHECK (("error" IS NOT NULL) = ("state" = 'FAILED'));

-- A slug names one tag, as its own or as an alias. Who adds an alias waits for those who add tags, and they for it, so
-- that of two that come at once the second one sees the first. One lock for all slugs: an import adds thousands of tags in
-- a transaction, more than the table of locks has room for.
CREATE FUNCTION "keep_slug_single"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'tags' THEN
        PERFORM pg_advisory_xact_lock_shared(7270738);
    ELSE
        PERFORM pg_advisory_xact_lock(7270738);
    END IF;
    IF TG_TABLE_NAME = 'tags' AND EXISTS (SELECT FROM tag_aliases WHERE slug = NEW.slug)
        OR TG_TABLE_NAME = 'tag_aliases' AND EXISTS (SELECT FROM tags WHERE slug = NEW.slug) THEN
        RAISE EXCEPTION 'the slug % is taken', NEW.slug USING ERRCODE = 'unique_violation', CONSTRAINT = 'slugs_single';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER "tags_slug_single" BEFORE INSERT OR UPDATE OF "slug" ON "tags"
    FOR EACH ROW EXECUTE FUNCTION "keep_slug_single"();
CREATE TRIGGER "tag_aliases_slug_single" BEFORE INSERT OR UPDATE OF "slug" ON "tag_aliases"
    FOR EACH ROW EXECUTE FUNCTION "keep_slug_single"();

-- Counters of a paper's own links. A row of papers is large, and writing it again writes its words into their index
-- again: 5,000 papers took 11.6 s to insert with authors, tags and repos, 2.9 s of it for themselves. Hence a new paper may
-- come with its counters, which are looked at when the transaction ends, and links count what is there and write it only
-- where it differs: 4.5 s.

DROP TRIGGER "papers_counters_insert" ON "papers";
CREATE TRIGGER "papers_counters_insert" BEFORE INSERT ON "papers" FOR EACH ROW
    WHEN (NEW.upvote_count <> 0) EXECUTE FUNCTION "refuse_counter_write"();

CREATE FUNCTION "verify_paper_counters"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM papers p WHERE p.id = NEW.id AND (p.named_author_count, p.tag_count, p.repo_count) <> (
        (SELECT count(*) FROM paper_authors WHERE paper_id = p.id),
        (SELECT count(*) FROM paper_tags WHERE paper_id = p.id),
        (SELECT count(*) FROM paper_repos WHERE paper_id = p.id))) THEN
        RAISE EXCEPTION 'the counters of paper % are not those of its links', NEW.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER "papers_counters_verify" AFTER INSERT ON "papers" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((NEW.named_author_count, NEW.tag_count, NEW.repo_count) <> (0, 0, 0)) EXECUTE FUNCTION "verify_paper_counters"();

-- Arguments: the counter of papers; the table at the other end, the link's column that points there, its counter. The
-- papers are locked first: the next statement then sees the links of whoever held them.
CREATE FUNCTION "count_links"() RETURNS trigger LANGUAGE plpgsql AS $$
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
        FROM (SELECT %2$I AS id, count(*)::integer AS n FROM changed GROUP BY %2$I) c WHERE %1$I.id = c.id',
        TG_ARGV[1], TG_ARGV[2], TG_ARGV[3]) USING step;
    RETURN NULL;
END $$;

DROP TRIGGER "paper_authors_count_insert" ON "paper_authors";
DROP TRIGGER "paper_authors_count_delete" ON "paper_authors";
DROP TRIGGER "paper_tags_count_insert" ON "paper_tags";
DROP TRIGGER "paper_tags_count_delete" ON "paper_tags";
DROP TRIGGER "paper_repos_count_insert" ON "paper_repos";
DROP TRIGGER "paper_repos_count_delete" ON "paper_repos";
CREATE TRIGGER "paper_authors_count_insert" AFTER INSERT ON "paper_authors" REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "count_links"('named_author_count', 'authors', 'author_id', 'paper_count');
CREATE TRIGGER "paper_authors_count_delete" AFTER DELETE ON "paper_authors" REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "count_links"('named_author_count', 'authors', 'author_id', 'paper_count');
CREATE TRIGGER "paper_tags_count_insert" AFTER INSERT ON "paper_tags" REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "count_links"('tag_count', 'tags', 'tag_id', 'paper_count');
CREATE TRIGGER "paper_tags_count_delete" AFTER DELETE ON "paper_tags" REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "count_links"('tag_count', 'tags', 'tag_id', 'paper_count');
CREATE TRIGGER "paper_repos_count_insert" AFTER INSERT ON "paper_repos" REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "count_links"('repo_count', 'repos', 'repo_id', 'paper_count');
CREATE TRIGGER "paper_repos_count_delete" AFTER DELETE ON "paper_repos" REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "count_links"('repo_count', 'repos', 'repo_id', 'paper_count');
