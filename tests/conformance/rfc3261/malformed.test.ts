import { describe, expect, test } from 'vitest';
import fc from '../../support/properties.ts';
import { makeStage, request } from './stage.ts';

describe('RFC 3261 §21.4.1, §18.3: what cannot be taken', () => {
  test('a request without Call-ID is answered 400, without state and without the handler', async () => {
    const stage = makeStage();
    const broken = request().replace(/^Call-ID:.*\r\n/m, '');
    const [first] = await stage.say(broken);
    const [second] = await stage.say(broken);
    expect(first?.status).toBe(400);
    expect(second?.text).toBe(first?.text);
    expect(stage.handled).toEqual([]);
    expect(stage.clock.armed).toBe(0);
  });

  test('RFC 3261 §8.1.1.5: a CSeq with another method is answered 400', async () => {
    const stage = makeStage();
    const [answer] = await stage.say(request().replace('1 PUBLISH', '1 SUBSCRIBE'));
    expect(answer?.status).toBe(400);
  });

  test('§18.3: a datagram that ends before its body does is answered 400', async () => {
    const stage = makeStage();
    const [answer] = await stage.say(request().replace('Content-Length: 0', 'Content-Length: 10'));
    expect(answer?.status).toBe(400);
  });

  test('§21.5.6: another version of SIP is answered 505', async () => {
    const stage = makeStage();
    const [answer] = await stage.say(request().replace('SIP/2.0\r\n', 'SIP/3.0\r\n'));
    expect(answer?.status).toBe(505);
  });

  test('a malformed ACK is met with silence', async () => {
    const stage = makeStage();
    expect(await stage.say(request({ method: 'ACK' }).replace(/^Call-ID:.*\r\n/m, ''))).toEqual([]);
  });

  test.each([
    ['no SIP at all', 'hello\r\n\r\n'],
    ['HTTP', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['a request without Via', request().replace(/^Via:.*\r\n/m, '')],
    ['a response to nothing', 'SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKno\r\n\r\n'],
    ['a malformed response', 'SIP/2.0 9 OK\r\n\r\n'],
  ])('%s is met with silence', async (_, text) => {
    const stage = makeStage();
    expect(await stage.say(text)).toEqual([]);
    expect(stage.handled).toEqual([]);
  });

  test('afterwards the next good request is served', async () => {
    const stage = makeStage();
    await stage.say('rubbish');
    await stage.say(Uint8Array.from({ length: 300 }, (_, index) => index % 256));
    expect((await stage.say(request())).map(({ status }) => status)).toEqual([200]);
  });

  test('whatever comes, nothing is thrown and nothing worse than an error answer is said', async () => {
    const stage = makeStage({ handle: (incoming) => incoming.respond({ status: 404, stateless: true }) });
    const good = request();
    const broken = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      // A good request with a stretch replaced: reaches further than noise does.
      fc
        .tuple(fc.nat({ max: good.length }), fc.nat({ max: 40 }), fc.string({ maxLength: 40 }))
        .map(([at, length, text]) => Buffer.from(good.slice(0, at) + text + good.slice(at + length), 'utf8')),
    );
    await fc.assert(
      fc.asyncProperty(broken, async (bytes) => {
        const { passages } = stage.network;
        const before = passages.length;
        await stage.say(bytes);
        for (const { text } of passages.slice(before + 1)) expect(text).toMatch(/^SIP\/2\.0 [45]\d\d /);
        expect(stage.logged.filter(({ level }) => level === 'error')).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});
