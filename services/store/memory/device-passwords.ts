import { checkCredentials } from '../limits.ts';
import { type DevicePassword, type DevicePasswords, MAX_DEVICE_PASSWORDS } from '../store.ts';
import type { Note } from './journal.ts';
import type { MemoryRows, StoredAccount, Use } from './rows.ts';

const NEVER: Use = { lastUsedAt: undefined, lastAddress: '' };

export function makeMemoryDevicePasswords(rows: MemoryRows, note: Note): DevicePasswords {
  const { accounts, passwordUses } = rows;
  const usesOf = ({ account: { aor } }: StoredAccount): Map<string, Use> => {
    const known = passwordUses.get(aor) ?? new Map<string, Use>();
    passwordUses.set(aor, known);
    return known;
  };

  function devicesOf(stored: StoredAccount): readonly DevicePassword[] {
    const devices = new Map<string, DevicePassword>();
    for (const { credential } of stored.credentials) {
      const { device } = credential;
      if (device !== undefined)
        devices.set(device.label, { ...device, ...(usesOf(stored).get(device.label) ?? NEVER) });
    }
    return [...devices.values()].sort((one, other) => one.createdAt - other.createdAt);
  }

  return {
    async of(aor) {
      const stored = accounts.get(aor);
      return stored === undefined ? [] : devicesOf(stored);
    },
    async ownUse(aor) {
      const stored = accounts.get(aor);
      return (stored && usesOf(stored).get('')) ?? NEVER;
    },
    async add(aor, credentials) {
      checkCredentials(credentials);
      const stored = accounts.get(aor);
      if (stored === undefined) return 'no-account';
      const devices = devicesOf(stored);
      const label = credentials[0]?.device?.label;
      if (devices.some((device) => device.label === label)) return 'taken';
      if (devices.length >= MAX_DEVICE_PASSWORDS) return 'too-many';
      accounts.set(aor, { ...stored, credentials: [...stored.credentials, ...rows.place(credentials)] });
      note({ kind: 'account', subject: aor });
      return 'added';
    },
    async revoke(aor, label) {
      const stored = accounts.get(aor);
      const left = stored?.credentials.filter(({ credential }) => credential.device?.label !== label);
      if (stored === undefined || left === undefined || label === '') return false;
      if (left.length === stored.credentials.length) return false;
      accounts.set(aor, { ...stored, credentials: left });
      usesOf(stored).delete(label);
      note({ kind: 'account', subject: aor });
      return true;
    },
    async noteUses(given) {
      for (const { aor, label, at, address } of given) {
        const stored = accounts.get(aor);
        const isThere = stored?.credentials.some(({ credential }) => (credential.device?.label ?? '') === label);
        if (stored !== undefined && isThere) usesOf(stored).set(label, { lastUsedAt: at, lastAddress: address });
      }
    },
  };
}
