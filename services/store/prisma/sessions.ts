/** Session: the portal's browser sessions. */
import type { Aor } from '#model';
import { couldBeAor, cutSession } from '../limits.ts';
import type { Sessions } from '../store.ts';
import type { Attempt, Database } from './database.ts';

export function makeSessions({ client }: Database, attempt: Attempt): Sessions {
  return {
    async create(session) {
      const { aor, createdAt, lastSeenAt, expiresAt, ...texts } = cutSession(session);
      const row = {
        ...texts,
        createdAt: BigInt(createdAt),
        lastSeenAt: BigInt(lastSeenAt),
        expiresAt: BigInt(expiresAt),
        login: { connect: { aor } },
      };
      await attempt(() => client.session.create({ data: row, select: { idHash: true } }));
    },
    async find(idHash, now) {
      const query = { where: { idHash }, include: { login: { select: { aor: true } } } };
      const row = await attempt(() => client.session.findUnique(query));
      if (row === null || row.idHash !== idHash || row.expiresAt <= now) return undefined;
      return {
        idHash,
        aor: row.login.aor as Aor,
        createdAt: Number(row.createdAt),
        lastSeenAt: Number(row.lastSeenAt),
        expiresAt: Number(row.expiresAt),
        userAgent: row.userAgent,
        address: row.address,
      };
    },
    async touch(idHash, lastSeenAt, expiresAt) {
      const times = { lastSeenAt: BigInt(lastSeenAt), expiresAt: BigInt(expiresAt) };
      await attempt(() => client.session.updateMany({ where: { idHash }, data: times }));
    },
    async end(idHash) {
      await attempt(() => client.session.deleteMany({ where: { idHash } }));
    },
    async endAll(aor) {
      if (!couldBeAor(aor)) return 0;
      return (await attempt(() => client.session.deleteMany({ where: { login: { aor } } }))).count;
    },
    async purge(now) {
      const where = { expiresAt: { lte: BigInt(now) } };
      return (await attempt(() => client.session.deleteMany({ where }))).count;
    },
  };
}
