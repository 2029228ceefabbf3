import { beforeEach, describe, expect, it } from 'vitest';
import { makeLanes, silentLog } from '#runtime';
import { StoreUnavailable } from '#store';
import { makeAmend } from '../../../services/notify/amend.ts';
import { type FakeClock, makeFakeClock } from '../../support/fake-clock.ts';
import { type Amending, makeAmending } from './amending.ts';

let clock: FakeClock;
let rows: Amending;

beforeEach(() => {
  clock = makeFakeClock();
  rows = makeAmending(clock);
});

describe('the row of a subscription that has ended', () => {
  it('goes in the background', async () => {
    const live = await rows.keep('s1', { expiresAt: clock.now() + 60_000 });
    rows.amend.remove(live);
    await clock.settle();
    expect([live.stored, await rows.hasRow('s1')]).toEqual([false, false]);
  });

  it('whose time is over goes a little later, behind those who are to be told', async () => {
    const live = await rows.keep('s1', { expiresAt: clock.now() });
    rows.amend.sweep(live);
    await clock.advance(1_999);
    expect([live.stored, await rows.hasRow('s1')]).toEqual([true, true]);
    await clock.advance(1);
    expect([live.stored, await rows.hasRow('s1')]).toEqual([false, false]);
  });

  it('and that was over before its time goes at once', async () => {
    const live = await rows.keep('s1', { expiresAt: clock.now() + 60_000 });
    rows.amend.sweep(live);
    await clock.settle();
    expect([live.stored, await rows.hasRow('s1')]).toEqual([false, false]);
  });

  it('goes when the database is back, and is asked for every ten seconds until then', async () => {
    const live = await rows.keep('s1');
    rows.removesFail(true);
    rows.amend.remove(live);
    await clock.advance(35_000);
    expect(rows.writes).toHaveLength(4);
    expect(await rows.hasRow('s1')).toBe(true);
    rows.removesFail(false);
    await clock.advance(10_000);
    expect([live.stored, await rows.hasRow('s1')]).toEqual([false, false]);
    await clock.advance(60_000);
    expect(rows.writes).toHaveLength(5);
  });

  it('after the close nothing is tried any more', async () => {
    rows.removesFail(true);
    rows.amend.remove(await rows.keep('s1', { expiresAt: clock.now() + 60_000 }));
    await clock.settle();
    rows.amend.close();
    await clock.advance(60_000);
    expect(rows.writes).toHaveLength(1);
  });

  it('a fault that is none of the database being away is said, and the row is asked for again', async () => {
    for (const [fault, said] of [
      [new TypeError('oops'), 1],
      [new StoreUnavailable('away'), 0],
    ] as const) {
      const errors: object[] = [];
      let tried = 0;
      const amend = makeAmend({
        subscriptions: {
          async write() {
            tried += 1;
            if (tried === 1) throw fault;
            return 'written';
          },
        },
        ...{ lanes: makeLanes(), clock, log: { ...silentLog, error: (fields) => void errors.push(fields) } },
      });
      amend.remove(await rows.keep(fault.name));
      await clock.advance(20_000);
      expect([tried, errors.length]).toEqual([2, said]);
    }
  });

  it('where there is none, nothing is written', async () => {
    const live = await rows.keep('s1');
    live.stored = false;
    rows.amend.remove(live);
    await clock.advance(60_000);
    expect(rows.writes).toEqual([]);
  });
});

describe('a change of a row', () => {
  it('is decided on the row as the change before left it, and stands in the live subscription once committed', async () => {
    const live = await rows.keep('s1');
    rows.updatesTake(1_000);
    const seen: number[] = [];
    const one = rows.amend.update(live, ({ reservedCseq }) => {
      seen.push(reservedCseq);
      return { reservedCseq: reservedCseq + 10 };
    });
    const other = rows.amend.update(live, ({ reservedCseq }) => {
      seen.push(reservedCseq);
      return { told: 'a:one' };
    });
    const before = live.subscription;
    await clock.advance(500);
    expect(live.subscription).toBe(before);
    await clock.advance(2_000);
    expect([await one, await other]).toEqual(['written', 'written']);
    expect(seen).toEqual([before.reservedCseq, before.reservedCseq + 10]);
    expect(live.subscription).toEqual({ ...before, reservedCseq: before.reservedCseq + 10, told: 'a:one' });
    expect([await rows.told('s1'), await rows.reserved('s1')]).toEqual(['a:one', before.reservedCseq + 10]);
  });

  it('that is not wanted after all writes nothing', async () => {
    const live = await rows.keep('s1');
    expect(await rows.amend.update(live, () => undefined)).toBe('unwanted');
    expect(rows.writes).toEqual([]);
  });

  it('of a row that is gone changes nothing, and says so', async () => {
    const live = await rows.keep('s1');
    await rows.removeRow('s1');
    const before = live.subscription;
    expect(await rows.amend.update(live, () => ({ told: 'a:one' }))).toBe('gone');
    expect(live.subscription).toBe(before);
    expect(live.stored).toBe(false);
  });

  it('that the row has no room for changes nothing, and says so', async () => {
    const live = await rows.keep('s1');
    const before = live.subscription;
    expect(await rows.amend.update(live, () => ({ eventId: 'x'.repeat(100_000) }))).toBe('refused');
    expect(live.subscription).toBe(before);
  });

  it('a removal that somebody waits for is decided in its turn', async () => {
    const live = await rows.keep('s1');
    const isRefreshed = ({ told }: { readonly told: string }): boolean => told === 'a:one';
    void rows.amend.update(live, () => ({ told: 'a:one' }));
    expect(await rows.amend.removed(live, isRefreshed)).toBe('unwanted');
    expect([live.stored, await rows.hasRow('s1')]).toEqual([true, true]);
    void rows.amend.update(live, () => ({ told: '' }));
    expect(await rows.amend.removed(live, isRefreshed)).toBe('removed');
    expect([live.stored, await rows.hasRow('s1')]).toEqual([false, false]);
  });

  it('a removal that failed: whoever waits hears it, and the row counts as there', async () => {
    const live = await rows.keep('s1');
    rows.removesFail(true);
    await expect(rows.amend.removed(live)).rejects.toThrow(StoreUnavailable);
    expect(live.stored).toBe(true);
  });
});
