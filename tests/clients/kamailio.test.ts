/** A proxy that we did not write between the phones and us: by it they register, publish and watch, and their dialogs stay on it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BARESIP, type Phone, startPhone } from '../support/baresip.ts';
import { KAMAILIO, PROXY_ADDRESS, type SipProxy, startKamailio } from '../support/kamailio.ts';
import { aor, eventually, openPlace, type Place, pidf, toolsInstalled, uri, within } from '../support/processes.ts';
import type { Watch } from '../support/sip-peer.ts';

const hasTools = toolsInstalled('clients: phones behind Kamailio', [...BARESIP, ...KAMAILIO]);

const USERS = ['alice', 'bob', 'carol'] as const;

/** What a phone sent and got: every line of the SIP messages that it prints. */
const said = (phone: Phone, pattern: RegExp): readonly string[] =>
  phone.lines.map(({ text }) => text).filter((text) => pattern.test(text));

/** Loose routing from the watcher's side (RFC 3261 §12.1.2): the Record-Route of the 200, backwards. */
const routeOf = ({ response }: Watch): string => [...response.headers('Record-Route')].reverse().join(', ');

describe.skipIf(!hasTools).each([
  { who: 'Porchlight asks for passwords', isAsserting: false },
  { who: 'Kamailio asks for passwords, and asserts who it was', isAsserting: true },
])('behind Kamailio: $who', ({ isAsserting }) => {
  let place: Place;
  let proxy: SipProxy;

  beforeAll(async () => {
    place = await openPlace(isAsserting ? { SIP_TRUSTED: PROXY_ADDRESS } : {});
    await place.addUsers(...USERS);
    await place.allowAll('alice');
    await place.startSip();
    proxy = await startKamailio(place, isAsserting ? { accounts: USERS } : {});
  }, 60_000);
  afterAll(() => place?.close(), 30_000);

  it('phones register, publish and watch by the proxy alone; what they end there is ended', async () => {
    const { server } = proxy;
    const watcher = await startPhone(place, { user: 'bob', watches: ['alice'], server, registers: true });
    await Promise.all([watcher.until(/^Contact: <sip:\S+>;expires=\d+/), watcher.until(/^Subscription-State: active/)]);
    const carol = await place.peer('carol', server);
    const options = await within(
      carol.ask({ method: 'OPTIONS', uri: uri('bob') }),
      'an answer of the registered phone',
    );
    expect([options.status, options.header('Server')]).toEqual([200, expect.stringContaining('baresip')]);

    // Not registered: baresip publishes twice then, 10 ms apart, and a slow machine has it begin two publications.
    const owner = await startPhone(place, { user: 'alice', server });
    // Of its own accord; a word of its user's before the answer would begin a second publication too.
    await owner.until(/^SIP-ETag: /);
    owner.say('presence_online');
    expect((await watcher.shows('alice', 'Online')).text).toContain('from Offline to Online');
    owner.say('presence_offline');
    expect((await watcher.shows('alice', 'Offline')).text).toContain('from Online to Offline');
    // Nothing came past the proxy: every NOTIFY has its Via above ours.
    const notifies = said(watcher, /^NOTIFY sip:/).length;
    expect(notifies).toBeGreaterThanOrEqual(3);
    expect(said(watcher, new RegExp(`^Via: SIP/2.0/UDP ${PROXY_ADDRESS}[:;].*branch=z9hG4bK`)).length).toBeGreaterThan(
      notifies,
    );

    // Its last SUBSCRIBE is one of the dialog: it goes where the Record-Route said.
    watcher.say('quit');
    await watcher.until(/^Route: <sip:127\.0\.0\.2[^>]*;lr/);
    await eventually('the end of the subscription', async () => {
      const watchers = await place.store.subscriptions.of(aor('alice'), Date.now());
      return watchers.every(({ watcher: who }) => who !== uri('bob')) || undefined;
    });
  }, 60_000);

  it('RFC 3261 §12.2: the refresh follows the Record-Route, and so do the NOTIFYs before and after it', async () => {
    const [alice, carol] = await Promise.all([place.peer('alice', proxy.server), place.peer('carol', proxy.server)]);
    const watch = await within(carol.subscribe({ to: uri('alice'), expires: 3600 }), 'a SUBSCRIBE');
    expect(watch.response.status).toBe(200);
    const headers = { Route: routeOf(watch) };
    expect(headers.Route).toMatch(new RegExp(`^<sip:${proxy.server}[;>]`));
    // The Contact is ours, the way to it is the proxy's.
    expect(watch.response.header('Contact')).toContain(place.server);
    const first = await within(watch.next(), 'the first NOTIFY');

    const refreshed = await within(watch.refresh({ expires: 600, headers }), 'a refresh');
    expect([refreshed.status, refreshed.header('Expires')]).toEqual([200, '600']);
    const second = await within(watch.next(), 'the NOTIFY of the refresh');
    const published = await within(alice.publish({ body: pidf('alice', 'open', 'by the proxy') }), 'a PUBLISH');
    expect(published.status).toBe(200);
    const third = await within(
      watch.until(({ body }) => body.includes('by the proxy')),
      'the NOTIFY of a change',
    );
    for (const { wire } of [first, second, third]) {
      expect(wire.headers('Via')).toEqual([
        expect.stringContaining(proxy.server),
        expect.stringContaining(place.server),
      ]);
      // The proxy took its own Route out (RFC 3261 §16.4).
      expect(wire.header('Route')).toBe('');
    }
    const row = (await place.store.subscriptions.of(aor('alice'), Date.now())).find(
      ({ watcher }) => watcher === uri('carol'),
    );
    expect(row?.dialog).toMatchObject({ flow: expect.stringContaining(`udp:${proxy.server}|`) });

    const over = await within(watch.refresh({ expires: 0, headers }), 'the end');
    expect(over.status).toBe(200);
    expect(
      (
        await within(
          watch.until(({ state }) => state === 'terminated'),
          'the last NOTIFY',
        )
      ).reason,
    ).toBe('timeout');
    await alice.publish({ etag: published.header('SIP-ETag'), expires: 0 });
  }, 60_000);

  it('RFC 3325 §8: who says by himself who he is, is not believed, by the proxy or past it', async () => {
    const asserted = { 'P-Asserted-Identity': `<${uri('alice')}>` };
    const body = pidf('alice', 'open', 'forged');
    const byProxy = await place.peer('bob', proxy.server);
    const pastIt = await place.peer('bob');
    const published = { to: uri('alice'), body, headers: asserted };
    const bare = { ...published, authenticate: false, from: uri('alice') };
    expect((await within(byProxy.publish(bare), 'a PUBLISH')).status).toBe(isAsserting ? 407 : 401);
    expect((await within(pastIt.publish(bare), 'a PUBLISH')).status).toBe(401);
    // With a password one is who it belongs to, and alice's presence is nobody else's to say.
    expect((await within(byProxy.publish(published), 'a PUBLISH')).status).toBe(isAsserting ? 407 : 403);
    const rows = await place.store.publications.of(aor('alice'), Date.now());
    expect(rows.filter((row) => Buffer.from(row.body).includes('forged'))).toEqual([]);
    const watch = await within(byProxy.subscribe({ to: uri('alice'), headers: asserted }), 'a SUBSCRIBE');
    expect(watch.response.status).toBe(200);
    const watchers = await place.store.subscriptions.of(aor('alice'), Date.now());
    expect(watchers.filter(({ dialog }) => dialog.callId === watch.callId).map(({ watcher }) => watcher)).toEqual([
      uri('bob'),
    ]);
  }, 60_000);
});
