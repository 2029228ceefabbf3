import { describe, expect, test } from 'vitest';
import { type Answer, makeEndpoint, type Transport } from '#sip';
import { makeFakeClock } from '../../support/fake-clock.ts';
import { makeSeededRandom } from '../../support/network.ts';
import { parameter } from '../../support/wire.ts';
import { CLIENT, makeStage, request, respondLater } from './stage.ts';

const tagOf = (to: string | undefined): string | undefined => parameter(to ?? '', 'tag');

describe('RFC 3261 §17.2.2: non-INVITE server transaction', () => {
  test('Trying: a retransmission is discarded, and nothing is sent before the final answer', async () => {
    const later = respondLater();
    const stage = makeStage(later);
    const publish = request();
    expect(await stage.say(publish)).toEqual([]);
    expect(await stage.say(publish)).toEqual([]);
    await stage.clock.advance(10_000);
    expect(stage.received).toEqual([]);
    expect(stage.handled).toHaveLength(1);
    later.answer({ status: 200 });
    await stage.clock.advance(10);
    expect(stage.received.map(({ status }) => status)).toEqual([200]);
  });

  test('Completed: a retransmission is answered again with the very bytes, and the handler does not hear of it', async () => {
    const stage = makeStage();
    const publish = request();
    const [first] = await stage.say(publish);
    const [second] = await stage.say(publish);
    expect(first?.status).toBe(200);
    expect(second?.text).toBe(first?.text);
    expect(stage.handled).toHaveLength(1);
  });

  test('timer J: 64*T1 after the answer the transaction is gone, and the request is a new one', async () => {
    const stage = makeStage();
    const publish = request();
    await stage.say(publish);
    await stage.clock.advance(31_900);
    await stage.say(publish);
    expect(stage.handled).toHaveLength(1);
    await stage.clock.advance(500);
    await stage.say(publish);
    expect(stage.handled).toHaveLength(2);
  });

  test('the answer is not repeated unless the request is', async () => {
    const stage = makeStage();
    await stage.say(request());
    await stage.clock.advance(60_000);
    expect(stage.received).toHaveLength(1);
  });

  test('RFC 4320 §4.1: a provisional answer is a fault, answered 500', async () => {
    const stage = makeStage({ handle: (incoming) => incoming.respond({ status: 100 }) });
    const answers = await stage.say(request());
    expect(answers.map(({ status }) => status)).toEqual([500]);
  });

  test('RFC 4320 §4.2: an answer that comes after 64*T1 is not sent', async () => {
    const later = respondLater();
    const stage = makeStage(later);
    await stage.say(request());
    await stage.clock.advance(33_000);
    later.answer({ status: 200 });
    await stage.clock.advance(10);
    expect(stage.received).toEqual([]);
    expect(stage.logged).toContainEqual({ level: 'warn', message: 'a request was never answered' });
  });
});

describe('RFC 3261 §17.2.3: matching', () => {
  test('another sent-by with the same branch is another transaction', async () => {
    const stage = makeStage();
    const sentBy = (host: string) =>
      request({ via: `Via: SIP/2.0/UDP ${host};branch=z9hG4bKsame;rport`, callId: `call ${host}`.replace(' ', '-') });
    await stage.say(sentBy('192.0.2.20:5060'));
    await stage.say(sentBy('192.0.2.20:5062'));
    expect(stage.handled).toHaveLength(2);
  });

  test('another method with the same branch is another transaction', async () => {
    const stage = makeStage();
    await stage.say(request({ branch: 'z9hG4bKmethods' }));
    await stage.say(request({ branch: 'z9hG4bKmethods', method: 'OPTIONS' }));
    expect(stage.handled).toHaveLength(2);
  });

  test.each([
    ['no branch', `Via: SIP/2.0/UDP ${CLIENT};rport`],
    ['a branch without the cookie', `Via: SIP/2.0/UDP ${CLIENT};rport;branch=1`],
    ['the cookie alone', `Via: SIP/2.0/UDP ${CLIENT};rport;branch=z9hG4bK`],
  ])('RFC 2543, %s: the same request is a retransmission, the next CSeq is not', async (_, via) => {
    const stage = makeStage();
    const parts = { via, callId: 'old' };
    const [first] = await stage.say(request({ ...parts, cseq: 1 }));
    const [second] = await stage.say(request({ ...parts, cseq: 1 }));
    expect(second?.text).toBe(first?.text);
    expect(stage.handled).toHaveLength(1);
    await stage.say(request({ ...parts, cseq: 2 }));
    await stage.say(request({ ...parts, cseq: 2, callId: 'other' }));
    expect(stage.handled).toHaveLength(3);
  });
});

describe('RFC 3261 §8.2.2.2: merged requests', () => {
  test('a copy that came by another path is answered 482', async () => {
    const stage = makeStage();
    const parts = { callId: 'forked', cseq: 4 };
    const first = await stage.say(request({ ...parts, branch: 'z9hG4bKpath1' }));
    const second = await stage.say(request({ ...parts, branch: 'z9hG4bKpath2' }));
    expect([...first, ...second].map(({ status }) => status)).toEqual([200, 482]);
    expect(stage.handled).toHaveLength(1);
  });

  test('inside a dialog there is no such check', async () => {
    const stage = makeStage();
    const parts = { callId: 'forked', cseq: 4, to: 'To: <sip:alice@example.com>;tag=ours' };
    await stage.say(request({ ...parts, branch: 'z9hG4bKpath3' }));
    await stage.say(request({ ...parts, branch: 'z9hG4bKpath4' }));
    expect(stage.handled).toHaveLength(2);
  });

  test('the next request of the same call is none', async () => {
    const stage = makeStage();
    await stage.say(request({ callId: 'one', cseq: 4 }));
    await stage.say(request({ callId: 'one', cseq: 5 }));
    expect(stage.handled).toHaveLength(2);
  });
});

describe('RFC 3261 §8.2.6.2 and §8.2.7: tags, and answers without state', () => {
  test('the answer repeats Via, From, To, Call-ID and CSeq, and adds a To tag', async () => {
    const stage = makeStage();
    const [answer] = await stage.say(
      request({ callId: 'repeat', lines: ['Via: SIP/2.0/UDP 192.0.2.99;branch=z9hG4bKx'] }),
    );
    expect(answer?.headers('Via')).toHaveLength(2);
    expect(answer?.header('From')).toBe('<sip:alice@example.com>;tag=alices');
    expect(answer?.header('To')).toMatch(/^<sip:alice@example\.com>;tag=[\w-]{16,}$/);
    expect(answer?.header('Call-ID')).toBe('repeat');
    expect(answer?.header('CSeq')).toBe('1 PUBLISH');
  });

  test('a To tag that the request has stays; one that the handler chose is used', async () => {
    const stage = makeStage({ handle: (incoming) => incoming.respond({ status: 200, toTag: 'mine' }) });
    const [inside] = await stage.say(request({ to: 'To: <sip:alice@example.com>;tag=theirs' }));
    expect(tagOf(inside?.header('To'))).toBe('theirs');
    const [outside] = await stage.say(request());
    expect(tagOf(outside?.header('To'))).toBe('mine');
  });

  test('a stateless answer leaves nothing: the request is handled again, with the same To tag', async () => {
    const stage = makeStage({ handle: (incoming) => incoming.respond({ status: 401, stateless: true }) });
    const publish = request();
    const [first] = await stage.say(publish);
    const [second] = await stage.say(publish);
    expect(stage.handled).toHaveLength(2);
    expect(first?.status).toBe(401);
    expect(tagOf(first?.header('To'))).toMatch(/.{16,}/);
    expect(tagOf(second?.header('To'))).toBe(tagOf(first?.header('To')));
    const [other] = await stage.say(request());
    expect(tagOf(other?.header('To'))).not.toBe(tagOf(first?.header('To')));
    expect(stage.clock.armed).toBeLessThanOrEqual(1);
  });
});

describe('RFC 3261 §9.2 and §17.2.1: CANCEL, ACK, INVITE', () => {
  test('a CANCEL that matches a transaction is answered 200 and changes nothing', async () => {
    const later = respondLater();
    const stage = makeStage(later);
    await stage.say(request({ branch: 'z9hG4bKcancel', callId: 'c', cseq: 3 }));
    const answers = await stage.say(request({ method: 'CANCEL', branch: 'z9hG4bKcancel', callId: 'c', cseq: 3 }));
    expect(answers.map(({ status }) => status)).toEqual([200]);
    expect(stage.handled).toHaveLength(1);
    later.answer({ status: 200 });
    await stage.clock.advance(10);
    expect(stage.received.at(-1)?.header('CSeq')).toBe('3 PUBLISH');
  });

  test('a CANCEL that matches nothing is answered 481', async () => {
    const stage = makeStage();
    const answers = await stage.say(request({ method: 'CANCEL' }));
    expect(answers.map(({ status }) => status)).toEqual([481]);
    expect(stage.handled).toEqual([]);
  });

  test('an ACK is never answered and never handed over', async () => {
    const stage = makeStage();
    expect(await stage.say(request({ method: 'ACK' }))).toEqual([]);
    expect(stage.handled).toEqual([]);
  });

  test('an INVITE is refused without state: each copy gets the same answer, which is not retransmitted', async () => {
    const stage = makeStage({
      handle: (incoming) => incoming.respond({ status: 405, headers: [['Allow', 'OPTIONS']] }),
    });
    const invite = request({ method: 'INVITE' });
    const [first] = await stage.say(invite);
    const [second] = await stage.say(invite);
    expect(first?.status).toBe(405);
    expect(second?.text).toBe(first?.text);
    await stage.say(request({ method: 'ACK' }));
    await stage.clock.advance(60_000);
    expect(stage.received).toHaveLength(2);
  });
});

describe('the handler', () => {
  test('that throws costs its request a 500 and nothing else', async () => {
    const stage = makeStage({
      handle() {
        throw new Error('broken');
      },
    });
    const answers = await stage.say(request());
    expect(answers.map(({ status }) => status)).toEqual([500]);
    expect(stage.logged).toContainEqual({ level: 'error', message: 'a request failed' });
    expect((await stage.say(request()))[0]?.status).toBe(500);
  });

  test('that rejects likewise', async () => {
    const stage = makeStage({ handle: () => Promise.reject(new Error('broken')) });
    expect((await stage.say(request()))[0]?.status).toBe(500);
  });

  test('that throws after its answer: the answer stands alone', async () => {
    const stage = makeStage({
      handle(incoming) {
        incoming.respond({ status: 200 });
        throw new Error('late');
      },
    });
    expect((await stage.say(request())).map(({ status }) => status)).toEqual([200]);
  });

  test('whose answer cannot be written: 500', async () => {
    const answer: Answer = { status: 200, headers: [['no token', 'x']] };
    const stage = makeStage({ handle: (incoming) => incoming.respond(answer) });
    expect((await stage.say(request())).map(({ status }) => status)).toEqual([500]);
  });

  test('that answers twice is told so by a fault, and only the first answer goes out', async () => {
    const faults: unknown[] = [];
    const stage = makeStage({
      handle(incoming) {
        incoming.respond({ status: 200 });
        try {
          incoming.respond({ status: 404 });
        } catch (fault) {
          faults.push(fault);
        }
      },
    });
    expect((await stage.say(request())).map(({ status }) => status)).toEqual([200]);
    expect(faults).toHaveLength(1);
  });

  test('RFC 3261 §8.1.1.6: Max-Forwards 0 is no obstacle for a request that is for us', async () => {
    const stage = makeStage();
    const answers = await stage.say(request().replace('Max-Forwards: 70', 'Max-Forwards: 0'));
    expect(answers.map(({ status }) => status)).toEqual([200]);
  });
});

describe('on a stream', () => {
  test('RFC 3261 §17.2.2: timer J is zero, and the answer goes back over the stream, whatever the Via says', async () => {
    const sent: { text: string; port: number }[] = [];
    let receive: Parameters<Transport['start']>[0] = () => undefined;
    const stream: Transport = {
      transport: 'tcp',
      reliable: true,
      name: 'tcp:192.0.2.1:5060',
      start: (handler) => {
        receive = handler;
      },
      send: (bytes, flow) => void sent.push({ text: Buffer.from(bytes).toString(), port: flow.port }),
      localAddress: () => '192.0.2.1:5060',
      close: async () => undefined,
    };
    const clock = makeFakeClock();
    let handled = 0;
    const { log } = { log: { debug() {}, info() {}, warn() {}, error() {}, child: () => log } };
    makeEndpoint({
      transports: [stream],
      clock,
      random: makeSeededRandom(1),
      log,
      handle(incoming) {
        handled += 1;
        incoming.respond({ status: 200 });
      },
    });
    const bytes = Buffer.from(request({ via: 'Via: SIP/2.0/TCP 192.0.2.20:5060;branch=z9hG4bKstream' }));
    const flow = { transport: 'tcp', via: 'tcp:192.0.2.1:5060', address: '192.0.2.20', port: 49_152 } as const;
    receive(bytes, flow);
    receive(bytes, flow);
    expect(handled).toBe(2);
    expect(sent.map(({ port }) => port)).toEqual([49_152, 49_152]);
  });
});
