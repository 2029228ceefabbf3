import { checkKey } from '../limits.ts';
import type { Lease, Leases, Settings } from '../store.ts';
import type { MemoryRows } from './rows.ts';

export function makeMemoryLeases(): Leases {
  const leases = new Map<string, Lease>();
  return {
    async read(name) {
      return leases.get(name);
    },
    async take({ name, holder, host, pid }, seen) {
      checkKey(name, 32, 'lease name');
      checkKey(holder, 64, 'lease holder');
      const stands = leases.get(name);
      if (stands?.holder !== seen?.holder || stands?.beat !== seen?.beat) return false;
      leases.set(name, { name, holder, host, pid, beat: (stands?.beat ?? 0) + 1 });
      return true;
    },
    async renew(name, holder) {
      const stands = leases.get(name);
      if (stands?.holder !== holder) return false;
      leases.set(name, { ...stands, beat: stands.beat + 1 });
      return true;
    },
    async release(name, holder) {
      if (leases.get(name)?.holder === holder) leases.delete(name);
    },
  };
}

export function makeMemorySettings({ settings: values }: MemoryRows): Settings {
  return {
    async get(name) {
      return values.get(name);
    },
    async put(name, value) {
      checkKey(name, 64, 'name of a setting');
      values.set(name, value);
    },
    async fix(name, value) {
      const stands = values.get(name) ?? value;
      values.set(name, stands);
      return stands;
    },
  };
}
