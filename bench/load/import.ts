/**
 * How long `porchlight user import` and `porchlight rule import` take for very many lines, in how much memory. The file is on
 * standard input, a private MariaDB or SQLite behind it:
 *
 *     npm run build && node --import tsx --conditions=source bench/load/import.ts [--accounts 1000000] [--rules 1000000] [--passwords] [--sqlite] [--node=--FLAG …]
 *
 * Accounts have ready HA1 values, or with `--passwords` passwords.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startMariaDb } from '../../tests/support/mariadb.ts';
import { openPlace } from '../../tests/support/processes.ts';

const { values: options } = parseArgs({
  options: {
    accounts: { type: 'string', default: '1000000' },
    rules: { type: 'string', default: '1000000' },
    passwords: { type: 'boolean', default: false },
    sqlite: { type: 'boolean', default: false },
    said: { type: 'boolean', default: false },
    node: { type: 'string', multiple: true, default: [] },
  },
});
const accounts = Number(options.accounts);
const PIECE = 1000;

function* pieces(header: string, count: number, line: (index: number) => string): Generator<string> {
  yield `${header}\n`;
  for (let start = 0; start < count; start += PIECE) {
    let text = '';
    for (let index = start; index < Math.min(count, start + PIECE); index += 1) text += `${line(index)}\n`;
    yield text;
  }
}

const ha1 = (index: number): string => createHash('md5').update(`u${index}:example.com:p${index}`).digest('hex');

/** Kilobytes of the process's own share now (Linux). */
function pssOf(pid: number): number {
  try {
    return Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

async function run(words: readonly string[], file: Generator<string>, settings: Readonly<Record<string, string>>) {
  const program = fileURLToPath(new URL('../../services/porchlight.mjs', import.meta.url));
  const startedAt = performance.now();
  const child = spawn(process.execPath, [...options.node, program, ...words], { env: { ...process.env, ...settings } });
  let said = '';
  let lines = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    lines += text.split('\n').length - 1;
    if (options.said) process.stderr.write(text);
  });
  const shares: number[] = [];
  const timer = setInterval(() => shares.push(pssOf(child.pid ?? 0)), 500);
  Readable.from(file).pipe(child.stdin);
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearInterval(timer);
  const middle = shares.slice(0, Math.ceil(shares.length / 2));
  return {
    status,
    seconds: Math.round((performance.now() - startedAt) / 100) / 10,
    memoryMb: Math.round(Math.max(0, ...shares) / 1024),
    memoryInFirstHalfMb: Math.round(Math.max(0, ...middle) / 1024),
    linesOfProgress: lines,
    said: said.trim(),
  };
}

const database = options.sqlite ? undefined : await startMariaDb();
const place = await openPlace(database === undefined ? {} : { DATABASE_URL: database.url('import') });
try {
  const of = { database: database === undefined ? 'sqlite' : 'mariadb' };
  if (accounts > 0) {
    const header = options.passwords ? 'username,password' : 'username,ha1';
    const file = pieces(header, accounts, (index) => `u${index},${options.passwords ? `p${index}` : ha1(index)}`);
    console.log(JSON.stringify({ ...of, what: header, accounts, ...(await run(['user', 'import', '-'], file, place.settings)) }));
  }
  const rules = Number(options.rules);
  if (rules > 0) {
    const watcher = (index: number): string => `u${(index * 7 + Math.floor(index / accounts)) % accounts}`;
    const file = pieces('owner,watcher,permission', rules, (index) => `u${index % accounts},${watcher(index)},allow`);
    console.log(JSON.stringify({ ...of, what: 'rules', rules, ...(await run(['rule', 'import', '-'], file, place.settings)) }));
  }
} finally {
  await place.close();
  await database?.stop();
}
