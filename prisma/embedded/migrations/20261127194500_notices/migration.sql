-- CreateTable
CREATE TABLE "Notice" (
    "loginId" INTEGER NOT NULL,
    "watcher" TEXT NOT NULL,
    "at" BIGINT NOT NULL,
    PRIMARY KEY ("loginId", "watcher"),
    CONSTRAINT "Notice_loginId_fkey" FOREIGN KEY ("loginId") REFERENCES "Login" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateIndex
CREATE INDEX "Notice_at_idx" ON "Notice"("at");
