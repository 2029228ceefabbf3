-- The last SIP messages of who switched it on.

-- CreateTable
CREATE TABLE `Trace` (
    `loginId` INTEGER NOT NULL,
    `place` INTEGER NOT NULL,
    `number` INTEGER NOT NULL,
    `at` BIGINT NOT NULL,
    `direction` VARCHAR(8) NOT NULL,
    `flow` VARCHAR(255) NOT NULL,
    `text` TEXT NOT NULL,
    INDEX `Trace_at_idx`(`at`),
    PRIMARY KEY (`loginId`, `place`),
    CONSTRAINT `Trace_loginId_fkey` FOREIGN KEY (`loginId`) REFERENCES `Login`(`id`) ON DELETE CASCADE ON UPDATE CASCADE
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
