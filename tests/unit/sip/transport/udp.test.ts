import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, test } from 'vitest';
import { ConfigError, silentLog, systemClock } from '#runtime';
import { type Flow, openEndpoint, openUdp, type Transport } from '#sip';
import { request } from '../../../conformance/rfc3261/stage.ts';
import { makeSeededRandom } from '../../../support/network.ts';
import { readWire } from '../../../support/wire.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function listen(address = '127.0.0.1', port = 0): Promise<Transport> {
  const transport = await openUdp({ transport: 'udp', address, port }, { clock: systemClock, log: silentLog });
  open.push(transport);
  return transport;
}

const portOf = (transport: Transport): number => Number(/\d+$/.exec(transport.name)?.[0]);

async function phone(address = '127.0.0.1'): Promise<Socket> {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  socket.bind(0, address);
  await once(socket, 'listening');
  open.push(socket);
  return socket;
}

function next(transport: Transport): Promise<{ bytes: Uint8Array; flow: Flow }> {
  return new Promise((resolve) => transport.start((bytes, flow) => resolve({ bytes, flow })));
}

describe('RFC 3261 §18: a UDP listening point', () => {
  test('hands over what comes with the flow it came by, and sends back over it', async () => {
    const transport = await listen();
    const socket = await phone();
    const coming = next(transport);
    socket.send('OPTIONS', portOf(transport), '127.0.0.1');
    const { bytes, flow } = await coming;
    expect(Buffer.from(bytes).toString()).toBe('OPTIONS');
    expect(flow).toEqual({ transport: 'udp', via: transport.name, address: '127.0.0.1', port: socket.address().port });
    const back = once(socket, 'message');
    transport.send(Buffer.from('answer'), flow);
    expect(String((await back)[0])).toBe('answer');
  });

  test('with port 0 the name says which port it got', async () => {
    expect((await listen()).name).toMatch(/^udp:127\.0\.0\.1:[1-9]\d+$/);
  });

  test('a taken port is one clear line', async () => {
    const taken = await listen();
    const again = listen('127.0.0.1', portOf(taken));
    await expect(again).rejects.toThrow(ConfigError);
    await expect(again).rejects.toThrow(new RegExp(`^${taken.name} is taken by another program$`));
  });

  test('an address that is not ours is one clear line', async () => {
    await expect(listen('192.0.2.77', 5060)).rejects.toThrow(
      /^udp:192\.0\.2\.77:5060 is not an address of this machine$/,
    );
  });

  test('keep-alives are dropped: the first message handed over is the first that is one', async () => {
    const transport = await listen();
    const socket = await phone();
    const coming = next(transport);
    const stun = Buffer.from('000100002112a442000102030405060708090a0b', 'hex');
    for (const keepAlive of ['', '\r\n', '\r\n\r\n', '\r\n\r\n\r\n', '\0', 'jak', stun])
      socket.send(keepAlive, portOf(transport), '127.0.0.1');
    socket.send('\r\nOPTIONS', portOf(transport), '127.0.0.1');
    expect(Buffer.from((await coming).bytes).toString()).toBe('\r\nOPTIONS');
  });

  test.each([
    ['a name', { address: 'localhost.invalid', port: 5060 }],
    ['a port that is none', { address: '127.0.0.1', port: 70_000 }],
    ['the other family', { address: '2001:db8::1', port: 5060 }],
  ])('what cannot be sent, to %s, is told in a later turn and harms nothing', async (_, peer) => {
    const transport = await listen();
    let told = false;
    const why = new Promise<string>((resolve) => {
      transport.send(Buffer.from('x'), { transport: 'udp', via: transport.name, ...peer }, (reason) => {
        told = true;
        resolve(reason);
      });
    });
    expect(told).toBe(false);
    expect(await why).not.toBe('');
  });

  test('a datagram that is too long is told, and the next one goes out', async () => {
    const transport = await listen();
    const socket = await phone();
    const flow: Flow = { transport: 'udp', via: transport.name, address: '127.0.0.1', port: socket.address().port };
    const why = new Promise<string>((resolve) => transport.send(new Uint8Array(70_000), flow, resolve));
    expect(await why).toMatch(/EMSGSIZE/);
    const back = once(socket, 'message');
    transport.send(Buffer.from('short'), flow);
    expect(String((await back)[0])).toBe('short');
  });

  test('a port where nobody listens harms nothing', async () => {
    const transport = await listen();
    const gone = await phone();
    const { port } = gone.address();
    open.splice(open.indexOf(gone), 1);
    await new Promise<void>((resolve) => gone.close(() => resolve()));
    for (let times = 0; times < 3; times += 1)
      transport.send(Buffer.from('x'), { transport: 'udp', via: transport.name, address: '127.0.0.1', port });
    const socket = await phone();
    const coming = next(transport);
    socket.send('OPTIONS', portOf(transport), '127.0.0.1');
    expect(Buffer.from((await coming).bytes).toString()).toBe('OPTIONS');
  });

  test('closing sends what was sent before, and may be asked twice', async () => {
    const transport = await listen();
    const socket = await phone();
    const back = once(socket, 'message');
    transport.send(Buffer.from('last words'), {
      transport: 'udp',
      via: transport.name,
      address: '127.0.0.1',
      port: socket.address().port,
    });
    await Promise.all([transport.close(), transport.close()]);
    expect(String((await back)[0])).toBe('last words');
  });
});

describe('our address towards a peer', () => {
  const ipv6 = Object.values(networkInterfaces()).some((addresses) =>
    addresses?.some(({ address }) => address === '::1'),
  );

  test.skipIf(!ipv6)(
    'of an IPv6 point bound to all, in brackets; an IPv4 point has the same port beside it',
    async () => {
      const transport = await listen('::');
      const beside = await listen('0.0.0.0', portOf(transport));
      expect(portOf(beside)).toBe(portOf(transport));
      const socket = await phone('::1');
      const coming = next(transport);
      socket.send('OPTIONS', portOf(transport), '::1');
      const { flow } = await coming;
      expect(flow.address).toBe('::1');
      expect(transport.localAddress(flow)).toBe(`[::1]:${portOf(transport)}`);
      const back = once(socket, 'message');
      transport.send(Buffer.from('answer'), flow);
      expect(String((await back)[0])).toBe('answer');
    },
  );

  const outward = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;

  test('of a point bound to one address is that one', async () => {
    const transport = await listen();
    const flow: Flow = { transport: 'udp', via: transport.name, address: '198.51.100.7', port: 5060 };
    expect(transport.localAddress(flow)).toBe(transport.name.slice('udp:'.length));
  });

  test('of a point bound to all: the one on the route, known when the first message is handed over', async () => {
    const transport = await listen('0.0.0.0');
    const socket = await phone();
    const coming = next(transport);
    socket.send('OPTIONS', portOf(transport), '127.0.0.1');
    const { flow } = await coming;
    expect(transport.localAddress(flow)).toBe(`127.0.0.1:${portOf(transport)}`);
  });

  test.skipIf(outward === undefined)('is another towards another network', async () => {
    const transport = await listen('0.0.0.0');
    const socket = await phone(outward);
    const coming = next(transport);
    socket.send('OPTIONS', portOf(transport), outward);
    const { flow } = await coming;
    expect(transport.localAddress(flow)).toBe(`${outward}:${portOf(transport)}`);
  });

  test('of a peer that has not sent yet is never the wildcard', async () => {
    const transport = await listen('0.0.0.0');
    const flow: Flow = { transport: 'udp', via: transport.name, address: '127.0.0.9', port: 5060 };
    expect(transport.localAddress(flow)).toBe(`127.0.0.1:${portOf(transport)}`);
    const far = transport.localAddress({ ...flow, address: '198.51.100.7' });
    expect(far).not.toMatch(/^0\.0\.0\.0/);
  });

  test('several messages of a new peer stay in order', async () => {
    const transport = await listen('0.0.0.0');
    const socket = await phone();
    const heard: string[] = [];
    const all = new Promise<void>((resolve) => {
      transport.start((bytes) => {
        heard.push(Buffer.from(bytes).toString());
        if (heard.length === 20) resolve();
      });
    });
    const said = Array.from({ length: 20 }, (_, index) => `message ${index}`);
    for (const text of said) socket.send(text, portOf(transport), '127.0.0.1');
    await all;
    expect(heard).toEqual(said);
  });
});

describe('an endpoint on real sockets', () => {
  const options = { clock: systemClock, random: makeSeededRandom(1), log: silentLog };

  test('answers on loopback', async () => {
    const endpoint = await openEndpoint({
      ...options,
      listen: [{ transport: 'udp', address: '127.0.0.1', port: 0 }],
      handle(incoming) {
        const contact = `<sip:${endpoint.advertised(incoming.flow)}>`;
        incoming.respond({
          status: 200,
          headers: [
            ['Contact', contact],
            ['X-Via', incoming.flow.via],
          ],
        });
      },
    });
    open.push(endpoint);
    const socket = await phone();
    // Port 0: its number is learnt from the flow of the first request, so find it by asking the system.
    const port = Number(
      endpoint.advertised({ transport: 'udp', via: '', address: '127.0.0.1', port: 1 }).split(':')[1],
    );
    const back = once(socket, 'message');
    socket.send(request({ method: 'OPTIONS' }), port, '127.0.0.1');
    const answer = readWire((await back)[0] as Buffer);
    expect(answer.status).toBe(200);
    expect(answer.header('Contact')).toBe(`<sip:127.0.0.1:${port}>`);
  });

  test('opens every listening point or none', async () => {
    const taken = await listen();
    const free = await listen();
    const port = portOf(free);
    await free.close();
    const opening = openEndpoint({
      ...options,
      listen: [
        { transport: 'udp', address: '127.0.0.1', port },
        { transport: 'udp', address: '127.0.0.1', port: portOf(taken) },
      ],
      handle: () => undefined,
    });
    await expect(opening).rejects.toThrow(/is taken by another program/);
    expect((await listen('127.0.0.1', port)).name).toBe(`udp:127.0.0.1:${port}`);
  });
});
