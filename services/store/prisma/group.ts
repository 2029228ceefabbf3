import { nextTurn } from '#runtime';

/**
 * How large the groups are. Beyond some hundred rows a batch wins little and answers late; 4 MiB stay well below
 * `max_allowed_packet` (16 MiB on MariaDB, 64 MiB on MySQL); 20,000 waiting writes are a few seconds' work.
 */
export const GROUP = {
  maxBatch: 128,
  maxBatchBytes: 4 * 1024 * 1024,
  maxWaiting: 20_000,
  maxUnderWay: 2,
  worthAnother: 8,
  soon: nextTurn,
} as const;
