-- Part 1: the tables of prisma/schema.prisma.
-- CreateTable
CREATE TABLE "idempotency_keys" (
    "user_id" INTEGER NOT NULL,
    "key" TEXT NOT NULL,
    "mutation" TEXT NOT NULL,
    "arguments" BYTEA NOT NULL,
    "holder" UUID NOT NULL,
    "held_until" TIMESTAMPTZ(3) NOT NULL,
    "results" JSONB DEFAULT '{}',
    "selection" BYTEA,
    "answer" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "completed_at" TIMESTAMPTZ(3),

    CONSTRAINT "idempotency_keys_pkey" PRIMARY KEY ("user_id","key")
);

-- CreateIndex
CREATE INDEX "idempotency_keys_user_id_created_at_idx" ON "idempotency_keys"("user_id", "created_at" DESC);

-- CreateIndex
CREATE INDEX "idempotency_keys_created_at_idx" ON "idempotency_keys"("created_at");

-- AddForeignKey
ALTER TABLE "idempotency_keys" ADD CONSTRAINT "idempotency_keys_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Part 2: what Prisma's language cannot say.
ALTER TABLE "idempotency_keys" ADD CONSTRAINT "idempotency_keys_key_form" CHECK ("key" ~ '^[ -~]{1,255}$');
ALTER TABLE "idempotency_keys" ADD CONSTRAINT "idempotency_keys_digest_length" CHECK (length("arguments") = 32 AND length("selection") = 32);
ALTER TABLE "idempotency_keys" ADD CONSTRAINT "idempotency_keys_results_object" CHECK (jsonb_typeof("results") = 'object');
ALTER TABLE "idempotency_keys" ADD CONSTRAINT "idempotency_keys_answer_of_selection" CHECK (("answer" IS NULL) = ("selection" IS NULL) AND ("answer" IS NULL OR "completed_at" IS NOT NULL));
