/** What an administrator reads of a service at work: counted by the service itself, in the shared database. */
import { afterEach, describe, expect, it } from 'vitest';
import type { Figures } from '#store';
import { type House, openHouse, pidf, uri } from '../support/house.ts';

let house: House;
afterEach(() => house.close());

const summed = async (): Promise<Figures> => {
  const rows = await house.store.nodes.figures(0);
  const last = rows.at(-1);
  if (last === undefined) throw new Error('nothing was counted');
  const failures: Record<string, number> = {};
  for (const row of rows)
    for (const [code, count] of Object.entries(row.failures)) failures[code] = (failures[code] ?? 0) + count;
  return { ...last, notifies: rows.reduce((sum, row) => sum + row.notifies, 0), failures };
};

describe('an administrator sees what the service does', () => {
  it('publications, subscriptions, NOTIFYs and failures by code; a challenge is no failure', async () => {
    house = await openHouse({ paceMs: 0 });
    await house.rule('alice', 'bob', 'allow');
    const alice = house.peer('alice');
    const watch = await house.peer('bob').subscribe({ to: uri('alice') });
    await watch.next();
    await alice.publish({ body: pidf('alice', 'open') });
    await watch.next();
    expect((await house.peer('bob').subscribe({ to: uri('alice'), event: 'weather' })).response.status).toBe(489);
    await house.clock.advance(5_000);
    expect(await summed()).toMatchObject({ publications: 1, subscriptions: 1, notifies: 2, failures: { 'in 489': 1 } });
    // The next row begins anew.
    await house.clock.advance(5_000);
    expect((await house.store.nodes.figures(0)).at(-1)).toMatchObject({ spanMs: 5000, notifies: 0, failures: {} });
  });

  it('a watcher that is silent is a failure on the way out; a wrong password is one on the way in', async () => {
    house = await openHouse({ paceMs: 0 });
    await house.rule('alice', 'bob', 'allow');
    const watch = await house.peer('bob').subscribe({ to: uri('alice') });
    await watch.next();
    watch.answerWith('silence');
    await house.peer('alice').publish({ body: pidf('alice', 'open') });
    expect((await house.peer('alice').publish({ body: pidf('alice', 'open'), password: 'guess' })).status).toBe(401);
    await house.clock.advance(60_000);
    expect((await summed()).failures).toEqual({ 'in 401': 1, 'out timeout': 1 });
  });

  it('lag is what a watcher waited for what was due: not the pace', async () => {
    house = await openHouse({ paceMs: 5_000 });
    await house.rule('alice', 'bob', 'allow');
    const watch = await house.peer('bob').subscribe({ to: uri('alice') });
    await watch.next();
    const alice = house.peer('alice');
    for (const basic of ['open', 'closed', 'open'] as const) {
      await alice.publish({ body: pidf('alice', basic) });
      await house.clock.advance(1_000);
    }
    await house.clock.advance(20_000);
    const rows = await house.store.nodes.figures(0);
    expect(watch.notifies.length).toBeGreaterThan(2);
    expect(Math.max(...rows.map(({ lagMs }) => lagMs))).toBeLessThan(1_000);
  });

  it('an hour and a little is kept', async () => {
    house = await openHouse();
    await house.clock.advance(3 * 3_600_000);
    const rows = await house.store.nodes.figures(0);
    const oldest = Math.min(...rows.map(({ at }) => at));
    expect(house.clock.now() - oldest).toBeLessThanOrEqual(75 * 60_000 + 5_000);
    expect(rows.length).toBeGreaterThan(700);
  });
});
