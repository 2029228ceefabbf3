import { checkKey } from '../limits.ts';
import { type Lease, type Leases, type Settings, StoreUnavailable } from '../store.ts';
import type { MemoryRows } from './rows.ts';

export function makeMemoryLeases(): {
  readonly leases: Leases;
  /** @throws StoreUnavailable while the role under which this store writes is somebody else's. */
  mustHoldRole(): void;
} {
  const rows = new Map<string, Lease>();
  let writer: { readonly name: string; readonly holder: string } | undefined;
  const leases: Leases = {
    async read(name) {
      return rows.get(name);
    },
    async take({ name, holder, host, pid }, seen) {
      checkKey(name, 32, 'lease name');
      checkKey(holder, 64, 'lease holder');
      const stands = rows.get(name);
      if (stands?.holder !== seen?.holder || stands?.beat !== seen?.beat) return false;
      rows.set(name, { name, holder, host, pid, beat: (stands?.beat ?? 0) + 1 });
      return true;
    },
    async renew(name, holder) {
      const stands = rows.get(name);
      if (stands?.holder !== holder) return false;
      rows.set(name, { ...stands, beat: stands.beat + 1 });
      return true;
    },
    async release(name, holder) {
      if (rows.get(name)?.holder === holder) rows.delete(name);
    },
    writeAs(name, holder) {
      writer = { name, holder };
    },
  };
  return {
    leases,
    mustHoldRole() {
      if (writer === undefined || rows.get(writer.name)?.holder === writer.holder) return;
      throw new StoreUnavailable('another process holds the role');
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
