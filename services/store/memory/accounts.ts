import type { Aor } from '#model';
import { checkCredentials, checkNewAccount, MANY_ACCOUNTS } from '../limits.ts';
import type { AccountCredentials, Accounts, NewAccount } from '../store.ts';
import { forgetIdentity } from './identity-rows.ts';
import type { Note } from './journal.ts';
import { dropPersonal, dropWhere } from './personal.ts';
import type { MemoryRows, PlacedSeal } from './rows.ts';

export function makeMemoryAccounts(rows: MemoryRows, note: Note): Accounts {
  const { accounts } = rows;
  function add(given: NewAccount): 'created' | 'taken' {
    if (accounts.has(given.aor)) return 'taken';
    const { aor, username, domain, createdAt, passwordHash, credentials } = given;
    accounts.set(aor, {
      account: { aor, username, domain, createdAt, disabled: false },
      passwordHash,
      credentials: rows.place(credentials),
    });
    return 'created';
  }
  function mayAct(by: Aor | undefined, aor: Aor): boolean {
    if (by === undefined) return true;
    const actor = accounts.get(by)?.account;
    return by !== aor && actor?.admin === true && !actor.disabled;
  }
  return {
    async create(given) {
      checkNewAccount(given);
      const outcome = add(given);
      if (outcome === 'created') note({ kind: 'account', subject: given.aor });
      return outcome;
    },
    async createMany(given) {
      for (const account of given) checkNewAccount(account);
      const outcomes = given.map(add);
      const created = given.filter((_, index) => outcomes[index] === 'created');
      if (created.length > MANY_ACCOUNTS) note({ kind: 'everything', subject: '' });
      else for (const { aor } of created) note({ kind: 'account', subject: aor });
      return outcomes;
    },
    async find(aor) {
      return accounts.get(aor)?.account;
    },
    async passwordHash(aor) {
      const stored = accounts.get(aor);
      return stored && { hash: stored.passwordHash };
    },
    async list({ after, limit, search }) {
      const wanted = search?.toLowerCase() ?? '';
      return [...accounts.values()]
        .map((stored) => stored.account)
        .filter(({ aor }) => (after === undefined || aor > after) && aor.toLowerCase().includes(wanted))
        .sort((one, other) => (one.aor < other.aor ? -1 : 1))
        .slice(0, limit);
    },
    async credentials(aors, algorithm) {
      const found = new Map<Aor, AccountCredentials>();
      for (const aor of aors) {
        const stored = accounts.get(aor);
        if (stored === undefined) continue;
        const credentials = stored.credentials.map(({ credential }) => credential);
        const wanted = credentials.filter((one) => algorithm === undefined || one.algorithm === algorithm);
        found.set(aor, { disabled: stored.account.disabled, credentials: wanted });
      }
      return found;
    },
    async setSecrets(aor, { passwordHash, credentials }) {
      if (credentials !== undefined) checkCredentials(credentials);
      const stored = accounts.get(aor);
      if (stored === undefined) return false;
      accounts.set(aor, {
        ...stored,
        ...(passwordHash !== undefined && { passwordHash }),
        ...(credentials !== undefined && {
          credentials: [...rows.place(credentials), ...stored.credentials.filter(isOfDevice)],
        }),
      });
      note({ kind: 'account', subject: aor });
      return true;
    },
    async setAdmin(aor, admin, by) {
      const stored = accounts.get(aor);
      if (stored === undefined || !mayAct(by, aor)) return false;
      const { admin: _, ...account } = stored.account;
      accounts.set(aor, { ...stored, account: admin ? { ...account, admin } : account });
      return true;
    },
    async setDisabled(aor, disabled, by) {
      const stored = accounts.get(aor);
      if (stored === undefined || !mayAct(by, aor)) return false;
      accounts.set(aor, { ...stored, account: { ...stored.account, disabled } });
      if (disabled) dropWhere(rows.sessions, (session) => session.aor === aor);
      note({ kind: 'account', subject: aor });
      return true;
    },
    async remove(aor) {
      if (!accounts.delete(aor)) return false;
      rows.rules.delete(aor);
      rows.passwordUses.delete(aor);
      forgetIdentity(rows.identity, aor);
      dropPersonal(rows, aor);
      dropWhere(rows.sessions, (session) => session.aor === aor);
      dropWhere(rows.subscriptions, ({ presentity, watcher }) => presentity === aor || watcher === aor);
      dropWhere(rows.waiting, ({ presentity, watcher }) => presentity === aor || watcher === aor);
      dropWhere(rows.publications, ({ presentity, etag }) => presentity === aor && rows.idsByEtag.delete(etag));
      note({ kind: 'account', subject: aor, gone: true });
      return true;
    },
    async sealedOtherwise({ keyId, after = 0, limit }) {
      return [...accounts.values()]
        .flatMap(({ credentials }) => credentials)
        .filter(({ place, credential }) => place > after && credential.keyId !== keyId)
        .sort((one, other) => one.place - other.place)
        .slice(0, limit);
    },
    async reseal(seals) {
      const wanted = new Map(seals.map((seal) => [seal.sealed.place, seal]));
      let written = 0;
      for (const [aor, stored] of accounts) {
        const credentials = stored.credentials.map((placed) => {
          const seal = wanted.get(placed.place);
          if (seal === undefined || Buffer.compare(seal.expected, placed.credential.sealedHa1) !== 0) return placed;
          written += 1;
          return seal.sealed;
        });
        accounts.set(aor, { ...stored, credentials });
      }
      return { written };
    },
  };
}

const isOfDevice = ({ credential }: PlacedSeal): boolean => credential.device !== undefined;
