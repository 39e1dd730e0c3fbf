-- Part 1: the tables of prisma/schema.prisma.
-- CreateTable
CREATE TABLE "feed_tokens" (
    "id" SERIAL NOT NULL,
    "user_id" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "token_hash" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_used_on" DATE,

    CONSTRAINT "feed_tokens_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "feed_tokens_token_hash_key" ON "feed_tokens"("token_hash");

-- CreateIndex
CREATE UNIQUE INDEX "feed_tokens_user_id_name_key" ON "feed_tokens"("user_id", "name");

-- CreateIndex
CREATE INDEX "feed_tokens_user_id_created_at_id_idx" ON "feed_tokens"("user_id", "created_at" DESC, "id" DESC);

-- AddForeignKey
ALTER TABLE "feed_tokens" ADD CONSTRAINT "feed_tokens_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Part 2: what Prisma's language cannot say.

ALTER TABLE "feed_tokens"
    ADD CONSTRAINT "feed_tokens_token_hash_is_sha256" CHECK (octet_length("token_hash") = 32),
    ADD CONSTRAINT "feed_tokens_name_form" CHECK (char_length("name") BETWEEN 1 AND 80 AND "name" = btrim("name"));
