import { describe, expect, it } from 'vitest';
import { type Log, silentLog } from '#runtime';
import { StoreUnavailable, whenAvailable } from '#store';
import { makeFakeClock } from '../../support/fake-clock.ts';

/** Work on a database that comes after so long. */
function setUp(comesAfterMs: number) {
  const clock = makeFakeClock();
  const startedAt = clock.now();
  const said: string[] = [];
  const log: Log = { ...silentLog, warn: (_fields, message) => said.push(message) };
  const work = async (): Promise<string> => {
    if (clock.now() - startedAt < comesAfterMs) throw new StoreUnavailable('connect ECONNREFUSED');
    return 'done';
  };
  return { clock, log, said, work };
}

describe('a process that starts before its database', () => {
  it('does its work at once when the database is there, and says nothing', async () => {
    const { clock, log, said, work } = setUp(0);
    expect(await whenAvailable(work, { clock, log })).toBe('done');
    expect(said).toEqual([]);
  });

  it('waits as long as it takes, and says so once and then each minute', async () => {
    const { clock, log, said, work } = setUp(150_000);
    const done = whenAvailable(work, { clock, log });
    await clock.advance(59_000);
    expect(said).toEqual(['waiting: the database cannot be reached']);
    await clock.advance(91_000);
    expect(await done).toBe('done');
    expect(said).toHaveLength(3);
  });

  it('gives up after the time it has', async () => {
    const { clock, log, work } = setUp(Number.POSITIVE_INFINITY);
    const outcome = whenAvailable(work, { clock, log, withinMs: 60_000 }).catch((fault: unknown) => fault);
    await clock.advance(61_000);
    expect(await outcome).toBeInstanceOf(StoreUnavailable);
    expect(clock.armed).toBe(0);
  });

  it('a fault of another kind is no reason to wait', async () => {
    const { clock, log } = setUp(0);
    const broken = whenAvailable(() => Promise.reject(new TypeError('a bug')), { clock, log });
    await expect(broken).rejects.toThrow('a bug');
    expect(clock.armed).toBe(0);
  });
});
