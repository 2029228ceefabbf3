import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Log, silentLog } from '#runtime';
import type { Live } from '../../../services/notify/live.ts';
import { makeToldMarks, type ToldMarks } from '../../../services/notify/told-marks.ts';
import { type FakeClock, makeFakeClock } from '../../support/fake-clock.ts';
import { type Amending, makeAmending } from './amending.ts';

let clock: FakeClock;
let rows: Amending;
let marks: ToldMarks;
let said: object[];

beforeEach(() => {
  clock = makeFakeClock();
  rows = makeAmending(clock);
  said = [];
  const log: Log = { ...silentLog, warn: (fields) => void said.push(fields) };
  marks = makeToldMarks({ amend: rows.amend, clock, log });
});
afterEach(() => marks.close());

/** The watcher was shown this and took it. */
function tell(live: Live, fingerprint: string): void {
  live.shown = { fingerprint, permission: 'allow' };
  marks.mark(live, fingerprint);
}

describe('what a watcher was told last', () => {
  it('is written once nothing was told for half a minute, and not before', async () => {
    const live = await rows.keep('s1');
    tell(live, 'a:one');
    await clock.advance(29_000);
    expect(await rows.told('s1')).toBe('');
    await clock.advance(3_000);
    expect(await rows.told('s1')).toBe('a:one');
    expect(live.subscription.told).toBe('a:one');
    await clock.advance(60_000);
    expect(rows.writes).toHaveLength(1);
  });

  it('told again meanwhile: the half minute begins anew, and only the last is written', async () => {
    const live = await rows.keep('s1');
    tell(live, 'a:one');
    await clock.advance(20_000);
    tell(live, 'a:two');
    await clock.advance(20_000);
    expect(rows.writes).toEqual([]);
    await clock.advance(12_000);
    expect(await rows.told('s1')).toBe('a:two');
    expect(rows.writes).toHaveLength(1);
  });

  it('a watcher that hears often does not keep the mark of a quiet one back', async () => {
    const often = await rows.keep('often');
    const quiet = await rows.keep('quiet');
    tell(often, 'a:0');
    tell(quiet, 'a:quiet');
    for (let n = 1; n < 8; n += 1) {
      await clock.advance(5_000);
      tell(often, `a:${n}`);
    }
    expect(await rows.told('quiet')).toBe('a:quiet');
    expect(await rows.told('often')).toBe('');
  });

  const overtaken: readonly (readonly [string, Partial<Live>])[] = [
    ['something else was shown since', { shown: { fingerprint: 'a:two', permission: 'allow' } }],
    ['something is on its way', { inFlight: {} as NonNullable<Live['inFlight']> }],
    ['the subscription is over', { closed: true }],
    ['it has no row', { stored: false }],
  ];
  for (const [why, now] of overtaken)
    it(`is not written where ${why}`, async () => {
      const live = await rows.keep('s1');
      tell(live, 'a:one');
      Object.assign(live, now);
      await clock.advance(60_000);
      expect(await rows.told('s1')).toBe('');
      expect(rows.writes).toEqual([]);
      expect(live.marking).toBe(false);
    });

  it('is not written when it was forgotten', async () => {
    const live = await rows.keep('s1');
    tell(live, 'a:one');
    marks.forget(live);
    await clock.advance(60_000);
    expect(rows.writes).toEqual([]);
  });

  it('whoever looks while it is being written sees so', async () => {
    const live = await rows.keep('s1');
    rows.updatesTake(5_000);
    tell(live, 'a:one');
    await clock.advance(32_000);
    expect(live.marking).toBe(true);
    expect(await rows.told('s1')).toBe('');
    await clock.advance(5_000);
    expect(live.marking).toBe(false);
    expect(await rows.told('s1')).toBe('a:one');
  });

  for (const when of ['before', 'after'] as const)
    it(`a write that failed ${when} the commit: it counts as written, so that it will be taken back`, async () => {
      const live = await rows.keep('s1');
      rows.updatesFail(when);
      tell(live, 'a:one');
      await clock.advance(32_000);
      expect(live.subscription.told).toBe('a:one');
      expect(live.marking).toBe(false);
      expect(said).toEqual([{ fault: 'StoreUnavailable: away' }]);
    });

  it('after a write that failed, the marks of others are written as before', async () => {
    rows.updatesFail('before');
    tell(await rows.keep('s1'), 'a:one');
    await clock.advance(32_000);
    rows.updatesFail(undefined);
    tell(await rows.keep('s2'), 'a:two');
    await clock.advance(32_000);
    expect(await rows.told('s2')).toBe('a:two');
  });

  it('a clean stop writes all that is left, at once', async () => {
    tell(await rows.keep('s1'), 'a:one');
    tell(await rows.keep('s2'), 'p:');
    await marks.flush();
    expect([await rows.told('s1'), await rows.told('s2')]).toEqual(['a:one', 'p:']);
  });

  it('many are written few at a time, so that no request waits behind them; at the end more at a time, but never all', async () => {
    let most = 0;
    let underWay = 0;
    let written = 0;
    marks.close();
    const update = async (): Promise<'written'> => {
      underWay += 1;
      most = Math.max(most, underWay);
      await clock.settle();
      underWay -= 1;
      written += 1;
      return 'written';
    };
    marks = makeToldMarks({ amend: { ...rows.amend, update }, clock, log: silentLog });
    const { subscription } = await rows.keep('s1');
    const markMany = (count: number) => {
      for (let n = 0; n < count; n += 1) marks.mark({ subscription, marking: false } as Live, 'a:one');
    };
    markMany(200);
    await clock.advance(32_000);
    while (written < 200) await clock.settle();
    expect({ most, written }).toEqual({ most: 64, written: 200 });
    markMany(4_500);
    await marks.flush();
    expect({ most, written }).toEqual({ most: 2_000, written: 4_700 });
  });

  it('nothing is written after the close', async () => {
    tell(await rows.keep('s1'), 'a:one');
    marks.close();
    await clock.advance(60_000);
    expect(rows.writes).toEqual([]);
  });
});
