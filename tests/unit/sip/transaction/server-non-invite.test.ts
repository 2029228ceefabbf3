import { expect, test } from 'vitest';
import {
  type Completed,
  makeCompleted,
  makeServerTransactions,
  type SentAnswer,
} from '../../../../services/sip/transaction/index.ts';
import { makeFakeClock } from '../../../support/fake-clock.ts';

function begin(more: { reliable?: boolean; limit?: number } = {}) {
  const clock = makeFakeClock();
  const unanswered: string[] = [];
  const completed: Completed = makeCompleted({ clock, limit: 100, byteLimit: 1e6 });
  const transactions = makeServerTransactions({
    clock,
    reliable: false,
    completed,
    onUnanswered: (key) => unanswered.push(key),
    ...more,
  });
  return { clock, transactions, completed, unanswered };
}

const sent = (text: string): SentAnswer => ({
  bytes: Buffer.from(text),
  to: { transport: 'udp', via: 'udp:192.0.2.1:5060', address: '192.0.2.20', port: 5062 },
});

test('RFC 3261 §17.2.2: a retransmission in Trying is absorbed', () => {
  const { transactions } = begin();
  expect(transactions.arrive('k', undefined)).toEqual({ kind: 'new' });
  expect(transactions.arrive('k', undefined)).toEqual({ kind: 'absorbed' });
});

test('RFC 3261 §17.2.2: in Completed each retransmission gets the answer again, until timer J', async () => {
  const { clock, transactions } = begin();
  transactions.arrive('k', undefined);
  await clock.advance(5_000);
  expect(transactions.answer('k', sent('answer'))).toBe(true);
  await clock.advance(31_999);
  expect(transactions.arrive('k', undefined)).toEqual({ kind: 'again', sent: sent('answer') });
  await clock.advance(1);
  expect(transactions.arrive('k', undefined)).toEqual({ kind: 'new' });
});

test('RFC 3261 §17.2.2: a second final answer is discarded', () => {
  const { transactions } = begin();
  transactions.arrive('k', undefined);
  transactions.answer('k', sent('first'));
  expect(transactions.answer('k', sent('second'))).toBe(false);
  expect(transactions.arrive('k', undefined)).toEqual({ kind: 'again', sent: sent('first') });
});

test('RFC 3261 §17.2.2: on a reliable transport timer J is zero', () => {
  const { clock, transactions, completed } = begin({ reliable: true });
  transactions.arrive('k', 'm');
  transactions.answer('k', sent('answer'));
  expect(completed.size).toBe(0);
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
  transactions.answer('k', sent('answer'));
  expect(transactions.arrive('other', 'm')).toEqual({ kind: 'merged' });
  expect(transactions.arrive('k', 'm')).toEqual({ kind: 'again', sent: sent('answer') });
  await clock.advance(32_000);
  expect(transactions.arrive('other', 'm')).toEqual({ kind: 'new' });
});

test('RFC 4320 §4.2: a request that nobody answered within 64*T1 is forgotten, told, and its answer comes too late', async () => {
  const { clock, transactions, unanswered } = begin();
  transactions.arrive('k', 'm');
  await clock.advance(32_000);
  expect(unanswered).toEqual(['k']);
  expect(transactions.answer('k', sent('late'))).toBe(false);
  expect(transactions.trying).toBe(0);
  expect(transactions.arrive('other', 'm')).toEqual({ kind: 'new' });
});

test('RFC 3261 §8.2.2.2: what came by datagram is merged with what comes by a stream, and has no transaction there', () => {
  const { clock, transactions, completed } = begin();
  const byStream = makeServerTransactions({ clock, reliable: true, completed });
  transactions.arrive('k', 'm');
  transactions.answer('k', sent('answer'));
  expect(byStream.has('k')).toBe(false);
  expect(byStream.arrive('k', 'm')).toEqual({ kind: 'merged' });
  expect(byStream.arrive('k', undefined)).toEqual({ kind: 'new' });
});

test('above the limit the oldest that wait for their answer are given up, and told', () => {
  const { transactions, unanswered } = begin({ limit: 32 });
  for (let index = 0; index < 100; index += 1) transactions.arrive(`k${index}`, `m${index}`);
  expect(transactions.trying).toBeLessThanOrEqual(32);
  expect(unanswered).toContain('k0');
  expect(transactions.answer('k0', sent('late'))).toBe(false);
  expect(transactions.answer('k99', sent('answer'))).toBe(true);
});
