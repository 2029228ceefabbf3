/** Readings on MySQL and MariaDB, by the driver under Prisma's adapter and over the adapter's own pool. */
import type { PrismaMariaDb } from '@prisma/adapter-mariadb';
import type { Row, Statements, Value } from './executor.ts';
import { readFault } from './faults.ts';

type Pool = ReturnType<Awaited<ReturnType<PrismaMariaDb['connect']>>['underlyingDriver']>;

export function makeMysqlQuery(pool: Pool): Statements['query'] {
  return async function query(sql, values) {
    try {
      // Nothing that is kept is above 2^53.
      return await pool.execute<readonly Row[]>({ sql, rowsAsArray: true, bigIntAsNumber: true }, values.map(sent));
    } catch (error) {
      throw readFault(error);
    }
  };
}

function sent(value: Value): Value {
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value;
}
