import { beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '#runtime';
import { StoreUnavailable } from '#store';
import { CSEQ_BLOCK, makePrepare, type Prepare } from '../../../services/notify/prepare.ts';
import { makeToldMarks } from '../../../services/notify/told-marks.ts';
import { type FakeClock, makeFakeClock } from '../../support/fake-clock.ts';
import { type Amending, makeAmending } from './amending.ts';

let clock: FakeClock;
let rows: Amending;
let prepare: Prepare;

beforeEach(() => {
  clock = makeFakeClock();
  rows = makeAmending(clock);
  prepare = makePrepare(rows.amend);
});

describe('RFC 3261 §12.2.1.1: a CSeq is used only when the row says that it may have been', () => {
  it('within the reserved block nothing is written, and the NOTIFY may leave now', async () => {
    const live = await rows.keep('s1', { reservedCseq: 5 });
    for (live.nextCseq = 1; live.nextCseq <= 5; live.nextCseq += 1) expect(prepare(live)).toBeUndefined();
    expect(rows.writes).toEqual([]);
  });

  it('past its end the next block is committed first', async () => {
    const live = await rows.keep('s1', { reservedCseq: 5 });
    live.nextCseq = 6;
    await prepare(live);
    expect(await rows.reserved('s1')).toBe(6 + CSEQ_BLOCK);
    expect(live.subscription.reservedCseq).toBe(6 + CSEQ_BLOCK);
    expect(prepare(live)).toBeUndefined();
  });

  it('one write for a block of numbers', async () => {
    const live = await rows.keep('s1', { reservedCseq: 0 });
    for (live.nextCseq = 1; live.nextCseq <= 3 * CSEQ_BLOCK; live.nextCseq += 1) await prepare(live);
    expect(rows.writes).toHaveLength(3);
  });

  it('what has no row needs none', async () => {
    const live = await rows.keep('s1', { reservedCseq: 5, told: 'a:one' });
    live.stored = false;
    live.nextCseq = 6;
    expect(prepare(live)).toBeUndefined();
  });

  it('while the database is away it must not leave', async () => {
    const live = await rows.keep('s1', { reservedCseq: 5 });
    live.nextCseq = 6;
    rows.updatesFail('before');
    await expect(prepare(live)).rejects.toThrow(StoreUnavailable);
    expect(live.subscription.reservedCseq).toBe(5);
    rows.updatesFail(undefined);
    await prepare(live);
    expect(await rows.reserved('s1')).toBe(6 + CSEQ_BLOCK);
  });

  it('a row that no longer fits is a fault, so that it is not asked for again at once', async () => {
    const live = await rows.keep('s1', { reservedCseq: 5, userAgent: 'x'.repeat(128) });
    live.nextCseq = 6;
    live.subscription = { ...live.subscription, contentType: 'x'.repeat(10_000) };
    await expect(prepare(live)).rejects.toThrow('cannot be written');
  });

  it("where the row is gone, by somebody's hand, it may leave, and nothing is reserved any more", async () => {
    const live = await rows.keep('s1', { reservedCseq: 5 });
    live.nextCseq = 6;
    await rows.removeRow('s1');
    await prepare(live);
    expect(live.stored).toBe(false);
    expect(prepare(live)).toBeUndefined();
  });
});

describe('a mark of what the watcher was told last', () => {
  it('is taken back before the next NOTIFY leaves, and the reserved numbers stay', async () => {
    const live = await rows.keep('s1', { reservedCseq: 100, told: 'a:one' });
    live.nextCseq = 100;
    await prepare(live);
    expect(await rows.told('s1')).toBe('');
    expect(await rows.reserved('s1')).toBe(100);
    expect(prepare(live)).toBeUndefined();
  });

  it('need not be taken back for the last NOTIFY of a row whose time is over', async () => {
    const live = await rows.keep('s1', { reservedCseq: 100, told: 'a:one' });
    live.nextCseq = 100;
    live.ending = { reason: 'timeout', withState: false };
    expect(prepare(live)).toBeUndefined();
    live.nextCseq = 101;
    await prepare(live);
    expect(await rows.reserved('s1')).toBe(101 + CSEQ_BLOCK);
  });

  it('that cannot be taken back keeps the NOTIFY from leaving', async () => {
    const live = await rows.keep('s1', { told: 'a:one' });
    rows.updatesFail('before');
    await expect(prepare(live)).rejects.toThrow(StoreUnavailable);
    expect(live.subscription.told).toBe('a:one');
  });

  for (const when of [undefined, 'after'] as const)
    it(`that is being written is waited for and taken back${when ? ', also when its outcome is not known' : ''}`, async () => {
      const live = await rows.keep('s1');
      const marks = makeToldMarks({ book: { all: () => [live] }, amend: rows.amend, clock, log: silentLog });
      live.shown = 'a:one';
      rows.updatesFail(when);
      rows.updatesTake(1_000);
      const written = marks.flush().catch(() => undefined);
      await clock.advance(500);
      expect(live.marking).toBe(true);
      const prepared = prepare(live);
      expect(prepared).toBeInstanceOf(Promise);
      await clock.advance(600);
      await written;
      expect(await rows.told('s1')).toBe('a:one');
      rows.updatesFail(undefined);
      await clock.advance(1_000);
      await prepared;
      expect(await rows.told('s1')).toBe('');
      marks.close();
    });
});
