-- What SIP services say of themselves, and what they counted, for administrators to read.

-- CreateTable
CREATE TABLE `Node` (
    `id` VARCHAR(64) NOT NULL,
    `role` VARCHAR(32) NOT NULL,
    `state` VARCHAR(16) NOT NULL,
    `host` VARCHAR(255) NOT NULL,
    `pid` INTEGER NOT NULL,
    `version` VARCHAR(32) NOT NULL,
    `startedAt` BIGINT NOT NULL,
    `since` BIGINT NOT NULL,
    `seenAt` BIGINT NOT NULL,
    `listens` TEXT NOT NULL,
    `packages` TEXT NOT NULL,
    INDEX `Node_seenAt_idx`(`seenAt`),
    PRIMARY KEY (`id`)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `Figure` (
    `node` VARCHAR(64) NOT NULL,
    `at` BIGINT NOT NULL,
    `spanMs` INTEGER NOT NULL,
    `publications` INTEGER NOT NULL,
    `subscriptions` INTEGER NOT NULL,
    `notifies` INTEGER NOT NULL,
    `lagMs` INTEGER NOT NULL,
    `failures` VARCHAR(1024) NOT NULL,
    INDEX `Figure_at_idx`(`at`),
    PRIMARY KEY (`node`, `at`)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
