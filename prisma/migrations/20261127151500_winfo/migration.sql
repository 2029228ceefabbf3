-- Watcher information (RFC 3857): what brought a subscription into its state, questions that outlived theirs, and the
-- built-in package that tells of both.

-- AlterTable
ALTER TABLE `Subscription` ADD COLUMN `cause` VARCHAR(16) NOT NULL DEFAULT 'subscribe';

-- CreateTable
CREATE TABLE `Waiting` (
    `id` VARCHAR(32) NOT NULL,
    `presentity` VARCHAR(255) NOT NULL,
    `event` VARCHAR(64) NOT NULL,
    `watcher` VARCHAR(255) NOT NULL,
    `userAgent` VARCHAR(128) NOT NULL,
    `askedAt` BIGINT NOT NULL,
    `expiresAt` BIGINT NOT NULL,
    UNIQUE INDEX `Waiting_presentity_event_watcher_key`(`presentity`, `event`, `watcher`),
    INDEX `Waiting_watcher_idx`(`watcher`),
    PRIMARY KEY (`id`)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Somebody may have made a package of this name before: theirs stays.
INSERT IGNORE INTO `Events` (`name`) VALUES ('presence.winfo');

INSERT IGNORE INTO `Eventloader` (`event`, `eventpack`, `enabled`) VALUES ('presence.winfo', 'builtin:presence.winfo', true);
