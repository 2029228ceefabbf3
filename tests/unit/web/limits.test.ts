import { describe, expect, it } from 'vitest';
import { homeOf, makeLimit } from '../../../web/plugins/limits.ts';
import { makeFakeClock } from '../../support/fake-clock.ts';
import { textOf } from './browser.ts';
import { makePortal } from './portal.ts';

describe('A limit', () => {
  it('lets a burst through, then one for each span, and says how long to wait', async () => {
    const clock = makeFakeClock();
    const limit = makeLimit(clock, { burst: 2, refillMs: 10_000 });
    expect([limit.take('a'), limit.take('a'), limit.take('a')]).toEqual([0, 0, 10]);
    await clock.advance(4000);
    expect(limit.take('a')).toBe(6);
    await clock.advance(6000);
    expect([limit.take('a'), limit.take('a')]).toEqual([0, 10]);
  });

  it('counts each key for itself', () => {
    const limit = makeLimit(makeFakeClock(), { burst: 1, refillMs: 1000 });
    expect([limit.take('a'), limit.take('b'), limit.take('a')]).toEqual([0, 0, 1]);
  });

  it('gives a try back, but never more than there were', () => {
    const limit = makeLimit(makeFakeClock(), { burst: 1, refillMs: 1000 });
    limit.giveBack('a');
    limit.giveBack('a');
    expect([limit.take('a'), limit.take('a')]).toEqual([0, 1]);
    limit.giveBack('a');
    expect([limit.take('a'), limit.take('a')]).toEqual([0, 1]);
  });

  it('remembers a bounded number of keys, and forgets the longest unused one', () => {
    const limit = makeLimit(makeFakeClock(), { burst: 1, refillMs: 1000, maxKeys: 3 });
    for (const key of ['a', 'b', 'c']) limit.take(key);
    limit.take('a');
    for (let n = 0; n < 2; n += 1) limit.take(`new${n}`);
    expect(limit.size).toBe(3);
    expect(limit.take('a')).toBe(1);
    expect(limit.take('b')).toBe(0);
  });
});

describe('Forms', () => {
  it('of one account come at the pace of hands, whichever they are and wherever from', async () => {
    const portal = makePortal();
    const alice = await portal.member('alice');
    const bob = await portal.member('bob');
    await alice.get('/presence');
    for (let forms = 0; forms < 120; forms += 1) await alice.post('/watchers/forget');
    expect(alice.page.status).toBe(200);
    const late = await alice.post('/watchers/forget');
    expect([late.status, late.headers['retry-after']]).toEqual([429, '1']);
    expect(textOf(late.html)).toContain('Not so fast');
    await bob.get('/presence');
    expect((await bob.post('/watchers/forget')).status).toBe(200);
    await portal.clock.advance(1000);
    await alice.get('/presence');
    expect((await alice.post('/watchers/forget')).status).toBe(200);
    await portal.close();
  });
});

describe('A home', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2::9', '2001:db8:1:2'],
    ['2001:db8::9', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
  ])('%s is %s', (address, home) => {
    expect(homeOf(address)).toBe(home);
  });
});
