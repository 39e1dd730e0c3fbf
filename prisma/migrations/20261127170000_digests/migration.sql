-- Part 1: the tables of prisma/schema.prisma.
-- CreateEnum
CREATE TYPE "digest_frequency" AS ENUM ('DAILY', 'WEEKLY');

-- CreateEnum
CREATE TYPE "digest_content" AS ENUM ('TRENDING', 'PERSONAL');

-- CreateEnum
CREATE TYPE "digest_state" AS ENUM ('PENDING', 'ACTIVE', 'BOUNCING');

-- CreateEnum
CREATE TYPE "digest_mail_kind" AS ENUM ('CONFIRMATION', 'DIGEST');

-- CreateEnum
CREATE TYPE "digest_mail_state" AS ENUM ('QUEUED', 'SENDING', 'SENT', 'EMPTY', 'FAILED', 'UNCERTAIN');

-- CreateTable
CREATE TABLE "digest_subscriptions" (
    "id" SERIAL NOT NULL,
    "user_id" INTEGER NOT NULL,
    "email" TEXT NOT NULL,
    "frequency" "digest_frequency" NOT NULL,
    "content" "digest_content" NOT NULL,
    "time_zone" TEXT NOT NULL,
    "hour" INTEGER NOT NULL,
    "weekday" INTEGER,
    "max_papers" INTEGER NOT NULL,
    "state" "digest_state" NOT NULL DEFAULT 'PENDING',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "confirmed_at" TIMESTAMPTZ(3),
    "confirm_hash" BYTEA,
    "confirm_expires_at" TIMESTAMPTZ(3),
    "unsubscribe_token" TEXT NOT NULL,
    "next_due_at" TIMESTAMPTZ(3),
    "bounce_count" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "digest_subscriptions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "digest_mails" (
    "id" SERIAL NOT NULL,
    "subscription_id" INTEGER NOT NULL,
    "kind" "digest_mail_kind" NOT NULL,
    "period" TEXT NOT NULL,
    "period_end" TIMESTAMPTZ(3) NOT NULL,
    "state" "digest_mail_state" NOT NULL,
    "due_at" TIMESTAMPTZ(3) NOT NULL,
    "attempt_count" INTEGER NOT NULL DEFAULT 0,
    "active_at" TIMESTAMPTZ(3),
    "executor" TEXT,
    "handed_over_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),
    "paper_ids" INTEGER[],
    "error" TEXT,

    CONSTRAINT "digest_mails_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "digest_requests" (
    "id" SERIAL NOT NULL,
    "user_id" INTEGER,
    "email_hash" BYTEA NOT NULL,
    "requested_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "digest_requests_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "digest_subscriptions_user_id_key" ON "digest_subscriptions"("user_id");

-- CreateIndex
CREATE UNIQUE INDEX "digest_subscriptions_confirm_hash_key" ON "digest_subscriptions"("confirm_hash");

-- CreateIndex
CREATE UNIQUE INDEX "digest_subscriptions_unsubscribe_token_key" ON "digest_subscriptions"("unsubscribe_token");

-- CreateIndex
CREATE INDEX "digest_subscriptions_next_due_at_idx" ON "digest_subscriptions"("next_due_at");

-- CreateIndex
CREATE INDEX "digest_mails_state_due_at_idx" ON "digest_mails"("state", "due_at");

-- CreateIndex
CREATE INDEX "digest_mails_subscription_id_period_end_idx" ON "digest_mails"("subscription_id", "period_end" DESC);

-- CreateIndex
CREATE INDEX "digest_mails_finished_at_idx" ON "digest_mails"("finished_at");

-- CreateIndex
CREATE UNIQUE INDEX "digest_mails_subscription_id_period_key" ON "digest_mails"("subscription_id", "period");

-- CreateIndex
CREATE INDEX "digest_requests_email_hash_requested_at_idx" ON "digest_requests"("email_hash", "requested_at");

-- CreateIndex
CREATE INDEX "digest_requests_user_id_requested_at_idx" ON "digest_requests"("user_id", "requested_at");

-- CreateIndex
CREATE INDEX "digest_requests_requested_at_idx" ON "digest_requests"("requested_at");

-- AddForeignKey
ALTER TABLE "digest_subscriptions" ADD CONSTRAINT "digest_subscriptions_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "digest_mails" ADD CONSTRAINT "digest_mails_subscription_id_fkey" FOREIGN KEY ("subscription_id") REFERENCES "digest_subscriptions"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "digest_requests" ADD CONSTRAINT "digest_requests_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- Part 2: what Prisma's language cannot say.

ALTER TABLE "digest_subscriptions"
    ADD CONSTRAINT "digest_subscriptions_email_length" CHECK (char_length("email") BETWEEN 3 AND 254),
    ADD CONSTRAINT "digest_subscriptions_hour_range" CHECK ("hour" BETWEEN 0 AND 23),
    ADD CONSTRAINT "digest_subscriptions_weekday_of_weekly" CHECK (CASE "frequency" WHEN 'WEEKLY' THEN coalesce("weekday" BETWEEN 1 AND 7, false) ELSE "weekday" IS NULL END),
    ADD CONSTRAINT "digest_subscriptions_max_papers_range" CHECK ("max_papers" BETWEEN 1 AND 20),
    -- Nothing is ever due for an address that nobody has confirmed.
    ADD CONSTRAINT "digest_subscriptions_due_when_active" CHECK (("next_due_at" IS NOT NULL) = ("state" = 'ACTIVE')),
    ADD CONSTRAINT "digest_subscriptions_active_when_confirmed" CHECK ("state" = 'PENDING' OR "confirmed_at" IS NOT NULL);

-- What is over has an end, and what is to be tried again was never on its way.
ALTER TABLE "digest_mails"
    ADD CONSTRAINT "digest_mails_finished_when_over" CHECK (("finished_at" IS NULL) = ("state" IN ('QUEUED', 'SENDING'))),
    ADD CONSTRAINT "digest_mails_queued_is_not_sent" CHECK ("state" <> 'QUEUED' OR "handed_over_at" IS NULL);
