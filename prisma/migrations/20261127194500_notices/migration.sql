-- When an owner was last told by mail that somebody asks.

-- CreateTable
CREATE TABLE `Notice` (
    `loginId` INTEGER NOT NULL,
    `watcher` VARCHAR(255) NOT NULL,
    `at` BIGINT NOT NULL,
    INDEX `Notice_at_idx`(`at`),
    PRIMARY KEY (`loginId`, `watcher`),
    CONSTRAINT `Notice_loginId_fkey` FOREIGN KEY (`loginId`) REFERENCES `Login`(`id`) ON DELETE CASCADE ON UPDATE CASCADE
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
