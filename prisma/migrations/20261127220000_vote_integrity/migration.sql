-- Part 1: the tables of prisma/schema.prisma.
-- AlterTable
ALTER TABLE "papers" ADD COLUMN "flagged_upvote_count" INTEGER NOT NULL DEFAULT 0;

-- AlterTable: columns that are empty take no room in a row.
ALTER TABLE "upvotes" ADD COLUMN "flagged_at" TIMESTAMPTZ(3);
ALTER TABLE "upvotes" ADD COLUMN "cleared_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "refused_upvotes" (
    "user_id" INTEGER NOT NULL,
    "paper_id" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "refused_upvotes_pkey" PRIMARY KEY ("user_id","paper_id")
);

-- CreateTable
CREATE TABLE "vote_windows" (
    "user_id" INTEGER NOT NULL,
    "minute_from" TIMESTAMPTZ(3) NOT NULL,
    "minute_votes" INTEGER NOT NULL,
    "day_from" TIMESTAMPTZ(3) NOT NULL,
    "day_votes" INTEGER NOT NULL,

    CONSTRAINT "vote_windows_pkey" PRIMARY KEY ("user_id")
);

-- CreateIndex
CREATE INDEX "refused_upvotes_user_id_created_at_paper_id_idx" ON "refused_upvotes"("user_id", "created_at" DESC, "paper_id" DESC);

-- CreateIndex
CREATE INDEX "refused_upvotes_paper_id_idx" ON "refused_upvotes"("paper_id");

-- AddForeignKey
ALTER TABLE "refused_upvotes" ADD CONSTRAINT "refused_upvotes_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "refused_upvotes" ADD CONSTRAINT "refused_upvotes_paper_id_fkey" FOREIGN KEY ("paper_id") REFERENCES "papers"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "vote_windows" ADD CONSTRAINT "vote_windows_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Part 2: what Prisma's language cannot say.

-- The same text as before, for the column that papers have got.
CREATE OR REPLACE VIEW "listed_papers" AS SELECT * FROM "papers" WHERE "hidden_at" IS NULL;

ALTER TABLE "papers" ADD CONSTRAINT "papers_flagged_upvote_count_range" CHECK ("flagged_upvote_count" BETWEEN 0 AND "upvote_count");
ALTER TABLE "upvotes" ADD CONSTRAINT "upvotes_flagged_or_cleared" CHECK (num_nonnulls("flagged_at", "cleared_at") < 2);
ALTER TABLE "vote_windows" ADD CONSTRAINT "vote_windows_votes_range" CHECK (least("minute_votes", "day_votes") > 0);

-- Flagged votes are few, and their lists cost other votes nothing: all of them, those of a paper, those of a reader.
CREATE INDEX "upvotes_flagged_idx" ON "upvotes" ("flagged_at" DESC, "paper_id" DESC, "user_id" DESC) WHERE "flagged_at" IS NOT NULL;
CREATE INDEX "upvotes_flagged_paper_id_idx" ON "upvotes" ("paper_id", "flagged_at" DESC, "user_id" DESC) WHERE "flagged_at" IS NOT NULL;
CREATE INDEX "upvotes_flagged_user_id_idx" ON "upvotes" ("user_id", "flagged_at" DESC, "paper_id" DESC) WHERE "flagged_at" IS NOT NULL;

-- What teaches nothing, for a recommender that starts: what the reader removed, and what is flagged.
DROP INDEX "upvotes_unlearned_user_id_paper_id_idx";
CREATE INDEX "upvotes_unlearned_user_id_paper_id_idx" ON "upvotes" ("user_id", "paper_id") WHERE "unlearned_at" IS NOT NULL OR "flagged_at" IS NOT NULL;

-- How many votes a reader casts. Rows of upvotes do not tell: one that is taken back is gone, and what an import or a library
-- brings has not been cast. So each reader has a row with two windows, a minute and a day that begin with a vote and end
-- whatever comes; a vote that is taken back gives no place back. Of two votes at once the second waits for the row and finds
-- it as the first left it (ON CONFLICT reads the latest version), so that both cannot take the last place. The row is
-- written in place, without its index.

-- Takes a place in both windows, or none: gives 0, or in how many seconds there is one.
CREATE FUNCTION "take_vote"("voter" INTEGER, "per_minute" INTEGER, "per_day" INTEGER) RETURNS INTEGER LANGUAGE plpgsql AS $$
DECLARE
    at TIMESTAMPTZ := clock_timestamp();
    wait DOUBLE PRECISION;
BEGIN
    INSERT INTO vote_windows AS w (user_id, minute_from, minute_votes, day_from, day_votes) VALUES (voter, at, 1, at, 1)
    ON CONFLICT (user_id) DO UPDATE SET
        minute_from = CASE WHEN w.minute_from > at - interval '1 minute' THEN w.minute_from ELSE at END,
        minute_votes = CASE WHEN w.minute_from > at - interval '1 minute' THEN w.minute_votes + 1 ELSE 1 END,
        day_from = CASE WHEN w.day_from > at - interval '1 day' THEN w.day_from ELSE at END,
        day_votes = CASE WHEN w.day_from > at - interval '1 day' THEN w.day_votes + 1 ELSE 1 END
        WHERE (w.minute_from <= at - interval '1 minute' OR w.minute_votes < per_minute)
            AND (w.day_from <= at - interval '1 day' OR w.day_votes < per_day);
    IF FOUND THEN
        RETURN 0;
    END IF;
    SELECT extract(epoch FROM greatest(
            CASE WHEN w.minute_votes >= per_minute THEN w.minute_from + interval '1 minute' END,
            CASE WHEN w.day_votes >= per_day THEN w.day_from + interval '1 day' END) - at)
        INTO wait FROM vote_windows w WHERE w.user_id = voter;
    RETURN greatest(1, ceil(wait));
END $$;

-- A vote for a paper that the caller has locked, so that of a reader's two votes for it the second finds the first. Gives 0
-- where it is there, be it from before; −1 where a curator has removed it for good; else in how many seconds it may be cast.
-- A function, since each of its statements sees what was committed while the one before waited.
CREATE FUNCTION "cast_upvote"("voter" INTEGER, "paper" INTEGER, "per_minute" INTEGER, "per_day" INTEGER) RETURNS INTEGER LANGUAGE plpgsql AS $$
DECLARE
    wait INTEGER;
BEGIN
    IF EXISTS (SELECT FROM upvotes v WHERE v.user_id = voter AND v.paper_id = paper) THEN
        RETURN 0;
    END IF;
    IF EXISTS (SELECT FROM refused_upvotes r WHERE r.user_id = voter AND r.paper_id = paper) THEN
        RETURN -1;
    END IF;
    wait := take_vote(voter, per_minute, per_day);
    IF wait = 0 THEN
        INSERT INTO upvotes (user_id, paper_id) VALUES (voter, paper) ON CONFLICT (user_id, paper_id) DO NOTHING;
    END IF;
    RETURN wait;
END $$;

-- The same for a comment, out of the same windows.
CREATE FUNCTION "cast_comment_upvote"("voter" INTEGER, "comment" INTEGER, "per_minute" INTEGER, "per_day" INTEGER) RETURNS INTEGER LANGUAGE plpgsql AS $$
DECLARE
    wait INTEGER;
BEGIN
    IF EXISTS (SELECT FROM comment_upvotes v WHERE v.user_id = voter AND v.comment_id = comment) THEN
        RETURN 0;
    END IF;
    wait := take_vote(voter, per_minute, per_day);
    IF wait = 0 THEN
        INSERT INTO comment_upvotes (user_id, comment_id) SELECT voter, c.id FROM comments c WHERE c.id = comment AND c.deleted_at IS NULL
        ON CONFLICT (user_id, comment_id) DO NOTHING;
    END IF;
    RETURN wait;
END $$;

-- A vote that a curator has removed for good is not written again, whoever writes it: a vote, a library, a merge of duplicates.
CREATE FUNCTION "admit_upvote"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM refused_upvotes r WHERE r.user_id = NEW.user_id AND r.paper_id = NEW.paper_id) THEN
        RETURN NULL;
    END IF;
    -- As leave_paused_unlearned.
    PERFORM 1 FROM users WHERE id = NEW.user_id AND taste_paused_at <= NEW.created_at;
    IF FOUND THEN
        NEW.unlearned_at := CURRENT_TIMESTAMP;
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER "upvotes_leave_paused" ON "upvotes";
CREATE TRIGGER "upvotes_admit" BEFORE INSERT ON "upvotes"
    FOR EACH ROW EXECUTE FUNCTION "admit_upvote"();

-- Flagged votes are among a paper's upvotes, and not in its trend.

CREATE TRIGGER "papers_flagged_upvote_count_insert" BEFORE INSERT ON "papers" FOR EACH ROW
    WHEN (NEW.flagged_upvote_count <> 0) EXECUTE FUNCTION "refuse_counter_write"();
CREATE TRIGGER "papers_flagged_upvote_count_update" BEFORE UPDATE OF "flagged_upvote_count" ON "papers" FOR EACH ROW
    WHEN (NEW.flagged_upvote_count <> OLD.flagged_upvote_count) EXECUTE FUNCTION "refuse_counter_write"();

CREATE OR REPLACE FUNCTION "derive_paper_columns"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Infinity has no score, nor have more flags than votes; constraints refuse both after this.
    IF isfinite(NEW.listed_at) THEN
        NEW.trending_score := trending_score(greatest(0, NEW.upvote_count - NEW.flagged_upvote_count), NEW.listed_at);
    END IF;
    IF TG_OP = 'INSERT' OR NEW.title IS DISTINCT FROM OLD.title THEN
        NEW.title_key := title_key(NEW.title);
    ELSE
        NEW.title_key := OLD.title_key;
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION "count_upvotes"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    step INTEGER := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
BEGIN
    PERFORM 1 FROM papers WHERE id IN (SELECT paper_id FROM changed) ORDER BY id FOR NO KEY UPDATE;
    UPDATE papers SET upvote_count = upvote_count + step * c.n, flagged_upvote_count = flagged_upvote_count + step * c.flagged
        FROM (SELECT paper_id AS id, count(*)::integer AS n, count(flagged_at)::integer AS flagged FROM changed GROUP BY paper_id) c WHERE papers.id = c.id;
    PERFORM 1 FROM users WHERE id IN (SELECT user_id FROM changed) ORDER BY id FOR NO KEY UPDATE;
    UPDATE users SET upvote_count = upvote_count + step * c.n
        FROM (SELECT v.user_id AS id, count(*)::integer AS n FROM changed v
            WHERE NOT EXISTS (SELECT FROM papers p WHERE p.id = v.paper_id AND p.hidden_at IS NOT NULL)
            GROUP BY v.user_id) c WHERE users.id = c.id;
    RETURN NULL;
END $$;

-- Only where a flag comes or goes: a reset of a taste writes many votes, and needs none of their papers.
CREATE FUNCTION "count_flagged_upvotes"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ids INTEGER[];
    steps INTEGER[];
BEGIN
    SELECT array_agg(x.paper_id), array_agg(x.step) INTO ids, steps FROM (
        SELECT c.paper_id, sum(CASE WHEN c.flagged_at IS NULL THEN -1 ELSE 1 END)::integer AS step
        FROM changed c JOIN replaced r USING (user_id, paper_id)
        WHERE (c.flagged_at IS NULL) <> (r.flagged_at IS NULL) GROUP BY c.paper_id) x;
    IF ids IS NOT NULL THEN
        PERFORM 1 FROM papers WHERE id = ANY (ids) ORDER BY id FOR NO KEY UPDATE;
        UPDATE papers SET flagged_upvote_count = flagged_upvote_count + x.step FROM unnest(ids, steps) AS x (id, step) WHERE papers.id = x.id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER "upvotes_count_update" AFTER UPDATE ON "upvotes" REFERENCING OLD TABLE AS replaced NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "count_flagged_upvotes"();

-- The change log says 0 of a flagged vote, as of one whose reader removed it: a recommender then holds the paper, which is
-- not recommended to the reader again, and no vote. Of upvotes in words of their own, which are planned once a session.

CREATE FUNCTION "log_upvotes"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO changes (transaction_id, kind, user_id, paper_id, value)
    SELECT pg_current_xact_id()::text::bigint, 'UPVOTE', user_id, paper_id, signal_value(coalesce(unlearned_at, flagged_at)) FROM changed ORDER BY user_id, paper_id;
    RETURN NULL;
END $$;
CREATE FUNCTION "log_changed_upvotes"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO changes (transaction_id, kind, user_id, paper_id, value, previous)
    SELECT pg_current_xact_id()::text::bigint, 'UPVOTE', user_id, paper_id, signal_value(coalesce(c.unlearned_at, c.flagged_at)), signal_value(coalesce(r.unlearned_at, r.flagged_at))
    FROM changed c JOIN replaced r USING (user_id, paper_id)
    WHERE (coalesce(c.unlearned_at, c.flagged_at) IS NULL) <> (coalesce(r.unlearned_at, r.flagged_at) IS NULL) ORDER BY user_id, paper_id;
    RETURN NULL;
END $$;
-- Of a flagged vote that goes it is not said since when it was there: feeds of the past count it no more.
CREATE OR REPLACE FUNCTION "log_removed_upvotes"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO changes (transaction_id, kind, user_id, paper_id, value, previous, since)
    SELECT pg_current_xact_id()::text::bigint, 'UPVOTE', user_id, paper_id, NULL, signal_value(coalesce(unlearned_at, flagged_at)),
        CASE WHEN flagged_at IS NULL THEN created_at END FROM changed ORDER BY user_id, paper_id;
    RETURN NULL;
END $$;
DROP TRIGGER "upvotes_log_insert" ON "upvotes";
DROP TRIGGER "upvotes_log_update" ON "upvotes";
CREATE TRIGGER "upvotes_log_insert" AFTER INSERT ON "upvotes" REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "log_upvotes"();
CREATE TRIGGER "upvotes_log_update" AFTER UPDATE ON "upvotes" REFERENCING OLD TABLE AS replaced NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION "log_changed_upvotes"();

-- Bursts. A vote is new where its account was younger than NEW_ACCOUNT_HOURS (48) when it was given; simulated readers, and
-- votes of before there was the account, are not meant. Where BURST_VOTES (10) new votes for a paper lie within
-- BURST_MINUTES (10), all of these are flagged, but for those that a curator has cleared, which do not count either. Which
-- votes are flagged follows from the votes alone, not from the order in which they came: what a vote changes is looked for on
-- both sides of it. Two votes for a paper at once take turns by its lock.

-- The figures, which servers write when they start (of servers with different ones the last one decides); none before the
-- first start, and none where bursts are not looked for.
CREATE FUNCTION "burst_rule"() RETURNS TABLE ("votes" INTEGER, "span" INTERVAL, "new_for" INTERVAL) LANGUAGE sql STABLE
    AS $$ SELECT split_part(value, ' ', 1)::integer, make_interval(mins => split_part(value, ' ', 2)::integer), make_interval(hours => split_part(value, ' ', 3)::integer)
        FROM settings WHERE key = 'vote_bursts' AND split_part(value, ' ', 1) <> '0' $$;

-- Whose votes for a paper, not flagged yet, make a burst with this one. A span that it fills up had one vote too few before, so
-- that the nearest votes on either side are all that it can be of: of a span that was full before, all are flagged.
-- upvotes_paper_id_created_at_user_id_idx reads them; each reader is looked up by itself.
CREATE FUNCTION "burst_voters"("paper" INTEGER, "voter" INTEGER, "at" TIMESTAMPTZ) RETURNS INTEGER[] LANGUAGE plpgsql STABLE AS $$
DECLARE
    rule RECORD;
    found_ids INTEGER[];
BEGIN
    SELECT * INTO rule FROM burst_rule();
    SELECT array_agg(b.user_id ORDER BY b.user_id) INTO found_ids FROM (
        SELECT w.user_id, w.flagged_at,
            count(*) FILTER (WHERE w.votes >= rule.votes) OVER (ORDER BY w.created_at RANGE BETWEEN CURRENT ROW AND rule.span FOLLOWING) AS bursts
        FROM (
            SELECT n.*, count(*) OVER (ORDER BY n.created_at RANGE BETWEEN rule.span PRECEDING AND CURRENT ROW) AS votes
            FROM (
                (SELECT v.user_id, v.created_at, v.flagged_at FROM upvotes v CROSS JOIN LATERAL (
                    SELECT FROM users u WHERE u.id = v.user_id AND NOT u.is_simulated
                        AND v.created_at >= u.created_at AND v.created_at < u.created_at + rule.new_for OFFSET 0) u
                WHERE v.paper_id = paper AND v.created_at >= at - rule.span AND (v.created_at, v.user_id) <= (at, voter) AND v.cleared_at IS NULL
                ORDER BY v.created_at DESC, v.user_id DESC LIMIT rule.votes)
                UNION ALL
                (SELECT v.user_id, v.created_at, v.flagged_at FROM upvotes v CROSS JOIN LATERAL (
                    SELECT FROM users u WHERE u.id = v.user_id AND NOT u.is_simulated
                        AND v.created_at >= u.created_at AND v.created_at < u.created_at + rule.new_for OFFSET 0) u
                WHERE v.paper_id = paper AND v.created_at <= at + rule.span AND (v.created_at, v.user_id) > (at, voter) AND v.cleared_at IS NULL
                ORDER BY v.created_at, v.user_id LIMIT rule.votes - 1)) n) w) b
        WHERE b.bursts > 0 AND b.flagged_at IS NULL;
    RETURN found_ids;
END $$;

CREATE FUNCTION "flag_bursts"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    written RECORD;
    voters INTEGER[];
BEGIN
    FOR written IN
        SELECT c.paper_id, c.user_id, c.created_at
        FROM burst_rule() r CROSS JOIN changed c CROSS JOIN LATERAL (
            SELECT FROM users u WHERE u.id = c.user_id AND NOT u.is_simulated
                AND c.created_at >= u.created_at AND c.created_at < u.created_at + r.new_for OFFSET 0) u
        ORDER BY c.paper_id, c.created_at, c.user_id
    LOOP
        voters := burst_voters(written.paper_id, written.user_id, written.created_at);
        -- A statement that changes nothing would fire its triggers all the same.
        IF voters IS NOT NULL THEN
            UPDATE upvotes SET flagged_at = CURRENT_TIMESTAMP WHERE paper_id = written.paper_id AND user_id = ANY (voters);
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
-- Triggers of one event fire by name: the vote is counted and logged before. The merge of two papers moves votes, which were
-- judged when they were given, with their flags.
CREATE TRIGGER "upvotes_watch_bursts" AFTER INSERT ON "upvotes" REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT WHEN (coalesce(current_setting('daily_papers.merging', true), '') <> 'on') EXECUTE FUNCTION "flag_bursts"();
