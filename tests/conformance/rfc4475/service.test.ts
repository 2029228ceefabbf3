/** RFC 4475 and RFC 5118 against the whole service, by datagram and by stream: each is answered as its manifest says. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import manifest4475 from '../../cases/rfc4475/manifest.json' with { type: 'json' };
import manifest5118 from '../../cases/rfc5118/manifest.json' with { type: 'json' };
import { type House, openHouse } from '../../support/house.ts';
import { dial } from '../../support/tcp-peer.ts';
import { caseFile } from '../../unit/sip/grammar/messages.ts';

const cases = [
  ...manifest4475.map(({ name, section, accept }) => ({ rfc: 'rfc4475', name, section, accept })),
  ...manifest5118.map(({ name, section, cls }) => ({
    rfc: 'rfc5118',
    name,
    section,
    accept: cls === 'reject' ? ['400'] : ['valid'],
  })),
];

/** `valid`: any final answer but 400 and failures of ours; `none`: silence. */
function isAsAccepted(statuses: readonly number[], accept: readonly string[]): boolean {
  if (statuses.length === 0) return accept.includes('none');
  return statuses.every(
    (status) =>
      accept.includes(String(status)) ||
      (accept.includes('valid') && status !== 400 && (status < 500 || status === 501)),
  );
}

const statusesIn = (text: string): readonly number[] =>
  [...text.matchAll(/^SIP\/2\.0 (\d+) /gm)].map(([, status]) => Number(status));

const OPTIONS = (n: number, transport: string): string =>
  `OPTIONS sip:example.com SIP/2.0\r\nVia: SIP/2.0/${transport} 192.0.2.77:5060;branch=z9hG4bKalive${transport}${n};rport\r\n` +
  `From: <sip:a@example.com>;tag=1\r\nTo: <sip:example.com>\r\nCall-ID: alive${transport}${n}\r\nCSeq: 1 OPTIONS\r\n` +
  'Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n';

let house: House;
beforeAll(async () => {
  house = await openHouse({ tcp: '127.0.0.1' });
});
afterAll(() => house.close());

describe('by datagram', () => {
  const phone = () => house.network.plug('192.0.2.77:40000');

  async function say(bytes: Uint8Array): Promise<readonly number[]> {
    const before = house.network.passages.length;
    phone().send(bytes, {
      transport: 'udp',
      via: 'udp:192.0.2.77:40000',
      address: '192.0.2.1',
      port: 5060,
    });
    await house.clock.advance(500);
    return house.network.passages
      .slice(before)
      .filter(({ from }) => from === '192.0.2.1:5060')
      .flatMap(({ text }) => statusesIn(text));
  }

  it.each(cases)('$rfc §$section $name: as the manifest says, once, and the next is served', async (one) => {
    const statuses = await say(caseFile(`${one.rfc}/${one.name}.dat`));
    expect(statuses.length).toBeLessThanOrEqual(1);
    expect(isAsAccepted(statuses, one.accept), `${statuses}, not ${one.accept}`).toBe(true);
    expect(await say(Buffer.from(OPTIONS(cases.indexOf(one), 'UDP')))).toEqual([200]);
  });
});

/** On a stream the empty line is waited for, and with it what says where the answer goes to may be missing. */
const UNFRAMED: Readonly<Record<string, readonly string[]>> = { mcl01: ['400'] };

describe('by stream', () => {
  it.each(cases)('$rfc §$section $name: as the manifest says, and the next is served', async (one) => {
    const text = caseFile(`${one.rfc}/${one.name}.dat`);
    const statuses = await sayByStream(text);
    const hasLength = /^(?:content-length|l)[ \t]*:/im.test(text.toString('latin1').split('\r\n\r\n')[0] ?? '');
    // RFC 3261 §20.14: without Content-Length nothing says where it ends.
    const accept = UNFRAMED[one.name] ?? (hasLength || one.accept.includes('none') ? one.accept : ['400']);
    expect(isAsAccepted(statuses, accept), `${statuses}, not ${accept}`).toBe(true);
    expect(await sayByStream(Buffer.from(OPTIONS(cases.indexOf(one), 'TCP')))).toEqual([200]);
  });

  /** Says it and ends its own side, as the service then does. */
  async function sayByStream(bytes: Uint8Array): Promise<readonly number[]> {
    const peer = await dial(house.tcpPort);
    peer.socket.write(bytes);
    peer.socket.end();
    await peer.ended;
    const { text } = peer;
    await peer.close();
    return statusesIn(text);
  }
});
