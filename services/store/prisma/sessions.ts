/** Session: the portal's browser sessions. */
import type { Aor } from '#model';
import { couldBeAor, cutSession } from '../limits.ts';
import type { Session, Sessions } from '../store.ts';
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
      return readSession(row);
    },
    async touch(idHash, lastSeenAt, expiresAt) {
      const times = { lastSeenAt: BigInt(lastSeenAt), expiresAt: BigInt(expiresAt) };
      await attempt(() => client.session.updateMany({ where: { idHash }, data: times }));
    },
    async end(idHash) {
      await attempt(() => client.session.deleteMany({ where: { idHash } }));
    },
    async endAll(aor, except) {
      if (!couldBeAor(aor)) return 0;
      const where = { login: { aor }, ...(except !== undefined && { idHash: { not: except } }) };
      return (await attempt(() => client.session.deleteMany({ where }))).count;
    },
    async of(aor, now) {
      if (!couldBeAor(aor)) return [];
      const where = { login: { aor }, expiresAt: { gt: BigInt(now) } };
      const query = { where, include: { login: { select: { aor: true } } }, orderBy: { lastSeenAt: 'desc' } } as const;
      return (await attempt(() => client.session.findMany(query))).map(readSession);
    },
    async purge(now) {
      const where = { expiresAt: { lte: BigInt(now) } };
      return (await attempt(() => client.session.deleteMany({ where }))).count;
    },
  };
}

interface SessionRow {
  readonly idHash: string;
  readonly createdAt: bigint;
  readonly lastSeenAt: bigint;
  readonly expiresAt: bigint;
  readonly userAgent: string;
  readonly address: string;
  readonly login: { readonly aor: string };
}

function readSession({ login, createdAt, lastSeenAt, expiresAt, ...row }: SessionRow): Session {
  return {
    idHash: row.idHash,
    aor: login.aor as Aor,
    createdAt: Number(createdAt),
    lastSeenAt: Number(lastSeenAt),
    expiresAt: Number(expiresAt),
    userAgent: row.userAgent,
    address: row.address,
  };
}
