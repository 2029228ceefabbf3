import { describe, expect, it } from 'vitest';
import { silentLog } from '#runtime';
import { makeLocator, readUri, type SipUri } from '#sip';
import { locate } from '../../../services/sip/resolve/locate.ts';
import { orderSrv } from '../../../services/sip/resolve/order-services.ts';
import { makeFakeClock } from '../../support/fake-clock.ts';
import { makeNames, naptr, srv, type Zone } from '../../support/names.ts';
import { makeChance } from '../../support/network.ts';

const chance = makeChance(3263);

async function find(uri: string, zone: Zone = {}, family: 4 | 6 = 4) {
  const names = makeNames(zone);
  const targets = await locate(readUri(uri) as SipUri, family, { names, chance });
  return {
    targets: targets.map(({ transport, address, port }) => `${transport} ${address} ${port}`),
    asked: names.asked,
  };
}

const A = { a: { 'example.com': ['192.0.2.1'], 'b.example.com': ['192.0.2.2', '192.0.2.3'] } };

describe('RFC 3263 §4.1: the transport', () => {
  it.each([
    ['sip:192.0.2.7', 'udp 192.0.2.7 5060'],
    ['sip:192.0.2.7:5070', 'udp 192.0.2.7 5070'],
    ['sip:192.0.2.7;transport=tcp', 'tcp 192.0.2.7 5060'],
    ['sip:192.0.2.7;transport=TCP', 'tcp 192.0.2.7 5060'],
    ['sip:192.0.2.7;maddr=203.0.113.1', 'udp 192.0.2.7 5060'],
  ])('an address needs no DNS: %s', async (uri, target) => {
    expect(await find(uri)).toEqual({ targets: [target], asked: [] });
  });

  it('an address of the other family is none', async () => {
    expect((await find('sip:192.0.2.7', {}, 6)).targets).toEqual([]);
    expect((await find('sip:[2001:db8::7]', {}, 6)).targets).toEqual(['udp 2001:db8::7 5060']);
  });

  it('a name with a port is UDP, and no NAPTR or SRV is asked for', async () => {
    expect(await find('sip:example.com:5070', A)).toEqual({
      targets: ['udp 192.0.2.1 5070'],
      asked: ['A example.com'],
    });
  });

  it('NAPTR says which transports there are, the one of the lowest order first', async () => {
    const zone = {
      ...A,
      naptr: {
        'example.com': [
          naptr(90, 50, 'SIP+D2U', '_sip._udp.example.com'),
          naptr(50, 50, 'SIPS+D2T', '_sips._tcp.example.com'),
          naptr(90, 40, 'SIP+D2T', '_sip._tcp.example.com'),
        ],
      },
      srv: {
        '_sip._tcp.example.com': [srv(1, 0, 'b.example.com', 5066)],
        '_sip._udp.example.com': [srv(1, 0, 'example.com')],
      },
    };
    const { targets, asked } = await find('sip:example.com', zone);
    expect(targets).toEqual(['tcp 192.0.2.2 5066', 'tcp 192.0.2.3 5066']);
    expect(asked).toEqual(['NAPTR example.com', 'SRV _sip._tcp.example.com', 'A b.example.com']);
  });

  it('without NAPTR, SRV is tried for each transport that we have', async () => {
    const zone = { ...A, srv: { '_sip._tcp.example.com': [srv(1, 0, 'b.example.com')] } };
    const { targets, asked } = await find('sip:example.com', zone);
    expect(targets).toEqual(['tcp 192.0.2.2 5060', 'tcp 192.0.2.3 5060']);
    expect(asked.slice(0, 3)).toEqual(['NAPTR example.com', 'SRV _sip._udp.example.com', 'SRV _sip._tcp.example.com']);
  });

  it('without either it is UDP', async () => {
    expect((await find('sip:example.com', A)).targets).toEqual(['udp 192.0.2.1 5060']);
  });

  it('sips: and transports that we do not have lead nowhere, and nobody is asked', async () => {
    for (const uri of ['sips:example.com', 'sip:example.com;transport=sctp', 'sip:example.com;transport=ws'])
      expect(await find(uri, A)).toEqual({ targets: [], asked: [] });
  });
});

describe('RFC 3263 §4.2: address and port', () => {
  it('a transport without a port: SRV of that transport, then the address', async () => {
    const zone = { ...A, srv: { '_sip._tcp.example.com': [srv(1, 0, 'b.example.com', 5068)] } };
    expect(await find('sip:example.com;transport=tcp', zone)).toEqual({
      targets: ['tcp 192.0.2.2 5068', 'tcp 192.0.2.3 5068'],
      asked: ['SRV _sip._tcp.example.com', 'A b.example.com'],
    });
    expect((await find('sip:example.com;transport=tcp', A)).targets).toEqual(['tcp 192.0.2.1 5060']);
  });

  it('of IPv6 AAAA is asked for', async () => {
    const { targets, asked } = await find('sip:example.com:5060', { aaaa: { 'example.com': ['2001:db8::1'] } }, 6);
    expect(targets).toEqual(['udp 2001:db8::1 5060']);
    expect(asked).toEqual(['AAAA example.com']);
  });

  it('RFC 2782: a service of the name `.` is none', async () => {
    const zone = { srv: { '_sip._udp.example.com': [srv(0, 0, '.', 0)] } };
    expect((await find('sip:example.com;transport=udp', zone)).targets).toEqual([]);
  });

  it('RFC 2782: priorities in order, weights by chance, and 0 hardly ever first', () => {
    const firsts = new Map<string, number>();
    for (let round = 0; round < 2_000; round += 1) {
      const order = orderSrv([srv(2, 9, 'last'), srv(1, 30, 'heavy'), srv(1, 10, 'light'), srv(1, 0, 'none')], chance);
      expect(order.at(-1)?.name).toBe('last');
      expect(order).toHaveLength(4);
      const first = order[0]?.name ?? '';
      firsts.set(first, (firsts.get(first) ?? 0) + 1);
    }
    expect(firsts.get('heavy')).toBeGreaterThan(1_300);
    expect(firsts.get('light')).toBeGreaterThan(350);
    expect(firsts.get('none')).toBeLessThan(150);
  });

  it('a name that leads to very many places is cut off', async () => {
    const many = Array.from({ length: 100 }, (_, n) => srv(1, 1, `h${n}.example.com`));
    const a = Object.fromEntries(many.map(({ name }, n) => [name, [`192.0.2.${n}`, `198.51.100.${n}`]]));
    const { targets, asked } = await find('sip:example.com;transport=udp', {
      a,
      srv: { '_sip._udp.example.com': many },
    });
    expect(targets).toHaveLength(8);
    expect(asked.length).toBeLessThan(12);
  });
});

describe('what is asked of the DNS is bounded', () => {
  const uri = (text: string): SipUri => readUri(text) as SipUri;
  function make(zone: Zone) {
    const clock = makeFakeClock();
    const names = makeNames(zone);
    return { clock, names, locator: makeLocator({ names, clock, log: silentLog, chance }) };
  }

  it('a name is asked for once a minute, and once for all who wait for it', async () => {
    const { clock, names, locator } = make(A);
    await Promise.all([1, 2, 3].map(() => locator.find(uri('sip:example.com:5060'), 4)));
    expect(locator.find(uri('sip:example.com:5060'), 4)).toEqual([
      { transport: 'udp', address: '192.0.2.1', port: 5060 },
    ]);
    expect(names.asked).toHaveLength(1);
    await clock.advance(61_000);
    await locator.find(uri('sip:example.com:5060'), 4);
    expect(names.asked).toHaveLength(2);
  });

  it('a name that cannot be asked for, or leads nowhere, leads nowhere for half a minute', async () => {
    const { clock, names, locator } = make({ refuses: ['bad.example.com'] });
    expect(await locator.find(uri('sip:bad.example.com:5060'), 4)).toEqual([]);
    expect(await locator.find(uri('sip:no.example.com:5060'), 4)).toEqual([]);
    expect(locator.find(uri('sip:bad.example.com:5060'), 4)).toEqual([]);
    expect(names.asked).toHaveLength(2);
    await clock.advance(31_000);
    await locator.find(uri('sip:bad.example.com:5060'), 4);
    expect(names.asked).toHaveLength(3);
  });

  it('a DNS that says nothing holds nobody up for more than two seconds', async () => {
    const { clock, locator } = make({ silent: ['slow.example.com'] });
    const finding = Promise.resolve(locator.find(uri('sip:slow.example.com:5060'), 4));
    await clock.advance(2_000);
    expect(await finding).toEqual([]);
    expect(locator.find(uri('sip:slow.example.com:5060'), 4)).toEqual([]);
  });

  it('many names at once: beyond 32 under way nothing is asked', async () => {
    const hosts = Array.from({ length: 100 }, (_, n) => `slow${n}.example.com`);
    const { clock, names, locator } = make({ silent: hosts });
    for (const host of hosts) void locator.find(uri(`sip:${host}:5060`), 4);
    await clock.advance(10_000);
    for (const host of hosts) void locator.find(uri(`sip:${host}:5062`), 4);
    expect(names.asked).toHaveLength(32);
  });

  it('RFC 2606 §2: .invalid is never asked for', () => {
    const { names, locator } = make({});
    expect(locator.find(uri('sip:u8f3k.invalid;transport=tcp'), 4)).toEqual([]);
    expect(names.asked).toEqual([]);
  });
});
