import { afterEach, describe, expect, it } from 'vitest';
import { DOMAIN, type House, openHouse, pidf, uri } from '../../support/house.ts';
import type { Notify, Watch } from '../../support/sip-peer.ts';
import { describeWithXmllint, validateXml } from '../../support/validate-xml.ts';
import { readWatcherinfo, tableOf, worded } from '../../support/watcherinfo.ts';

let house: House;
const sent: string[] = [];
afterEach(async () => {
  sent.push(...house.network.passages.flatMap(({ text }) => /<\?xml[\s\S]*<watcherinfo[\s\S]*$/.exec(text)?.[0] ?? []));
  await house.close();
});

const WINFO = 'presence.winfo';
const PACE_MS = 5_000;

const follow = (user = 'alice', expires = 3600): Promise<Watch> =>
  house.peer(user).subscribe({ to: uri(user), event: WINFO, expires });
const of = (notify: Notify | undefined) => readWatcherinfo(notify?.body ?? '');
const said = (notify: Notify | undefined): readonly string[] => worded(of(notify));
const pace = (): Promise<void> => house.clock.advance(PACE_MS + 1_000);

describe('RFC 3857 §4.1 to §4.6: subscribing to one’s own watchers', () => {
  it('RFC 3857 §5: the example: 200, all there is; then A asks, then A is approved', async () => {
    house = await openHouse();
    const alice = await follow();
    expect(alice.response.status).toBe(200);
    const first = await alice.next();
    expect(first).toMatchObject({ state: 'active', contentType: 'application/watcherinfo+xml' });
    expect(first.wire.header('Event')).toBe(WINFO);
    expect(of(first)).toMatchObject({ version: 0, state: 'full', resource: uri('alice'), package: 'presence' });
    expect(said(first)).toEqual([]);

    await house.peer('bob').subscribe({ to: uri('alice') });
    await pace();
    expect(of(alice.last)).toMatchObject({ version: 1, state: 'partial' });
    expect(said(alice.last)).toEqual(['bob pending subscribe']);
    const id = of(alice.last).watchers[0]?.id;

    await house.rule('alice', 'bob', 'allow');
    await pace();
    expect(of(alice.last)).toMatchObject({ version: 2, state: 'partial' });
    expect(said(alice.last)).toEqual(['bob active approved']);
    expect(of(alice.last).watchers[0]?.id).toBe(id);
  });

  it('RFC 3857 §4.4: an hour when Expires is missing', async () => {
    house = await openHouse();
    const watch = await house.peer('alice').subscribe({ to: uri('alice'), event: WINFO });
    expect(watch.response.header('Expires')).toBe('3600');
  });

  it('RFC 3857 §4.5: watcherinfo where Accept is missing or names it; 406 where it names something else', async () => {
    house = await openHouse();
    const alice = house.peer('alice');
    const ask = (accept: string) => alice.subscribe({ to: uri('alice'), event: WINFO, accept });
    expect((await ask('application/watcherinfo+xml')).response.status).toBe(200);
    const refused = (await ask('application/pidf+xml')).response;
    expect(refused.status).toBe(406);
    expect(refused.header('Accept')).toBe('application/watcherinfo+xml');
  });

  it('RFC 3857 §4.6, §6.2: nobody else may, whatever the rules, the default, and the watcher’s own subscription say', async () => {
    house = await openHouse({ byDefault: 'allow' });
    await house.rule('alice', 'bob', 'allow');
    await house.store.rules.set({
      owner: uri('alice') as never,
      subject: uri('bob') as never,
      event: WINFO,
      permission: 'allow',
    });
    await house.clock.advance(1_000);
    const bob = house.peer('bob');
    await bob.subscribe({ to: uri('alice') });
    for (const expires of [0, 600]) {
      const refused = await bob.subscribe({ to: uri('alice'), event: WINFO, expires });
      expect(refused.response.status).toBe(403);
      await house.clock.advance(10_000);
      expect(refused.notifies).toEqual([]);
    }
    // Nor whether there is such a person.
    expect((await bob.subscribe({ to: uri('nobody'), event: WINFO })).response.status).toBe(403);
  });

  it('RFC 3857 §4.6: without credentials there is nothing, not even for the owner', async () => {
    house = await openHouse();
    const asked = { method: 'SUBSCRIBE', uri: uri('alice'), headers: { Event: WINFO }, authenticate: false };
    expect((await house.peer('alice').ask(asked)).status).toBe(401);
  });

  it('RFC 3857 §4.6: watchers of watchers are not loaded: 489; deeper ones cannot be', async () => {
    house = await openHouse();
    const alice = house.peer('alice');
    const twice = await alice.subscribe({ to: uri('alice'), event: `${WINFO}.winfo` });
    expect(twice.response.status).toBe(489);
    expect(twice.response.header('Allow-Events')).toBe('presence, presence.winfo');
    for (const event of [`${WINFO}.winfo`, `${WINFO}.winfo.winfo`])
      await house.store.eventLoader.set({ event, module: `builtin:${event}`, enabled: true });
    await house.clock.advance(3_000);
    const loaded = await alice.subscribe({ to: uri('alice'), event: `${WINFO}.winfo` });
    expect(of(await loaded.next())).toMatchObject({ package: WINFO, state: 'full' });
    const phone = await follow();
    await pace();
    expect(said(loaded.last)).toEqual(['alice active subscribe']);
    await phone.unsubscribe();
    await pace();
    expect(said(loaded.last)).toEqual(['alice terminated timeout']);
    expect((await alice.subscribe({ to: uri('alice'), event: `${WINFO}.winfo.winfo` })).response.status).toBe(489);
  });

  it('RFC 6665 §8.2.2: Allow-Events names it while the package that it is about is loaded, and no longer', async () => {
    house = await openHouse();
    const alice = house.peer('alice');
    const watch = await follow();
    const allowed = async (): Promise<string> =>
      (await alice.ask({ method: 'OPTIONS', uri: uri('alice') })).header('Allow-Events');
    expect(await allowed()).toBe('presence, presence.winfo');
    await house.store.eventLoader.set({ event: 'presence', module: 'builtin:presence', enabled: false });
    await house.clock.advance(3_000);
    expect(await allowed()).toBe('');
    expect(watch.last).toMatchObject({ state: 'terminated', reason: 'probation', body: '' });
    expect((await follow()).response.status).toBe(489);
  });

  it('RFC 3903 §6 step 2: nobody publishes it: 489', async () => {
    house = await openHouse();
    const published = await house.peer('alice').publish({ event: WINFO, body: pidf('alice', 'open') });
    expect(published.status).toBe(489);
  });

  it('RFC 3857 §6.1: 32 phones of one person may follow, the next is refused', async () => {
    house = await openHouse();
    const alice = house.peer('alice');
    for (let phone = 0; phone < 32; phone += 1) {
      expect((await alice.subscribe({ to: uri('alice'), event: WINFO })).response.status).toBe(200);
    }
    expect((await alice.subscribe({ to: uri('alice'), event: WINFO })).response.status).toBe(403);
  });
});

describe('RFC 3857 §4.7.2, §4.10, RFC 3858 §3: what is told, and when', () => {
  it('RFC 3858 §3: whole on a refresh and on a fetch, and the versions go on', async () => {
    house = await openHouse();
    await house.peer('bob').subscribe({ to: uri('alice') });
    const alice = await follow();
    await house.clock.advance(60_000);
    await alice.refresh();
    await pace();
    expect(alice.notifies.map((notify) => [of(notify).version, of(notify).state])).toEqual([
      [0, 'full'],
      [1, 'full'],
    ]);
    expect(said(alice.last)).toEqual(['bob pending subscribe']);
    expect(of(alice.last).watchers[0]).toMatchObject({ duration: 60 });

    const fetch = await follow('alice', 0);
    const only = await fetch.next();
    expect(only).toMatchObject({ state: 'terminated', reason: 'timeout' });
    expect(of(only)).toMatchObject({ version: 0, state: 'full' });
    expect(said(only)).toEqual(['bob pending subscribe']);
  });

  it('RFC 3857 §4.7.2: an authorized fetch begins and ends, and nobody is told', async () => {
    house = await openHouse();
    await house.rule('alice', 'bob', 'allow');
    const alice = await follow();
    await alice.next();
    await house.peer('bob').subscribe({ to: uri('alice'), expires: 0 });
    await house.clock.advance(60_000);
    expect(alice.notifies).toHaveLength(1);
  });

  it('RFC 3857 §4.7.2: who comes and goes within the pace is not told of', async () => {
    house = await openHouse({ users: ['alice', 'bob', 'carol'] });
    await house.rule('alice', '*', 'allow');
    const alice = await follow();
    await house.peer('bob').subscribe({ to: uri('alice') });
    await alice.until((notify) => said(notify).length === 1);
    const carol = await house.peer('carol').subscribe({ to: uri('alice') });
    await carol.unsubscribe();
    await house.clock.advance(60_000);
    expect(alice.notifies).toHaveLength(2);
  });

  it('RFC 3857 §4.10: however many come, one NOTIFY in five seconds, the last with all of them', async () => {
    const users = Array.from({ length: 20 }, (_, index) => `w${index}`);
    house = await openHouse({ users: ['alice', ...users] });
    const alice = await follow();
    await alice.next();
    for (const user of users) {
      await house.peer(user).subscribe({ to: uri('alice') });
      await house.clock.advance(500);
    }
    await house.clock.advance(20_000);
    const times = alice.notifies.slice(1).map(({ at }) => at);
    for (const [index, at] of times.slice(1).entries())
      expect(at - (times[index] ?? 0)).toBeGreaterThanOrEqual(PACE_MS);
    expect(times.length).toBeLessThan(6);
    expect(tableOf(alice.notifies.map(({ body }) => body)).size).toBe(20);
  });

  it('RFC 3858 §3: the URI is the account that authenticated, also where From says an alias of the domain', async () => {
    house = await openHouse();
    const alice = await follow();
    await house.peer('bob').subscribe({ to: uri('alice'), from: 'sips:bob@alias.example.com:5061' });
    await alice.until((notify) => said(notify).length === 1);
    expect(of(alice.last).watchers[0]?.uri).toBe(`sip:bob@${DOMAIN}`);
  });

  it('RFC 3858 §4: a document that may not have arrived is followed by a whole one', async () => {
    house = await openHouse({ users: ['alice', 'bob', 'carol'] });
    const alice = await follow();
    await alice.next();
    alice.answerWith(500);
    await house.peer('bob').subscribe({ to: uri('alice') });
    await pace();
    alice.answerWith(200);
    await house.peer('carol').subscribe({ to: uri('alice') });
    await pace();
    expect(of(alice.last)).toMatchObject({ state: 'full', version: 2 });
    expect(said(alice.last)).toEqual(['bob pending subscribe', 'carol pending subscribe']);
  });

  it('RFC 3858 §3: after a restart the versions still grow, and what changed meanwhile is told whole', async () => {
    house = await openHouse({ users: ['alice', 'bob', 'carol'] });
    const alice = await follow();
    await house.peer('bob').subscribe({ to: uri('alice') });
    await house.peer('carol').subscribe({ to: uri('alice') });
    await pace();
    const before = of(alice.last);
    await house.restart(() => house.rule('alice', 'bob', 'allow'));
    await pace();
    await pace();
    const after = alice.notifies.map(of).filter(({ version }) => version > before.version);
    expect(after[0]?.state).toBe('full');
    const versions = alice.notifies.map((notify) => of(notify).version);
    expect(versions).toEqual([...new Set(versions)].sort((one, other) => one - other));
    expect(
      [...tableOf(alice.notifies.slice(-after.length).map(({ body }) => body)).values()]
        .map(({ status }) => status)
        .sort(),
    ).toEqual(['active', 'pending']);
    // What brought them there is remembered too.
    await alice.refresh();
    await pace();
    expect(said(alice.last)).toEqual(['carol pending subscribe', 'bob active approved']);
    await house.restart();
    await alice.refresh();
    await pace();
    expect(said(alice.last)).toEqual(['carol pending subscribe', 'bob active approved']);
  });

  it('what bob publishes, and what alice does, is no news about who watches', async () => {
    house = await openHouse({ paceMs: 0 });
    await house.rule('alice', 'bob', 'allow');
    await house.peer('bob').subscribe({ to: uri('alice') });
    const alice = await follow();
    await alice.next();
    for (const basic of ['open', 'closed'] as const) {
      await house.peer('alice').publish({ body: pidf('alice', basic) });
      await house.peer('bob').publish({ body: pidf('bob', basic) });
    }
    await house.clock.advance(60_000);
    expect(alice.notifies).toHaveLength(1);
  });
});

describe('RFC 3858 §3: ids', () => {
  it('RFC 3858 §3: each watcher’s id is a token of its own, also of two phones of one person', async () => {
    house = await openHouse();
    const phones = [house.peer('bob'), house.peer('bob')];
    for (const phone of phones) await phone.subscribe({ to: uri('alice') });
    const { watchers } = of(await (await follow()).next());
    expect(watchers.map(({ uri: who }) => who)).toEqual([uri('bob'), uri('bob')]);
    expect(new Set(watchers.map(({ id }) => id)).size).toBe(2);
    for (const { id } of watchers) expect(id).toMatch(/^[A-Za-z0-9\-.!%*_+`'~]+$/);
  });
});

describe('RFC 3857 §4.7.1: the other ends of figure 1', () => {
  const ends: readonly (readonly [string, string, (watch: Watch) => Promise<unknown>])[] = [
    ['active', 'bob terminated timeout', (watch) => watch.unsubscribe()],
    ['active', 'bob terminated timeout', () => house.clock.advance(601_000)],
    ['active', 'bob terminated rejected', () => house.rule('alice', 'bob', 'block')],
    ['active', 'bob pending subscribe', () => house.rule('alice', 'bob', 'confirm')],
    ['active', 'bob terminated rejected', () => house.store.accounts.remove(uri('bob') as never)],
    ['pending', 'bob terminated rejected', () => house.rule('alice', 'bob', 'block')],
    ['pending', 'bob active approved', () => house.rule('alice', 'bob', 'polite-block')],
    ['pending', 'bob waiting timeout', () => house.clock.advance(601_000)],
    ['pending', 'bob waiting timeout', (watch) => watch.unsubscribe()],
  ];
  it.each(ends)('from %s to «%s»', async (from, to, what) => {
    house = await openHouse();
    if (from === 'active') await house.rule('alice', 'bob', 'allow');
    const alice = await follow();
    const watch = await house.peer('bob').subscribe({ to: uri('alice'), expires: 600 });
    await alice.until((notify) => said(notify).length === 1);
    await what(watch);
    await pace();
    expect(of(alice.last).state).toBe('partial');
    expect(said(alice.last)).toEqual([to]);
  });

  it.each(['pending', 'active'])('RFC 6665 §4.1.3 deactivated, by the administrator’s order, from %s', async (from) => {
    house = await openHouse();
    if (from === 'active') await house.rule('alice', 'bob', 'allow');
    const alice = await follow();
    await house.peer('bob').subscribe({ to: uri('alice') });
    await alice.until((notify) => said(notify).length === 1);
    const id = of(alice.last).watchers[0]?.id ?? '';
    await house.store.journal.append([{ kind: 'subscription', subject: uri('alice') as never, id }], house.clock.now());
    await pace();
    expect(said(alice.last)).toEqual(['bob terminated deactivated']);
  });
});

describeWithXmllint('RFC 3858 §3: documents SHOULD be valid', () => {
  it('every document that was sent in these tests is', async () => {
    house = await openHouse();
    expect(sent.length).toBeGreaterThan(20);
    expect(
      validateXml(
        sent.map((body) => new TextEncoder().encode(body)),
        'watcherinfo.xsd',
      ),
    ).toBe('');
  });
});
