/** Second factors, passkeys, invitations and the audit log, as maps. */
import type { Aor } from '#model';
import { cutAudit } from '../limits.ts';
import {
  type Audit,
  type AuditEntry,
  type Invitation,
  type Invitations,
  MAX_PASSKEYS,
  type Passkey,
  type Passkeys,
  type SecondFactors,
} from '../store.ts';
import type { MemoryRows } from './rows.ts';

export function makeMemorySecondFactors({ accounts, identity: { factors } }: MemoryRows): SecondFactors {
  return {
    async of(aor) {
      const stored = factors.get(aor);
      if (stored === undefined) return undefined;
      const { recovery, ...factor } = stored;
      return { ...factor, recoveryLeft: recovery.size };
    },
    async set(aor, factor, recoveryHashes) {
      if (!accounts.has(aor)) return false;
      factors.set(aor, { ...factor, recovery: new Set(recoveryHashes) });
      return true;
    },
    async useStep(aor, step) {
      const factor = factors.get(aor);
      if (factor === undefined || factor.lastStep >= step) return false;
      factors.set(aor, { ...factor, lastStep: step });
      return true;
    },
    async useRecovery(aor, hash) {
      return factors.get(aor)?.recovery.delete(hash) ?? false;
    },
    async remove(aor) {
      return factors.delete(aor);
    },
    async sealedOtherwise({ keyId, after = '', limit }) {
      return [...factors]
        .map(([aor, { sealed, keyId: key }]) => ({ aor, sealed, keyId: key }))
        .filter((row) => row.aor > after && row.keyId !== keyId)
        .sort((one, other) => (one.aor < other.aor ? -1 : 1))
        .slice(0, limit);
    },
    async reseal(aor, expected, sealed, keyId) {
      const factor = factors.get(aor);
      if (factor === undefined || Buffer.compare(factor.sealed, expected) !== 0) return false;
      factors.set(aor, { ...factor, sealed, keyId });
      return true;
    },
  };
}

export function makeMemoryPasskeys({ accounts, identity: { passkeys } }: MemoryRows): Passkeys {
  const of = (aor: Aor): Passkey[] =>
    [...passkeys.values()]
      .filter((passkey) => passkey.aor === aor)
      .sort((one, other) => one.createdAt - other.createdAt || (one.id < other.id ? -1 : 1));
  return {
    of: async (aor) => of(aor),
    find: async (id) => passkeys.get(id),
    async add(passkey) {
      if (!accounts.has(passkey.aor)) return 'no-account';
      if (passkeys.has(passkey.id)) return 'taken';
      if (of(passkey.aor).length >= MAX_PASSKEYS) return 'too-many';
      passkeys.set(passkey.id, { ...passkey, lastUsedAt: undefined });
      return 'added';
    },
    async removeAll(aor) {
      return of(aor).filter(({ id }) => passkeys.delete(id)).length;
    },
    async noteUse(id, counter, at) {
      const passkey = passkeys.get(id);
      if (passkey !== undefined) passkeys.set(id, { ...passkey, counter, lastUsedAt: at });
    },
    async remove(aor, id) {
      return passkeys.get(id)?.aor === aor && passkeys.delete(id);
    },
  };
}

export function makeMemoryInvitations({ identity: { invitations } }: MemoryRows): Invitations {
  const opening = (idHash: string, now: number): Invitation | undefined => {
    const invitation = invitations.get(idHash);
    return invitation !== undefined && invitation.expiresAt > now && invitation.usesLeft > 0 ? invitation : undefined;
  };
  return {
    async create(invitation) {
      invitations.set(invitation.idHash, invitation);
    },
    find: async (idHash, now) => opening(idHash, now),
    async use(idHash, now) {
      const invitation = opening(idHash, now);
      if (invitation === undefined) return undefined;
      const used = { ...invitation, usesLeft: invitation.usesLeft - 1 };
      invitations.set(idHash, used);
      return used;
    },
    async giveBack(idHash) {
      const invitation = invitations.get(idHash);
      if (invitation !== undefined) invitations.set(idHash, { ...invitation, usesLeft: invitation.usesLeft + 1 });
    },
    async list() {
      return [...invitations.values()]
        .sort((one, other) => other.createdAt - one.createdAt || (one.idHash < other.idHash ? -1 : 1))
        .slice(0, 200);
    },
    remove: async (idHash) => invitations.delete(idHash),
    async purge(before) {
      let purged = 0;
      for (const [id, { expiresAt }] of invitations) if (expiresAt < before && invitations.delete(id)) purged += 1;
      return purged;
    },
  };
}

export function makeMemoryAudit(): Audit {
  let rows: (AuditEntry & { readonly place: number })[] = [];
  let places = 0;
  return {
    async note(entry) {
      places += 1;
      rows.push({ ...cutAudit(entry), place: places });
    },
    has: async (act, subject) => rows.some((row) => row.act === act && row.subject === subject),
    async list({ before = Number.MAX_SAFE_INTEGER, limit }) {
      return rows
        .filter(({ place }) => place < before)
        .reverse()
        .slice(0, limit);
    },
    async purge(before) {
      const had = rows.length;
      rows = rows.filter(({ at }) => at >= before);
      return had - rows.length;
    },
  };
}
