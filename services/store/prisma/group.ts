import { nextTurn } from '#runtime';
import type { DialectName } from './executor.ts';

/**
 * How large the groups are. Beyond some hundred rows a batch wins little and answers late; 4 MiB stay well below
 * `max_allowed_packet` (16 MiB on MariaDB, 64 MiB on MySQL); 20,000 waiting writes are a few seconds' work.
 */
const GROUP = {
  maxBatch: 128,
  maxBatchBytes: 4 * 1024 * 1024,
  maxWaiting: 20_000,
  maxUnderWay: 2,
  worthAnother: 8,
  soon: nextTurn,
} as const;

/** SQLite commits in this process, which reads no request meanwhile. */
const ENOUGH = { mysql: 16, sqlite: Number.POSITIVE_INFINITY } as const;

export function groupOn(dialect: DialectName) {
  return { ...GROUP, enough: ENOUGH[dialect] };
}
