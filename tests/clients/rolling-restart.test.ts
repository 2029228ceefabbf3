/** A rolling restart, of real processes over a real file: one serves, one waits, and they change places. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '#runtime';
import { freePort } from '../support/ports.ts';
import {
  openPlace,
  type Place,
  passwordOf,
  pidf,
  type Running,
  type Settings,
  uri,
  within,
} from '../support/processes.ts';
import { makePeer, type Notify, type Peer, type Watch } from '../support/sip-peer.ts';
import { openTcpPort, type TcpPort } from '../support/tcp-port.ts';

let place: Place;
beforeEach(async () => {
  place = await openPlace();
}, 60_000);
afterEach(() => place.close(), 30_000);

const says =
  (note: string) =>
  ({ body }: Notify): boolean =>
    body.includes(note);

async function startWaiting(more: Settings = {}): Promise<Running> {
  const service = place.script('dist/services/main.js', [], more);
  await service.until(/"waiting/);
  return service;
}

/** A clean stop of the one that serves. @returns from the signal to the other's readiness, and to the end of the first. */
async function changePlaces(serving: Running, waiting: Running): Promise<{ readyMs: number; endedMs: number }> {
  expect(waiting.lines.filter(({ text }) => text.includes('SIP service ready'))).toEqual([]);
  const signalledAt = performance.now();
  const [ending, ready] = await Promise.all([serving.end(), waiting.until(/"SIP service ready"/)]);
  expect(ending).toMatchObject({ status: 0, signal: null });
  return { readyMs: Math.round(ready.at - signalledAt), endedMs: Math.round(ending.at - signalledAt) };
}

const cseqsOf = ({ notifies }: Watch): readonly number[] => notifies.map(({ cseq }) => cseq);

/** No CSeq twice, none below one before (RFC 6665 §4.1.3, RFC 3261 §12.2.2). */
function expectInOrder(watch: Watch): void {
  const cseqs = cseqsOf(watch);
  expect(watch.late).toEqual([]);
  expect(cseqs).toEqual([...new Set(cseqs)].toSorted((one, other) => one - other));
}

describe('a rolling restart: SIGTERM to the SIP service that serves, while a second waits', () => {
  it('there and back: subscriptions, dialogs and entity-tags go on, and nobody is told what they knew', async () => {
    await place.addUsers('alice', 'bob', 'carol', 'dave');
    await Promise.all([place.allowAll('alice'), place.allowAll('dave')]);
    const first = await place.startSip();
    const second = await startWaiting();
    const { peer } = place;
    const [alice, bob] = await Promise.all([peer('alice'), peer('bob')]);
    const [carol, dave] = await Promise.all([peer('carol'), peer('dave')]);
    const publishedByDave = await dave.publish({ body: pidf('dave', 'open', 'as ever'), expires: 3600 });
    const watch = await bob.subscribe({ to: uri('alice'), expires: 3600 });
    const quiet = await carol.subscribe({ to: uri('dave'), expires: 3600 });
    await within(Promise.all([watch.next(), quiet.until(says('as ever'))]), 'the first NOTIFYs');
    const published = await alice.publish({ body: pidf('alice', 'open', 'zero'), expires: 3600 });
    await within(watch.until(says('zero')), 'the state of before');
    const toldQuiet = cseqsOf(quiet);
    let etag = published.header('SIP-ETag');

    /** With whoever serves now. */
    async function goesOn(note: string, expected: number): Promise<void> {
      // RFC 3903 §4.1: modified under the tag that the other process gave; nobody subscribes anew.
      const again = await alice.publish({ body: pidf('alice', 'closed', note), etag, expires: 3600 });
      expect(again.status).toBe(200);
      etag = again.header('SIP-ETag');
      await within(watch.until(says(note)), `the state ${note}`);
      // What was known before the change of places was not told once more in between.
      expect(watch.notifies).toHaveLength(expected);
      // RFC 6665 §4.1.2.2: a refresh in the dialog that the other process made, and its NOTIFY.
      const refreshed = await watch.refresh();
      expect(refreshed.status).toBe(200);
      await within(
        watch.until(({ cseq, wire }) => cseq > (cseqsOf(watch)[expected - 1] ?? 0) && wire.body.includes(note)),
        'the NOTIFY of the refresh',
      );
      expect(watch.notifies).toHaveLength(expected + 1);
      expect(watch.last).toMatchObject({ state: 'active' });
      expectInOrder(watch);
    }

    const there = await changePlaces(first, second);
    await goesOn('one', 3);
    const third = await startWaiting();
    const back = await changePlaces(second, third);
    await goesOn('two', 5);
    console.log(
      `rolling restart: the waiting SIP service answers ${there.readyMs} and ${back.readyMs} ms after the SIGTERM ` +
        `to the other, which ended after ${there.endedMs} and ${back.endedMs} ms`,
    );

    // Dave changed nothing: carol was told nothing by any of the three, and is told the next change by the third.
    expect(cseqsOf(quiet)).toEqual(toldQuiet);
    const refreshedByDave = await dave.publish({ etag: publishedByDave.header('SIP-ETag'), expires: 3600 });
    expect(refreshedByDave.status).toBe(200);
    const closed = { body: pidf('dave', 'closed', 'gone'), etag: refreshedByDave.header('SIP-ETag'), expires: 3600 };
    expect((await dave.publish(closed)).status).toBe(200);
    await within(quiet.until(says('gone')), 'the change of a state that was quiet');
    expect(quiet.notifies).toHaveLength(toldQuiet.length + 1);
    expectInOrder(quiet);
    // An entity-tag that was replaced two processes ago is none any more.
    expect((await alice.publish({ etag: published.header('SIP-ETag'), expires: 3600 })).status).toBe(412);
    expect(await third.end()).toMatchObject({ status: 0 });
  }, 90_000);

  it('a PUBLISH that comes while they change places is answered by the second, to its retransmission', async () => {
    await place.addUsers('alice', 'bob');
    await place.allowAll('alice');
    const first = await place.startSip();
    const second = await startWaiting();
    const [alice, bob] = await Promise.all([place.peer('alice'), place.peer('bob')]);
    const watch = await bob.subscribe({ to: uri('alice'), expires: 3600 });
    await within(watch.next(), 'the first NOTIFY');
    expect((await alice.publish({ body: pidf('alice', 'open', 'before') })).status).toBe(200);
    await within(watch.until(says('before')), 'the state of before');
    expect(await first.end()).toMatchObject({ status: 0 });
    // Nobody may listen at this moment: RFC 3261 §17.1.2.2, timer E, bridges it.
    const published = await within(alice.publish({ body: pidf('alice', 'open', 'between') }), 'a 200');
    expect(published.status).toBe(200);
    await second.until(/"SIP service ready"/);
    await within(watch.until(says('between')), 'the state of in between');
    expect(watch.late).toEqual([]);
  }, 60_000);
});

describe('a rolling restart, and watchers by TCP, whose connections end with the first', () => {
  it('one that listens is called; one that cannot be is kept, and told when its refresh comes by a connection of its own', async () => {
    await place.addUsers('alice', 'bob', 'carol');
    await place.allowAll('alice');
    const both = { SIP_LISTEN: `udp:${place.server},tcp:${place.server}` };
    const first = await place.startSip(both);
    const second = await startWaiting(both);
    const alice = await place.peer('alice');
    const ports: TcpPort[] = [];
    async function peerByTcp(user: string, contact?: string): Promise<Peer> {
      const transport = await openTcpPort(Number(place.server.split(':')[1]));
      ports.push(transport);
      const { address } = transport;
      const who = { user, password: passwordOf(user), ...(contact !== undefined && { contact }) };
      return makePeer({ ...who, transport, clock: systemClock, address, server: place.server });
    }
    const bob = await peerByTcp('bob');
    // Nobody listens there, as behind a NAT.
    const carol = await peerByTcp('carol', `sip:carol@127.0.0.1:${await freePort()};transport=tcp`);
    const watch = await bob.subscribe({ to: uri('alice'), expires: 3600 });
    const hidden = await carol.subscribe({ to: uri('alice'), expires: 3600 });
    await within(Promise.all([watch.next(), hidden.next()]), 'the first NOTIFYs');
    await changePlaces(first, second);
    const published = await alice.publish({ body: pidf('alice', 'open', 'after'), expires: 3600 });
    expect(published.status).toBe(200);
    await within(watch.until(says('after')), 'the state of after, by a connection that the server opened');
    expect(ports.map(({ called }) => called)).toEqual([1, 0]);
    expect(hidden.notifies).toHaveLength(1);
    expect((await hidden.refresh()).status).toBe(200);
    await within(hidden.until(says('after')), 'the state of after, once there is a connection');
    for (const one of [watch, hidden]) expectInOrder(one);
    await Promise.all([bob.close(), carol.close()]);
    expect(await second.end()).toMatchObject({ status: 0 });
  }, 60_000);
});

describe('a restart under npm start', () => {
  it('SIGTERM, and npm start again: subscriptions and entity-tags go on, and nobody is told what they knew', async () => {
    await place.addUsers('alice', 'bob');
    await place.allowAll('alice');
    const before = await place.npmStart();
    const [alice, bob] = await Promise.all([place.peer('alice'), place.peer('bob')]);
    const watch = await bob.subscribe({ to: uri('alice'), expires: 3600 });
    const published = await alice.publish({ body: pidf('alice', 'open', 'first'), expires: 3600 });
    await within(watch.until(says('first')), 'the first state');
    const told = watch.notifies.length;
    const signalledAt = performance.now();
    expect(await before.end()).toMatchObject({ status: 0 });
    const again = await place.npmStart();
    console.log(`npm start stopped and started again: ${Math.round(performance.now() - signalledAt)} ms`);
    const etag = published.header('SIP-ETag');
    expect((await alice.publish({ body: pidf('alice', 'closed', 'second'), etag })).status).toBe(200);
    await within(watch.until(says('second')), 'the next state');
    expect(watch.notifies).toHaveLength(told + 1);
    expectInOrder(watch);
    expect(await again.end()).toMatchObject({ status: 0 });
  }, 90_000);
});
