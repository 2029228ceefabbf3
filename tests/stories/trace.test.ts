/** As a member I see my last SIP messages, and what went wrong, in words: the service records, the portal reads. */
import { afterEach, describe, expect, it } from 'vitest';
import { MAX_TRACED, RECORDS_TRACE, TRACE_KEPT_MS } from '#store';
import { ladderOf, type Rung } from '../../web/pages/phones/trace/ladder.ts';
import { english } from '../../web/words/index.ts';
import { aor, type House, openHouse, passwordOf, pidf, uri } from '../support/house.ts';

let house: House;
afterEach(() => house.close());

const { trace } = english;
const MINUTE = 60_000;

async function switchOn(user: string, forMs = 10 * MINUTE): Promise<void> {
  await house.store.preferences.set(aor(user), RECORDS_TRACE, String(house.clock.now() + forMs));
  await house.clock.advance(1000);
}

/** What the page shows, once what waits is written. */
async function ladder(user: string): Promise<readonly Rung[]> {
  await house.clock.advance(1000);
  const messages = await house.store.traces.of(aor(user));
  return ladderOf(messages, { username: user }, house.clock.now(), english);
}

const said = (rungs: readonly Rung[]) => rungs.map(({ label, meaning }) => [label, meaning]);
const bad = (rungs: readonly Rung[]): readonly string[] =>
  rungs.filter(({ tone }) => tone === 'bad').map(({ meaning }) => meaning);

describe('A trace of my phone', () => {
  it('is off unless I switch it on', async () => {
    house = await openHouse();
    await house.peer('alice').publish({ body: pidf('alice', 'open') });
    expect(await ladder('alice')).toEqual([]);
  });

  it('a phone with a wrong password shows up in words, and no password or proof is in it', async () => {
    house = await openHouse();
    await switchOn('alice');
    const phone = house.peer('alice', '192.0.2.50:5060', { password: 'not-my-secret' });
    expect((await phone.publish({ body: pidf('alice', 'open') })).status).toBe(401);
    const rungs = await ladder('alice');
    expect(said(rungs)).toEqual([
      ['PUBLISH', trace.asks.publish],
      ['401 Unauthorized', trace.challenged],
      ['PUBLISH', trace.asks.publish],
      ['401 Unauthorized', trace.wrongPassword],
    ]);
    expect(rungs.map(({ direction, tone }) => `${direction} ${tone}`)).toEqual([
      'in plain',
      'out plain',
      'in plain',
      'out bad',
    ]);
    expect(rungs[0]?.phone).toBe('udp 192.0.2.50:5060');
    const kept = (await house.store.traces.of(aor('alice'))).map(({ text }) => text).join('\n');
    expect(kept).toContain('<basic>open</basic>');
    expect(kept).toContain('username="alice"');
    expect(kept.match(/\b(?:response|nonce|cnonce)="[^"]*"/g)?.every((one) => one.endsWith('="…"'))).toBe(true);
    expect(kept.match(/\bresponse=/g)).toHaveLength(1);
  });

  it('holds the NOTIFYs that my phone gets and what it says to them, and nothing of the one I watch', async () => {
    house = await openHouse();
    await house.rule('bob', 'alice', 'allow');
    await switchOn('alice');
    const bob = house.peer('bob');
    const watch = await house.peer('alice').subscribe({ to: uri('bob') });
    await watch.next();
    await bob.publish({ body: pidf('bob', 'open', 'here') });
    await house.clock.advance(10_000);
    const rungs = await ladder('alice');
    expect(said(rungs)).toEqual([
      ['SUBSCRIBE', trace.asks.watch('bob@example.com')],
      ['401 Unauthorized', trace.challenged],
      ['SUBSCRIBE', trace.asks.watch('bob@example.com')],
      ['200 OK', trace.takenFor(3600)],
      ['NOTIFY', trace.tells('bob@example.com', 'active')],
      ['200 Answer', trace.phoneTook],
      ['NOTIFY', trace.tells('bob@example.com', 'active')],
      ['200 Answer', trace.phoneTook],
    ]);
    expect(await ladder('bob')).toEqual([]);
    expect(rungs.some(({ text }) => text.startsWith('PUBLISH'))).toBe(false);
  });

  it('what the server refuses is explained: an interval too brief, an unknown package, an entity-tag that is gone', async () => {
    house = await openHouse();
    await switchOn('alice');
    const phone = house.peer('alice');
    await phone.publish({ body: pidf('alice', 'open'), expires: 5 });
    await phone.publish({ body: pidf('alice', 'open'), etag: 'of-long-ago' });
    await phone.subscribe({ to: uri('bob'), event: 'dialog' }).catch(() => undefined);
    const rungs = await ladder('alice');
    const words = bad(rungs);
    expect(words).toContain(trace.tooBrief('60'));
    expect(words).toContain(trace.failures[412]);
    expect(words).toContain(trace.noPackage('dialog', 'presence, presence.winfo'));
  });

  it('ends after its time, and what was recorded goes half an hour later', async () => {
    house = await openHouse();
    await switchOn('alice', 2 * MINUTE);
    const phone = house.peer('alice');
    await phone.publish({ body: pidf('alice', 'open') });
    await house.clock.advance(2 * MINUTE);
    const before = (await ladder('alice')).length;
    await phone.publish({ body: pidf('alice', 'closed') });
    expect(await ladder('alice')).toHaveLength(before);
    await house.clock.advance(TRACE_KEPT_MS);
    expect(await ladder('alice')).toEqual([]);
  });

  it('goes on after a restart of the service; and ends when I say so', async () => {
    house = await openHouse();
    await switchOn('alice');
    await house.restart();
    const phone = house.peer('alice');
    await phone.publish({ body: pidf('alice', 'open') });
    const before = (await ladder('alice')).length;
    expect(before).toBeGreaterThan(1);
    await house.store.preferences.set(aor('alice'), RECORDS_TRACE, undefined);
    await house.clock.advance(1000);
    await phone.publish({ body: pidf('alice', 'closed') });
    expect(await ladder('alice')).toHaveLength(before);
  });

  it('a flood fills no table: what is too much at once is left out, and said', async () => {
    house = await openHouse();
    await switchOn('alice');
    const mallory = house.peer('alice', '192.0.2.66:5060', { password: passwordOf('mallory') });
    for (let count = 0; count < 100; count += 1) {
      await mallory.ask({ method: 'OPTIONS', uri: uri('alice'), authenticate: false });
    }
    await house.clock.advance(1000);
    await house.peer('alice').publish({ body: pidf('alice', 'open') });
    const rungs = await ladder('alice');
    expect(rungs.length).toBeLessThan(MAX_TRACED);
    expect(rungs.reduce((sum, { leftOut }) => sum + leftOut, 0)).toBeGreaterThan(0);
  });
});
