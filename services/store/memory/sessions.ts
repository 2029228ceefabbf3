import { cutSession } from '../limits.ts';
import type { Sessions } from '../store.ts';
import type { MemoryRows } from './rows.ts';

export function makeMemorySessions({ accounts, sessions }: MemoryRows): Sessions {
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
    async endAll(aor, except) {
      const theirs = [...sessions.values()].filter((session) => session.aor === aor && session.idHash !== except);
      for (const { idHash } of theirs) sessions.delete(idHash);
      return theirs.length;
    },
    async of(aor, now) {
      return [...sessions.values()]
        .filter((session) => session.aor === aor && session.expiresAt > now)
        .sort((one, other) => other.lastSeenAt - one.lastSeenAt);
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
