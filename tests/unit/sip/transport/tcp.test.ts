import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { afterEach, describe, expect, test } from 'vitest';
import { type Clock, ConfigError, type Log, silentLog, systemClock } from '#runtime';
import { type Flow, openTcp, STREAM_LIMITS, type StreamFault, type StreamLimits, type Transport } from '#sip';
import { makeConnection } from '../../../../services/sip/transport/connection.ts';
import { peerOf } from '../../../../services/sip/transport/peer-of.ts';
import { makeFakeClock } from '../../../support/fake-clock.ts';
import { dial, listenForTcp, settleSockets, type TcpListener, type TcpPeer } from '../../../support/tcp-peer.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

interface Heard {
  readonly text: string;
  readonly flow: Flow;
  readonly fault: StreamFault | undefined;
}

async function listen(
  limits: Partial<StreamLimits> = {},
  { clock = systemClock, address = '127.0.0.1', port = 0, log = silentLog } = {} as {
    clock?: Clock;
    address?: string;
    port?: number;
    log?: Log;
  },
) {
  const options = { clock, log, limits: { lingerMs: 200, ...limits } };
  const transport = await openTcp({ transport: 'tcp', address, port }, options);
  open.push(transport);
  const heard: Heard[] = [];
  const listeners = new Set<() => void>();
  let taken = 0;
  transport.start((bytes, flow, fault) => {
    heard.push({ text: Buffer.from(bytes).toString('latin1'), flow, fault });
    for (const listener of [...listeners]) listener();
  });
  return {
    transport,
    heard,
    port: Number(/\d+$/.exec(transport.name)?.[0]),
    next: () =>
      new Promise<Heard>((resolve) => {
        const listener = (): void => {
          const one = heard[taken];
          if (one === undefined) return;
          taken += 1;
          listeners.delete(listener);
          resolve(one);
        };
        listeners.add(listener);
        listener();
      }),
  };
}

async function call(port: number, host?: string, options = {}): Promise<TcpPeer> {
  const peer = await dial(port, host, options);
  open.push(peer);
  return peer;
}

async function listener(): Promise<TcpListener> {
  const one = await listenForTcp();
  open.push(one);
  return one;
}

const message = (word = 'a', body = ''): string =>
  `${word} sip:x SIP/2.0\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

/** A flow that no connection has. */
const gone = (transport: Transport, reopen?: number): Flow => ({
  transport: 'tcp',
  via: transport.name,
  address: '127.0.0.1',
  port: 9,
  connection: 'before-the-restart1',
  ...(reopen === undefined ? {} : { reopen }),
});

const failing = (transport: Transport, flow: Flow, text = message()): Promise<string> => {
  let isTurnOver = false;
  queueMicrotask(() => {
    isTurnOver = true;
  });
  return new Promise((resolve, reject) =>
    transport.send(Buffer.from(text), flow, (why) =>
      isTurnOver ? resolve(why) : reject(new Error('told in the same turn')),
    ),
  );
};

describe('RFC 3261 §18: a TCP listening point', () => {
  test('hands over whole messages with their connection, and sends back over it', async () => {
    const { transport, port, next } = await listen();
    const peer = await call(port);
    peer.say(message('one', 'body').slice(0, 20));
    peer.say(message('one', 'body').slice(20) + message('two'));
    const { text, flow } = await next();
    expect(text).toBe(message('one', 'body'));
    expect(flow).toEqual({
      transport: 'tcp',
      via: transport.name,
      address: '127.0.0.1',
      port: peer.port,
      connection: expect.stringMatching(/^[\w-]+$/),
    });
    expect((await next()).text).toBe(message('two'));
    transport.send(Buffer.from('answer'), flow);
    await peer.hears(/answer/);
    expect(transport.reliable).toBe(true);
    expect(transport.localAddress(flow)).toBe(`127.0.0.1:${port}`);
  });

  test('two connections of one peer are two flows', async () => {
    const { transport, port, next } = await listen();
    const [one, two] = [await call(port), await call(port)];
    one.say(message('one'));
    const first = await next();
    two.say(message('two'));
    const second = await next();
    expect(first.flow.connection).not.toBe(second.flow.connection);
    transport.send(Buffer.from('to two'), second.flow);
    await two.hears(/to two/);
    expect(one.text).toBe('');
  });

  test('what is sent in one turn leaves together', async () => {
    const { transport, port, next } = await listen();
    const peer = await call(port);
    peer.say(message());
    const { flow } = await next();
    for (let count = 0; count < 20; count += 1) transport.send(Buffer.from(`answer ${count} `), flow);
    await peer.hears(/answer 19/);
    expect(peer.segments).toHaveLength(1);
  });

  test('RFC 5626 §4.4.1: a double CRLF is answered by a single one', async () => {
    const { heard, port } = await listen();
    const peer = await call(port);
    peer.say('\r\n\r\n');
    await peer.hears(/^\r\n$/);
    peer.say('\r\n\r\n\r\n\r\n');
    await peer.hears(/^\r\n\r\n\r\n$/);
    expect(heard).toEqual([]);
  });

  test('a stream that cannot be cut any more: what is said to it goes out, then it ends, and nothing more is read', async () => {
    const { transport, heard, port, next } = await listen();
    const peer = await call(port);
    peer.say(`a sip:x SIP/2.0\r\n\r\n${message('never')}`);
    const { flow, fault } = await next();
    expect(fault).toEqual({ status: 400, why: 'Missing Content-Length' });
    transport.send(Buffer.from('too late'), flow);
    await peer.ended;
    expect(heard).toHaveLength(1);
  });

  test('11,000 times garbage in one segment is one fault', async () => {
    const { heard, port } = await listen();
    const peer = await call(port);
    peer.say('x\r\n\r\n'.repeat(11_000));
    await peer.ended;
    expect(heard).toHaveLength(1);
  });

  test('port 0, a taken port, a port of another program, an address that is not ours', async () => {
    const { transport, port } = await listen();
    expect(transport.name).toBe(`tcp:127.0.0.1:${port}`);
    await expect(listen({}, { port })).rejects.toThrow(ConfigError);
    await expect(listen({}, { port })).rejects.toThrow(new RegExp(`^${transport.name} is taken by another program$`));
    await expect(listen({}, { address: '192.0.2.77', port: 5060 })).rejects.toThrow(
      /^tcp:192\.0\.2\.77:5060 is not an address of this machine$/,
    );
  });

  test('a name of this machine is an address of it', async () => {
    const { transport, port, next } = await listen({}, { address: 'localhost' });
    expect(transport.name).toBe(`tcp:localhost:${port}`);
    (await call(port)).say(message());
    expect(transport.localAddress((await next()).flow)).toBe(`localhost:${port}`);
  });

  test('bound to all: our address is that of the connection', async () => {
    const { transport, port, next } = await listen({}, { address: '0.0.0.0' });
    (await call(port, '127.0.0.3')).say(message());
    expect(transport.localAddress((await next()).flow)).toBe(`127.0.0.3:${port}`);
  });

  test('an IPv6 point stands beside an IPv4 one at the same port', async () => {
    const { transport, port, next } = await listen({}, { address: '::' });
    await listen({}, { address: '0.0.0.0', port });
    const peer = await call(port, '::1');
    peer.say(message());
    const { flow } = await next();
    expect(flow.address).toBe('::1');
    expect(transport.localAddress(flow)).toBe(`[::1]:${port}`);
    transport.send(Buffer.from('answer'), flow);
    await peer.hears(/answer/);
  });
});

describe('connections that end', () => {
  test('reset by the peer: the flow is gone, and whoever waits for an answer over it is told', async () => {
    const { transport, port, next } = await listen();
    const peer = await call(port);
    peer.say(message());
    const { flow } = await next();
    const told = failing(transport, flow);
    await peer.hears(/a sip:x/);
    peer.socket.resetAndDestroy();
    expect(await told).not.toBe('');
    expect(await failing(transport, flow)).toBe('the connection is gone');
  });

  test('whoever has got the answer is told nothing', async () => {
    const { transport, port, next } = await listen();
    const peer = await call(port);
    peer.say(message());
    const { flow } = await next();
    const told: string[] = [];
    const onFailure = (why: string): void => void told.push(why);
    transport.send(Buffer.from(message()), flow, onFailure);
    transport.forget?.(onFailure);
    const other = failing(transport, flow);
    await peer.close();
    await other;
    expect(told).toEqual([]);
  });

  test('a peer that has ended its side still gets its answer; a request for it is refused', async () => {
    const { transport, port, next } = await listen();
    const peer = await call(port, undefined, { allowHalfOpen: true });
    peer.socket.end(message('one') + message('two') + message('SIP/2.0 200'));
    const { flow } = await next();
    await settleSockets();
    expect(await failing(transport, flow)).toBe('the connection is gone');
    transport.send(Buffer.from('answer '), flow);
    await peer.hears(/^answer $/);
    transport.send(Buffer.from('to both'), flow);
    await peer.ended;
    expect(peer.text).toBe('answer to both');
  });

  test('it is not waited for longer than ten seconds; one that waits for nothing, and our requests, not at all', async () => {
    const clock = makeFakeClock();
    const { transport, port, next } = await listen({}, { clock });
    const patient = await call(port, undefined, { allowHalfOpen: true });
    patient.socket.end(message());
    await next();
    await settleSockets();
    await clock.advance(9_999);
    await settleSockets();
    expect(patient.socket.readableEnded).toBe(false);
    await clock.advance(1_001);
    await patient.ended;

    const answered = await call(port, undefined, { allowHalfOpen: true });
    answered.say(message());
    const { flow } = await next();
    const told = failing(transport, flow);
    transport.send(Buffer.from('answer'), flow);
    await answered.hears(/answer/);
    answered.socket.end();
    expect(await told).toBe('the peer has ended its side');
    await answered.ended;
  });

  test('a peer that ends inside a message is let go at once, and what there was of it is a fault', async () => {
    const { heard, port } = await listen({ halfClosedMs: 3_600_000, messageMs: 3_600_000 });
    const peer = await call(port, undefined, { allowHalfOpen: true });
    peer.socket.end(message().slice(0, -5));
    await peer.ended;
    expect(heard).toMatchObject([{ fault: { status: 400, why: 'Message Cut Short' } }]);
  });

  test('closing sends what was sent before, and may be asked twice', async () => {
    const { transport, port, next } = await listen();
    const peer = await call(port);
    peer.say(message());
    transport.send(Buffer.from('last words'), (await next()).flow);
    await Promise.all([transport.close(), transport.close()]);
    expect(peer.text).toBe('last words');
    await expect(dial(port)).rejects.toThrow(/ECONNREFUSED/);
  });
});

describe('limits', () => {
  test('connections of one peer, and in all; a place that gets free is given again', async () => {
    const warned: string[] = [];
    const log: Log = { ...silentLog, warn: (_, text) => void warned.push(text) };
    const { port, next } = await listen({ connectionsOfPeer: 2 }, { address: '0.0.0.0', log });
    const [one, two] = [await call(port), await call(port)];
    const third = await call(port);
    await third.ended;
    await (await call(port)).ended;
    expect(warned).toEqual(['too many connections: new ones are refused']);
    two.say(message('still served'));
    await next();
    await one.close();
    await settleSockets();
    const fourth = await call(port);
    fourth.say(message('let in'));
    expect((await next()).text).toContain('let in');

    const small = await listen({ connections: 1 });
    await call(small.port);
    await (await call(small.port)).ended;
  });

  test('a /64 of IPv6 is one peer', () => {
    expect(peerOf('2001:db8:1:2:a:b:c:d')).toBe('2001:db8:1:2::/64');
    expect(peerOf('2001:db8:1:2::1')).toBe('2001:db8:1:2::/64');
    expect(peerOf('2001:db8::1')).toBe('2001:db8:0:0::/64');
    expect(peerOf('::1')).toBe('0:0:0:0::/64');
    expect(peerOf('fe80::1%eth0')).toBe('fe80:0:0:0::/64');
    expect(peerOf('192.0.2.1')).toBe('192.0.2.1');
  });

  test.each([
    ['no whole message comes', 15_000, ''],
    ['only keep-alives come', 15_000, '\r\n\r\n'],
    ['a message is not completed', 10_000, message('a', 'body').slice(0, -1)],
    ['a second message is not completed', 10_000, message() + message().slice(0, -1)],
    ['nothing more comes for two hours', 7_200_000, message()],
  ])('the connection ends when %s, and no sooner', async (_, afterMs, said) => {
    const clock = makeFakeClock();
    const { port } = await listen({}, { clock });
    const peer = await call(port);
    let isOver = false;
    void peer.ended.then(() => {
      isOver = true;
    });
    peer.say(said);
    await settleSockets();
    await clock.advance(afterMs - 1);
    await settleSockets();
    expect(isOver).toBe(false);
    await clock.advance(1_000);
    await peer.ended;
  });

  test('a message that comes slowly, but in time, is taken; the next has its own time', async () => {
    const clock = makeFakeClock();
    const { port, next } = await listen({}, { clock });
    const peer = await call(port);
    peer.say(message('first'));
    await next();
    for (let round = 0; round < 3; round += 1) {
      const text = message(`slow${round}`, 'body');
      peer.say(text.slice(0, 9));
      await settleSockets();
      await clock.advance(9_000);
      peer.say(text.slice(9));
      expect((await next()).text).toBe(text);
    }
  });

  test('incomplete messages of all connections together', async () => {
    const { port, heard } = await listen({ heldInAll: 100_000 });
    const begun = 'a sip:x SIP/2.0\r\nContent-Length: 200000\r\n\r\n'.padEnd(60_000, 'b');
    const one = await call(port);
    one.say(begun);
    await settleSockets();
    const two = await call(port);
    two.say(begun);
    await two.ended;
    one.say('b'.repeat(200_000 - 60_000 + 'a sip:x SIP/2.0\r\nContent-Length: 200000\r\n\r\n'.length));
    await one.ended;
    expect(heard).toEqual([]);
    const three = await call(port);
    three.say(begun.slice(0, 1_000));
    await settleSockets();
    expect(three.socket.closed).toBe(false);
  });

  test('a peer that does not read: so much is queued, then the connection ends and its sends fail', async () => {
    const { transport, port, next } = await listen();
    const peer = await call(port);
    peer.say(message());
    const { flow } = await next();
    peer.socket.pause();
    const large = Buffer.alloc(100_000, 'x');
    const failed: string[] = [];
    let sent = 0;
    while (failed.length === 0 && sent < 1_000) {
      transport.send(large, flow, (why) => void failed.push(why));
      sent += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(failed[0]).toBe('the peer does not read');
    await settleSockets();
    expect(failed).toHaveLength(sent);
  });

  test('who does not take its answers gets no more requests read, and goes on when it takes them', async () => {
    const { transport, port, next, heard } = await listen({ queued: 64 * 1024 * 1024 });
    const peer = await call(port);
    peer.say(message());
    const { flow } = await next();
    peer.socket.pause();
    const large = Buffer.alloc(16 * 1024 * 1024, 'x');
    transport.send(large, flow);
    await settleSockets();
    peer.say(message('second'));
    await settleSockets();
    expect(heard).toHaveLength(1);
    peer.socket.resume();
    expect((await next()).text).toBe(message('second'));
  });

  test('and is let go when it takes nothing for half a minute', async () => {
    const clock = makeFakeClock();
    const { transport, port, next } = await listen({ queued: 64 * 1024 * 1024 }, { clock });
    const peer = await call(port);
    peer.say(message());
    const { flow } = await next();
    peer.socket.pause();
    const told = failing(transport, flow, 'x'.repeat(16 * 1024 * 1024));
    await settleSockets();
    await clock.advance(31_000);
    expect(await told).toBe('the peer does not read');
  });
});

describe('connections of ours', () => {
  test('to a peer without one: one for all, and what comes over it is handed over', async () => {
    const { transport, next } = await listen();
    const phone = await listener();
    const flow: Flow = { transport: 'tcp', via: transport.name, address: '127.0.0.1', port: phone.port };
    transport.send(Buffer.from('one '), flow);
    transport.send(Buffer.from('two '), flow);
    const peer = await phone.next();
    await peer.hears(/^one two $/);
    transport.send(Buffer.from('three'), flow);
    await peer.hears(/three$/);
    expect(phone.accepted).toHaveLength(1);
    peer.say(message('answer'));
    const { flow: back } = await next();
    expect(back).toMatchObject({ address: '127.0.0.1', port: phone.port });
    transport.send(Buffer.from(' four'), back);
    await peer.hears(/ four$/);
    expect(phone.accepted).toHaveLength(1);
  });

  test('in place of one that is gone, where that is allowed', async () => {
    const { transport } = await listen();
    const phone = await listener();
    expect(await failing(transport, gone(transport))).toBe('the connection is gone');
    transport.send(Buffer.from('hello'), gone(transport, phone.port));
    await (await phone.next()).hears(/^hello$/);
  });

  test.each([
    ['a port where nobody listens', { port: 1 }, /ECONNREFUSED/],
    ['a name', { address: 'localhost' }, /not an IP address/],
    ['a name under .invalid', { address: 'df7jal23ls0d.invalid' }, /not an IP address/],
    ['the other family', { address: '::1' }, /other family/],
    ['port 0', { port: 0 }, /not a port/],
  ])('to %s: told in a later turn', async (_, peer, why) => {
    const { transport } = await listen();
    const flow: Flow = { transport: 'tcp', via: transport.name, address: '127.0.0.1', port: 5060, ...peer };
    expect(await failing(transport, flow)).toMatch(why);
    expect(await transport.reach?.(flow)).toBe(false);
  });

  test('one that does not open within two seconds is given up', async () => {
    const clock = makeFakeClock();
    const silent = new Duplex({ read: () => undefined, write: () => undefined });
    const socket = Object.assign(silent, { connecting: true }) as unknown as Socket;
    const flow: Flow = { transport: 'tcp', via: '', address: '192.0.2.20', port: 5060 };
    const closed: string[] = [];
    const connection = makeConnection({
      socket,
      flow,
      isOurs: true,
      clock,
      limits: STREAM_LIMITS,
      onMessage: () => undefined,
      onSooner: () => undefined,
      onHeld: () => undefined,
      onClosed: (_, why) => void closed.push(why),
    });
    const told: string[] = [];
    connection.send(Buffer.from(message()), (why) => void told.push(why));
    expect(connection.dueAt - clock.now()).toBe(2_000);
    await clock.advance(1_999);
    connection.look();
    await clock.advance(1);
    expect(told).toEqual([]);
    connection.look();
    expect(await connection.connected).toBe(false);
    expect([told, closed]).toEqual([['no connection in time'], ['no connection in time']]);
  });

  test('an idle one is closed after five minutes', async () => {
    const clock = makeFakeClock();
    const { transport } = await listen({}, { clock });
    const phone = await listener();
    const flow: Flow = { transport: 'tcp', via: transport.name, address: '127.0.0.1', port: phone.port };
    transport.send(Buffer.from('hello'), flow);
    const peer = await phone.next();
    await peer.hears(/hello/);
    await clock.advance(301_000);
    await peer.ended;
    transport.send(Buffer.from('again'), flow);
    await (await phone.next()).hears(/again/);
  });
});
