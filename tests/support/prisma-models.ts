/** The columns that a Prisma schema speaks of, read from its text, as a database would list them. */
import { readFileSync } from 'node:fs';
import type { DialectName } from '../../services/store/prisma/executor.ts';

export interface ModelColumn {
  readonly table: string;
  readonly column: string;
  /** Lower case: `varchar(255)`, `bigint`, `text`. */
  readonly type: string;
  readonly nullable: boolean;
}

const MYSQL: Record<string, string> = { Int: 'int', BigInt: 'bigint', Boolean: 'tinyint(1)' };
const SQLITE: Record<string, string> = {
  Int: 'integer',
  BigInt: 'bigint',
  Boolean: 'boolean',
  String: 'text',
  Bytes: 'blob',
};

/** Ordered by table, columns as they stand. */
export function readModels(schema: URL, dialect: DialectName): readonly ModelColumn[] {
  const text = readFileSync(schema, 'utf8');
  const columns: ModelColumn[] = [];
  for (const [, table = '', body = ''] of text.matchAll(/^model (\w+) \{\n([\s\S]*?)^\}/gm)) {
    for (const line of body.split('\n')) {
      const [, column = '', scalar = '', optional = '', rest = ''] =
        /^ {2}(\w+)\s+(Int|BigInt|Boolean|String|Bytes)(\??)(.*)$/.exec(line) ?? [];
      if (column === '') continue;
      const native = /@db\.(\w+(?:\(\d+\))?)/.exec(rest)?.[1]?.toLowerCase();
      const counted = rest.includes('autoincrement()');
      const type = dialect === 'mysql' ? (native ?? MYSQL[scalar]) : counted ? 'integer' : SQLITE[scalar];
      columns.push({ table, column, type: type ?? scalar, nullable: optional === '?' });
    }
  }
  return columns
    .map((column, index) => ({ column, index }))
    .sort((one, other) => compare(one.column.table, other.column.table) || one.index - other.index)
    .map(({ column }) => column);
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
