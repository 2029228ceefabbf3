import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { silentLog } from '#runtime';
import { dialogRequestHead, type Incoming, makeEndpoint, type Outcome, uasDialog, writeFlow } from '#sip';
import { makeFakeClock } from '../../../support/fake-clock.ts';
import { makeNetwork, makeSeededRandom, type NetworkOptions } from '../../../support/network.ts';
import { makePeer } from '../../../support/sip-peer.ts';

const SERVER = '192.0.2.1:5060';
const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

/** A toy notifier: wants digest for PUBLISH, and after each SUBSCRIBE sends a NOTIFY with the next number. */
function makeToy(weather: Omit<NetworkOptions, 'clock'> = {}) {
  const clock = makeFakeClock();
  const network = makeNetwork({ clock, ...weather });
  const handled: string[] = [];
  const outcomes: Outcome[] = [];
  let cseq = 0;

  function handle(incoming: Incoming): void {
    const { request, flow } = incoming;
    const [given] = request.authorization;
    if (request.method === 'PUBLISH') {
      const ha = `${md5('alice:toy:secret')}:n1:${given?.params.get('nc')}:${given?.params.get('cnonce')}:auth`;
      const right = given?.params.get('response') === md5(`${ha}:${md5(`PUBLISH:${request.uri}`)}`);
      if (!right) {
        const challenge = 'Digest realm="toy", nonce="n1", algorithm=MD5, qop="auth"';
        incoming.respond({ status: 401, headers: [['WWW-Authenticate', challenge]], stateless: true });
        return;
      }
    }
    handled.push(`${request.method} ${request.cseq.seq}`);
    const localTag = request.to.params.get('tag') ?? 'toy';
    const contact = `sip:${endpoint.advertised(flow)}`;
    incoming.respond({
      status: 200,
      toTag: localTag,
      headers: [
        ['Contact', `<${contact}>`],
        ['Expires', '600'],
      ],
    });
    const dialog = request.method === 'SUBSCRIBE' ? uasDialog(request, localTag, writeFlow(flow)) : undefined;
    if (dialog === undefined) return;
    cseq += 1;
    const state = request.headers.get('Expires') === '0' ? 'terminated;reason=timeout' : 'active;expires=600';
    const { uri, head } = dialogRequestHead(dialog, {
      method: 'NOTIFY',
      cseq,
      contact,
      fields: [
        ['Event', 'presence'],
        ['Subscription-State', state],
      ],
    });
    endpoint.send({ method: 'NOTIFY', uri, head, body: undefined }, flow, (outcome) => outcomes.push(outcome));
  }
  const endpoint = makeEndpoint({
    transports: [network.plug(SERVER)],
    clock,
    random: makeSeededRandom(3),
    log: silentLog,
    handle,
  });
  const alice = makePeer({ network, clock, address: '192.0.2.10:5060', user: 'alice', password: 'secret' });
  const bob = makePeer({ network, clock, address: '192.0.2.20:5060', user: 'bob', password: 'hidden' });
  return { clock, network, endpoint, alice, bob, handled, outcomes };
}

describe('over a good network', () => {
  test('a peer publishes, with credentials after the challenge and at once the next time', async () => {
    const { alice, network, handled } = makeToy();
    expect((await alice.publish({ body: '<x/>' })).status).toBe(200);
    expect((await alice.publish({ body: '<y/>' })).status).toBe(200);
    expect(handled).toEqual(['PUBLISH 2', 'PUBLISH 3']);
    expect(network.passages).toHaveLength(6);
  });

  test('wrong credentials are offered once and come back as 401', async () => {
    const { alice, handled } = makeToy();
    expect((await alice.publish({ password: 'guess' })).status).toBe(401);
    expect(handled).toEqual([]);
  });

  test('a peer subscribes, refreshes and unsubscribes, and is notified each time', async () => {
    const { bob } = makeToy();
    const watch = await bob.subscribe({ to: 'sip:alice@example.com', expires: 600 });
    expect(watch.response.status).toBe(200);
    expect(await watch.next()).toMatchObject({ cseq: 1, state: 'active', expires: 600 });
    await watch.refresh();
    await watch.next();
    expect((await watch.unsubscribe()).status).toBe(200);
    expect(await watch.next()).toMatchObject({ cseq: 3, state: 'terminated', reason: 'timeout' });
    expect(watch.notifies).toHaveLength(3);
  });

  test('a NOTIFY is answered as the story wants: 481, or not at all', async () => {
    const { bob, clock, outcomes } = makeToy();
    const watch = await bob.subscribe({ to: 'sip:alice@example.com' });
    await clock.advance(100);
    watch.answerWith(481);
    await watch.refresh();
    await clock.advance(100);
    watch.answerWith('silence');
    await watch.refresh();
    await clock.advance(33_000);
    const told = outcomes.map((outcome) => (outcome.kind === 'response' ? outcome.response.status : outcome.kind));
    expect(told).toEqual([200, 481, 'timeout']);
    expect(watch.notifies).toHaveLength(3);
  });

  test('several may ask at once', async () => {
    const { alice, bob, handled } = makeToy();
    const answers = await Promise.all([
      alice.publish({ body: 'a' }),
      bob.ask({ method: 'OPTIONS', uri: 'sip:example.com' }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(handled).toHaveLength(2);
  });

  test('a peer that is cut off hears nothing, and gives up after timer F', async () => {
    const { alice, network, clock } = makeToy();
    network.cut(alice.address);
    const startAt = clock.now();
    expect((await alice.publish()).status).toBe(408);
    expect(clock.now() - startAt).toBeGreaterThanOrEqual(32_000);
    network.heal();
    expect((await alice.publish()).status).toBe(200);
  });
});

describe('RFC 3261 §17: over a network that loses, doubles and reorders', () => {
  const weather = { loss: 0.3, duplicate: 0.2, delayMs: [1, 400] } as const;

  test.each([1, 2, 3, 4, 5])('seed %i: every request is handled once, every NOTIFY is taken once', async (seed) => {
    const { alice, bob, network, clock, handled, outcomes } = makeToy({ ...weather, seed });
    const watch = await bob.subscribe({ to: 'sip:alice@example.com' });
    for (let times = 0; times < 3; times += 1) {
      expect((await alice.publish({ body: `<x${times}/>` })).status).toBe(200);
      expect((await watch.refresh()).status).toBe(200);
    }
    await clock.advance(40_000);
    expect(new Set(handled).size).toBe(handled.length);
    expect(handled).toHaveLength(7);
    expect(watch.notifies.length + watch.late.length).toBe(4);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['response', 'response', 'response', 'response']);
    expect(network.counts.lost).toBeGreaterThan(0);
    expect(network.counts.doubled).toBeGreaterThan(0);
  });

  test('the same seed makes the same story, another one another', async () => {
    const play = async (seed: number) => {
      const { alice, network } = makeToy({ ...weather, seed });
      await alice.publish({ body: 'x' });
      return network.passages.map(({ at, from, fate }) => `${at} ${from} ${fate}`).join('\n');
    };
    expect(await play(4)).toBe(await play(4));
    expect(await play(4)).not.toBe(await play(5));
  });
});
