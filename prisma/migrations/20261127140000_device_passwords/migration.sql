-- Passwords of single devices: when one was made, and where it was used last.

-- AlterTable
ALTER TABLE `Credential`
    ADD COLUMN `createdAt` BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN `lastAddress` VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '';
