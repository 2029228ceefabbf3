import { describe, expect, it } from 'vitest';
import { makeRates, makeTrustedPeers, type RateLimits } from '#gate';
import type { Aor } from '#model';
import { type Log, silentLog } from '#runtime';
import type { Incoming } from '#sip';
import { makeFakeClock } from '../../support/fake-clock.ts';
import { makeSeededRandom } from '../../support/network.ts';

function setUp(limits: RateLimits) {
  const clock = makeFakeClock();
  const said: object[] = [];
  const log: Log = { ...silentLog, warn: (fields) => void said.push(fields) };
  const trusted = makeTrustedPeers(['192.0.2.99']);
  const rates = makeRates({ limits, trusted, clock, random: makeSeededRandom(1), log });
  const from = (address: string, authorization: readonly unknown[] = []): Incoming =>
    ({ request: { authorization }, flow: { address } }) as unknown as Incoming;
  const refused = (answer: object): boolean => 'refused' in answer;
  return {
    clock,
    said,
    rates,
    from,
    asks: (address: string, authorization?: readonly unknown[]) =>
      !refused(rates.admitSource(from(address, authorization))),
    proves: (who: string, address = '192.0.2.1') =>
      !refused(rates.admitAccount({ ...from(address), identity: who as Aor })),
  };
}

const ALICE = 'sip:alice@example.com';

describe('RFC 3261 §21.5.4: requests beyond a rate are 503 with Retry-After', () => {
  it('an account may send its burst at once, then its rate, and nobody else is touched', async () => {
    const { proves, clock } = setUp({ account: 10, source: 0 });
    for (let request = 0; request < 200; request += 1) expect(proves(ALICE)).toBe(true);
    expect(proves(ALICE)).toBe(false);
    expect(proves('sip:bob@example.com')).toBe(true);
    await clock.advance(1_000);
    for (let request = 0; request < 10; request += 1) expect(proves(ALICE)).toBe(true);
    expect(proves(ALICE)).toBe(false);
    await clock.advance(3_600_000);
    for (let request = 0; request < 200; request += 1) expect(proves(ALICE)).toBe(true);
    expect(proves(ALICE)).toBe(false);
  });

  it.each([1, 3, 6, 7, 60, 150, 999])('%i a second: exactly its burst, whatever the hour', async (rate) => {
    const { proves, clock } = setUp({ account: rate, source: 0 });
    await clock.advance(86_400_007);
    for (let request = 0; request < 20 * rate; request += 1) expect(proves(ALICE)).toBe(true);
    expect(proves(ALICE)).toBe(false);
    await clock.advance(1_000);
    for (let request = 0; request < rate; request += 1) expect(proves(ALICE)).toBe(true);
    expect(proves(ALICE)).toBe(false);
  });

  it('the refusal is forgotten once it is sent, and says when to come back, not the same for all', () => {
    const { rates, from } = setUp({ account: 1, source: 0 });
    const known = { ...from('192.0.2.1'), identity: ALICE as Aor };
    for (let request = 0; request < 20; request += 1) rates.admitAccount(known);
    const waits = new Set<string>();
    for (let request = 0; request < 50; request += 1) {
      const answer = rates.admitAccount(known) as { refused: { headers: readonly (readonly string[])[] } };
      expect(answer.refused).toMatchObject({ status: 503, reason: 'Too Many Requests', stateless: true });
      waits.add(answer.refused.headers[0]?.join(': ') ?? '');
    }
    expect([...waits].sort()).toEqual([5, 6, 7, 8, 9].map((seconds) => `Retry-After: ${seconds}`));
  });

  it('a source is refused only what it asks without credentials', () => {
    const { asks } = setUp({ account: 0, source: 1 });
    for (let request = 0; request < 20; request += 1) expect(asks('192.0.2.1')).toBe(true);
    expect(asks('192.0.2.1')).toBe(false);
    expect(asks('192.0.2.1', [{ scheme: 'digest' }])).toBe(true);
    expect(asks('192.0.2.2')).toBe(true);
  });

  it('a challenge that was answered costs its source nothing, however many phones are behind it', () => {
    const { asks, proves } = setUp({ account: 0, source: 1 });
    for (let phone = 0; phone < 1_000; phone += 1) {
      expect(asks('192.0.2.1')).toBe(true);
      expect(proves(`sip:${phone}@example.com`, '192.0.2.1')).toBe(true);
    }
  });

  it('what was never taken is not given back', () => {
    const { asks, proves } = setUp({ account: 0, source: 1 });
    for (let request = 0; request < 100; request += 1) proves(ALICE, '192.0.2.1');
    for (let request = 0; request < 20; request += 1) expect(asks('192.0.2.1')).toBe(true);
    expect(asks('192.0.2.1')).toBe(false);
  });

  it('one house has one bucket: a /64 of IPv6; IPv4 in IPv6 is IPv4', () => {
    const { asks } = setUp({ account: 0, source: 1 });
    for (let request = 0; request < 20; request += 1) expect(asks(`2001:db8:0:7::${request.toString(16)}`)).toBe(true);
    expect(asks('2001:db8:0:7:1:2:3:4')).toBe(false);
    expect(asks('2001:db8::7:0:0:0:1')).toBe(true);
    expect(asks('2001:db8:0:8::1')).toBe(true);
    for (let request = 0; request < 20; request += 1) expect(asks('::ffff:192.0.2.1')).toBe(true);
    expect(asks('192.0.2.1')).toBe(false);
    expect(asks('::ffff:192.0.2.2')).toBe(true);
  });

  it('one house is one however its addresses are written, and never two', () => {
    for (const [one, same, others] of [
      ['2001:db8::1', '2001:db8:0:0:5:6:7:8', ['2001:db8:0:1::1', '2001:db80::1']],
      ['2001:db8:1:23::1', '2001:db8:1:23:5:6:7:8', ['2001:db8:12:3::1', '2001:db8:1:2::1']],
      ['::1', '::2', ['1::1']],
      ['::ffff:198.51.100.77', '198.51.100.77', ['::ffff:198.51.100.7', '198.51.100.78']],
    ] as const) {
      const { asks } = setUp({ account: 0, source: 1 });
      for (let request = 0; request < 20; request += 1) expect(asks(one)).toBe(true);
      expect([asks(one), asks(same), ...others.map((other) => asks(other))]).toEqual(
        [false, false, true, true].slice(0, 2 + others.length),
      );
    }
  });

  it('part of a request saved up is no request', async () => {
    const { proves, clock } = setUp({ account: 1, source: 0 });
    for (let request = 0; request < 20; request += 1) proves(ALICE);
    await clock.advance(999);
    expect(proves(ALICE)).toBe(false);
    await clock.advance(1);
    expect(proves(ALICE)).toBe(true);
    expect(proves(ALICE)).toBe(false);
  });

  it('no more is given back to a source than it may save', () => {
    const { asks, proves } = setUp({ account: 0, source: 1 });
    expect(asks('192.0.2.1')).toBe(true);
    for (let request = 0; request < 5; request += 1) proves(ALICE, '192.0.2.1');
    for (let request = 0; request < 20; request += 1) expect(asks('192.0.2.1')).toBe(true);
    expect(asks('192.0.2.1')).toBe(false);
    proves(ALICE, '192.0.2.1');
    expect([asks('192.0.2.1'), asks('192.0.2.1')]).toEqual([true, false]);
  });

  it('a trusted proxy speaks for many, and counts for none; 0 is no limit', () => {
    const one = setUp({ account: 0, source: 1 });
    for (let request = 0; request < 100; request += 1) expect(one.asks('192.0.2.99')).toBe(true);
    const other = setUp({ account: 0, source: 0 });
    for (let request = 0; request < 1_000; request += 1) {
      expect(other.asks('192.0.2.1')).toBe(true);
      expect(other.proves(ALICE)).toBe(true);
    }
  });

  it('a flood is said once a minute, with its number', async () => {
    const { proves, said, clock } = setUp({ account: 1, source: 0 });
    for (let request = 0; request < 120; request += 1) proves(ALICE);
    expect(said).toEqual([{ who: ALICE, requests: 1 }]);
    await clock.advance(60_000);
    for (let request = 0; request < 21; request += 1) proves(ALICE);
    expect(said).toEqual([
      { who: ALICE, requests: 1 },
      { who: ALICE, requests: 100 },
    ]);
  });
});
