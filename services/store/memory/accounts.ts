import type { Aor } from '#model';
import { checkCredentials, checkNewAccount, cutSession, MANY_ACCOUNTS } from '../limits.ts';
import type {
  Account,
  AccountCredentials,
  Accounts,
  NewAccount,
  SealedCredential,
  Session,
  Sessions,
} from '../store.ts';
import type { Note } from './journal.ts';

export interface StoredAccount {
  readonly account: Account;
  passwordHash: string | undefined;
  credentials: readonly SealedCredential[];
}

export function makeMemoryAccounts(accounts: Map<Aor, StoredAccount>, note: Note): Accounts {
  function add(given: NewAccount): 'created' | 'taken' {
    if (accounts.has(given.aor)) return 'taken';
    const { aor, username, domain, createdAt, passwordHash, credentials } = given;
    accounts.set(aor, {
      account: { aor, username, domain, createdAt, disabled: false },
      passwordHash,
      credentials: [...credentials],
    });
    return 'created';
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
    async credentials(aors) {
      const found = new Map<Aor, AccountCredentials>();
      for (const aor of aors) {
        const stored = accounts.get(aor);
        if (stored !== undefined) {
          found.set(aor, { disabled: stored.account.disabled, credentials: stored.credentials });
        }
      }
      return found;
    },
    async setSecrets(aor, { passwordHash, credentials }) {
      if (credentials !== undefined) checkCredentials(credentials);
      const stored = accounts.get(aor);
      if (stored === undefined) return false;
      if (passwordHash !== undefined) stored.passwordHash = passwordHash;
      if (credentials !== undefined) stored.credentials = [...credentials];
      note({ kind: 'account', subject: aor });
      return true;
    },
  };
}

export function makeMemorySessions(accounts: ReadonlyMap<Aor, StoredAccount>): Sessions {
  const sessions = new Map<string, Session>();
  return {
    async create(session) {
      const kept = cutSession(session);
      if (!accounts.has(session.aor)) throw new Error('a session needs an account');
      if (sessions.has(session.idHash)) throw new Error('a session of this id exists');
      sessions.set(session.idHash, kept);
    },
    async find(idHash, now) {
      const session = sessions.get(idHash);
      return session !== undefined && session.expiresAt > now ? session : undefined;
    },
    async touch(idHash, lastSeenAt, expiresAt) {
      const session = sessions.get(idHash);
      if (session !== undefined) sessions.set(idHash, { ...session, lastSeenAt, expiresAt });
    },
    async end(idHash) {
      sessions.delete(idHash);
    },
    async purge(now) {
      let purged = 0;
      for (const [idHash, { expiresAt }] of sessions) {
        if (expiresAt > now) continue;
        sessions.delete(idHash);
        purged += 1;
      }
      return purged;
    },
  };
}
