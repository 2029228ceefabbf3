/** What happens to everybody: weather, cuts, rules that change, a service that is killed. */
import type { Permission } from '#model';
import { COMMITS_ARE_OVER_MS, OWNERS, WATCHERS, type World } from './world.ts';

const PERMISSIONS: readonly Permission[] = ['allow', 'allow', 'allow', 'block', 'polite-block', 'confirm'];

export async function changeRules(world: World): Promise<void> {
  while (world.isOn) {
    await world.sleep(world.between(5_000, 40_000));
    await changeOneRule(world);
  }
}

async function changeOneRule(world: World): Promise<void> {
  const owner = world.pick(OWNERS);
  const watcher = world.pick(WATCHERS.filter((user) => user !== owner));
  await world.setRule(owner, watcher, world.pick(PERMISSIONS));
}

/** @param addresses of everybody but the service. */
export async function changeWeather(world: World, addresses: () => readonly string[]): Promise<void> {
  const { network } = world.house;
  while (world.isOn) {
    const longest = world.pick([20, 300, 900, 2_500]);
    network.weather({ loss: world.chance() * 0.35, duplicate: world.chance() * 0.3, delayMs: [1, longest] });
    if (world.chance() < 0.3) network.cut(world.pick(addresses()));
    await world.sleep(world.between(15_000, 80_000));
    network.heal();
  }
  network.weather({ loss: 0, duplicate: 0, delayMs: [1, 20] });
}

/** Killed as by kill -9, and started again at once or later; rules change meanwhile. */
export async function killTheService(world: World): Promise<number> {
  let kills = 0;
  while (world.isOn) {
    await world.sleep(world.between(120_000, 420_000));
    if (!world.isOn) break;
    kills += 1;
    const downMs = world.pick([COMMITS_ARE_OVER_MS, 3_000, 20_000]);
    await world.house.restart(async () => {
      await world.sleep(downMs);
      if (downMs > 1_000) await changeOneRule(world);
    });
  }
  return kills;
}
