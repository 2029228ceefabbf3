import { describe, expect, it } from 'vitest';
import { type Guessing, makeGuessing, makeTrustedPeers } from '#gate';
import type { Aor } from '#model';
import { makeTries } from '../../../services/gate/tries.ts';
import { makeFakeClock } from '../../support/fake-clock.ts';

const ALICE = 'sip:alice@example.com' as Aor;
const HOME = '192.0.2.10';
const PROXY = '192.0.2.200';

function makeHouse() {
  const clock = makeFakeClock();
  return { clock, guessing: makeGuessing(clock, makeTrustedPeers([PROXY])) };
}

/** A wrong password is looked at, once its turn has come. */
function guess(guessing: Guessing, account: Aor, address: string): number | undefined {
  const admission = guessing.admit(account, address);
  admission?.judged(false);
  return admission?.waitMs;
}

describe('tries', () => {
  const SHAPE = { burst: 3, refillMs: 1_000, longestWaitMs: 2_000, maxKeys: 2 };

  it('so many at once, then each waits for its turn, then no more are taken', () => {
    const tries = makeTries(makeFakeClock(), SHAPE);
    expect(Array.from({ length: 7 }, () => tries.take('a'))).toEqual([0, 0, 0, 1_000, 2_000, undefined, undefined]);
  });

  it('they come back with time, and when they are given back', async () => {
    const clock = makeFakeClock();
    const tries = makeTries(clock, SHAPE);
    for (let count = 0; count < 3; count += 1) tries.take('a');
    tries.giveBack('a');
    expect([tries.take('a'), tries.take('a')]).toEqual([0, 1_000]);
    await clock.advance(10_000);
    expect([tries.take('a'), tries.take('a'), tries.take('a'), tries.take('a')]).toEqual([0, 0, 0, 1_000]);
  });

  it('asking how long takes none', () => {
    const tries = makeTries(makeFakeClock(), SHAPE);
    const ask = () => Array.from({ length: 9 }, () => tries.waitMs('a')).at(-1);
    expect([ask(), tries.size]).toEqual([0, 0]);
    for (let count = 0; count < 4; count += 1) tries.take('a');
    expect(ask()).toBe(2_000);
    tries.take('a');
    expect(ask()).toBeUndefined();
  });

  it('the key that was used longest ago is forgotten first', () => {
    const tries = makeTries(makeFakeClock(), SHAPE);
    for (const key of ['a', 'b']) for (let count = 0; count < 3; count += 1) tries.take(key);
    expect(tries.take('a')).toBe(1_000);
    tries.take('c');
    expect(tries.take('a')).toBe(2_000);
    expect(tries.take('b')).toBe(0);
  });

  it('what was never taken is not given back', () => {
    const tries = makeTries(makeFakeClock(), SHAPE);
    tries.giveBack('a');
    expect([tries.size, tries.take('a')]).toEqual([0, 0]);
  });

  it('memory is bounded, and what is at rest takes none', () => {
    const tries = makeTries(makeFakeClock(), SHAPE);
    for (let key = 0; key < 100; key += 1) tries.take(`k${key}`);
    expect(tries.size).toBe(2);
    tries.giveBack('k98');
    tries.giveBack('k99');
    expect(tries.size).toBe(0);
  });
});

describe('password guessing is slowed', () => {
  it('at one account, wherever the guesses come from', () => {
    const { guessing } = makeHouse();
    const waits = Array.from({ length: 20 }, (_, n) => guess(guessing, ALICE, `198.51.100.${n}`));
    expect(waits).toEqual([...new Array(12).fill(0), 4_000, 8_000, 12_000, ...new Array(5).fill(undefined)]);
  });

  it('from one source, whichever accounts it tries; an IPv6 source is its /64', () => {
    const { guessing } = makeHouse();
    const waits = Array.from({ length: 80 }, (_, n) =>
      guess(guessing, `sip:u${n}@example.com` as Aor, `2001:db8::${n}`),
    );
    expect(waits.slice(0, 60)).toEqual(new Array(60).fill(0));
    expect(waits.slice(60)).toEqual([
      ...Array.from({ length: 12 }, (_, n) => 1_000 * (n + 1)),
      ...new Array(8).fill(undefined),
    ]);
    expect(guess(guessing, ALICE, '2001:db8:1::1')).toBe(0);
  });

  it('right answers cost nothing, however many', () => {
    const { guessing } = makeHouse();
    for (let n = 0; n < 1_000; n += 1) {
      const admission = guessing.admit(`sip:u${n % 7}@example.com` as Aor, HOME);
      expect(admission?.waitMs).toBe(0);
      admission?.judged(true);
    }
  });

  it('right answers that waited give their places back', async () => {
    const { clock, guessing } = makeHouse();
    for (let n = 0; n < 13; n += 1) guess(guessing, ALICE, `198.51.100.${n}`);
    for (let n = 0; n < 10; n += 1) {
      const admission = guessing.admit(ALICE, `203.0.113.${n}`);
      expect(admission?.waitMs).toBe(8_000);
      admission?.judged(true);
    }
    await clock.advance(4_000);
    expect(guess(guessing, ALICE, '203.0.113.99')).toBe(4_000);
  });

  it('who has proved the password from there before is not held up by guesses from elsewhere', () => {
    const { guessing } = makeHouse();
    guessing.admit(ALICE, HOME)?.judged(true);
    for (let n = 0; n < 100; n += 1) guess(guessing, ALICE, `198.51.100.${n}`);
    expect(guess(guessing, ALICE, '203.0.113.1')).toBeUndefined();
    expect(guess(guessing, ALICE, HOME)).toBe(0);
  });

  it('but guesses from that very place are slowed, too', () => {
    const { guessing } = makeHouse();
    guessing.admit(ALICE, HOME)?.judged(true);
    const waits = Array.from({ length: 16 }, () => guess(guessing, ALICE, HOME));
    expect(waits.slice(11)).toEqual([0, 4_000, 8_000, 12_000, undefined]);
  });

  it('the rightful owner at a new place waits, and is let in', async () => {
    const { clock, guessing } = makeHouse();
    for (let n = 0; n < 14; n += 1) guess(guessing, ALICE, `198.51.100.${n}`);
    const admission = guessing.admit(ALICE, HOME);
    expect(admission?.waitMs).toBe(12_000);
    admission?.judged(true);
    await clock.advance(1);
    expect(guess(guessing, ALICE, HOME)).toBe(0);
  });

  it('a trusted proxy is nobody’s source; the account is still guarded', () => {
    const { guessing } = makeHouse();
    for (let n = 0; n < 500; n += 1) expect(guess(guessing, `sip:u${n}@example.com` as Aor, PROXY)).toBe(0);
    for (let n = 0; n < 15; n += 1) guess(guessing, ALICE, PROXY);
    expect(guess(guessing, ALICE, PROXY)).toBeUndefined();
  });

  it('what is not looked at for its source’s sake is no guess at the account', () => {
    const { guessing } = makeHouse();
    for (let n = 0; n < 72; n += 1) guess(guessing, `sip:u${n}@example.com` as Aor, HOME);
    for (let n = 0; n < 50; n += 1) expect(guess(guessing, ALICE, HOME)).toBeUndefined();
    const waits = Array.from({ length: 13 }, (_, n) => guess(guessing, ALICE, `198.51.100.${n}`));
    expect(waits).toEqual([...new Array(12).fill(0), 4_000]);
  });

  it('who has to wait for both waits for the longer', () => {
    const { guessing } = makeHouse();
    for (let n = 0; n < 61; n += 1) guess(guessing, `sip:u${n}@example.com` as Aor, HOME);
    for (let n = 0; n < 13; n += 1) guess(guessing, ALICE, `198.51.100.${n}`);
    expect(guess(guessing, ALICE, HOME)).toBe(8_000);
    expect(guess(guessing, 'sip:other@example.com' as Aor, HOME)).toBe(3_000);
  });
});
