-- Part 1: the tables of prisma/schema.prisma.
-- CreateEnum
CREATE TYPE "session_kind" AS ENUM ('SIGN_IN', 'API_TOKEN', 'EXTERNAL');

-- CreateEnum
CREATE TYPE "scope" AS ENUM ('READ', 'VOTE', 'WRITE', 'ADMIN');

-- AlterTable: sessions that are open stay so, and may do what they could.
ALTER TABLE "sessions" ADD COLUMN "kind" "session_kind" NOT NULL DEFAULT 'SIGN_IN',
    ADD COLUMN "last_used_at" TIMESTAMPTZ(3),
    ADD COLUMN "name" TEXT,
    ADD COLUMN "scopes" "scope"[] NOT NULL DEFAULT ARRAY['READ', 'VOTE', 'WRITE', 'ADMIN']::"scope"[],
    ALTER COLUMN "expires_at" DROP NOT NULL;

-- DropIndex
DROP INDEX "sessions_user_id_idx";

-- CreateIndex
CREATE INDEX "sessions_user_id_created_at_id_idx" ON "sessions"("user_id", "created_at" DESC, "id" DESC);

-- CreateTable
CREATE TABLE "sign_in_attempts" (
    "account" BYTEA NOT NULL,
    "network" TEXT NOT NULL,
    "failures" INTEGER NOT NULL DEFAULT 0,
    "failed_at" TIMESTAMPTZ(3),
    "failed_before" TIMESTAMPTZ(3),
    "succeeded_at" TIMESTAMPTZ(3),

    CONSTRAINT "sign_in_attempts_pkey" PRIMARY KEY ("account","network")
);

-- CreateTable
CREATE TABLE "sign_up_windows" (
    "network" TEXT NOT NULL,
    "hour_from" TIMESTAMPTZ(3) NOT NULL,
    "sign_ups" INTEGER NOT NULL,

    CONSTRAINT "sign_up_windows_pkey" PRIMARY KEY ("network")
);

-- Part 2: what Prisma's language cannot say.

ALTER TABLE "sessions"
    ADD CONSTRAINT "sessions_scopes_given" CHECK (cardinality("scopes") > 0 AND array_position("scopes", NULL) IS NULL),
    ADD CONSTRAINT "sessions_api_token_named" CHECK ("kind" <> 'API_TOKEN' OR "name" IS NOT NULL),
    -- Only what a reader made for a program, by a name, may last for ever.
    ADD CONSTRAINT "sessions_expire" CHECK ("kind" = 'API_TOKEN' OR "expires_at" IS NOT NULL),
    ADD CONSTRAINT "sessions_name_form" CHECK (char_length("name") BETWEEN 1 AND 80 AND "name" = btrim("name"));
CREATE UNIQUE INDEX "sessions_api_token_name_key" ON "sessions" ("user_id", "name") WHERE "kind" = 'API_TOKEN';

ALTER TABLE "sign_in_attempts"
    ADD CONSTRAINT "sign_in_attempts_account_is_sha256" CHECK (octet_length("account") IN (0, 32)),
    ADD CONSTRAINT "sign_in_attempts_of_something" CHECK (octet_length("account") > 0 OR "network" <> ''),
    ADD CONSTRAINT "sign_in_attempts_failures_range" CHECK ("failures" >= 0),
    -- Only of an account at a place it is told where it was signed in to.
    ADD CONSTRAINT "sign_in_attempts_succeeded_somewhere" CHECK ("succeeded_at" IS NULL OR (octet_length("account") > 0 AND "network" <> ''));
ALTER TABLE "sign_up_windows"
    ADD CONSTRAINT "sign_up_windows_network_given" CHECK ("network" <> ''),
    ADD CONSTRAINT "sign_up_windows_sign_ups_range" CHECK ("sign_ups" > 0);

-- Wrong passwords are counted three times: of an account at a place (a network), of an account wherever they come from, and
-- at a place whatever the account. Once a count is as high as its limit, the next attempt has to wait: 1 s, then 2, 4 and so
-- on, 15 minutes at most, and of an account 60 s at most. With 30 failures of an account before it, these are 95 guesses in any
-- hour, however many networks an attacker has, and a reader who comes from elsewhere meanwhile has a turn each minute. Where an
-- account was signed in to within 90 days, the count of that place alone decides: no stranger can keep its reader out there.
-- A limit of 0 is none.

-- In how many seconds the next attempt may come; 0 for now.
CREATE FUNCTION "sign_in_wait"("who" BYTEA, "place" TEXT, "per_place" INTEGER, "per_account" INTEGER, "per_address" INTEGER) RETURNS INTEGER LANGUAGE plpgsql AS $$
DECLARE
    wait DOUBLE PRECISION;
BEGIN
    SELECT max(extract(epoch FROM a.failed_at - clock_timestamp()) + least(2 ^ least(a.failures - l.free, 20), l.longest)) INTO wait
    FROM (VALUES (who, place, per_place, 900), (who, '', per_account, 60), ('\x'::bytea, place, per_address, 900)) AS l (account, network, free, longest)
    JOIN sign_in_attempts a ON a.account = l.account AND a.network = l.network
    -- A quiet hour ends what was counted.
    WHERE l.free > 0 AND a.failures >= l.free AND a.failed_at > clock_timestamp() - interval '1 hour'
        AND ((l.account = who AND l.network = place) OR NOT EXISTS (
            SELECT FROM sign_in_attempts k WHERE k.account = who AND k.network = place AND k.succeeded_at > clock_timestamp() - interval '90 days'));
    RETURN greatest(0, ceil(coalesce(wait, 0)));
END $$;

-- Counts an attempt as one that failed, before anybody looks at its password, so that of many at once no more are looked at
-- than may be: those that wait for the rows find them as the others left them. Gives 0, or counts nothing and gives in how
-- many seconds to come again. All lock the rows in the same order: of the place, of the account, of the address.
CREATE FUNCTION "take_sign_in"("who" BYTEA, "place" TEXT, "per_place" INTEGER, "per_account" INTEGER, "per_address" INTEGER) RETURNS INTEGER LANGUAGE plpgsql AS $$
DECLARE
    wait INTEGER := sign_in_wait(who, place, per_place, per_account, per_address);
BEGIN
    -- Who has to wait costs a look into an index.
    IF wait > 0 THEN
        RETURN wait;
    END IF;
    INSERT INTO sign_in_attempts AS a (account, network)
    SELECT l.account, l.network FROM (VALUES (1, who, place), (2, who, ''), (3, '\x'::bytea, place)) AS l (turn, account, network) ORDER BY l.turn
    ON CONFLICT (account, network) DO UPDATE SET failures = CASE WHEN a.failed_at > clock_timestamp() - interval '1 hour' THEN a.failures ELSE 0 END;
    wait := sign_in_wait(who, place, per_place, per_account, per_address);
    IF wait > 0 THEN
        RETURN wait;
    END IF;
    UPDATE sign_in_attempts a SET failures = a.failures + 1, failed_before = a.failed_at, failed_at = clock_timestamp()
    WHERE (a.account = who AND a.network IN (place, '')) OR (a.account = '\x'::bytea AND a.network = place);
    RETURN 0;
END $$;

-- The attempt did not fail: the place is the reader's from here on, and its count begins anew. Of the other two it is taken
-- back, and no more: who guesses the passwords of others does not begin anew with the right one for their own.
CREATE FUNCTION "keep_sign_in"("who" BYTEA, "place" TEXT) RETURNS VOID LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO sign_in_attempts AS a (account, network, succeeded_at) VALUES (who, place, clock_timestamp())
    ON CONFLICT (account, network) DO UPDATE SET failures = 0, failed_at = NULL, failed_before = NULL, succeeded_at = excluded.succeeded_at;
    UPDATE sign_in_attempts a SET failures = greatest(a.failures - 1, 0), failed_at = a.failed_before WHERE a.account = who AND a.network = '';
    UPDATE sign_in_attempts a SET failures = greatest(a.failures - 1, 0), failed_at = a.failed_before WHERE a.account = '\x'::bytea AND a.network = place;
END $$;

-- Takes one of the accounts that may be asked for from a place in an hour: gives 0, or in how many seconds there is one.
CREATE FUNCTION "take_sign_up"("place" TEXT, "per_hour" INTEGER) RETURNS INTEGER LANGUAGE plpgsql AS $$
DECLARE
    at TIMESTAMPTZ := clock_timestamp();
    wait DOUBLE PRECISION;
BEGIN
    INSERT INTO sign_up_windows AS w (network, hour_from, sign_ups) VALUES (place, at, 1)
    ON CONFLICT (network) DO UPDATE SET
        hour_from = CASE WHEN w.hour_from > at - interval '1 hour' THEN w.hour_from ELSE at END,
        sign_ups = CASE WHEN w.hour_from > at - interval '1 hour' THEN w.sign_ups + 1 ELSE 1 END
        WHERE w.hour_from <= at - interval '1 hour' OR w.sign_ups < per_hour;
    IF FOUND THEN
        RETURN 0;
    END IF;
    SELECT extract(epoch FROM w.hour_from + interval '1 hour' - at) INTO wait FROM sign_up_windows w WHERE w.network = place;
    RETURN greatest(1, ceil(wait));
END $$;
