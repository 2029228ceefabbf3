-- What SIP services say of themselves, and what they counted, for administrators to read.

-- CreateTable
CREATE TABLE "Node" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "role" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "host" TEXT NOT NULL,
    "pid" INTEGER NOT NULL,
    "version" TEXT NOT NULL,
    "startedAt" BIGINT NOT NULL,
    "since" BIGINT NOT NULL,
    "seenAt" BIGINT NOT NULL,
    "listens" TEXT NOT NULL,
    "packages" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "Figure" (
    "node" TEXT NOT NULL,
    "at" BIGINT NOT NULL,
    "spanMs" INTEGER NOT NULL,
    "publications" INTEGER NOT NULL,
    "subscriptions" INTEGER NOT NULL,
    "notifies" INTEGER NOT NULL,
    "lagMs" INTEGER NOT NULL,
    "failures" TEXT NOT NULL,

    PRIMARY KEY ("node", "at")
);

-- CreateIndex
CREATE INDEX "Node_seenAt_idx" ON "Node"("seenAt");

-- CreateIndex
CREATE INDEX "Figure_at_idx" ON "Figure"("at");
