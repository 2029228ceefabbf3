import { describe, expect, it } from 'vitest';
import { refuse } from '#sip';
import { checkOrder } from '../../../services/subscribe/check-order.ts';

const ask = (last: number, cseq: number): object =>
  checkOrder({
    request: { cseq: { seq: cseq, method: 'SUBSCRIBE' } },
    live: { subscription: { dialog: { remoteCseq: last } } },
  } as never);

describe('RFC 3261 §12.2.2: the order of requests in a dialog', () => {
  it('a CSeq below the last accepted one is 500', () => {
    expect(ask(7, 6)).toEqual(refuse(500, [], 'CSeq Out Of Order'));
  });

  it('the same number in a new transaction is 500 too: the dialog must not move by it', () => {
    expect(ask(7, 7)).toEqual(refuse(500, [], 'CSeq Out Of Order'));
  });

  it('a higher one goes on', () => {
    expect(ask(7, 8)).toEqual({});
  });
});
