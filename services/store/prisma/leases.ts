/** Lease: who holds a role; Setting: facts fixed at first start. */
import { DatabaseFault } from '../database-fault.ts';
import { checkKey } from '../limits.ts';
import type { Leases, Settings } from '../store.ts';
import type { Attempt, Database } from './database.ts';
import { inShareMode } from './statements.ts';
import type { WriteGuard } from './write-group.ts';

/** Locked until the writes that depend on it are committed: who takes the role waits for them. */
const HELD = 'SELECT `name` FROM `Lease` WHERE `name` = ? AND `holder` = ?';

export function makeLeases({ client, executor }: Database, attempt: Attempt, guard: WriteGuard): Leases {
  return {
    async read(name) {
      const row = await attempt(() => client.lease.findUnique({ where: { name } }));
      return row === null ? undefined : { ...row, beat: Number(row.beat) };
    },
    async take({ name, holder, host, pid }, seen) {
      checkKey(name, 32, 'lease name');
      checkKey(holder, 64, 'lease holder');
      const held = { holder, host, pid };
      if (seen === undefined) {
        return (
          (await unlessTaken(() => attempt(() => client.lease.create({ data: { name, ...held, beat: 1 } })))) !==
          'taken'
        );
      }
      const { count } = await attempt(() =>
        client.lease.updateMany({
          where: { name, holder: seen.holder, beat: BigInt(seen.beat) },
          data: { ...held, beat: BigInt(seen.beat + 1) },
        }),
      );
      return count === 1;
    },
    async renew(name, holder) {
      const { count } = await attempt(() =>
        client.lease.updateMany({ where: { name, holder }, data: { beat: { increment: 1 } } }),
      );
      return count === 1;
    },
    async release(name, holder) {
      await attempt(() => client.lease.deleteMany({ where: { name, holder } }));
    },
    writeAs(name, holder) {
      guard.onlyWhile = { sql: `${HELD}${inShareMode(executor.dialect)}`, values: [name, holder] };
    },
  };
}

export function makeSettings({ client }: Database, attempt: Attempt): Settings {
  async function get(name: string): Promise<string | undefined> {
    return (await attempt(() => client.setting.findUnique({ where: { name } })))?.value;
  }
  return {
    get,
    async put(name, value) {
      checkKey(name, 64, 'name of a setting');
      const query = { where: { name }, create: { name, value }, update: { value } };
      await attempt(() => client.setting.upsert(query));
    },
    async fix(name, value) {
      checkKey(name, 64, 'name of a setting');
      const stands = await get(name);
      if (stands !== undefined) return stands;
      await unlessTaken(() => attempt(() => client.setting.create({ data: { name, value } })));
      return (await get(name)) ?? value;
    },
  };
}

async function unlessTaken<T>(work: () => Promise<T>): Promise<T | 'taken'> {
  try {
    return await work();
  } catch (fault) {
    if (fault instanceof DatabaseFault && fault.kind === 'taken') return 'taken';
    throw fault;
  }
}
