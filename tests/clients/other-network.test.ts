/** A phone in another network: what it is told to send to is our address on the way to it, without any setting. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '#runtime';
import type { Transport } from '#sip';
import { BARESIP, startPhone } from '../support/baresip.ts';
import { canMakeNetworks, makeOtherNetwork, type OtherNetwork } from '../support/netns.ts';
import { freePort } from '../support/ports.ts';
import { openPlace, type Place, passwordOf, pidf, toolsInstalled, uri, within } from '../support/processes.ts';
import { makePeer, type Peer } from '../support/sip-peer.ts';
import { openPortThrough } from '../support/udp-port.ts';

const SUITE = 'clients: a phone in another network namespace';
const isPossible =
  toolsInstalled(SUITE, [...BARESIP, { program: 'ip', package: 'iproute2' }]) && canMakeNetworks(SUITE);

/** RFC 3261 §8.1.2: without a route set, a request goes where its Request-URI says, when that is an address. */
function byRequestUri(transport: Transport): Transport {
  return {
    ...transport,
    send(bytes, flow) {
      const target = /^[A-Z]+ sip:(?:[^@ ]*@)?([\d.]+):(\d+)[; ]/.exec(Buffer.from(bytes).toString('latin1'));
      const there = target === null ? {} : { address: target[1] as string, port: Number(target[2]) };
      transport.send(bytes, { ...flow, ...there });
    },
  };
}

describe.skipIf(!isPossible)('a phone in another network; SIP_LISTEN is a wildcard, nothing is advertised', () => {
  let network: OtherNetwork;
  let place: Place;
  let port: number;
  let alice: Peer;
  const peers: Peer[] = [];

  beforeAll(async () => {
    network = makeOtherNetwork();
    port = await freePort('0.0.0.0');
    place = await openPlace({ SIP_LISTEN: `udp:0.0.0.0:${port}` });
    await place.startSip();
    await place.addUsers('alice', 'bob', 'carol', 'dave');
    await place.allowAll('alice');
    alice = await place.peer('alice', `127.0.0.1:${port}`);
  }, 60_000);
  afterAll(async () => {
    await Promise.all(peers.map((peer) => peer.close()));
    await place?.close();
    network?.remove();
  }, 30_000);

  async function peerInside(user: string, address: string): Promise<Peer> {
    const transport = byRequestUri(await openPortThrough(network.before, network.inside));
    const own = transport.name.replace(/^udp:/, '');
    const server = `${address}:${port}`;
    const peer = makePeer({
      transport,
      clock: systemClock,
      address: own,
      server,
      user,
      password: passwordOf(user),
    });
    peers.push(peer);
    return peer;
  }

  it('baresip in there sees Online and Offline; Contact and Via are our end of the way', async () => {
    const server = `${network.host}:${port}`;
    const phone = await startPhone(place, {
      user: 'bob',
      watches: ['alice'],
      server,
      address: network.inside,
      before: network.before,
    });
    await phone.until(/^Subscription-State: active/);
    const published = await alice.publish({ body: pidf('alice', 'open') });
    await phone.shows('alice', 'Online');
    await alice.publish({ body: pidf('alice', 'closed'), etag: published.header('SIP-ETag') });
    await phone.shows('alice', 'Offline');
    const said = (pattern: RegExp): string[] =>
      phone.lines.flatMap(({ text }) => pattern.exec(text)?.[1] ?? []).filter((one) => !one.startsWith(network.inside));
    expect(new Set(said(/^Contact: <sip:(?:[^@]*@)?([^>;]*)/))).toEqual(new Set([server]));
    expect(new Set(said(/^Via: SIP\/2\.0\/UDP ([^;]*)/))).toEqual(new Set([server]));
  }, 60_000);

  it('RFC 6665 §4.2.1.4: refreshes in the dialog at our Contact, and is notified again', async () => {
    const carol = await peerInside('carol', network.host);
    const watch = await within(carol.subscribe({ to: uri('alice'), expires: 600 }), 'a 200');
    expect(watch.response.status).toBe(200);
    const contact = `<sip:${network.host}:${port}>`;
    expect(watch.response.header('Contact')).toBe(contact);
    const first = await within(watch.next(), 'the first NOTIFY');
    expect(first.wire.header('Contact')).toBe(contact);
    expect(first.wire.header('Via')).toMatch(new RegExp(`^SIP/2\\.0/UDP ${network.host}:${port};`));
    expect((await within(watch.refresh({ expires: 900 }), 'a 200 to the refresh')).status).toBe(200);
    expect((await within(watch.next(), 'the NOTIFY of the refresh')).expires).toBeGreaterThan(600);
    expect((await within(watch.unsubscribe(), 'a 200 to the end')).status).toBe(200);
    expect((await within(watch.next(), 'the last NOTIFY')).state).toBe('terminated');
  }, 60_000);

  it('who came by another of our addresses is told the one on the route back, and refreshes there', async () => {
    const dave = await peerInside('dave', network.elsewhere);
    const watch = await within(dave.subscribe({ to: `sip:alice@example.com`, expires: 600 }), 'a 200');
    expect(watch.response.header('Contact')).toBe(`<sip:${network.host}:${port}>`);
    await within(watch.next(), 'the first NOTIFY');
    expect((await within(watch.refresh(), 'a 200 to the refresh')).status).toBe(200);
    expect((await within(watch.next(), 'the NOTIFY of the refresh')).state).toBe('active');
  }, 60_000);
});
