import { beforeEach, describe, expect, it } from 'vitest';
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
    const live = await rows.keep('s1');
    rows.amend.remove(live);
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
    rows.amend.remove(await rows.keep('s1'));
    await clock.settle();
    rows.amend.close();
    await clock.advance(60_000);
    expect(rows.writes).toHaveLength(1);
  });

  it('where there is none, nothing is written', async () => {
    const live = await rows.keep('s1');
    live.stored = false;
    rows.amend.remove(live);
    await clock.advance(60_000);
    expect(rows.writes).toEqual([]);
  });
});
