/**
 * What a power cut can leave of a SQLite database: the writes and syncs of a process are recorded (strace), and the files
 * are built anew as a disk might hold them at any moment. Of what was not synced yet each sector of each write may be there
 * or not, in any order; what was synced is there. Then SQLite opens them, as after the power came back.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'libsql';
import { silentLog } from '#runtime';
import { migrate } from '#store';

type Change =
  | { readonly kind: 'write'; readonly file: string; readonly offset: number; readonly bytes: Buffer }
  | { readonly kind: 'truncate'; readonly file: string; readonly size: number };
type Recorded =
  | Change
  | { readonly kind: 'sync'; readonly file: string }
  | { readonly kind: 'unlink'; readonly file: string }
  /** The writer said so, at this place among its system calls. */
  | { readonly kind: 'asked'; readonly id: string; readonly etag: string }
  | { readonly kind: 'acknowledged'; readonly id: string; readonly etag: string };

interface Recording {
  /** The database's files as they were before, whole and synced. */
  readonly before: ReadonlyMap<string, Buffer>;
  readonly events: readonly Recorded[];
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const WRITER = fileURLToPath(new URL('./recorded-writer.ts', import.meta.url));
const SECTOR = 512;
const NAME = 'recorded.db';

/** @param rounds of each of the writer's lanes. */
async function record(folder: string, rounds: number): Promise<Recording> {
  const path = join(folder, NAME);
  const sayings = join(folder, 'sayings');
  const trace = join(folder, 'trace');
  await migrate(`file:${path}`, { log: silentLog });
  const files = [NAME, `${NAME}-wal`].filter((name) => existsSync(join(folder, name)));
  const before = new Map(files.map((name) => [name, readFileSync(join(folder, name))]));
  writeFileSync(sayings, '');
  const calls = 'trace=write,pwrite64,pwritev,writev,ftruncate,fsync,fdatasync,unlink';
  const { status, stderr } = spawnSync(
    'strace',
    ['-f', '-qq', '-y', '-xx', '-s', '1000000', '-e', calls, '-o', trace]
      .concat([path, `${path}-wal`, `${path}-journal`, sayings].flatMap((one) => ['-P', one]))
      .concat([process.execPath, '--import', 'tsx', '--conditions=source'])
      .concat([WRITER, `file:${path}`, sayings, String(rounds)]),
    { encoding: 'utf8', cwd: ROOT },
  );
  if (status !== 0) throw new Error(`the writer failed: ${stderr}`);
  return { before, events: readTrace(readFileSync(trace, 'latin1')) };
}

function readTrace(text: string): readonly Recorded[] {
  const begun = new Map<string, string>();
  return text.split('\n').flatMap((line): readonly Recorded[] => {
    const [, pid = '', rest = ''] = /^(\d+)\s+(.*)$/.exec(line) ?? [];
    if (rest.endsWith(' <unfinished ...>')) {
      begun.set(pid, rest.slice(0, -' <unfinished ...>'.length));
      return [];
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest)?.[1];
    return readCall(resumed === undefined ? rest : `${begun.get(pid) ?? ''}${resumed}`);
  });
}

const CALL = /^(\w+)\((.*)\)\s+= (-?\d+)/;

function readCall(text: string): readonly Recorded[] {
  const [, call, words = '', result = '-1'] = CALL.exec(text) ?? [];
  if (call === undefined || result.startsWith('-')) return [];
  const file = basename(unescapeHex(/^\d+<([^>]*)>/.exec(words)?.[1] ?? /^"([^"]*)"/.exec(words)?.[1] ?? ''));
  const numbers =
    words
      .replace(/"[^"]*"/g, '""')
      .match(/, (\d+)/g)
      ?.map((word) => Number(word.slice(2))) ?? [];
  const bytes = Buffer.from(unescapeHex(/"([^"]*)"/.exec(words)?.[1] ?? ''), 'latin1');
  if (call === 'write' && file === 'sayings') return readSaying(bytes.toString());
  if (!file.startsWith(NAME)) return [];
  switch (call) {
    case 'pwrite64':
      return [{ kind: 'write', file, offset: numbers[1] ?? 0, bytes: bytes.subarray(0, Number(result)) }];
    case 'ftruncate':
      return [{ kind: 'truncate', file, size: numbers[0] ?? 0 }];
    case 'fsync':
    case 'fdatasync':
      return [{ kind: 'sync', file }];
    case 'unlink':
      return [{ kind: 'unlink', file }];
    default:
      throw new Error(`SQLite writes by ${call}, which is not recorded`);
  }
}

function readSaying(line: string): readonly Recorded[] {
  const [kind, id = '', etag = ''] = line.trim().split(' ');
  return kind === 'asked' || kind === 'acknowledged' ? [{ kind, id, etag }] : [];
}

function unescapeHex(text: string): string {
  return text.replace(/\\x([0-9a-f]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}

/** A file as the disk may hold it: what was synced, and what came after. */
interface OnDisk {
  readonly synced: Content;
  readonly pending: Change[];
}

/** Bytes that grow in place. */
interface Content {
  bytes: Buffer;
  size: number;
}

/**
 * The files after each of the given numbers of events, which ascend.
 * @param chance gives a number from 0 to below 1 for each thing that may have reached the disk or not.
 */
function* cutAfter(
  { before, events }: Recording,
  counts: readonly number[],
  chance: () => number,
): Iterable<readonly [count: number, files: ReadonlyMap<string, Buffer>]> {
  const disk = new Map<string, OnDisk>();
  for (const [name, bytes] of before)
    disk.set(name, { synced: { bytes: Buffer.from(bytes), size: bytes.length }, pending: [] });
  let done = 0;
  for (const count of counts) {
    for (; done < count; done += 1) follow(disk, events[done] as Recorded);
    // How much of what is on its way arrives differs from cut to cut: nearly all, nearly none, about half.
    const share = chance();
    const left = Array.from(disk, ([name, { synced, pending }]): [string, Buffer] => {
      const content = { bytes: Buffer.from(synced.bytes.subarray(0, synced.size)), size: synced.size };
      for (const change of pending) apply(content, change, () => chance() < share);
      return [name, content.bytes.subarray(0, content.size)];
    });
    yield [count, new Map(left)];
  }
}

function follow(disk: Map<string, OnDisk>, event: Recorded): void {
  if (event.kind === 'asked' || event.kind === 'acknowledged') return;
  const file = disk.get(event.file) ?? { synced: { bytes: Buffer.alloc(0), size: 0 }, pending: [] };
  disk.set(event.file, file);
  switch (event.kind) {
    case 'unlink':
      disk.delete(event.file);
      return;
    case 'sync':
      for (const change of file.pending) apply(file.synced, change, () => true);
      file.pending.length = 0;
      return;
    case 'write':
    case 'truncate':
      file.pending.push(event);
  }
}

/** @param arrives asked for each sector. */
function apply(content: Content, change: Change, arrives: () => boolean): void {
  if (change.kind === 'truncate') {
    if (!arrives()) return;
    grow(content, change.size);
    content.bytes.fill(0, change.size);
    content.size = change.size;
    return;
  }
  for (let start = 0; start < change.bytes.length; ) {
    const end = Math.min(change.bytes.length, start + SECTOR - ((change.offset + start) % SECTOR));
    if (arrives()) {
      grow(content, change.offset + end);
      change.bytes.copy(content.bytes, change.offset + start, start, end);
    }
    start = end;
  }
}

function grow(content: Content, size: number): void {
  if (size > content.bytes.length) {
    const larger = Buffer.alloc(Math.max(size, 2 * content.bytes.length));
    content.bytes.copy(larger, 0, 0, content.size);
    content.bytes = larger;
  }
  content.size = Math.max(content.size, size);
}

/** Opens what was left, and compares it with what was acknowledged before the cut. @returns what is wrong; empty. */
function examine(
  recording: Recording,
  count: number,
  files: ReadonlyMap<string, Buffer>,
  folder: string,
): readonly string[] {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of files) writeFileSync(join(folder, name), content);
  const database = new Database(join(folder, NAME));
  try {
    const [check] = database
      .prepare('PRAGMA integrity_check')
      .all()
      .flatMap((row) => Object.values(row as object));
    if (check !== 'ok') return [`after ${count} events: integrity_check says ${String(check)}`];
    const rows = database.prepare('SELECT id, etag FROM Pdata').all() as {
      readonly id: string;
      readonly etag: string;
    }[];
    const stands = new Map(rows.map(({ id, etag }) => [id, etag]));
    return [...allowedAfter(recording, count)].flatMap(([id, allowed]) => {
      const tag = stands.get(id) ?? '-';
      return allowed.includes(tag)
        ? []
        : [`after ${count} events: ${id} is ${tag}, and not one of ${allowed.join(', ')}`];
    });
  } catch (fault) {
    return [`after ${count} events: ${String(fault)}`];
  } finally {
    database.close();
  }
}

/** What was acknowledged last, or was asked since. */
function allowedAfter({ events }: Recording, count: number): ReadonlyMap<string, readonly string[]> {
  const allowed = new Map<string, readonly string[]>();
  for (const event of events.slice(0, count)) {
    if (event.kind === 'acknowledged') allowed.set(event.id, [event.etag]);
    if (event.kind === 'asked') allowed.set(event.id, [...(allowed.get(event.id) ?? ['-']), event.etag]);
  }
  return allowed;
}

export interface PowerCutReport {
  readonly events: number;
  readonly syncs: number;
  readonly acknowledged: number;
  readonly cuts: number;
  readonly faults: readonly string[];
}

/** Records once, cuts many times. @param seed of the moments and of what reached the disk. */
export async function runPowerCuts(options: {
  readonly folder: string;
  readonly rounds: number;
  readonly cuts: number;
  readonly seed: number;
}): Promise<PowerCutReport> {
  const { folder, rounds, cuts, seed } = options;
  const recording = await record(folder, rounds);
  const { events } = recording;
  let state = seed | 1;
  const chance = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  const faults: string[] = [];
  const counts = Array.from({ length: cuts }, () => 1 + Math.floor(chance() * events.length));
  counts.sort((one, other) => one - other);
  for (const [count, files] of cutAfter(recording, counts, chance)) {
    faults.push(...examine(recording, count, files, join(folder, 'cut')));
  }
  const of = (kind: Recorded['kind']): number => events.filter((event) => event.kind === kind).length;
  return { events: events.length, syncs: of('sync'), acknowledged: of('acknowledged'), cuts, faults };
}
