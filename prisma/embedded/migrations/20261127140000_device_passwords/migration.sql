-- Passwords of single devices: when one was made, and where it was used last.

-- AlterTable
ALTER TABLE "Credential" ADD COLUMN "createdAt" BIGINT NOT NULL DEFAULT 0;
ALTER TABLE "Credential" ADD COLUMN "lastAddress" TEXT NOT NULL DEFAULT '';
