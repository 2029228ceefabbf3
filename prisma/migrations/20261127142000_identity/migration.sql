-- How people prove who they are at the portal, beside their password; invitations; what administrators did.

-- AlterTable
ALTER TABLE `Login` ADD COLUMN `admin` BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE `SecondFactor` (
    `loginId` INTEGER NOT NULL,
    `sealed` VARBINARY(255) NOT NULL,
    `keyId` VARCHAR(32) NOT NULL,
    `since` BIGINT NOT NULL,
    `lastStep` BIGINT NOT NULL,
    PRIMARY KEY (`loginId`),
    CONSTRAINT `SecondFactor_loginId_fkey` FOREIGN KEY (`loginId`) REFERENCES `Login`(`id`) ON DELETE CASCADE ON UPDATE CASCADE
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `RecoveryCode` (
    `loginId` INTEGER NOT NULL,
    `hash` CHAR(64) NOT NULL,
    PRIMARY KEY (`loginId`, `hash`),
    CONSTRAINT `RecoveryCode_loginId_fkey` FOREIGN KEY (`loginId`) REFERENCES `Login`(`id`) ON DELETE CASCADE ON UPDATE CASCADE
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `Passkey` (
    `id` VARCHAR(700) NOT NULL,
    `loginId` INTEGER NOT NULL,
    `publicKey` VARBINARY(1024) NOT NULL,
    `counter` BIGINT NOT NULL,
    `transports` VARCHAR(64) NOT NULL,
    `label` VARCHAR(64) NOT NULL,
    `createdAt` BIGINT NOT NULL,
    `lastUsedAt` BIGINT NULL,
    INDEX `Passkey_loginId_idx`(`loginId`),
    PRIMARY KEY (`id`),
    CONSTRAINT `Passkey_loginId_fkey` FOREIGN KEY (`loginId`) REFERENCES `Login`(`id`) ON DELETE CASCADE ON UPDATE CASCADE
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `Invitation` (
    `idHash` CHAR(64) NOT NULL,
    `note` VARCHAR(254) NOT NULL,
    `madeBy` VARCHAR(255) NOT NULL,
    `createdAt` BIGINT NOT NULL,
    `expiresAt` BIGINT NOT NULL,
    `usesLeft` INTEGER NOT NULL,
    INDEX `Invitation_expiresAt_idx`(`expiresAt`),
    PRIMARY KEY (`idHash`)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `Audit` (
    `id` BIGINT NOT NULL AUTO_INCREMENT,
    `at` BIGINT NOT NULL,
    `actor` VARCHAR(255) NOT NULL,
    `act` VARCHAR(32) NOT NULL,
    `subject` VARCHAR(255) NOT NULL,
    `detail` VARCHAR(254) NOT NULL,
    `address` VARCHAR(64) NOT NULL,
    INDEX `Audit_at_idx`(`at`),
    PRIMARY KEY (`id`)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
