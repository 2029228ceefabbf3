import { describe, expect, it } from 'vitest';
import { MAX_SUBSCRIPTIONS, makeQuota } from '../../../services/subscribe/quota.ts';
import { aor } from '../../support/stores.ts';

const BOB = aor('bob');

describe('how many subscriptions one account may have', () => {
  it('as many as the limit, and not one more', () => {
    const quota = makeQuota(() => 0, 3);
    expect([1, 2, 3, 4].map(() => quota.take(BOB))).toEqual([true, true, true, false]);
  });

  it('those that are kept and those that are under way count together', () => {
    const quota = makeQuota(() => 2, 3);
    expect([quota.take(BOB), quota.take(BOB)]).toEqual([true, false]);
  });

  it('one that was given back makes room; one that was refused took none', () => {
    const quota = makeQuota(() => 0, 2);
    quota.take(BOB);
    quota.take(BOB);
    expect(quota.take(BOB)).toBe(false);
    quota.giveBack(BOB);
    expect(quota.take(BOB)).toBe(true);
    expect(quota.take(BOB)).toBe(false);
    quota.giveBack(BOB);
    quota.giveBack(BOB);
    expect([quota.take(BOB), quota.take(BOB), quota.take(BOB)]).toEqual([true, true, false]);
  });

  it('what was under way and is kept now counts once', () => {
    let kept = 0;
    const quota = makeQuota(() => kept, 2);
    quota.take(BOB);
    kept += 1;
    quota.giveBack(BOB);
    expect([quota.take(BOB), quota.take(BOB)]).toEqual([true, false]);
  });

  it('accounts do not count against each other', () => {
    const quota = makeQuota((watcher) => (watcher === BOB ? 1 : 0), 1);
    expect(quota.take(BOB)).toBe(false);
    expect(quota.take(aor('carol'))).toBe(true);
    expect(quota.take(aor('dave'))).toBe(true);
  });

  it('unless told otherwise the limit is MAX_SUBSCRIPTIONS', () => {
    expect(makeQuota(() => MAX_SUBSCRIPTIONS).take(BOB)).toBe(false);
    expect(makeQuota(() => MAX_SUBSCRIPTIONS - 1).take(BOB)).toBe(true);
  });
});
