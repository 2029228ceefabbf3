import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Log, silentLog } from '#runtime';
import { type Live, lowBits } from '../../../services/notify/live.ts';
import { makeToldMarks, type ToldMarks } from '../../../services/notify/told-marks.ts';
import { makeWatchBook } from '../../../services/notify/watch-book.ts';
import { type FakeClock, makeFakeClock } from '../../support/fake-clock.ts';
import { type Amending, makeAmending } from './amending.ts';

let clock: FakeClock;
let rows: Amending;
/** All that there are. */
let lives: Live[];
let marks: ToldMarks;
let said: object[];

beforeEach(() => {
  clock = makeFakeClock();
  rows = makeAmending(clock);
  said = [];
  lives = [];
  const log: Log = { ...silentLog, warn: (fields) => void said.push(fields) };
  marks = makeToldMarks({ book: { all: () => lives }, amend: rows.amend, clock, log });
});
afterEach(() => marks.close());

async function keep(id: string): Promise<Live> {
  const live = await rows.keep(id);
  lives.push(live);
  return live;
}

/** The watcher was shown this and took it. */
function tell(live: Live, fingerprint: string): void {
  live.shown = fingerprint;
  live.shownUnder = 'allow';
  live.toldAt = lowBits(clock.now());
}

describe('what a watcher was told last', () => {
  it('is written once nothing was told for half a minute, and not before', async () => {
    const live = await keep('s1');
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
    const live = await keep('s1');
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
    const often = await keep('often');
    const quiet = await keep('quiet');
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
    ['something is on its way', { inFlight: {} as NonNullable<Live['inFlight']> }],
    ['the subscription is over', { closed: true }],
    ['it has no row', { stored: false }],
    ['it did not take what was shown last', { missed: true }],
  ];
  for (const [why, now] of overtaken)
    it(`is not written where ${why}`, async () => {
      const live = await keep('s1');
      tell(live, 'a:one');
      Object.assign(live, now);
      await clock.advance(60_000);
      expect(await rows.told('s1')).toBe('');
      expect(rows.writes).toEqual([]);
      expect(live.marking).toBe(false);
    });

  it('whoever looks while it is being written sees so', async () => {
    const live = await keep('s1');
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
      const live = await keep('s1');
      rows.updatesFail(when);
      tell(live, 'a:one');
      await clock.advance(32_000);
      expect(live.subscription.told).toBe('a:one');
      expect(live.marking).toBe(false);
      expect(said).toEqual([{ fault: 'StoreUnavailable: away' }]);
    });

  it('while the database is away few are tried, and said seldom', async () => {
    rows.updatesFail('before');
    for (let n = 0; n < 1_000; n += 1) tell(await keep(`s${n}`), 'a:one');
    await clock.advance(90_000);
    expect(rows.writes.length).toBeLessThanOrEqual(7 * 64);
    expect(said.length).toBeLessThanOrEqual(7);
    rows.updatesFail(undefined);
    const before = rows.writes.length;
    await clock.advance(20_000);
    expect(rows.writes.length).toBeGreaterThan(before + 500);
  });

  it('after a write that failed, the marks of others are written as before', async () => {
    rows.updatesFail('before');
    tell(await keep('s1'), 'a:one');
    await clock.advance(32_000);
    rows.updatesFail(undefined);
    tell(await keep('s2'), 'a:two');
    await clock.advance(32_000);
    expect(await rows.told('s2')).toBe('a:two');
  });

  it('a clean stop writes all that is left, at once', async () => {
    tell(await keep('s1'), 'a:one');
    tell(await keep('s2'), 'p:');
    await marks.flush();
    expect([await rows.told('s1'), await rows.told('s2')]).toEqual(['a:one', 'p:']);
  });

  it('is not written where something else is shown by the time that it is its turn', async () => {
    const live = await keep('s1');
    tell(live, 'a:one');
    await clock.advance(29_900);
    rows.updatesTake(2_000);
    const other = rows.amend.update(live, () => ({ reservedCseq: 5 }));
    await clock.advance(1_000);
    expect(live.marking).toBe(true);
    tell(live, 'a:two');
    await clock.advance(2_000);
    await other;
    expect(live.marking).toBe(false);
    expect(await rows.told('s1')).toBe('');
  });

  it('where the row is gone it is not asked for again; where it cannot be kept, after another half minute', async () => {
    const gone = await keep('gone');
    tell(gone, 'a:one');
    await rows.removeRow('gone');
    await clock.advance(120_000);
    expect(gone.stored).toBe(false);
    expect(rows.writes).toHaveLength(1);
    tell(await keep('s2'), 'x'.repeat(100_000));
    await clock.advance(60_000 + 1_000);
    expect(rows.writes).toHaveLength(3);
  });

  it('whoever comes and goes while the hand is on its way, each gets a mark in the end', async () => {
    const book = makeWatchBook();
    marks.close();
    marks = makeToldMarks({ book, amend: rows.amend, clock, log: silentLog });
    await clock.advance(1_000);
    for (let n = 0; n < 300; n += 1) {
      const live = await keep(`s${n}`);
      book.add(live);
      tell(live, 'a:one');
      if (n % 3 === 0) book.remove(live);
      await clock.advance(200);
    }
    await clock.advance(40_000);
    const left = lives.filter((_, n) => n % 3 !== 0);
    expect(left.filter(({ subscription }) => subscription.told !== 'a:one')).toEqual([]);
    expect(rows.writes).toHaveLength(left.length);
  });

  it('a book of millions is gone through a part at a time', async () => {
    let looks = 0;
    const live = await rows.keep('s1');
    live.missed = true;
    const all = function* () {
      for (; looks < 1_000_000; looks += 1) yield live;
    };
    marks.close();
    marks = makeToldMarks({ book: { all }, amend: rows.amend, clock, log: silentLog });
    await clock.advance(1_000);
    expect(looks).toBeGreaterThan(4_000);
    expect(looks).toBeLessThan(10_000);
  });

  describe('of many', () => {
    let most: number;
    let written: number;
    /** What a write takes of the clock. */
    let takesMs: number;

    beforeEach(async () => {
      [most, written] = [0, 0];
      let underWay = 0;
      takesMs = 0;
      let tookMs = 0;
      const update: Amending['amend']['update'] = async (live, change) => {
        underWay += 1;
        most = Math.max(most, underWay);
        tookMs += takesMs;
        await undefined;
        underWay -= 1;
        written += 1;
        live.subscription = { ...live.subscription, ...change(live.subscription) };
        return 'written';
      };
      marks.close();
      marks = makeToldMarks({
        book: { all: () => lives },
        amend: { ...rows.amend, update },
        clock: { ...clock, now: () => clock.now() + tookMs },
        log: silentLog,
      });
      const one = await rows.keep('s1');
      lives = Array.from({ length: 9_000 }, () => ({ ...one }));
      for (const live of lives) tell(live, 'a:one');
    });

    it('few are written at a time, so that no request waits behind them, and no more than 256 in a second', async () => {
      await clock.advance(30_000);
      const before = written;
      await clock.advance(4_000);
      expect(most).toBe(64);
      expect(written - before).toBe(4 * 256);
      await clock.advance(60_000);
      expect(written).toBe(9_000);
    });

    it('at a clean stop more are written at a time, but never all', async () => {
      await marks.flush();
      expect({ most, written }).toEqual({ most: 2_000, written: 9_000 });
    });

    it('whoever serves next does not wait longer than ten seconds for those of the one before', async () => {
      takesMs = 3;
      await marks.flush();
      expect(written).toBe(4_000);
    });
  });

  it('nothing is written after the close', async () => {
    tell(await keep('s1'), 'a:one');
    marks.close();
    await clock.advance(60_000);
    expect(rows.writes).toEqual([]);
  });
});
