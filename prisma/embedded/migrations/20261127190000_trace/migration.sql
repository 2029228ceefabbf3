-- CreateTable
CREATE TABLE "Trace" (
    "loginId" INTEGER NOT NULL,
    "place" INTEGER NOT NULL,
    "number" INTEGER NOT NULL,
    "at" BIGINT NOT NULL,
    "direction" TEXT NOT NULL,
    "flow" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    PRIMARY KEY ("loginId", "place"),
    CONSTRAINT "Trace_loginId_fkey" FOREIGN KEY ("loginId") REFERENCES "Login" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateIndex
CREATE INDEX "Trace_at_idx" ON "Trace"("at");
