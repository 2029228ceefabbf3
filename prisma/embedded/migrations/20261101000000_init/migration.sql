-- The first migration, for SQLite, which compares texts byte for byte by itself. AUTOINCREMENT: an id of the journal is
-- never given twice, also after the newest rows were purged.

-- CreateTable
CREATE TABLE "Login" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "aor" TEXT NOT NULL,
    "username" TEXT NOT NULL,
    "domain" TEXT NOT NULL,
    "passwordHash" TEXT,
    "disabled" BOOLEAN NOT NULL DEFAULT false,
    "createdAt" BIGINT NOT NULL
);

-- CreateTable
CREATE TABLE "Credential" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "loginId" INTEGER NOT NULL,
    "username" TEXT NOT NULL,
    "realm" TEXT NOT NULL,
    "algorithm" TEXT NOT NULL,
    "sealedHa1" BLOB NOT NULL,
    "keyId" TEXT NOT NULL,
    "label" TEXT NOT NULL DEFAULT '',
    "lastUsedAt" BIGINT,
    "revokedAt" BIGINT,
    CONSTRAINT "Credential_loginId_fkey" FOREIGN KEY ("loginId") REFERENCES "Login" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "Events" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "name" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "Acl" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "ownerId" INTEGER NOT NULL,
    "subscriber" TEXT NOT NULL,
    "event" TEXT NOT NULL,
    "permission" TEXT NOT NULL,
    CONSTRAINT "Acl_ownerId_fkey" FOREIGN KEY ("ownerId") REFERENCES "Login" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "Acl_event_fkey" FOREIGN KEY ("event") REFERENCES "Events" ("name") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "Eventloader" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "event" TEXT NOT NULL,
    "eventpack" TEXT NOT NULL,
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    CONSTRAINT "Eventloader_event_fkey" FOREIGN KEY ("event") REFERENCES "Events" ("name") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "Pdata" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "presentity" TEXT NOT NULL,
    "event" TEXT NOT NULL,
    "etag" TEXT NOT NULL,
    "contentType" TEXT NOT NULL,
    "body" BLOB NOT NULL,
    "publisher" TEXT NOT NULL,
    "userAgent" TEXT NOT NULL,
    "modifiedAt" BIGINT NOT NULL,
    "expiresAt" BIGINT NOT NULL
);

-- CreateTable
CREATE TABLE "Subscription" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "presentity" TEXT NOT NULL,
    "event" TEXT NOT NULL,
    "eventId" TEXT NOT NULL,
    "watcher" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "permission" TEXT NOT NULL,
    "contentType" TEXT NOT NULL,
    "callId" TEXT NOT NULL,
    "localTag" TEXT NOT NULL,
    "remoteTag" TEXT NOT NULL,
    "localUri" TEXT NOT NULL,
    "remoteUri" TEXT NOT NULL,
    "remoteTarget" TEXT NOT NULL,
    "routeSet" TEXT NOT NULL,
    "remoteCseq" BIGINT NOT NULL,
    "reservedCseq" BIGINT NOT NULL,
    "flow" TEXT NOT NULL,
    "userAgent" TEXT NOT NULL,
    "told" TEXT NOT NULL,
    "createdAt" BIGINT NOT NULL,
    "expiresAt" BIGINT NOT NULL
);

-- CreateTable
CREATE TABLE "Session" (
    "idHash" TEXT NOT NULL PRIMARY KEY,
    "loginId" INTEGER NOT NULL,
    "createdAt" BIGINT NOT NULL,
    "lastSeenAt" BIGINT NOT NULL,
    "expiresAt" BIGINT NOT NULL,
    "userAgent" TEXT NOT NULL,
    "address" TEXT NOT NULL,
    CONSTRAINT "Session_loginId_fkey" FOREIGN KEY ("loginId") REFERENCES "Login" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "Change" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "at" BIGINT NOT NULL,
    "kind" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "event" TEXT NOT NULL DEFAULT ''
);

-- CreateTable
CREATE TABLE "Lease" (
    "name" TEXT NOT NULL PRIMARY KEY,
    "holder" TEXT NOT NULL,
    "host" TEXT NOT NULL,
    "pid" INTEGER NOT NULL,
    "beat" BIGINT NOT NULL
);

-- CreateTable
CREATE TABLE "Setting" (
    "name" TEXT NOT NULL PRIMARY KEY,
    "value" TEXT NOT NULL
);

-- CreateIndex
CREATE UNIQUE INDEX "Login_aor_key" ON "Login"("aor");

-- CreateIndex
CREATE UNIQUE INDEX "Credential_loginId_username_realm_algorithm_label_key" ON "Credential"("loginId", "username", "realm", "algorithm", "label");

-- CreateIndex
CREATE UNIQUE INDEX "Events_name_key" ON "Events"("name");

-- CreateIndex
CREATE UNIQUE INDEX "Acl_ownerId_event_subscriber_key" ON "Acl"("ownerId", "event", "subscriber");

-- CreateIndex
CREATE UNIQUE INDEX "Eventloader_event_key" ON "Eventloader"("event");

-- CreateIndex
CREATE UNIQUE INDEX "Pdata_etag_key" ON "Pdata"("etag");

-- CreateIndex
CREATE INDEX "Pdata_presentity_idx" ON "Pdata"("presentity");

-- CreateIndex
CREATE INDEX "Subscription_presentity_idx" ON "Subscription"("presentity");

-- CreateIndex
CREATE INDEX "Session_expiresAt_idx" ON "Session"("expiresAt");

-- CreateIndex
CREATE INDEX "Change_at_idx" ON "Change"("at");

-- The built-in event package.
INSERT INTO "Events" ("name") VALUES ('presence');

INSERT INTO "Eventloader" ("event", "eventpack", "enabled") VALUES ('presence', 'builtin:presence', true);
