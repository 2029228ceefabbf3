import { expect, test } from 'vitest';
import type { Outcome, SipResponse } from '#sip';
import { makeClientTransactions } from '../../../../services/sip/transaction/index.ts';
import { makeFakeClock } from '../../../support/fake-clock.ts';

function begin({ reliable = false } = {}) {
  const clock = makeFakeClock();
  const startAt = clock.now();
  const faults: unknown[] = [];
  const transactions = makeClientTransactions({ clock, onFault: (fault) => faults.push(fault) });
  const sentAt: number[] = [];
  const outcomes: Outcome[] = [];
  let fail: (why: string) => void = () => undefined;
  const sent = transactions.begin(
    {
      key: 'k',
      reliable,
      transmit(onFailure) {
        fail = onFailure;
        sentAt.push(clock.now() - startAt);
      },
    },
    (outcome) => outcomes.push(outcome),
  );
  return { clock, transactions, sentAt, outcomes, faults, sent, fail: (why: string) => fail(why) };
}

const answer = (status: number): SipResponse => ({ status }) as SipResponse;

test('RFC 3261 §17.1.2.2: timer E doubles from T1 and stays at T2; timer F ends it after 64*T1', async () => {
  const { clock, transactions, sentAt, outcomes } = begin();
  await clock.advance(31_999);
  expect(outcomes).toEqual([]);
  await clock.advance(1);
  expect(sentAt).toEqual([0, 500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]);
  expect(outcomes).toEqual([{ kind: 'timeout' }]);
  expect(transactions.size).toBe(0);
  await clock.advance(60_000);
  expect(sentAt).toHaveLength(11);
  expect(outcomes).toHaveLength(1);
});

test('RFC 3261 §17.1.2.2: in Proceeding retransmissions go on, at intervals of T2', async () => {
  const { clock, transactions, sentAt, outcomes } = begin();
  await clock.advance(100);
  expect(transactions.receive('k', answer(100))).toBe('taken');
  await clock.advance(31_900);
  expect(sentAt).toEqual([0, 500, 4_500, 8_500, 12_500, 16_500, 20_500, 24_500, 28_500]);
  expect(outcomes).toEqual([{ kind: 'timeout' }]);
});

test('RFC 3261 §17.1.2.2: a final response ends the retransmissions and is told once', async () => {
  const { clock, transactions, sentAt, outcomes } = begin();
  await clock.advance(600);
  expect(transactions.receive('k', answer(200))).toBe('taken');
  expect(outcomes).toEqual([{ kind: 'response', response: { status: 200 } }]);
  await clock.advance(40_000);
  expect(sentAt).toEqual([0, 500]);
  expect(outcomes).toHaveLength(1);
});

test('RFC 3261 §17.1.2.2: until timer K a response come again is absorbed, afterwards it is a stray', async () => {
  const { clock, transactions, outcomes } = begin();
  transactions.receive('k', answer(200));
  await clock.advance(4_999);
  expect(transactions.receive('k', answer(200))).toBe('absorbed');
  await clock.advance(1);
  expect(transactions.receive('k', answer(200))).toBe('stray');
  expect(outcomes).toHaveLength(1);
});

test('RFC 3261 §17.1.2.2: on a reliable transport nothing is sent again, timer K is zero, timer F stands', async () => {
  const { clock, sentAt, outcomes } = begin({ reliable: true });
  await clock.advance(31_999);
  expect(sentAt).toEqual([0]);
  expect(outcomes).toEqual([]);
  await clock.advance(1);
  expect(outcomes).toEqual([{ kind: 'timeout' }]);

  const answered = begin({ reliable: true });
  answered.transactions.receive('k', answer(200));
  expect(answered.transactions.receive('k', answer(200))).toBe('stray');
});

test('RFC 3261 §17.1.4: a transport failure ends it, once', async () => {
  const { clock, transactions, sentAt, outcomes, fail } = begin();
  fail('no route');
  fail('no route');
  expect(outcomes).toEqual([{ kind: 'unreachable', why: 'no route' }]);
  expect(transactions.receive('k', answer(200))).toBe('stray');
  await clock.advance(40_000);
  expect(sentAt).toEqual([0]);
  expect(outcomes).toHaveLength(1);
});

test('an abandoned request is not sent again and its outcome is not told', async () => {
  const { clock, transactions, sentAt, outcomes, sent } = begin();
  await clock.advance(700);
  sent.abandon();
  sent.abandon();
  expect(transactions.receive('k', answer(200))).toBe('stray');
  await clock.advance(40_000);
  expect(sentAt).toEqual([0, 500]);
  expect(outcomes).toEqual([]);
  expect(transactions.size).toBe(0);
});

test('RFC 3261 §17.1.3: a response with another key belongs to nothing', () => {
  const { transactions, outcomes } = begin();
  expect(transactions.receive('other', answer(200))).toBe('stray');
  expect(outcomes).toEqual([]);
});

test('an outcome that throws is a fault, and the other transactions go on', async () => {
  const { clock, transactions, faults } = begin();
  const told: Outcome[] = [];
  const request = (key: string) => ({ key, reliable: false, transmit: () => undefined });
  transactions.begin(request('bad'), () => {
    throw new Error('bad');
  });
  transactions.begin(request('good'), (outcome) => told.push(outcome));
  await clock.advance(32_000);
  expect(faults).toEqual([new Error('bad')]);
  expect(told).toEqual([{ kind: 'timeout' }]);
});

test('ten thousand requests of one moment share one timer', () => {
  const { clock, transactions } = begin();
  for (let index = 0; index < 10_000; index += 1)
    transactions.begin({ key: String(index), reliable: false, transmit: () => undefined }, () => undefined);
  expect(clock.armed).toBe(1);
  transactions.close();
  expect(clock.armed).toBe(0);
});
