import { describe, expect, it } from 'vitest';
import type { Outcome } from '#sip';
import { verdictOn } from '../../../services/notify/outcome.ts';

const answered = (status: number): string =>
  verdictOn({ kind: 'response', response: { status } } as unknown as Outcome);

describe('RFC 6665 §4.2.2: what becomes of a subscription after a NOTIFY', () => {
  it.each([200, 202, 204, 299])('%d: the watcher knows', (status) => {
    expect(answered(status)).toBe('told');
  });

  it.each([404, 405, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604])('%d: nobody is left to tell', (status) => {
    expect(answered(status)).toBe('gone');
  });

  it('every other final answer leaves the subscription as it is', () => {
    const gone = new Set([404, 405, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604]);
    for (let status = 300; status < 700; status += 1) {
      if (!gone.has(status)) expect(answered(status), String(status)).toBe('keep');
    }
  });

  it('RFC 3261 §17.1.2.2: no answer until Timer F: perhaps nobody is left to tell', () => {
    expect(verdictOn({ kind: 'timeout' })).toBe('silent');
  });

  it('RFC 3261 §17.1.4: one that never left says nothing about the watcher', () => {
    expect(verdictOn({ kind: 'unreachable', why: 'ENETUNREACH' })).toBe('unsent');
  });
});
