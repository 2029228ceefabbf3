import { LRUCache } from 'lru-cache';
import type { Aor } from '#model';
import type { Clock, Log } from '#runtime';
import type { DevicePasswords, PasswordUse } from '#store';
import { makeBatch } from './batch.ts';

/**
 * When and where from passwords were used last, for whoever decides which of them to revoke. Phones prove theirs every few
 * minutes: a use is written down again only after a while, or when it comes from elsewhere.
 */
export interface PasswordUseBook {
  /** A password was proved: '' is the account's own, else a device's label. Costs the hot path a map look-up. */
  proved(aor: Aor, label: string, address: string): void;
  close(): void;
}

export interface PasswordUseNeeds {
  readonly devicePasswords: Pick<DevicePasswords, 'noteUses'>;
  readonly clock: Clock;
  readonly log: Log;
}

const WRITE_EVERY_MS = 60_000;
const CAPACITY = 10_000;
const REMEMBERED = 50_000;
/** A device's own: to the ten minutes. */
const DEVICE_AGAIN_MS = 600_000;
/** The account's: to the day, or all phones of a large installation would write rows all day. */
const OWN_AGAIN_MS = 86_400_000;

export function makePasswordUseBook({ devicePasswords, clock, log }: PasswordUseNeeds): PasswordUseBook {
  const known = new LRUCache<string, PasswordUse>({ max: REMEMBERED });
  const batch = makeBatch<PasswordUse>({
    everyMs: WRITE_EVERY_MS,
    capacity: CAPACITY,
    write: (uses) => devicePasswords.noteUses(uses),
    clock,
    log,
  });

  return {
    proved(aor, label, address) {
      const key = label === '' ? aor : `${aor} ${label}`;
      const last = known.get(key);
      const now = clock.now();
      if (last !== undefined && now - last.at < (label === '' ? OWN_AGAIN_MS : DEVICE_AGAIN_MS)) {
        // The account's own password is used by many phones at once: their addresses take turns.
        if (label === '' || last.address === address) return;
      }
      const use = { aor, label, at: now, address };
      known.set(key, use);
      batch.put(key, use);
    },
    close: () => batch.close(),
  };
}
