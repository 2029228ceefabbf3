-- Publications: when one began, and which device it is of.

-- AlterTable
ALTER TABLE "Pdata" ADD COLUMN "createdAt" BIGINT NOT NULL DEFAULT 0;
ALTER TABLE "Pdata" ADD COLUMN "origin" TEXT NOT NULL DEFAULT '';
