/**
 * One hour of everything at once, in fake time: loss, copies and overtaking on the network, cuts, mute and refusing phones,
 * devices that come, change, forget and go, rules that change, and a service that is killed every few minutes. The seed is in
 * the title; `npm run chaos -- 20` plays twenty hours of other seeds, `npm run chaos -- 1 4711` that one again.
 */
import { describe, expect, it } from 'vitest';
import { afterTheEnd, leaks, repeatedCSeqs } from './checks.ts';
import { changeRules, changeWeather, killTheService } from './fate.ts';
import { runDevice, runWatcher, secretOf } from './people.ts';
import { OWNERS, openWorld, WATCHERS, type World } from './world.ts';

const MINUTE_MS = 60_000;
const { CHAOS_SEEDS = '1', CHAOS_MINUTES = '60' } = process.env;
const seeds = CHAOS_SEEDS.split(',').map(Number);
const minutes = Number(CHAOS_MINUTES);

/** Moves the clock until everybody is done. */
async function until(world: World, done: Promise<unknown>): Promise<void> {
  let isDone = false;
  const settle = (): void => {
    isDone = true;
  };
  done.then(settle, settle);
  while (!isDone) await world.house.clock.advance(1_000);
  await done;
}

describe.each(seeds)('an hour of chaos, seed %d', (seed) => {
  it('every watcher ends with the last state, and nothing was sent that may not be', { timeout: 600_000 }, async () => {
    const world = await openWorld(seed);
    const { house } = world;
    for (const owner of OWNERS) {
      for (const user of WATCHERS) if (user !== owner) await world.setRule(owner, user, 'allow');
    }
    await house.clock.advance(2_000);

    const devices = OWNERS.flatMap((owner) => [runDevice(world, owner, 'desk'), runDevice(world, owner, 'pocket')]);
    const watchers = WATCHERS.flatMap((user) =>
      OWNERS.filter((owner) => owner !== user).map((owner) => runWatcher(world, user, owner)),
    );
    const addresses = watchers.map(({ watcher }) => watcher.peer.address);
    const kills = killTheService(world);
    const everybody = Promise.all([
      ...[...devices, ...watchers].map(({ done }) => done),
      changeRules(world),
      changeWeather(world, () => addresses),
      kills,
    ]);
    for (let minute = 0; minute < minutes; minute += 1) await house.clock.advance(MINUTE_MS);
    world.isOn = false;
    await until(world, everybody);

    // The weather is fine. Who has a subscription leaves it alone; the others get one, where they may.
    await house.clock.advance(MINUTE_MS);
    await until(world, Promise.all(watchers.map(({ watcher }) => watcher.settle())));
    // Each device says its last word; orphans end by themselves within five minutes.
    await until(world, Promise.all(devices.map(({ device }) => device.finish())));
    await house.clock.advance(6 * MINUTE_MS);

    const { passages } = house.network;
    const userAt = new Map(watchers.map(({ watcher }) => [watcher.peer.address, watcher.user]));
    expect(repeatedCSeqs(passages)).toEqual([]);
    expect(afterTheEnd(passages)).toEqual([]);
    expect(leaks(passages, world.rules, (address) => userAt.get(address))).toEqual([]);

    let alive = 0;
    const fetched = Promise.all(
      watchers.map(async ({ watcher }) => {
        const { watch, user, owner } = watcher;
        const rows = await house.store.subscriptions.of(`sip:${owner}@example.com` as never, house.clock.now());
        const row = rows.find(({ dialog }) => dialog.callId === watch?.callId);
        if (watch === undefined || row === undefined) return;
        alive += 1;
        const now = await watcher.fetch();
        expect([user, owner, watch.last?.body]).toEqual([user, owner, now?.body]);
        const permission = world.rules.findLast((rule) => rule.owner === owner && rule.watcher === user)?.permission;
        expect([user, owner, watch.last?.body.includes(secretOf(owner))]).toEqual([
          user,
          owner,
          permission === 'allow',
        ]);
      }),
    );
    await until(world, fetched);

    // It was an hour, and something happened in it.
    const { sent, lost, doubled } = house.network.counts;
    console.log(
      `seed ${seed}: ${sent} datagrams, ${lost} lost, ${doubled} doubled; ${await kills} kills; ` +
        `${world.rules.length} rules; ${alive} of ${watchers.length} subscriptions alive at the end`,
    );
    expect(alive).toBeGreaterThan(3);
    if (minutes >= 60) expect(await kills).toBeGreaterThan(5);
    await house.close();
  });
});
