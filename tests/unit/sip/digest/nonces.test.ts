import { describe, expect, it } from 'vitest';
import { makeRandom } from '#runtime';
import { makeNonces, type Nonces, type NoncesOptions } from '#sip';
import { type FakeClock, makeFakeClock } from '../../../support/fake-clock.ts';
import fc from '../../../support/properties.ts';

const KEY = Buffer.alloc(32, 7);
const HOUR = 3_600_000;

function setUp(options: Partial<NoncesOptions> = {}): { nonces: Nonces; clock: FakeClock } {
  const clock = makeFakeClock();
  return {
    nonces: makeNonces({ key: KEY, clock, random: makeRandom(), lifetimeMs: HOUR, capacity: 1000, ...options }),
    clock,
  };
}

describe('mint and judge', () => {
  it('RFC 7616 §5.5: what is given out is fresh, unlike any other, and can stand anywhere unquoted', () => {
    const { nonces } = setUp();
    const minted = Array.from({ length: 200 }, () => nonces.mint());
    expect(new Set(minted).size).toBe(200);
    for (const nonce of minted) {
      expect(nonce).toMatch(/^[A-Za-z0-9_-]{40}$/);
      expect(nonces.judge(nonce)).toBe('fresh');
    }
  });

  it('one that thousands were given out after is as good as the last', () => {
    const { nonces } = setUp();
    const [first, ...others] = Array.from({ length: 5000 }, () => nonces.mint());
    const last = others.at(-1);
    for (const nonce of [first, last] as string[]) {
      expect(nonces.judge(nonce)).toBe('fresh');
      expect(nonces.accept(nonce, 1, 'alice')).toBe('accepted');
      expect(nonces.accept(nonce, 1, 'alice')).toBe('replayed');
    }
  });

  it('RFC 7616 §5.4: it is stale when its time is over', async () => {
    const { nonces, clock } = setUp();
    const nonce = nonces.mint();
    await clock.advance(HOUR);
    expect(nonces.judge(nonce)).toBe('fresh');
    await clock.advance(1);
    expect(nonces.judge(nonce)).toBe('stale');
    expect(nonces.accept(nonce, 1, 'alice')).toBe('replayed');
  });

  it('a clock that was set back makes nothing foreign', async () => {
    const { nonces, clock } = setUp();
    await clock.advance(HOUR);
    const nonce = nonces.mint();
    const before = setUp({ clock: makeFakeClock(clock.now() - 2 * HOUR) });
    expect(before.nonces.judge(nonce)).toBe('stale');
    expect(nonces.judge(nonce)).toBe('fresh');
  });

  it('one from before a restart is stale, even unused: nobody knows any more whether it was', () => {
    const nonce = setUp().nonces.mint();
    const { nonces } = setUp();
    expect(nonces.judge(nonce)).toBe('stale');
    expect(nonces.accept(nonce, 1, 'alice')).toBe('replayed');
  });

  it('one under another key is foreign', () => {
    expect(setUp({ key: Buffer.alloc(32, 8) }).nonces.judge(setUp().nonces.mint())).toBe('foreign');
  });

  it('one with any character changed is foreign', () => {
    const { nonces } = setUp();
    const nonce = nonces.mint();
    for (let index = 0; index < nonce.length; index += 1) {
      const other = nonce[index] === 'A' ? 'B' : 'A';
      const forged = nonce.slice(0, index) + other + nonce.slice(index + 1);
      expect(nonces.judge(forged)).toBe('foreign');
      expect(nonces.accept(forged, 1, 'alice')).toBe('replayed');
    }
  });

  it.each(['', 'x', 'n0.123', 'A'.repeat(39), 'A'.repeat(40), 'A'.repeat(41), `${'A'.repeat(39)}=`, 'é'.repeat(40)])(
    '%j is foreign',
    (text) => {
      expect(setUp().nonces.judge(text)).toBe('foreign');
    },
  );
});

describe('accept', () => {
  it('RFC 7616 §3.4: rising counts are accepted, each once', () => {
    const { nonces } = setUp();
    const nonce = nonces.mint();
    for (const nc of [1, 2, 3, 10, 2 ** 32 - 1]) {
      expect(nonces.accept(nonce, nc, 'alice')).toBe('accepted');
      expect(nonces.accept(nonce, nc, 'alice')).toBe('replayed');
    }
  });

  it('requests that overtook another are accepted once, 63 behind the highest and no further', () => {
    const { nonces } = setUp();
    const nonce = nonces.mint();
    expect(nonces.accept(nonce, 100, 'alice')).toBe('accepted');
    for (const nc of [37, 68, 69, 99, 38]) expect(nonces.accept(nonce, nc, 'alice')).toBe('accepted');
    for (const nc of [36, 1, 37, 68, 69, 99, 100]) expect(nonces.accept(nonce, nc, 'alice')).toBe('replayed');
    expect(nonces.accept(nonce, 101, 'alice')).toBe('accepted');
    expect(nonces.accept(nonce, 39, 'alice')).toBe('accepted');
    expect(nonces.accept(nonce, 38, 'alice')).toBe('replayed');
  });

  it('each nonce counts for itself', () => {
    const { nonces } = setUp();
    expect([nonces.mint(), nonces.mint()].map((nonce) => nonces.accept(nonce, 1, 'alice'))).toEqual([
      'accepted',
      'accepted',
    ]);
  });

  it('RFC 7616 §5.4: a nonce that has proved a password serves nobody else', () => {
    const { nonces } = setUp();
    const nonce = nonces.mint();
    expect(nonces.ownerOf(nonce)).toBeUndefined();
    expect(nonces.accept(nonce, 1, 'alice')).toBe('accepted');
    expect(nonces.ownerOf(nonce)).toBe('alice');
    expect(nonces.accept(nonce, 2, 'bob')).toBe('replayed');
    expect(nonces.accept(nonce, 2, 'alice')).toBe('accepted');
  });

  it('RFC 2069: without a count a nonce serves once, and for nothing else', () => {
    const { nonces } = setUp();
    const nonce = nonces.mint();
    expect(nonces.accept(nonce, undefined, 'alice')).toBe('accepted');
    expect(nonces.accept(nonce, undefined, 'alice')).toBe('replayed');
    expect(nonces.accept(nonce, 1, 'alice')).toBe('replayed');
    // The client answers the next challenge, and so on.
    expect(nonces.accept(nonces.mint(), undefined, 'alice')).toBe('accepted');
    const counted = nonces.mint();
    expect(nonces.accept(counted, 1, 'alice')).toBe('accepted');
    expect(nonces.accept(counted, undefined, 'alice')).toBe('replayed');
    expect(nonces.accept(counted, 2, 'alice')).toBe('replayed');
  });

  it('judging and minting keep nothing: strangers push nobody out', () => {
    const { nonces } = setUp({ capacity: 8 });
    const nonce = nonces.mint();
    expect(nonces.accept(nonce, 1, 'alice')).toBe('accepted');
    for (let round = 0; round < 1000; round += 1) nonces.judge(nonces.mint());
    expect(nonces.judge(nonce)).toBe('fresh');
    expect(nonces.accept(nonce, 2, 'alice')).toBe('accepted');
  });

  it('when memory is full the oldest go, and are stale; the youngest go on', async () => {
    const { nonces, clock } = setUp({ capacity: 8 });
    const used: string[] = [];
    const unused = nonces.mint();
    for (let round = 0; round < 9; round += 1) {
      await clock.advance(60_000);
      const nonce = nonces.mint();
      used.push(nonce);
      expect(nonces.accept(nonce, 1, 'alice')).toBe('accepted');
    }
    expect(nonces.judge(used[0] as string)).toBe('stale');
    expect(nonces.accept(used[0] as string, 2, 'alice')).toBe('replayed');
    // Given out earlier than what was forgotten: whether it was used is not known any more.
    expect(nonces.judge(unused)).toBe('stale');
    for (const nonce of used.slice(1)) expect(nonces.accept(nonce, 2, 'alice')).toBe('accepted');
  });

  it('what is too old anyway is forgotten first', async () => {
    const { nonces, clock } = setUp({ capacity: 8 });
    for (let count = 0; count < 8; count += 1) nonces.accept(nonces.mint(), 1, 'alice');
    await clock.advance(2 * HOUR);
    const young = Array.from({ length: 8 }, () => nonces.mint());
    for (const nonce of young) expect(nonces.accept(nonce, 1, 'alice')).toBe('accepted');
    for (const nonce of young) expect(nonces.accept(nonce, 2, 'alice')).toBe('accepted');
  });

  it('no count of a nonce is ever accepted twice, in any order, through any eviction and restart of its window', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('mint' as const) }),
      fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(400) }),
      fc.record({
        kind: fc.constant('use' as const),
        which: fc.nat(40),
        nc: fc.oneof(fc.nat(6), fc.nat(200), fc.constant(undefined)),
      }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.array(step, { maxLength: 200 }), (capacity, steps) => {
        let now = 1_000_000;
        const clock = { now: () => now, after: () => ({ cancel() {} }) };
        const { nonces } = setUp({ clock, capacity, lifetimeMs: 2000 });
        const minted = [nonces.mint()];
        const accepted = new Set<string>();
        const withoutCount = new Set<string>();
        for (const one of steps) {
          if (one.kind === 'mint') minted.push(nonces.mint());
          else if (one.kind === 'wait') now += one.ms;
          else {
            const nonce = minted[one.which % minted.length] as string;
            const wasFresh = nonces.judge(nonce) === 'fresh';
            if (nonces.accept(nonce, one.nc, 'alice') === 'replayed') continue;
            expect(wasFresh).toBe(true);
            expect(accepted.has(`${nonce} ${one.nc}`)).toBe(false);
            expect(withoutCount.has(nonce)).toBe(false);
            accepted.add(`${nonce} ${one.nc}`);
            if (one.nc === undefined) withoutCount.add(nonce);
          }
        }
      }),
      { numRuns: 400 },
    );
  });

  it('the window says what a list of everything seen would say', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(200), { maxLength: 300 }), (counts) => {
        const { nonces } = setUp();
        const nonce = nonces.mint();
        const seen = new Set<number>();
        let highest = -1;
        for (const nc of counts) {
          const expected = !seen.has(nc) && nc > highest - 64;
          expect(nonces.accept(nonce, nc, 'alice')).toBe(expected ? 'accepted' : 'replayed');
          if (expected) seen.add(nc);
          highest = Math.max(highest, nc);
        }
      }),
      { numRuns: 200 },
    );
  });
});
