-- Publications: when one began, and which device it is of.

-- AlterTable
ALTER TABLE `Pdata`
    ADD COLUMN `createdAt` BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN `origin` VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '';
