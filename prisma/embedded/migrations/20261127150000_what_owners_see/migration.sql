-- AlterTable
ALTER TABLE "Acl" ADD COLUMN "fromAt" BIGINT;

ALTER TABLE "Acl" ADD COLUMN "untilAt" BIGINT;

-- CreateTable
CREATE TABLE "ContactGroup" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "ownerId" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    CONSTRAINT "ContactGroup_ownerId_fkey" FOREIGN KEY ("ownerId") REFERENCES "Login" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "GroupMember" (
    "groupId" TEXT NOT NULL,
    "member" TEXT NOT NULL,
    PRIMARY KEY ("groupId", "member"),
    CONSTRAINT "GroupMember_groupId_fkey" FOREIGN KEY ("groupId") REFERENCES "ContactGroup" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "Preference" (
    "loginId" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    PRIMARY KEY ("loginId", "name"),
    CONSTRAINT "Preference_loginId_fkey" FOREIGN KEY ("loginId") REFERENCES "Login" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "Sighting" (
    "loginId" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "client" TEXT NOT NULL,
    "flow" TEXT NOT NULL,
    "status" INTEGER NOT NULL,
    "at" BIGINT NOT NULL,
    PRIMARY KEY ("loginId", "kind", "client"),
    CONSTRAINT "Sighting_loginId_fkey" FOREIGN KEY ("loginId") REFERENCES "Login" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "Availability" (
    "loginId" INTEGER NOT NULL,
    "at" BIGINT NOT NULL,
    "state" TEXT NOT NULL,
    PRIMARY KEY ("loginId", "at"),
    CONSTRAINT "Availability_loginId_fkey" FOREIGN KEY ("loginId") REFERENCES "Login" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "PastWatcher" (
    "loginId" INTEGER NOT NULL,
    "watcher" TEXT NOT NULL,
    "event" TEXT NOT NULL,
    "client" TEXT NOT NULL,
    "firstAt" BIGINT NOT NULL,
    "lastAt" BIGINT NOT NULL,
    PRIMARY KEY ("loginId", "watcher", "event"),
    CONSTRAINT "PastWatcher_loginId_fkey" FOREIGN KEY ("loginId") REFERENCES "Login" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "Ticket" (
    "idHash" TEXT NOT NULL PRIMARY KEY,
    "loginId" INTEGER NOT NULL,
    "purpose" TEXT NOT NULL,
    "expiresAt" BIGINT NOT NULL,
    CONSTRAINT "Ticket_loginId_fkey" FOREIGN KEY ("loginId") REFERENCES "Login" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateIndex
CREATE UNIQUE INDEX "ContactGroup_ownerId_name_key" ON "ContactGroup"("ownerId", "name");

-- CreateIndex
CREATE INDEX "Preference_name_idx" ON "Preference"("name");

-- CreateIndex
CREATE INDEX "Sighting_at_idx" ON "Sighting"("at");

-- CreateIndex
CREATE INDEX "Availability_at_idx" ON "Availability"("at");

-- CreateIndex
CREATE INDEX "PastWatcher_lastAt_idx" ON "PastWatcher"("lastAt");

-- CreateIndex
CREATE INDEX "Ticket_expiresAt_idx" ON "Ticket"("expiresAt");
