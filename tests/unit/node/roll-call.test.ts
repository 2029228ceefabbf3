import { expect, test, vi } from 'vitest';
import { startRollCall, thisVersion } from '#node';
import { silentLog } from '#runtime';
import { makeMemoryStore, StoreUnavailable } from '#store';
import { makeFakeClock } from '../../support/fake-clock.ts';

const SELF = {
  id: 'one',
  role: 'sip',
  host: 'porch',
  pid: 7,
  version: '1.2.3',
  startedAt: 0,
  listens: ['udp:0.0.0.0:5060'],
};
const PRESENCE = { event: 'presence', module: 'builtin:presence', state: 'loaded', why: '', since: 0 } as const;

test('a process says that it waits, then that it serves and what, then that it is still there, and is gone when it ends', async () => {
  const clock = makeFakeClock(1000);
  const { nodes } = makeMemoryStore({ clock });
  const roll = startRollCall({ nodes, clock, log: silentLog, ...SELF });
  await clock.settle();
  expect(await nodes.list()).toEqual([{ ...SELF, state: 'waiting', since: 0, seenAt: 1000, packages: [] }]);
  await clock.advance(2000);
  roll.serves(() => [PRESENCE]);
  await clock.settle();
  const [serving] = await nodes.list();
  expect(serving).toMatchObject({ state: 'serving', since: 3000, seenAt: 3000, packages: [PRESENCE] });
  await clock.advance(10_000);
  expect((await nodes.list())[0]).toMatchObject({ state: 'serving', since: 3000, seenAt: 11_000 });
  await roll.close();
  expect(await nodes.list()).toEqual([]);
  await clock.advance(60_000);
  expect(await nodes.list()).toEqual([]);
});

test('a database that is away costs one line of the log, and nothing else', async () => {
  const clock = makeFakeClock();
  const warn = vi.fn();
  const away = async (): Promise<never> => {
    throw new StoreUnavailable('away');
  };
  const roll = startRollCall({ nodes: { report: away, leave: away }, clock, log: { ...silentLog, warn }, ...SELF });
  await clock.advance(60_000);
  expect(warn).toHaveBeenCalledTimes(1);
  await roll.close();
});

test('the version is that of package.json', () => {
  expect(thisVersion()).toMatch(/^\d+\.\d+\.\d+/);
});
