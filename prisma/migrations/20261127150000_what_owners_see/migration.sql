-- What the portal shows an owner: groups and dates in rules, what was seen of phones, who watched, how available one was.

-- AlterTable
ALTER TABLE `Acl` ADD COLUMN `fromAt` BIGINT NULL;

ALTER TABLE `Acl` ADD COLUMN `untilAt` BIGINT NULL;

-- CreateTable
CREATE TABLE `ContactGroup` (
    `id` VARCHAR(32) NOT NULL,
    `ownerId` INTEGER NOT NULL,
    `name` VARCHAR(64) NOT NULL,
    UNIQUE INDEX `ContactGroup_ownerId_name_key`(`ownerId`, `name`),
    PRIMARY KEY (`id`),
    CONSTRAINT `ContactGroup_ownerId_fkey` FOREIGN KEY (`ownerId`) REFERENCES `Login`(`id`) ON DELETE CASCADE ON UPDATE CASCADE
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `GroupMember` (
    `groupId` VARCHAR(32) NOT NULL,
    `member` VARCHAR(255) NOT NULL,
    PRIMARY KEY (`groupId`, `member`),
    CONSTRAINT `GroupMember_groupId_fkey` FOREIGN KEY (`groupId`) REFERENCES `ContactGroup`(`id`) ON DELETE CASCADE ON UPDATE CASCADE
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `Preference` (
    `loginId` INTEGER NOT NULL,
    `name` VARCHAR(32) NOT NULL,
    `value` VARCHAR(255) NOT NULL,
    INDEX `Preference_name_idx`(`name`),
    PRIMARY KEY (`loginId`, `name`),
    CONSTRAINT `Preference_loginId_fkey` FOREIGN KEY (`loginId`) REFERENCES `Login`(`id`) ON DELETE CASCADE ON UPDATE CASCADE
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `Sighting` (
    `loginId` INTEGER NOT NULL,
    `kind` VARCHAR(16) NOT NULL,
    `client` VARCHAR(128) NOT NULL,
    `flow` VARCHAR(255) NOT NULL,
    `status` INTEGER NOT NULL,
    `at` BIGINT NOT NULL,
    INDEX `Sighting_at_idx`(`at`),
    PRIMARY KEY (`loginId`, `kind`, `client`),
    CONSTRAINT `Sighting_loginId_fkey` FOREIGN KEY (`loginId`) REFERENCES `Login`(`id`) ON DELETE CASCADE ON UPDATE CASCADE
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `Availability` (
    `loginId` INTEGER NOT NULL,
    `at` BIGINT NOT NULL,
    `state` VARCHAR(16) NOT NULL,
    INDEX `Availability_at_idx`(`at`),
    PRIMARY KEY (`loginId`, `at`),
    CONSTRAINT `Availability_loginId_fkey` FOREIGN KEY (`loginId`) REFERENCES `Login`(`id`) ON DELETE CASCADE ON UPDATE CASCADE
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `PastWatcher` (
    `loginId` INTEGER NOT NULL,
    `watcher` VARCHAR(255) NOT NULL,
    `event` VARCHAR(64) NOT NULL,
    `client` VARCHAR(128) NOT NULL,
    `firstAt` BIGINT NOT NULL,
    `lastAt` BIGINT NOT NULL,
    INDEX `PastWatcher_lastAt_idx`(`lastAt`),
    PRIMARY KEY (`loginId`, `watcher`, `event`),
    CONSTRAINT `PastWatcher_loginId_fkey` FOREIGN KEY (`loginId`) REFERENCES `Login`(`id`) ON DELETE CASCADE ON UPDATE CASCADE
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `Ticket` (
    `idHash` CHAR(64) NOT NULL,
    `loginId` INTEGER NOT NULL,
    `purpose` VARCHAR(16) NOT NULL,
    `expiresAt` BIGINT NOT NULL,
    INDEX `Ticket_expiresAt_idx`(`expiresAt`),
    PRIMARY KEY (`idHash`),
    CONSTRAINT `Ticket_loginId_fkey` FOREIGN KEY (`loginId`) REFERENCES `Login`(`id`) ON DELETE CASCADE ON UPDATE CASCADE
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
