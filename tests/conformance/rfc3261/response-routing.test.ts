import { describe, expect, test } from 'vitest';
import { parameter } from '../../support/wire.ts';
import { makeStage, request } from './stage.ts';

/** Sends with this Via from 192.0.2.20:5060; where did the answer go? */
async function answerTo(via: string) {
  const stage = makeStage();
  await stage.say(request({ via: `Via: ${via}` }));
  const { passages } = stage.network;
  expect(passages).toHaveLength(2);
  const topVia = /^Via: (.*)$/m.exec(passages[1]?.text ?? '')?.[1]?.trim() ?? '';
  return { to: passages[1]?.to, topVia };
}

describe('RFC 3261 §18.2.2 and RFC 3581 §4: where an answer by UDP goes', () => {
  test('with rport: to the source address and port, and both are written into the Via', async () => {
    const { to, topVia } = await answerTo('SIP/2.0/UDP 10.0.0.7:5099;branch=z9hG4bKa;rport');
    expect(to).toBe('192.0.2.20:5060');
    expect(parameter(topVia, 'received')).toBe('192.0.2.20');
    expect(parameter(topVia, 'rport')).toBe('5060');
  });

  test('without rport: to the source address, at the port of the sent-by', async () => {
    const { to, topVia } = await answerTo('SIP/2.0/UDP 10.0.0.7:5099;branch=z9hG4bKb');
    expect(to).toBe('192.0.2.20:5099');
    expect(parameter(topVia, 'received')).toBe('192.0.2.20');
  });

  test('without rport and without a port: to the source address at 5060', async () => {
    expect((await answerTo('SIP/2.0/UDP 10.0.0.7;branch=z9hG4bKc')).to).toBe('192.0.2.20:5060');
  });

  test('a host name in the Via is never looked up: the source address', async () => {
    const { to, topVia } = await answerTo('SIP/2.0/UDP phone.example.org:5070;branch=z9hG4bKd');
    expect(to).toBe('192.0.2.20:5070');
    expect(parameter(topVia, 'received')).toBe('192.0.2.20');
  });

  test('maddr is not followed: nobody aims our answers at a third party', async () => {
    const { to } = await answerTo('SIP/2.0/UDP 192.0.2.20:5060;maddr=203.0.113.9;branch=z9hG4bKe');
    expect(to).toBe('192.0.2.20:5060');
  });

  test('a received parameter of the sender counts for nothing', async () => {
    const { to, topVia } = await answerTo('SIP/2.0/UDP 10.0.0.7:5099;received=203.0.113.9;branch=z9hG4bKf');
    expect(to).toBe('192.0.2.20:5099');
    expect(topVia).not.toContain('203.0.113.9');
  });

  test('a request that came over IPv6 is answered over IPv6', async () => {
    const stage = makeStage();
    const phone = stage.network.plug('[2001:db8::20]:5060');
    phone.start(() => undefined);
    const text = request({ via: 'Via: SIP/2.0/UDP [2001:db8::20]:5060;branch=z9hG4bKg;rport' });
    phone.send(Buffer.from(text), { transport: 'udp', via: phone.name, address: '192.0.2.1', port: 5060 });
    await stage.clock.advance(10);
    expect(stage.network.passages.at(-1)).toMatchObject({ to: '[2001:db8::20]:5060', fate: 'delivered' });
  });
});
