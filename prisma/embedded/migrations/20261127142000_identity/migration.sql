-- How people prove who they are at the portal, beside their password; invitations; what administrators did.

-- AlterTable
ALTER TABLE "Login" ADD COLUMN "admin" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "SecondFactor" (
    "loginId" INTEGER NOT NULL PRIMARY KEY,
    "sealed" BLOB NOT NULL,
    "keyId" TEXT NOT NULL,
    "since" BIGINT NOT NULL,
    "lastStep" BIGINT NOT NULL,
    CONSTRAINT "SecondFactor_loginId_fkey" FOREIGN KEY ("loginId") REFERENCES "Login" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "RecoveryCode" (
    "loginId" INTEGER NOT NULL,
    "hash" TEXT NOT NULL,
    PRIMARY KEY ("loginId", "hash"),
    CONSTRAINT "RecoveryCode_loginId_fkey" FOREIGN KEY ("loginId") REFERENCES "Login" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "Passkey" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "loginId" INTEGER NOT NULL,
    "publicKey" BLOB NOT NULL,
    "counter" BIGINT NOT NULL,
    "transports" TEXT NOT NULL,
    "label" TEXT NOT NULL,
    "createdAt" BIGINT NOT NULL,
    "lastUsedAt" BIGINT,
    CONSTRAINT "Passkey_loginId_fkey" FOREIGN KEY ("loginId") REFERENCES "Login" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "Invitation" (
    "idHash" TEXT NOT NULL PRIMARY KEY,
    "note" TEXT NOT NULL,
    "madeBy" TEXT NOT NULL,
    "createdAt" BIGINT NOT NULL,
    "expiresAt" BIGINT NOT NULL,
    "usesLeft" INTEGER NOT NULL
);

-- CreateTable
CREATE TABLE "Audit" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "at" BIGINT NOT NULL,
    "actor" TEXT NOT NULL,
    "act" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "detail" TEXT NOT NULL,
    "address" TEXT NOT NULL
);

-- CreateIndex
CREATE INDEX "Passkey_loginId_idx" ON "Passkey"("loginId");

-- CreateIndex
CREATE INDEX "Invitation_expiresAt_idx" ON "Invitation"("expiresAt");

-- CreateIndex
CREATE INDEX "Audit_at_idx" ON "Audit"("at");
