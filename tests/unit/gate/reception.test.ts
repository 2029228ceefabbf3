import { describe, expect, it } from 'vitest';
import { makeReceive } from '#gate';
import { type Log, silentLog } from '#runtime';
import type { Answer, Incoming } from '#sip';
import { StoreUnavailable } from '#store';
import { makeFakeClock } from '../../support/fake-clock.ts';
import { makeSeededRandom } from '../../support/network.ts';

function setUp() {
  const clock = makeFakeClock();
  const said: object[] = [];
  const log: Log = {
    ...silentLog,
    warn: (fields) => void said.push(fields),
    error: (fields) => void said.push(fields),
  };
  const answers: Answer[] = [];
  const incoming = {
    request: { method: 'PUBLISH', callId: 'one' },
    respond: (answer: Answer) => void answers.push(answer),
  } as unknown as Incoming;
  return { clock, said, answers, incoming, receive: makeReceive({ log, clock, random: makeSeededRandom(1) }) };
}

describe('the one answer of a request', () => {
  it('what follows an answer comes after it was sent', async () => {
    const { receive, incoming, answers } = setUp();
    let sentBefore = 0;
    const afterwards = (): void => {
      sentBefore = answers.length;
    };
    await receive(incoming, async () => ({ answer: { status: 200 }, afterwards }));
    expect(sentBefore).toBe(1);
  });

  it('nothing need follow it', async () => {
    const { receive, incoming, answers, said } = setUp();
    receive(incoming, () => ({ answer: { status: 200 } }));
    await receive(incoming, async () => ({ answer: { status: 202 } }));
    expect([answers.map(({ status }) => status), said]).toEqual([[200, 202], []]);
  });

  it('a fault is 500, logged, and costs this request alone', async () => {
    const { receive, incoming, answers, said } = setUp();
    await receive(incoming, () => Promise.reject(new TypeError('oops')));
    expect(answers).toMatchObject([{ status: 500 }]);
    expect(said).toMatchObject([{ method: 'PUBLISH', callId: 'one' }]);
  });

  it('what is there at once is answered at once, a fault too', () => {
    const { receive, incoming, answers, said } = setUp();
    const order: string[] = [];
    expect(receive(incoming, () => ({ answer: { status: 200 }, afterwards: () => void order.push('after') }))).toBe(
      undefined,
    );
    expect(receive(incoming, () => ({ refused: { status: 403 } }))).toBe(undefined);
    expect(order).toEqual(['after']);
    const fault = (): never => {
      throw new TypeError('oops');
    };
    receive(incoming, fault);
    expect(answers.map(({ status }) => status)).toEqual([200, 403, 500]);
    expect(said).toMatchObject([{ fault: expect.stringMatching(/oops\n +at /) }]);
  });

  it('a database that is away is 503 with Retry-After for everybody, and said once a minute with their number', async () => {
    const { receive, incoming, answers, said, clock } = setUp();
    const away = (): Promise<never> => Promise.reject(new StoreUnavailable('gone'));
    for (let request = 0; request < 5; request += 1) await receive(incoming, away);
    expect(answers).toHaveLength(5);
    const waits = answers.map(({ headers = [] }) => Number(headers.find(([name]) => name === 'Retry-After')?.[1]));
    expect(answers.every(({ status }) => status === 503)).toBe(true);
    expect(waits.every((seconds) => seconds >= 5 && seconds <= 9)).toBe(true);
    // Not all at the same moment.
    expect(new Set(waits).size).toBeGreaterThan(1);
    expect(said).toMatchObject([{ requests: 1 }]);
    await clock.advance(60_000);
    await receive(incoming, away);
    expect(said).toMatchObject([{ requests: 1 }, { requests: 5 }]);
  });
});
