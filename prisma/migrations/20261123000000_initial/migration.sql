-- Part 1: the tables of prisma/schema.prisma. Two keys compare by code points (COLLATE "C"), which Prisma's language
-- leaves open: so their unique indexes serve order and prefixes alike, whatever the database's language.
-- CreateEnum
CREATE TYPE "role" AS ENUM ('READER', 'CURATOR', 'ADMIN');

-- CreateEnum
CREATE TYPE "tag_kind" AS ENUM ('TASK', 'METHOD', 'ARXIV_CATEGORY', 'KEYWORD');

-- CreateEnum
CREATE TYPE "change_kind" AS ENUM ('PAPER', 'TAG', 'UPVOTE');

-- CreateTable
CREATE TABLE "users" (
    "id" SERIAL NOT NULL,
    "username" TEXT NOT NULL,
    "display_name" TEXT,
    "role" "role" NOT NULL DEFAULT 'READER',
    "password_hash" TEXT,
    "is_simulated" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "upvote_count" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "users_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sessions" (
    "id" SERIAL NOT NULL,
    "user_id" INTEGER NOT NULL,
    "token_hash" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "sessions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "papers" (
    "id" SERIAL NOT NULL,
    "arxiv_id" TEXT,
    "title" TEXT NOT NULL,
    "title_key" TEXT NOT NULL DEFAULT '',
    "abstract" TEXT,
    "published_at" TIMESTAMPTZ(3),
    "listed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "submitted_by_id" INTEGER,
    "project_url" TEXT,
    "stated_author_count" INTEGER,
    "origin_upvote_count" INTEGER,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "upvote_count" INTEGER NOT NULL DEFAULT 0,
    "named_author_count" INTEGER NOT NULL DEFAULT 0,
    "tag_count" INTEGER NOT NULL DEFAULT 0,
    "repo_count" INTEGER NOT NULL DEFAULT 0,
    "trending_score" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "search_vector" tsvector,

    CONSTRAINT "papers_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "authors" (
    "id" SERIAL NOT NULL,
    "name" TEXT NOT NULL,
    "name_key" TEXT COLLATE "C" NOT NULL DEFAULT '',
    "paper_count" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "authors_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "paper_authors" (
    "paper_id" INTEGER NOT NULL,
    "author_id" INTEGER NOT NULL,
    "position" INTEGER NOT NULL,

    CONSTRAINT "paper_authors_pkey" PRIMARY KEY ("paper_id","author_id")
);

-- CreateTable
CREATE TABLE "tags" (
    "id" SERIAL NOT NULL,
    "slug" TEXT COLLATE "C" NOT NULL,
    "name" TEXT NOT NULL,
    "kind" "tag_kind" NOT NULL,
    "paper_count" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "tags_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "paper_tags" (
    "paper_id" INTEGER NOT NULL,
    "tag_id" INTEGER NOT NULL,
    "weight" DOUBLE PRECISION NOT NULL DEFAULT 1,

    CONSTRAINT "paper_tags_pkey" PRIMARY KEY ("paper_id","tag_id")
);

-- CreateTable
CREATE TABLE "repos" (
    "id" SERIAL NOT NULL,
    "host" TEXT NOT NULL,
    "owner" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "key" TEXT NOT NULL DEFAULT '',
    "stars" INTEGER,
    "language" TEXT,
    "paper_count" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "repos_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "paper_repos" (
    "paper_id" INTEGER NOT NULL,
    "repo_id" INTEGER NOT NULL,
    "is_official" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "paper_repos_pkey" PRIMARY KEY ("paper_id","repo_id")
);

-- CreateTable
CREATE TABLE "upvotes" (
    "user_id" INTEGER NOT NULL,
    "paper_id" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "upvotes_pkey" PRIMARY KEY ("user_id","paper_id")
);

-- CreateTable
CREATE TABLE "changes" (
    "id" BIGSERIAL NOT NULL,
    "transaction_id" BIGINT NOT NULL,
    "recorded_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "kind" "change_kind" NOT NULL,
    "paper_id" INTEGER NOT NULL,
    "user_id" INTEGER,
    "tag_id" INTEGER,
    "value" DOUBLE PRECISION,

    CONSTRAINT "changes_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "settings" (
    "key" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "settings_pkey" PRIMARY KEY ("key")
);

-- CreateIndex
CREATE UNIQUE INDEX "users_username_key" ON "users"("username");

-- CreateIndex
CREATE UNIQUE INDEX "sessions_token_hash_key" ON "sessions"("token_hash");

-- CreateIndex
CREATE INDEX "sessions_user_id_idx" ON "sessions"("user_id");

-- CreateIndex
CREATE INDEX "sessions_expires_at_idx" ON "sessions"("expires_at");

-- CreateIndex
CREATE UNIQUE INDEX "papers_arxiv_id_key" ON "papers"("arxiv_id");

-- CreateIndex
CREATE INDEX "papers_title_key_idx" ON "papers"("title_key");

-- CreateIndex
CREATE INDEX "papers_listed_at_id_idx" ON "papers"("listed_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "papers_published_at_id_idx" ON "papers"("published_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "papers_upvote_count_id_idx" ON "papers"("upvote_count" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "papers_trending_score_id_idx" ON "papers"("trending_score" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "papers_submitted_by_id_listed_at_id_idx" ON "papers"("submitted_by_id", "listed_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "papers_search_vector_idx" ON "papers" USING GIN ("search_vector");

-- CreateIndex
CREATE UNIQUE INDEX "authors_name_key_key" ON "authors"("name_key");

-- CreateIndex
CREATE INDEX "authors_paper_count_id_idx" ON "authors"("paper_count" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "paper_authors_author_id_paper_id_idx" ON "paper_authors"("author_id", "paper_id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "paper_authors_paper_id_position_key" ON "paper_authors"("paper_id", "position");

-- CreateIndex
CREATE UNIQUE INDEX "tags_slug_key" ON "tags"("slug");

-- CreateIndex
CREATE INDEX "tags_paper_count_id_idx" ON "tags"("paper_count" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "tags_kind_paper_count_id_idx" ON "tags"("kind", "paper_count" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "paper_tags_paper_id_weight_tag_id_idx" ON "paper_tags"("paper_id", "weight" DESC, "tag_id");

-- CreateIndex
CREATE INDEX "paper_tags_tag_id_paper_id_idx" ON "paper_tags"("tag_id", "paper_id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "repos_key_key" ON "repos"("key");

-- CreateIndex
CREATE INDEX "repos_paper_count_id_idx" ON "repos"("paper_count" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "paper_repos_repo_id_paper_id_idx" ON "paper_repos"("repo_id", "paper_id" DESC);

-- CreateIndex
CREATE INDEX "upvotes_user_id_created_at_paper_id_idx" ON "upvotes"("user_id", "created_at" DESC, "paper_id" DESC);

-- CreateIndex
CREATE INDEX "upvotes_paper_id_created_at_user_id_idx" ON "upvotes"("paper_id", "created_at" DESC, "user_id" DESC);

-- CreateIndex
CREATE INDEX "changes_transaction_id_id_idx" ON "changes"("transaction_id", "id");

-- CreateIndex
CREATE INDEX "changes_recorded_at_idx" ON "changes"("recorded_at");

-- AddForeignKey
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "papers" ADD CONSTRAINT "papers_submitted_by_id_fkey" FOREIGN KEY ("submitted_by_id") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "paper_authors" ADD CONSTRAINT "paper_authors_paper_id_fkey" FOREIGN KEY ("paper_id") REFERENCES "papers"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "paper_authors" ADD CONSTRAINT "paper_authors_author_id_fkey" FOREIGN KEY ("author_id") REFERENCES "authors"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "paper_tags" ADD CONSTRAINT "paper_tags_paper_id_fkey" FOREIGN KEY ("paper_id") REFERENCES "papers"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "paper_tags" ADD CONSTRAINT "paper_tags_tag_id_fkey" FOREIGN KEY ("tag_id") REFERENCES "tags"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "paper_repos" ADD CONSTRAINT "paper_repos_paper_id_fkey" FOREIGN KEY ("paper_id") REFERENCES "papers"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "paper_repos" ADD CONSTRAINT "paper_repos_repo_id_fkey" FOREIGN KEY ("repo_id") REFERENCES "repos"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "upvotes" ADD CONSTRAINT "upvotes_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "upvotes" ADD CONSTRAINT "upvotes_paper_id_fkey" FOREIGN KEY ("paper_id") REFERENCES "papers"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Part 2: what Prisma's language cannot say.

-- Constraints: the impossible is refused here, whoever writes.

ALTER TABLE "users"
    ADD CONSTRAINT "users_username_form" CHECK ("username" ~ '^[a-z0-9][a-z0-9_-]{1,38}$'),
    ADD CONSTRAINT "users_display_name_form" CHECK (char_length("display_name") BETWEEN 1 AND 80 AND "display_name" = btrim("display_name")),
    ADD CONSTRAINT "users_password_hash_form" CHECK ("password_hash" LIKE '$argon2id$%'),
    ADD CONSTRAINT "users_simulated_cannot_sign_in" CHECK (NOT ("is_simulated" AND "password_hash" IS NOT NULL)),
    ADD CONSTRAINT "users_upvote_count_range" CHECK ("upvote_count" >= 0);

ALTER TABLE "sessions"
    ADD CONSTRAINT "sessions_token_hash_is_sha256" CHECK (octet_length("token_hash") = 32),
    ADD CONSTRAINT "sessions_expire_later" CHECK ("expires_at" > "created_at");

ALTER TABLE "papers"
    ADD CONSTRAINT "papers_arxiv_id_form" CHECK ("arxiv_id" ~ '^(\d{4}\.\d{4,5}|[a-z-]{2,20}(\.[A-Z]{2})?/\d{7})$'),
    ADD CONSTRAINT "papers_title_form" CHECK (char_length("title") BETWEEN 1 AND 500 AND "title" = btrim("title")),
    ADD CONSTRAINT "papers_abstract_form" CHECK (char_length("abstract") BETWEEN 1 AND 20000),
    ADD CONSTRAINT "papers_project_url_form" CHECK ("project_url" ~ '^https?://' AND char_length("project_url") <= 2000),
    ADD CONSTRAINT "papers_published_at_range" CHECK ("published_at" >= '1900-01-01T00:00:00Z'),
    ADD CONSTRAINT "papers_listed_at_range" CHECK ("listed_at" BETWEEN '1900-01-01T00:00:00Z' AND '2999-12-31T23:59:59Z'),
    ADD CONSTRAINT "papers_stated_author_count_range" CHECK ("stated_author_count" BETWEEN 1 AND 10000),
    ADD CONSTRAINT "papers_origin_upvote_count_range" CHECK ("origin_upvote_count" >= 0),
    ADD CONSTRAINT "papers_counters_range" CHECK (least("upvote_count", "named_author_count", "tag_count", "repo_count") >= 0);

ALTER TABLE "authors"
    ADD CONSTRAINT "authors_name_form" CHECK (char_length("name") BETWEEN 1 AND 200 AND "name" = btrim("name")),
    ADD CONSTRAINT "authors_name_key_present" CHECK ("name_key" <> ''),
    ADD CONSTRAINT "authors_paper_count_range" CHECK ("paper_count" >= 0);

ALTER TABLE "paper_authors"
    ADD CONSTRAINT "paper_authors_position_range" CHECK ("position" BETWEEN 0 AND 9999);

ALTER TABLE "tags"
    ADD CONSTRAINT "tags_slug_form" CHECK ("slug" ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND char_length("slug") <= 80),
    ADD CONSTRAINT "tags_name_form" CHECK (char_length("name") BETWEEN 1 AND 80 AND "name" = btrim("name")),
    ADD CONSTRAINT "tags_paper_count_range" CHECK ("paper_count" >= 0);

ALTER TABLE "paper_tags"
    ADD CONSTRAINT "paper_tags_weight_range" CHECK ("weight" > 0 AND "weight" <= 1);

ALTER TABLE "repos"
    ADD CONSTRAINT "repos_host_form" CHECK ("host" ~ '^[a-z0-9.-]+\.[a-z]+$' AND char_length("host") <= 253),
    ADD CONSTRAINT "repos_owner_form" CHECK ("owner" ~ '^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*$' AND char_length("owner") <= 200),
    ADD CONSTRAINT "repos_name_form" CHECK ("name" ~ '^[A-Za-z0-9_.-]+$' AND char_length("name") <= 200),
    ADD CONSTRAINT "repos_key_form" CHECK ("key" = lower("host" || '/' || "owner" || '/' || "name")),
    ADD CONSTRAINT "repos_stars_range" CHECK ("stars" >= 0),
    ADD CONSTRAINT "repos_paper_count_range" CHECK ("paper_count" >= 0);

-- Order of repos by stars with the unknown last; Prisma's language has no index on an expression.
CREATE INDEX "repos_known_stars_id_idx" ON "repos" (coalesce("stars", -1) DESC, "id" DESC);

-- Derived columns.

-- Reddit's "hot" without its sign (reddit/reddit, _sorts.pyx): log10(1 + upvotes) + time of listing in units of three
-- days, from 2020 on. Ten times the votes weigh as much as being listed three days later. It changes only when a vote
-- comes or goes, so it can be indexed and a cursor over it stays right as time passes.
CREATE FUNCTION "trending_score"("upvotes" INTEGER, "listed" TIMESTAMPTZ) RETURNS DOUBLE PRECISION
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN log(1 + "upvotes"::double precision)
        + extract(epoch FROM "listed" - timestamptz '2020-01-01T00:00:00Z')::double precision / 259200;

-- A title of signs alone is its own key.
CREATE FUNCTION "title_key"("title" TEXT) RETURNS TEXT
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN coalesce(nullif(regexp_replace(lower("title"), '[[:space:][:punct:]]+', '', 'g'), ''), lower("title"));

CREATE FUNCTION "author_name_key"("name" TEXT) RETURNS TEXT
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN lower(regexp_replace(btrim("name"), '[[:space:]]+', ' ', 'g'));

CREATE FUNCTION "derive_paper_columns"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Infinity has no score; a constraint refuses it after this.
    IF isfinite(NEW.listed_at) THEN
        NEW.trending_score := trending_score(NEW.upvote_count, NEW.listed_at);
    END IF;
    IF TG_OP = 'INSERT' OR NEW.title IS DISTINCT FROM OLD.title OR NEW.abstract IS DISTINCT FROM OLD.abstract THEN
        NEW.title_key := title_key(NEW.title);
        NEW.search_vector := setweight(to_tsvector('english', NEW.title), 'A')
            || setweight(to_tsvector('english', coalesce(NEW.abstract, '')), 'B');
    ELSE
        NEW.title_key := OLD.title_key;
        NEW.search_vector := OLD.search_vector;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER "papers_derive" BEFORE INSERT OR UPDATE ON "papers"
    FOR EACH ROW EXECUTE FUNCTION "derive_paper_columns"();

CREATE FUNCTION "derive_author_columns"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.name_key := author_name_key(NEW.name);
    RETURN NEW;
END $$;
CREATE TRIGGER "authors_derive" BEFORE INSERT OR UPDATE OF "name", "name_key" ON "authors"
    FOR EACH ROW EXECUTE FUNCTION "derive_author_columns"();

CREATE FUNCTION "derive_repo_columns"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.key := lower(NEW.host || '/' || NEW.owner || '/' || NEW.name);
    RETURN NEW;
END $$;
CREATE TRIGGER "repos_derive" BEFORE INSERT OR UPDATE OF "host", "owner", "name", "key" ON "repos"
    FOR EACH ROW EXECUTE FUNCTION "derive_repo_columns"();

-- Counters. Arguments, three a counter: the table that holds it, the changed rows' column that points there, the
-- counter's name. Rows are locked in the order of their ids first, so that two bulk writes cannot deadlock.
CREATE FUNCTION "count_rows"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    step INTEGER := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
BEGIN
    FOR i IN 0 .. TG_NARGS - 1 BY 3 LOOP
        EXECUTE format('SELECT 1 FROM %I WHERE id IN (SELECT %I FROM changed) ORDER BY id FOR NO KEY UPDATE',
            TG_ARGV[i], TG_ARGV[i + 1]);
        EXECUTE format('UPDATE %1$I SET %3$I = %3$I + $1 * c.n
            FROM (SELECT %2$I AS id, count(*)::integer AS n FROM changed GROUP BY %2$I) c WHERE %1$I.id = c.id',
            TG_ARGV[i], TG_ARGV[i + 1], TG_ARGV[i + 2]) USING step;
    END LOOP;
    RETURN NULL;
END $$;

-- A counter written by hand (trigger depth 1) is an error; only count_rows (deeper) may write it.
CREATE FUNCTION "refuse_counter_write"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() = 1 THEN
        RAISE EXCEPTION 'the counters of % are kept by the database and cannot be written', TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

-- A link's ends never change and links are never truncated: either would pass by the counters.
CREATE FUNCTION "refuse_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: insert and delete rows instead', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER "users_counters_insert" BEFORE INSERT ON "users" FOR EACH ROW
    WHEN (NEW.upvote_count <> 0) EXECUTE FUNCTION "refuse_counter_write"();
CREATE TRIGGER "users_counters_update" BEFORE UPDATE ON "users" FOR EACH ROW
    WHEN (NEW.upvote_count <> OLD.upvote_count) EXECUTE FUNCTION "refuse_counter_write"();
CREATE TRIGGER "papers_counters_insert" BEFORE INSERT ON "papers" FOR EACH ROW
    WHEN ((NEW.upvote_count, NEW.named_author_count, NEW.tag_count, NEW.repo_count) <> (0, 0, 0, 0))
    EXECUTE FUNCTION "refuse_counter_write"();
CREATE TRIGGER "papers_counters_update" BEFORE UPDATE ON "papers" FOR EACH ROW
    WHEN ((NEW.upvote_count, NEW.named_author_count, NEW.tag_count, NEW.repo_count)
        <> (OLD.upvote_count, OLD.named_author_count, OLD.tag_count, OLD.repo_count))
    EXECUTE FUNCTION "refuse_counter_write"();
CREATE TRIGGER "authors_counters_insert" BEFORE INSERT ON "authors" FOR EACH ROW
    WHEN (NEW.paper_count <> 0) EXECUTE FUNCTION "refuse_counter_write"();
CREATE TRIGGER "authors_counters_update" BEFORE UPDATE ON "authors" FOR EACH ROW
    WHEN (NEW.paper_count <> OLD.paper_count) EXECUTE FUNCTION "refuse_counter_write"();
CREATE TRIGGER "tags_counters_insert" BEFORE INSERT ON "tags" FOR EACH ROW
    WHEN (NEW.paper_count <> 0) EXECUTE FUNCTION "refuse_counter_write"();
CREATE TRIGGER "tags_counters_update" BEFORE UPDATE ON "tags" FOR EACH ROW
    WHEN (NEW.paper_count <> OLD.paper_count) EXECUTE FUNCTION "refuse_counter_write"();
CREATE TRIGGER "repos_counters_insert" BEFORE INSERT ON "repos" FOR EACH ROW
    WHEN (NEW.paper_count <> 0) EXECUTE FUNCTION "refuse_counter_write"();
CREATE TRIGGER "repos_counters_update" BEFORE UPDATE ON "repos" FOR EACH ROW
    WHEN (NEW.paper_count <> OLD.paper_count) EXECUTE FUNCTION "refuse_counter_write"();

CREATE TRIGGER "upvotes_count_insert" AFTER INSERT ON "upvotes" REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "count_rows"('papers', 'paper_id', 'upvote_count', 'users', 'user_id', 'upvote_count');
CREATE TRIGGER "upvotes_count_delete" AFTER DELETE ON "upvotes" REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "count_rows"('papers', 'paper_id', 'upvote_count', 'users', 'user_id', 'upvote_count');
CREATE TRIGGER "upvotes_keep_ends" BEFORE UPDATE OF "user_id", "paper_id" ON "upvotes"
    FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
CREATE TRIGGER "upvotes_keep_rows" BEFORE TRUNCATE ON "upvotes"
    FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();

CREATE TRIGGER "paper_authors_count_insert" AFTER INSERT ON "paper_authors" REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "count_rows"('papers', 'paper_id', 'named_author_count', 'authors', 'author_id', 'paper_count');
CREATE TRIGGER "paper_authors_count_delete" AFTER DELETE ON "paper_authors" REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "count_rows"('papers', 'paper_id', 'named_author_count', 'authors', 'author_id', 'paper_count');
CREATE TRIGGER "paper_authors_keep_ends" BEFORE UPDATE OF "paper_id", "author_id" ON "paper_authors"
    FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
CREATE TRIGGER "paper_authors_keep_rows" BEFORE TRUNCATE ON "paper_authors"
    FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();

CREATE TRIGGER "paper_tags_count_insert" AFTER INSERT ON "paper_tags" REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "count_rows"('papers', 'paper_id', 'tag_count', 'tags', 'tag_id', 'paper_count');
CREATE TRIGGER "paper_tags_count_delete" AFTER DELETE ON "paper_tags" REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "count_rows"('papers', 'paper_id', 'tag_count', 'tags', 'tag_id', 'paper_count');
CREATE TRIGGER "paper_tags_keep_ends" BEFORE UPDATE OF "paper_id", "tag_id" ON "paper_tags"
    FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
CREATE TRIGGER "paper_tags_keep_rows" BEFORE TRUNCATE ON "paper_tags"
    FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();

CREATE TRIGGER "paper_repos_count_insert" AFTER INSERT ON "paper_repos" REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "count_rows"('papers', 'paper_id', 'repo_count', 'repos', 'repo_id', 'paper_count');
CREATE TRIGGER "paper_repos_count_delete" AFTER DELETE ON "paper_repos" REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "count_rows"('papers', 'paper_id', 'repo_count', 'repos', 'repo_id', 'paper_count');
CREATE TRIGGER "paper_repos_keep_ends" BEFORE UPDATE OF "paper_id", "repo_id" ON "paper_repos"
    FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
CREATE TRIGGER "paper_repos_keep_rows" BEFORE TRUNCATE ON "paper_repos"
    FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();

-- The change log. Two changes of one key are logged in the order in which they happened: the second waits for the
-- first one's row lock before it draws its id.
CREATE FUNCTION "log_upvotes"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO changes (transaction_id, kind, paper_id, user_id, value)
    SELECT pg_current_xact_id()::text::bigint, 'UPVOTE', paper_id, user_id, CASE TG_OP WHEN 'INSERT' THEN 1 END
    FROM changed ORDER BY user_id, paper_id;
    RETURN NULL;
END $$;
CREATE TRIGGER "upvotes_log_insert" AFTER INSERT ON "upvotes" REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "log_upvotes"();
CREATE TRIGGER "upvotes_log_delete" AFTER DELETE ON "upvotes" REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "log_upvotes"();

CREATE FUNCTION "log_paper_tags"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO changes (transaction_id, kind, paper_id, tag_id, value)
    SELECT pg_current_xact_id()::text::bigint, 'TAG', paper_id, tag_id, CASE WHEN TG_OP <> 'DELETE' THEN weight END
    FROM changed ORDER BY paper_id, tag_id;
    RETURN NULL;
END $$;
CREATE TRIGGER "paper_tags_log_insert" AFTER INSERT ON "paper_tags" REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "log_paper_tags"();
CREATE TRIGGER "paper_tags_log_update" AFTER UPDATE ON "paper_tags" REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "log_paper_tags"();
CREATE TRIGGER "paper_tags_log_delete" AFTER DELETE ON "paper_tags" REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "log_paper_tags"();

CREATE FUNCTION "log_papers"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO changes (transaction_id, kind, paper_id, value)
    SELECT pg_current_xact_id()::text::bigint, 'PAPER', id,
        CASE WHEN TG_OP <> 'DELETE' THEN extract(epoch FROM listed_at)::double precision END
    FROM changed ORDER BY id;
    RETURN NULL;
END $$;
CREATE TRIGGER "papers_log_insert" AFTER INSERT ON "papers" REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "log_papers"();
CREATE TRIGGER "papers_log_delete" AFTER DELETE ON "papers" REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "log_papers"();
-- A row trigger, since a trigger with a transition table cannot be limited to one column, and every vote updates papers.
CREATE FUNCTION "log_paper_listing"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO changes (transaction_id, kind, paper_id, value)
    VALUES (pg_current_xact_id()::text::bigint, 'PAPER', NEW.id, extract(epoch FROM NEW.listed_at)::double precision);
    RETURN NULL;
END $$;
CREATE TRIGGER "papers_log_listing" AFTER UPDATE OF "listed_at" ON "papers" FOR EACH ROW
    WHEN (NEW.listed_at <> OLD.listed_at) EXECUTE FUNCTION "log_paper_listing"();
