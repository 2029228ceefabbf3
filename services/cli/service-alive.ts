import { LEASE_MS } from '#node';
import { pause } from '#runtime';
import type { UpkeepDeps } from './outcome.ts';

const LOOK_MS = 250;

/**
 * Whether a SIP service is at work: its lease is renewed while we look. Takes up to a lease's time, because a service
 * that was killed leaves its lease behind.
 */
export async function serviceIsAlive({ store, clock, isGone }: UpkeepDeps): Promise<boolean> {
  const first = await store.leases.read('sip');
  if (first === undefined || isGone(first)) return false;
  const until = clock.now() + LEASE_MS;
  while (clock.now() < until) {
    await pause(clock, LOOK_MS);
    const now = await store.leases.read('sip');
    if (now === undefined) return false;
    if (now.holder !== first.holder || now.beat !== first.beat) return true;
  }
  return false;
}
