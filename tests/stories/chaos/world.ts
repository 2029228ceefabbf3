/** What an hour of chaos is played with: a house, chance, time that passes for many at once, and the rules as they were set. */
import type { Permission } from '#model';
import type { Clock } from '#runtime';
import { type House, openHouse, passwordOf, SERVER } from '../../support/house.ts';
import { makeLevers } from '../../support/levers.ts';
import { makeChance } from '../../support/network.ts';
import { makePeer, type Peer } from '../../support/sip-peer.ts';

export const OWNERS = ['alice', 'bob', 'carol'] as const;
export const WATCHERS = ['dave', 'erin', 'frank', 'grace', 'alice'] as const;

/** From `at` on, `watcher` had this permission for the state of `owner`. */
export interface RuleSet {
  readonly at: number;
  readonly owner: string;
  readonly watcher: string;
  readonly permission: Permission;
}

export interface World {
  readonly house: House;
  readonly rules: RuleSet[];
  /** While true everybody goes on; then each finishes what it is at. */
  isOn: boolean;
  /** 0 to 1. */
  chance(): number;
  between(least: number, most: number): number;
  pick<T>(from: readonly T[]): T;
  sleep(ms: number): Promise<void>;
  /** A device whose promises do not move the clock: many are at work at once. */
  device(user: string): Peer;
  setRule(owner: string, watcher: string, permission: Permission): Promise<void>;
}

/** Commits take up to this long; a restart waits it out, as a database would have ended them. */
const COMMIT_MS = 40;

export async function openWorld(seed: number): Promise<World> {
  const levers = makeLevers();
  const users = [...new Set<string>([...OWNERS, ...WATCHERS])];
  const house = await openHouse({ seed, users, wrap: levers.wrap, byDefault: 'confirm' });
  const chance = makeChance(seed * 7919 + 1);
  // Only `now` and `after`: who waits on it waits for the one who moves the clock.
  const clock: Clock = { now: () => house.clock.now(), after: (ms, callback) => house.clock.after(ms, callback) };
  const sleep = (ms: number): Promise<void> => new Promise((resolve) => void clock.after(ms, resolve));
  const commit = (): Promise<void> => sleep(Math.floor(chance() * COMMIT_MS));
  levers.publications.before = commit;
  levers.subscriptions.before = commit;

  let addresses = 0;
  const rules: RuleSet[] = [];
  return {
    house,
    rules,
    isOn: true,
    chance,
    between: (least, most) => least + Math.floor(chance() * (most - least + 1)),
    pick: (from) => from[Math.floor(chance() * from.length)] as (typeof from)[number],
    sleep,
    device(user) {
      addresses += 1;
      const address = `198.51.100.${addresses}:5060`;
      const { network } = house;
      return makePeer({ network, clock, address, server: SERVER, user, password: passwordOf(user) });
    },
    async setRule(owner, watcher, permission) {
      rules.push({ at: house.clock.now(), owner, watcher, permission });
      await house.rule(owner, watcher, permission);
    },
  };
}

export const COMMITS_ARE_OVER_MS = COMMIT_MS + 10;
