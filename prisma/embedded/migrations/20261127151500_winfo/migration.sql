-- Watcher information (RFC 3857): what brought a subscription into its state, questions that outlived theirs, and the
-- built-in package that tells of both.

-- AlterTable
ALTER TABLE "Subscription" ADD COLUMN "cause" TEXT NOT NULL DEFAULT 'subscribe';

-- CreateTable
CREATE TABLE "Waiting" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "presentity" TEXT NOT NULL,
    "event" TEXT NOT NULL,
    "watcher" TEXT NOT NULL,
    "userAgent" TEXT NOT NULL,
    "askedAt" BIGINT NOT NULL,
    "expiresAt" BIGINT NOT NULL
);

-- CreateIndex
CREATE UNIQUE INDEX "Waiting_presentity_event_watcher_key" ON "Waiting"("presentity", "event", "watcher");

-- CreateIndex
CREATE INDEX "Waiting_watcher_idx" ON "Waiting"("watcher");

-- Somebody may have made a package of this name before: theirs stays.
INSERT OR IGNORE INTO "Events" ("name") VALUES ('presence.winfo');

INSERT OR IGNORE INTO "Eventloader" ("event", "eventpack", "enabled") VALUES ('presence.winfo', 'builtin:presence.winfo', true);
