-- Part 1: the tables of prisma/schema.prisma.
-- CreateEnum
CREATE TYPE "claim_state" AS ENUM ('PENDING', 'CONFIRMED', 'REJECTED', 'WITHDRAWN', 'ENDED');

-- AlterTable
ALTER TABLE "notifications" ADD COLUMN "author_id" INTEGER;

-- CreateTable
CREATE TABLE "authorship_claims" (
    "id" SERIAL NOT NULL,
    "user_id" INTEGER NOT NULL,
    "author_id" INTEGER NOT NULL,
    "state" "claim_state" NOT NULL DEFAULT 'PENDING',
    "note" TEXT NOT NULL,
    "evidence_url" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "resolved_at" TIMESTAMPTZ(3),
    "resolver_id" INTEGER,
    "resolution_note" TEXT,
    "ended_at" TIMESTAMPTZ(3),
    "end_reason" TEXT,

    CONSTRAINT "authorship_claims_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "authorship_claims_created_at_id_idx" ON "authorship_claims"("created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "authorship_claims_state_created_at_id_idx" ON "authorship_claims"("state", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "authorship_claims_user_id_created_at_id_idx" ON "authorship_claims"("user_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "authorship_claims_user_id_state_created_at_id_idx" ON "authorship_claims"("user_id", "state", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "authorship_claims_author_id_user_id_idx" ON "authorship_claims"("author_id", "user_id");

-- CreateIndex
CREATE INDEX "authorship_claims_resolver_id_idx" ON "authorship_claims"("resolver_id");

-- CreateIndex
CREATE INDEX "notifications_author_id_idx" ON "notifications"("author_id");

-- AddForeignKey
ALTER TABLE "notifications" ADD CONSTRAINT "notifications_author_id_fkey" FOREIGN KEY ("author_id") REFERENCES "authors"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "authorship_claims" ADD CONSTRAINT "authorship_claims_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "authorship_claims" ADD CONSTRAINT "authorship_claims_author_id_fkey" FOREIGN KEY ("author_id") REFERENCES "authors"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "authorship_claims" ADD CONSTRAINT "authorship_claims_resolver_id_fkey" FOREIGN KEY ("resolver_id") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- Part 2: what Prisma's language cannot say.

-- Of one reader and author at most one is pending, and of one author at most one is confirmed: that is the author's reader.
CREATE UNIQUE INDEX "authorship_claims_pending_key" ON "authorship_claims" ("user_id", "author_id") WHERE "state" = 'PENDING';
CREATE UNIQUE INDEX "authorship_claims_confirmed_key" ON "authorship_claims" ("author_id") WHERE "state" = 'CONFIRMED';

-- The authors of a reader, the latest first; also whether a reader has any, which is asked for each vote that is shown.
CREATE INDEX "authorship_claims_linked_idx" ON "authorship_claims" ("user_id", "resolved_at" DESC, "author_id" DESC) WHERE "state" = 'CONFIRMED';

ALTER TABLE "authorship_claims"
    ADD CONSTRAINT "authorship_claims_note_length" CHECK (char_length("note") BETWEEN 1 AND 1000),
    ADD CONSTRAINT "authorship_claims_evidence_url_form" CHECK ("evidence_url" ~ '^https?://' AND char_length("evidence_url") <= 2000),
    ADD CONSTRAINT "authorship_claims_resolution_note_length" CHECK (char_length("resolution_note") BETWEEN 1 AND 1000),
    ADD CONSTRAINT "authorship_claims_end_reason_length" CHECK (char_length("end_reason") BETWEEN 1 AND 1000),
    ADD CONSTRAINT "authorship_claims_resolved_when_over" CHECK (("resolved_at" IS NOT NULL) = ("state" <> 'PENDING')),
    ADD CONSTRAINT "authorship_claims_resolved_by_curators" CHECK ("state" NOT IN ('PENDING', 'WITHDRAWN') OR num_nonnulls("resolver_id", "resolution_note") = 0),
    ADD CONSTRAINT "authorship_claims_ended_with_reason" CHECK (num_nonnulls("ended_at", "end_reason") = CASE "state" WHEN 'ENDED' THEN 2 ELSE 0 END),
    ADD CONSTRAINT "authorship_claims_resolved_by_others" CHECK ("user_id" <> "resolver_id");

-- Notifications of claims name the author, and nobody who did it.
ALTER TABLE "notifications"
    DROP CONSTRAINT "notifications_cause_by_kind",
    ADD CONSTRAINT "notifications_cause_by_kind" CHECK (CASE
        WHEN "kind" = 'NEW_FOLLOWER' THEN "actor_id" IS NOT NULL AND num_nonnulls("paper_id", "comment_id", "author_id") = 0
        WHEN "kind" IN ('CLAIM_CONFIRMED', 'CLAIM_REJECTED') THEN "author_id" IS NOT NULL AND num_nonnulls("actor_id", "paper_id", "comment_id") = 0
        ELSE num_nulls("actor_id", "paper_id", "comment_id") = 0 AND "author_id" IS NULL
    END);

-- Tells the claimant what a curator decided; that a claim was confirmed need not be told any more once the link is undone.
CREATE FUNCTION "notify_of_claim"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state IN ('CONFIRMED', 'REJECTED') THEN
        INSERT INTO notifications (user_id, kind, author_id)
        VALUES (NEW.user_id, ('CLAIM_' || NEW.state)::notification_kind, NEW.author_id);
    ELSIF OLD.state = 'CONFIRMED' THEN
        UPDATE notifications SET is_withdrawn = true
        WHERE user_id = NEW.user_id AND kind = 'CLAIM_CONFIRMED' AND author_id = NEW.author_id AND NOT is_withdrawn;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER "authorship_claims_notify" AFTER UPDATE OF "state" ON "authorship_claims" FOR EACH ROW
    WHEN (NEW.state <> OLD.state) EXECUTE FUNCTION "notify_of_claim"();
