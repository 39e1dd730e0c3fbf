-- Part 1: the tables of prisma/schema.prisma.
-- CreateExtension: of PostgreSQL's own contrib, trusted, so that the owner of a database may create it.
CREATE EXTENSION IF NOT EXISTS "pg_trgm";

-- DropIndex
DROP INDEX "papers_search_vector_idx";

-- AlterTable
ALTER TABLE "papers" DROP COLUMN "search_vector";

-- CreateTable
CREATE TABLE "paper_search" (
    "paper_id" INTEGER NOT NULL,
    "vector" tsvector NOT NULL,

    CONSTRAINT "paper_search_pkey" PRIMARY KEY ("paper_id")
);

-- CreateTable
CREATE TABLE "search_words" (
    "word" TEXT COLLATE "C" NOT NULL,
    "uses" INTEGER NOT NULL,

    CONSTRAINT "search_words_pkey" PRIMARY KEY ("word")
);

-- AddForeignKey
ALTER TABLE "paper_search" ADD CONSTRAINT "paper_search_paper_id_fkey" FOREIGN KEY ("paper_id") REFERENCES "papers"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Part 2: what Prisma's language cannot say.

-- A ranking reads the words of 2,000 papers: they stay in the row, rather than compressed and elsewhere from 2 kB on.
ALTER TABLE "paper_search" SET (toast_tuple_target = 8160);

ALTER TABLE "search_words" ADD CONSTRAINT "search_words_uses_range" CHECK ("uses" >= 0);

CREATE OR REPLACE FUNCTION "derive_paper_columns"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Infinity has no score; a constraint refuses it after this.
    IF isfinite(NEW.listed_at) THEN
        NEW.trending_score := trending_score(NEW.upvote_count, NEW.listed_at);
    END IF;
    IF TG_OP = 'INSERT' OR NEW.title IS DISTINCT FROM OLD.title THEN
        NEW.title_key := title_key(NEW.title);
    ELSE
        NEW.title_key := OLD.title_key;
    END IF;
    RETURN NEW;
END $$;

-- The words of papers: title, names of authors, names of tags, abstract, by weight. In a table of their own, since a row of
-- papers is written anew with each vote, and its words would be with it: into an index that takes four times as long as the row.
-- Without <, since PostgreSQL leaves out what looks like a tag, such as a <mask> token, or what stands between a<b and c>d.

CREATE FUNCTION "paper_vector"("title" TEXT, "authors" TEXT, "tags" TEXT, "abstract" TEXT) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN setweight(to_tsvector('english', translate("title", '<', ' ')), 'A')
        || setweight(to_tsvector('english', translate(coalesce("authors", ''), '<', ' ')), 'B')
        || setweight(to_tsvector('english', translate(coalesce("tags", ''), '<', ' ')), 'C')
        || setweight(to_tsvector('english', translate(coalesce("abstract", ''), '<', ' ')), 'D');

-- The papers are locked first: what follows then sees what others wrote of them, and they what this writes. A new paper
-- that comes with its counters has its words written once, when all its links are there (verify_paper_counters sees to it
-- that they come).
CREATE FUNCTION "write_paper_vectors"("ids" INTEGER[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM papers WHERE id = ANY (ids) ORDER BY id FOR NO KEY UPDATE;
    INSERT INTO paper_search AS s (paper_id, vector)
    SELECT p.id, paper_vector(p.title, a.names, t.names, p.abstract)
    FROM papers p
    CROSS JOIN LATERAL (
        SELECT string_agg(x.name, ', ' ORDER BY l.position) AS names, count(*) AS n
        FROM paper_authors l JOIN authors x ON x.id = l.author_id WHERE l.paper_id = p.id) a
    CROSS JOIN LATERAL (
        SELECT string_agg(x.name, ', ' ORDER BY l.tag_id) AS names, count(*) AS n
        FROM paper_tags l JOIN tags x ON x.id = l.tag_id WHERE l.paper_id = p.id) t
    WHERE p.id = ANY (ids) AND (a.n, t.n) = (p.named_author_count, p.tag_count)
    ORDER BY p.id
    ON CONFLICT (paper_id) DO UPDATE SET vector = EXCLUDED.vector WHERE s.vector <> EXCLUDED.vector;
END $$;

-- The vocabulary: how many titles, names of authors and names of tags have a word, for the completion of words and the
-- correction of misspelt ones. Of letters and digits, 3 to 40, without those that English leaves out.

CREATE FUNCTION "words_of"("text" TEXT) RETURNS SETOF TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT word FROM unnest(tsvector_to_array(to_tsvector('simple', translate("text", '<', ' ')))) word
    WHERE char_length(word) BETWEEN 3 AND 40 AND word ~ '^[[:alpha:]][[:alnum:]]*$' AND ts_lexize('english_stem', word) <> '{}'
$$;

-- Words are locked in one order, so that two writers cannot deadlock.
CREATE FUNCTION "add_words"("texts" TEXT[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO search_words AS s (word, uses)
    SELECT word, count(*)::integer FROM unnest("texts") x (text), words_of(x.text) word GROUP BY word ORDER BY word COLLATE "C"
    ON CONFLICT (word) DO UPDATE SET uses = s.uses + EXCLUDED.uses
$$;

CREATE FUNCTION "remove_words"("texts" TEXT[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    gone TEXT[] := ARRAY(SELECT words_of(x.text) FROM unnest(texts) x (text));
BEGIN
    PERFORM 1 FROM search_words WHERE word = ANY (gone) ORDER BY word FOR UPDATE;
    UPDATE search_words s SET uses = s.uses - x.n
        FROM (SELECT word, count(*)::integer AS n FROM unnest(gone) word GROUP BY word) x WHERE s.word = x.word;
    DELETE FROM search_words WHERE word = ANY (gone) AND uses = 0;
END $$;

-- Both tables from all the others, into empty ones, where no trigger has kept them.
CREATE FUNCTION "fill_search"() RETURNS void LANGUAGE sql AS $$
    INSERT INTO paper_search (paper_id, vector)
    SELECT p.id, paper_vector(p.title, a.names, t.names, p.abstract) FROM papers p
    LEFT JOIN (SELECT l.paper_id, string_agg(x.name, ', ' ORDER BY l.position) AS names FROM paper_authors l JOIN authors x ON x.id = l.author_id GROUP BY 1) a ON a.paper_id = p.id
    LEFT JOIN (SELECT l.paper_id, string_agg(x.name, ', ' ORDER BY l.tag_id) AS names FROM paper_tags l JOIN tags x ON x.id = l.tag_id GROUP BY 1) t ON t.paper_id = p.id;
    INSERT INTO search_words (word, uses)
    SELECT word, count(*)::integer
    FROM (SELECT title FROM papers UNION ALL SELECT name FROM authors UNION ALL SELECT name FROM tags) x (text), words_of(x.text) word GROUP BY word;
$$;
SELECT fill_search();

-- CreateIndex
CREATE INDEX "paper_search_vector_idx" ON "paper_search" USING GIN ("vector");

-- CreateIndex: words by their three letters in a row.
CREATE INDEX "search_words_word_idx" ON "search_words" USING GIN ("word" gin_trgm_ops);

-- Named such that they run after those that count (paper_authors_count_insert, …): a paper's links are then those it says.
CREATE FUNCTION "search_papers"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM remove_words(ARRAY(SELECT title FROM changed));
    ELSE
        PERFORM write_paper_vectors(ARRAY(SELECT id FROM changed)), add_words(ARRAY(SELECT title FROM changed));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER "papers_search_insert" AFTER INSERT ON "papers" REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "search_papers"();
CREATE TRIGGER "papers_search_delete" AFTER DELETE ON "papers" REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "search_papers"();

CREATE FUNCTION "search_links"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM write_paper_vectors(ARRAY(SELECT DISTINCT paper_id FROM changed));
    RETURN NULL;
END $$;
CREATE TRIGGER "paper_authors_search_insert" AFTER INSERT ON "paper_authors" REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "search_links"();
CREATE TRIGGER "paper_authors_search_delete" AFTER DELETE ON "paper_authors" REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "search_links"();
CREATE TRIGGER "paper_tags_search_insert" AFTER INSERT ON "paper_tags" REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "search_links"();
CREATE TRIGGER "paper_tags_search_delete" AFTER DELETE ON "paper_tags" REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "search_links"();

-- Row triggers, since one with a transition table cannot be limited to columns, and every vote updates papers and every
-- link a tag or an author.
CREATE FUNCTION "search_changed_paper"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM write_paper_vectors(ARRAY[NEW.id]);
    IF NEW.title <> OLD.title THEN
        PERFORM remove_words(ARRAY[OLD.title]), add_words(ARRAY[NEW.title]);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER "papers_search_update" AFTER UPDATE OF "title", "abstract" ON "papers" FOR EACH ROW
    WHEN (NEW.title <> OLD.title OR NEW.abstract IS DISTINCT FROM OLD.abstract) EXECUTE FUNCTION "search_changed_paper"();

-- A name of an author or a tag. Whoever links it to a paper meanwhile waits for this, as links count at its row.
CREATE FUNCTION "search_names"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM remove_words(ARRAY(SELECT name FROM changed));
    ELSE
        PERFORM add_words(ARRAY(SELECT name FROM changed));
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION "search_changed_name"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM remove_words(ARRAY[OLD.name]), add_words(ARRAY[NEW.name]);
    IF TG_TABLE_NAME = 'tags' THEN
        PERFORM write_paper_vectors(ARRAY(SELECT paper_id FROM paper_tags WHERE tag_id = NEW.id));
    ELSE
        PERFORM write_paper_vectors(ARRAY(SELECT paper_id FROM paper_authors WHERE author_id = NEW.id));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER "authors_search_insert" AFTER INSERT ON "authors" REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "search_names"();
CREATE TRIGGER "authors_search_delete" AFTER DELETE ON "authors" REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "search_names"();
CREATE TRIGGER "authors_search_update" AFTER UPDATE OF "name" ON "authors" FOR EACH ROW
    WHEN (NEW.name <> OLD.name) EXECUTE FUNCTION "search_changed_name"();
CREATE TRIGGER "tags_search_insert" AFTER INSERT ON "tags" REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "search_names"();
CREATE TRIGGER "tags_search_delete" AFTER DELETE ON "tags" REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "search_names"();
CREATE TRIGGER "tags_search_update" AFTER UPDATE OF "name" ON "tags" FOR EACH ROW
    WHEN (NEW.name <> OLD.name) EXECUTE FUNCTION "search_changed_name"();

-- By hand (trigger depth 1) neither table is written.
CREATE FUNCTION "refuse_search_write"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() = 1 THEN
        RAISE EXCEPTION '% is kept by the database and cannot be written', TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER "paper_search_kept" BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON "paper_search"
    FOR EACH STATEMENT EXECUTE FUNCTION "refuse_search_write"();
CREATE TRIGGER "search_words_kept" BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON "search_words"
    FOR EACH STATEMENT EXECUTE FUNCTION "refuse_search_write"();
