import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { crc32 } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { silentLog, systemClock } from '#runtime';
import { makeEndpoint, openUdp } from '#sip';
import { answerBinding } from '../../../services/sip/transport/stun.ts';
import { makeSeededRandom } from '../../support/network.ts';
import { request } from '../rfc3261/stage.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

const ID = 'b7e7a701bc34d686fa87dfae';

/** A STUN message by its parts, in hexadecimal. */
function stun(type: string, attributes = '', id = ID, cookie = '2112a442'): Buffer {
  const length = (attributes.length / 2).toString(16).padStart(4, '0');
  return Buffer.from(`${type}${length}${cookie}${id}${attributes}`, 'hex');
}

const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex');

describe('RFC 8489: the Binding method', () => {
  test('§14.2: the answer has the source as XOR-MAPPED-ADDRESS (RFC 5769 §2.2)', () => {
    expect(hex(answerBinding(stun('0001'), '192.0.2.1', 32_853))).toBe(hex(stun('0101', '002000080001a147e112a643')));
  });

  test('§14.2: of IPv6 likewise (RFC 5769 §2.3)', () => {
    const mapped = '002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9';
    expect(hex(answerBinding(stun('0001'), '2001:db8:1234:5678:11:2233:4455:6677', 32_853))).toBe(
      hex(stun('0101', mapped)),
    );
    expect(hex(answerBinding(stun('0001'), '::1', 1))).toHaveLength(88);
    expect(answerBinding(stun('0001'), 'fe80::1%eth0', 1)).toEqual(answerBinding(stun('0001'), 'fe80::1', 1));
  });

  test('§6.3.1: an attribute that must be understood and is not brings 420 with its name', () => {
    expect(hex(answerBinding(stun('0001', '00240004000000ff'), '192.0.2.1', 1))).toBe(
      hex(stun('0111', '0009000400000414000a000200240000')),
    );
  });

  test('§6.3: optional attributes, and those of an authentication that nobody asked for, are read over', () => {
    for (const attributes of ['80220004616263ff', '00060003616263ff', `00080014${'00'.repeat(20)}`])
      expect(hex(answerBinding(stun('0001', attributes), '192.0.2.1', 32_853)).slice(0, 4)).toBe('0101');
  });

  test('§14.7: a fingerprint is checked, and brings one back', () => {
    const bare = stun('0001', '8028000400000000').subarray(0, 20);
    const sum = ((crc32(bare) ^ 0x5354554e) >>> 0).toString(16).padStart(8, '0');
    const answer = Buffer.from(answerBinding(stun('0001', `80280004${sum}`), '192.0.2.1', 1) ?? []);
    expect(answer).toHaveLength(40);
    expect(answer.readUInt32BE(36)).toBe((crc32(answer.subarray(0, 32)) ^ 0x5354554e) >>> 0);
    expect(answerBinding(stun('0001', '8028000412345678'), '192.0.2.1', 1)).toBeUndefined();
  });

  test.each([
    ['§5: no magic cookie', stun('0001', '', ID, '00000000')],
    ['an indication', stun('0011')],
    ['a response', stun('0101')],
    ['another method', stun('0003')],
    ['too short', stun('0001').subarray(0, 19)],
    ['a length that is not so', Buffer.concat([stun('0001'), Buffer.alloc(4)])],
    ['an attribute beyond the end', stun('0001', '80220008616263ff')],
    ['a length no multiple of four', stun('0001', '8022')],
  ])('§6.3: %s is dropped', (_, bytes) => {
    expect(answerBinding(bytes, '192.0.2.1', 1)).toBeUndefined();
  });

  test('an answer is hardly longer than what asked for it, whatever that holds', () => {
    const many = Array.from({ length: 100 }, (_, index) => `0${(0x100 + index).toString(16)}0000`).join('');
    expect(answerBinding(stun('0001', many), '192.0.2.1', 1)?.length).toBeLessThanOrEqual(44);
    expect(answerBinding(stun('0001'), '192.0.2.1', 1)?.length).toBe(32);
    expect(answerBinding(stun('0001'), '2001:db8::1', 1)?.length).toBe(44);
  });

  test('for any bytes: never a fault', () => {
    const random = makeSeededRandom(8489);
    for (let round = 0; round < 2_000; round += 1) {
      const bytes = Buffer.from(random.bytes(4 * (round % 40)));
      if (bytes.length >= 20) {
        bytes.writeUInt16BE(1, 0);
        bytes.writeUInt16BE(bytes.length - 20, 2);
        bytes.writeUInt32BE(0x2112a442, 4);
      }
      expect(() => answerBinding(bytes, '192.0.2.1', 1)).not.toThrow();
    }
  });
});

describe('RFC 5626 §8: STUN and SIP on one port', () => {
  async function listen(address = '127.0.0.1'): Promise<{ port: number; phone: Socket }> {
    const clock = systemClock;
    const transport = await openUdp({ transport: 'udp', address, port: 0 }, { clock, log: silentLog });
    open.push(transport);
    const phone = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    phone.bind(0, address);
    await once(phone, 'listening');
    open.push(phone);
    transport.start(() => undefined);
    return { port: Number(/\d+$/.exec(transport.name)?.[0]), phone };
  }

  test.each(['127.0.0.1', '::1'])('a Binding request to %s is answered with where it came from', async (address) => {
    const { port, phone } = await listen(address);
    const coming = once(phone, 'message');
    phone.send(stun('0001'), port, address);
    expect((await coming)[0]).toEqual(answerBinding(stun('0001'), address, phone.address().port));
  });

  test('SIP goes on beside it', async () => {
    const transport = await openUdp(
      { transport: 'udp', address: '127.0.0.1', port: 0 },
      { clock: systemClock, log: silentLog },
    );
    const port = Number(/\d+$/.exec(transport.name)?.[0]);
    const endpoint = makeEndpoint({
      transports: [transport],
      clock: systemClock,
      random: makeSeededRandom(3),
      log: silentLog,
      handle: (incoming) => incoming.respond({ status: 200 }),
    });
    open.push(endpoint);
    const phone = createSocket('udp4');
    phone.bind(0, '127.0.0.1');
    await once(phone, 'listening');
    open.push(phone);
    const heard: string[] = [];
    phone.on('message', (bytes) => heard.push(bytes[0] === 1 ? 'STUN' : String(bytes).slice(0, 11)));
    for (const bytes of [stun('0001'), Buffer.from(request({ method: 'OPTIONS' })), Buffer.from('\r\n\r\n')])
      phone.send(bytes, port, '127.0.0.1');
    while (heard.length < 2) await once(phone, 'message');
    expect([...heard].sort()).toEqual(['SIP/2.0 200', 'STUN']);
  });
});
