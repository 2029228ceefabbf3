-- The first migration. Every text is utf8mb4_bin: protocol keys are compared byte for byte, and other collations take
-- 'sip:BOB@x' and 'sip:bob@x', or 'é' and 'e', for equal. ROW_FORMAT=DYNAMIC gives keys up to 3072 bytes.

-- CreateTable
CREATE TABLE `Login` (
    `id` INTEGER NOT NULL AUTO_INCREMENT,
    `aor` VARCHAR(255) NOT NULL,
    `username` VARCHAR(190) NOT NULL,
    `domain` VARCHAR(190) NOT NULL,
    `passwordHash` VARCHAR(255) NULL,
    `disabled` BOOLEAN NOT NULL DEFAULT false,
    `createdAt` BIGINT NOT NULL,
    UNIQUE INDEX `Login_aor_key`(`aor`),
    PRIMARY KEY (`id`)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `Credential` (
    `id` INTEGER NOT NULL AUTO_INCREMENT,
    `loginId` INTEGER NOT NULL,
    `username` VARCHAR(255) NOT NULL,
    `realm` VARCHAR(190) NOT NULL,
    `algorithm` VARCHAR(16) NOT NULL,
    `sealedHa1` VARBINARY(255) NOT NULL,
    `keyId` VARCHAR(32) NOT NULL,
    `label` VARCHAR(64) NOT NULL DEFAULT '',
    `lastUsedAt` BIGINT NULL,
    `revokedAt` BIGINT NULL,
    UNIQUE INDEX `Credential_loginId_username_realm_algorithm_label_key`(`loginId`, `username`, `realm`, `algorithm`, `label`),
    PRIMARY KEY (`id`),
    CONSTRAINT `Credential_loginId_fkey` FOREIGN KEY (`loginId`) REFERENCES `Login`(`id`) ON DELETE CASCADE ON UPDATE CASCADE
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `Events` (
    `id` INTEGER NOT NULL AUTO_INCREMENT,
    `name` VARCHAR(64) NOT NULL,
    UNIQUE INDEX `Events_name_key`(`name`),
    PRIMARY KEY (`id`)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `Acl` (
    `id` INTEGER NOT NULL AUTO_INCREMENT,
    `ownerId` INTEGER NOT NULL,
    `subscriber` VARCHAR(255) NOT NULL,
    `event` VARCHAR(64) NOT NULL,
    `permission` VARCHAR(16) NOT NULL,
    UNIQUE INDEX `Acl_ownerId_event_subscriber_key`(`ownerId`, `event`, `subscriber`),
    PRIMARY KEY (`id`),
    CONSTRAINT `Acl_ownerId_fkey` FOREIGN KEY (`ownerId`) REFERENCES `Login`(`id`) ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT `Acl_event_fkey` FOREIGN KEY (`event`) REFERENCES `Events`(`name`) ON DELETE RESTRICT ON UPDATE CASCADE
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `Eventloader` (
    `id` INTEGER NOT NULL AUTO_INCREMENT,
    `event` VARCHAR(64) NOT NULL,
    `eventpack` VARCHAR(512) NOT NULL,
    `enabled` BOOLEAN NOT NULL DEFAULT true,
    UNIQUE INDEX `Eventloader_event_key`(`event`),
    PRIMARY KEY (`id`),
    CONSTRAINT `Eventloader_event_fkey` FOREIGN KEY (`event`) REFERENCES `Events`(`name`) ON DELETE RESTRICT ON UPDATE CASCADE
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `Pdata` (
    `id` VARCHAR(32) NOT NULL,
    `presentity` VARCHAR(255) NOT NULL,
    `event` VARCHAR(64) NOT NULL,
    `etag` VARCHAR(64) NOT NULL,
    `contentType` VARCHAR(128) NOT NULL,
    `body` MEDIUMBLOB NOT NULL,
    `publisher` VARCHAR(255) NOT NULL,
    `userAgent` VARCHAR(128) NOT NULL,
    `modifiedAt` BIGINT NOT NULL,
    `expiresAt` BIGINT NOT NULL,
    UNIQUE INDEX `Pdata_etag_key`(`etag`),
    INDEX `Pdata_presentity_idx`(`presentity`),
    PRIMARY KEY (`id`)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `Subscription` (
    `id` VARCHAR(32) NOT NULL,
    `presentity` VARCHAR(255) NOT NULL,
    `event` VARCHAR(64) NOT NULL,
    `eventId` VARCHAR(255) NOT NULL,
    `watcher` VARCHAR(255) NOT NULL,
    `state` VARCHAR(16) NOT NULL,
    `permission` VARCHAR(16) NOT NULL,
    `contentType` VARCHAR(128) NOT NULL,
    `callId` VARCHAR(255) NOT NULL,
    `localTag` VARCHAR(128) NOT NULL,
    `remoteTag` VARCHAR(128) NOT NULL,
    `localUri` VARCHAR(512) NOT NULL,
    `remoteUri` VARCHAR(512) NOT NULL,
    `remoteTarget` VARCHAR(1024) NOT NULL,
    `routeSet` TEXT NOT NULL,
    `remoteCseq` BIGINT NOT NULL,
    `reservedCseq` BIGINT NOT NULL,
    `flow` VARCHAR(255) NOT NULL,
    `userAgent` VARCHAR(128) NOT NULL,
    `told` VARCHAR(64) NOT NULL,
    `createdAt` BIGINT NOT NULL,
    `expiresAt` BIGINT NOT NULL,
    INDEX `Subscription_presentity_idx`(`presentity`),
    PRIMARY KEY (`id`)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `Session` (
    `idHash` CHAR(64) NOT NULL,
    `loginId` INTEGER NOT NULL,
    `createdAt` BIGINT NOT NULL,
    `lastSeenAt` BIGINT NOT NULL,
    `expiresAt` BIGINT NOT NULL,
    `userAgent` VARCHAR(255) NOT NULL,
    `address` VARCHAR(64) NOT NULL,
    INDEX `Session_expiresAt_idx`(`expiresAt`),
    PRIMARY KEY (`idHash`),
    CONSTRAINT `Session_loginId_fkey` FOREIGN KEY (`loginId`) REFERENCES `Login`(`id`) ON DELETE CASCADE ON UPDATE CASCADE
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `Change` (
    `id` BIGINT NOT NULL AUTO_INCREMENT,
    `at` BIGINT NOT NULL,
    `kind` VARCHAR(16) NOT NULL,
    `subject` VARCHAR(255) NOT NULL,
    `event` VARCHAR(64) NOT NULL DEFAULT '',
    INDEX `Change_at_idx`(`at`),
    PRIMARY KEY (`id`)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `Lease` (
    `name` VARCHAR(32) NOT NULL,
    `holder` VARCHAR(64) NOT NULL,
    `host` VARCHAR(255) NOT NULL,
    `pid` INTEGER NOT NULL,
    `beat` BIGINT NOT NULL,
    PRIMARY KEY (`name`)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `Setting` (
    `name` VARCHAR(64) NOT NULL,
    `value` VARCHAR(1024) NOT NULL,
    PRIMARY KEY (`name`)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- The built-in event package.
INSERT INTO `Events` (`name`) VALUES ('presence');

INSERT INTO `Eventloader` (`event`, `eventpack`, `enabled`) VALUES ('presence', 'builtin:presence', true);
