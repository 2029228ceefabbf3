import { expect, test } from 'vitest';
import { makeServerTransactions } from '../../../../services/sip/transaction/index.ts';
import { makeFakeClock } from '../../../support/fake-clock.ts';

function begin(more: { reliable?: boolean; limit?: number } = {}) {
  const clock = makeFakeClock();
  const unanswered: string[] = [];
  const transactions = makeServerTransactions<string>({
    clock,
    reliable: false,
    onUnanswered: (key) => unanswered.push(key),
    ...more,
  });
  return { clock, transactions, unanswered };
}

test('RFC 3261 §17.2.2: a retransmission in Trying is absorbed', () => {
  const { transactions } = begin();
  expect(transactions.arrive('k', undefined)).toEqual({ kind: 'new' });
  expect(transactions.arrive('k', undefined)).toEqual({ kind: 'absorbed' });
});

test('RFC 3261 §17.2.2: in Completed each retransmission gets the answer again, until timer J', async () => {
  const { clock, transactions } = begin();
  transactions.arrive('k', undefined);
  await clock.advance(5_000);
  expect(transactions.answer('k', 'answer')).toBe(true);
  await clock.advance(31_999);
  expect(transactions.arrive('k', undefined)).toEqual({ kind: 'again', sent: 'answer' });
  await clock.advance(1);
  expect(transactions.arrive('k', undefined)).toEqual({ kind: 'new' });
});

test('RFC 3261 §17.2.2: a second final answer is discarded', () => {
  const { transactions } = begin();
  transactions.arrive('k', undefined);
  transactions.answer('k', 'first');
  expect(transactions.answer('k', 'second')).toBe(false);
  expect(transactions.arrive('k', undefined)).toEqual({ kind: 'again', sent: 'first' });
});

test('RFC 3261 §17.2.2: on a reliable transport timer J is zero', () => {
  const { clock, transactions } = begin({ reliable: true });
  transactions.arrive('k', 'm');
  transactions.answer('k', 'answer');
  expect(transactions.completed).toBe(0);
  expect(transactions.arrive('k', 'm')).toEqual({ kind: 'new' });
  transactions.close();
  expect(clock.armed).toBe(0);
});

test('RFC 3261 §8.2.7: a forgotten transaction leaves nothing, not even for the merge check', () => {
  const { transactions } = begin();
  transactions.arrive('k', 'm');
  expect(transactions.forget('k')).toBe(true);
  expect(transactions.forget('k')).toBe(false);
  expect(transactions.has('k')).toBe(false);
  expect(transactions.arrive('other', 'm')).toEqual({ kind: 'new' });
});

test('RFC 3261 §8.2.2.2: the same request by another path is merged while the first is known, and no longer', async () => {
  const { clock, transactions } = begin();
  transactions.arrive('k', 'm');
  expect(transactions.arrive('other', 'm')).toEqual({ kind: 'merged' });
  transactions.answer('k', 'answer');
  expect(transactions.arrive('other', 'm')).toEqual({ kind: 'merged' });
  expect(transactions.arrive('k', 'm')).toEqual({ kind: 'again', sent: 'answer' });
  await clock.advance(32_000);
  expect(transactions.arrive('other', 'm')).toEqual({ kind: 'new' });
});

test('RFC 4320 §4.2: a request that nobody answered within 64*T1 is forgotten, told, and its answer comes too late', async () => {
  const { clock, transactions, unanswered } = begin();
  transactions.arrive('k', 'm');
  await clock.advance(32_000);
  expect(unanswered).toEqual(['k']);
  expect(transactions.answer('k', 'late')).toBe(false);
  expect(transactions.trying).toBe(0);
  expect(transactions.arrive('other', 'm')).toEqual({ kind: 'new' });
});

test('above the limit the oldest answers go, with their merge keys', () => {
  const { transactions } = begin({ limit: 100 });
  for (let index = 0; index < 1_000; index += 1) {
    transactions.arrive(`k${index}`, `m${index}`);
    transactions.answer(`k${index}`, 'answer');
  }
  expect(transactions.completed).toBeLessThanOrEqual(100);
  expect(transactions.arrive('k999', 'm999')).toEqual({ kind: 'again', sent: 'answer' });
  expect(transactions.arrive('again', 'm0')).toEqual({ kind: 'new' });
});
