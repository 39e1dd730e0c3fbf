-- Part 1: the tables of prisma/schema.prisma.
-- AlterTable
ALTER TABLE "sessions" ADD COLUMN "identity_id" INTEGER,
ADD COLUMN "signed_hash" BYTEA;

-- CreateTable
CREATE TABLE "external_identities" (
    "id" SERIAL NOT NULL,
    "user_id" INTEGER NOT NULL,
    "issuer" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_seen_on" DATE NOT NULL,
    "refused_before" TIMESTAMPTZ(3),

    CONSTRAINT "external_identities_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "refused_tokens" (
    "signed_hash" BYTEA NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "refused_tokens_pkey" PRIMARY KEY ("signed_hash")
);

-- CreateIndex
CREATE INDEX "external_identities_user_id_created_at_id_idx" ON "external_identities"("user_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "external_identities_issuer_subject_key" ON "external_identities"("issuer", "subject");

-- CreateIndex
CREATE INDEX "refused_tokens_expires_at_idx" ON "refused_tokens"("expires_at");

-- CreateIndex
CREATE INDEX "sessions_identity_id_idx" ON "sessions"("identity_id");

-- AddForeignKey
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_identity_id_fkey" FOREIGN KEY ("identity_id") REFERENCES "external_identities"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "external_identities" ADD CONSTRAINT "external_identities_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Part 2: what Prisma's language cannot say.

ALTER TABLE "sessions"
    ADD CONSTRAINT "sessions_signed_hash_is_sha256" CHECK (octet_length("signed_hash") = 32),
    ADD CONSTRAINT "sessions_signed_by_an_identity" CHECK (num_nulls("identity_id", "signed_hash") <> 1);
-- OpenID Connect Core 1.0, 2: a subject has at most 255 characters.
ALTER TABLE "external_identities"
    ADD CONSTRAINT "external_identities_issuer_length" CHECK (char_length("issuer") BETWEEN 1 AND 2000),
    ADD CONSTRAINT "external_identities_subject_length" CHECK (char_length("subject") BETWEEN 1 AND 255);
ALTER TABLE "refused_tokens"
    ADD CONSTRAINT "refused_tokens_signed_hash_is_sha256" CHECK (octet_length("signed_hash") = 32);

-- A provider's token holds by its signature until it expires: whatever ends its session (signing out, unlinking, the end of the
-- account) has it refused for as long, a minute more since clocks differ. The hash is of what is signed, not of the token: of a
-- signature by an elliptic curve there is a second one that is as valid.
CREATE FUNCTION "refuse_token_of_session"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO refused_tokens (signed_hash, expires_at) VALUES (OLD.signed_hash, OLD.expires_at + interval '1 minute')
        ON CONFLICT (signed_hash) DO NOTHING;
    DELETE FROM sessions WHERE user_id = OLD.user_id AND signed_hash = OLD.signed_hash;
    RETURN NULL;
END $$;
CREATE TRIGGER "sessions_refuse_token" AFTER DELETE ON "sessions" FOR EACH ROW
    WHEN (OLD.signed_hash IS NOT NULL AND OLD.expires_at > CURRENT_TIMESTAMP - interval '1 minute')
    EXECUTE FUNCTION "refuse_token_of_session"();
