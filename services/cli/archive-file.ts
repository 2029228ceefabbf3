import { createHash } from 'node:crypto';
import type { Readable, Writable } from 'node:stream';
import type { Publication } from '#model';
import type { ArchiveRow, Passkey, SealedCredential, SecondFactor } from '#store';
import { writeTo } from './stream.ts';

/**
 * The file of a back-up: lines of JSON. The first says what it is and carries the keys that the credentials are sealed
 * with, then one line a row, and a last one with the number of rows and the SHA-256 of all bytes before it.
 */
export const FORMAT = 'porchlight-backup';
/** Files of this version and before it are read; a later one is refused in words. Since 2: groups, dates in rules. */
export const VERSION = 2;

export interface ArchiveHead {
  readonly format: typeof FORMAT;
  readonly version: number;
  /** ISO 8601. */
  readonly madeAt: string;
  /** Base64; more than one where the key was being changed. */
  readonly keys: readonly string[];
}

interface ArchiveEnd {
  readonly rows: number;
  readonly sha256: string;
}

/** Said of a file that is not what it should be; nothing has been changed. */
export class BadArchive extends Error {
  override readonly name = 'BadArchive';
}

export interface ArchiveWriter {
  rows(rows: readonly ArchiveRow[]): Promise<void>;
  end(): Promise<void>;
}

export async function writeArchive(file: Writable, head: ArchiveHead): Promise<ArchiveWriter> {
  const hash = createHash('sha256');
  let count = 0;
  const write = (text: string): Promise<void> => {
    hash.update(text);
    return writeTo(file, text);
  };
  await write(`${JSON.stringify(head)}\n`);
  return {
    async rows(rows) {
      count += rows.length;
      await write(rows.map((row) => `${JSON.stringify(row, toText)}\n`).join(''));
    },
    async end() {
      const end: ArchiveEnd = { rows: count, sha256: hash.digest('hex') };
      await writeTo(file, `${JSON.stringify(end)}\n`);
    },
  };
}

/** Reads the whole file, whatever is in it, before anything is believed. @throws BadArchive */
export async function verifyArchive(file: Readable): Promise<{ readonly head: ArchiveHead; readonly rows: number }> {
  const hash = createHash('sha256');
  let head: ArchiveHead | undefined;
  let last: Buffer | undefined;
  let count = 0;
  for await (const line of linesOf(file)) {
    if (last === undefined) head = readHead(line);
    else {
      hash.update(last).update('\n');
      count += 1;
    }
    last = line;
  }
  if (head === undefined || last === undefined) throw new BadArchive('the file is empty');
  const end = parse(last) as Partial<ArchiveEnd>;
  if (end.sha256 === undefined) throw new BadArchive('the file is cut off: its last line is missing');
  if (end.sha256 !== hash.digest('hex') || end.rows !== count - 1) throw new BadArchive('the file is damaged');
  return { head, rows: end.rows };
}

/** The rows of a file that was verified. */
export async function* readRows(file: Readable, pageSize: number): AsyncGenerator<readonly ArchiveRow[]> {
  let page: ArchiveRow[] = [];
  let isFirst = true;
  for await (const line of linesOf(file)) {
    const value = isFirst ? undefined : (parse(line, fromText) as ArchiveRow | ArchiveEnd);
    isFirst = false;
    if (value === undefined || !('table' in value)) continue;
    page.push(asOfNow(value));
    if (page.length < pageSize) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

/** A row as a file of an earlier release has it, without what has been added since. */
function asOfNow(row: ArchiveRow): ArchiveRow {
  if (row.table !== 'subscription') return row;
  return { ...row, subscription: { ...row.subscription, cause: row.subscription.cause ?? 'subscribe' } };
}

function readHead(line: Buffer): ArchiveHead {
  let head: Partial<ArchiveHead> | undefined;
  try {
    head = parse(line) as Partial<ArchiveHead>;
  } catch {}
  if (head?.format !== FORMAT) throw new BadArchive('the file is no back-up of Porchlight');
  if (typeof head.version !== 'number' || head.version < 1 || head.version > VERSION) {
    throw new BadArchive(`the file is of version ${head.version}; this Porchlight reads version ${VERSION} and before`);
  }
  return head as ArchiveHead;
}

/** By bytes, so that no character inside a text is taken for the end of a line. */
async function* linesOf(file: Readable): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of file) {
    let bytes: Buffer = Buffer.concat([rest, Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk))]);
    for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10)) {
      yield bytes.subarray(0, at);
      bytes = bytes.subarray(at + 1);
    }
    rest = bytes;
  }
  if (rest.length > 0) yield rest;
}

type Reviver = (key: string, value: unknown) => unknown;

function parse(line: Buffer, reviver?: Reviver): unknown {
  try {
    return JSON.parse(line.toString('utf8'), reviver);
  } catch {
    throw new BadArchive('the file is damaged: a line of it is no JSON');
  }
}

/** Bytes as base64, in the places where a row has some. */
function toText(this: Readonly<Record<string, unknown>>, key: string, value: unknown): unknown {
  // Not `value`: a Buffer has been made something else by its toJSON.
  const bytes = this[key];
  return isBytesField(key) && bytes instanceof Uint8Array ? Buffer.from(bytes).toString('base64') : value;
}

function fromText(key: string, value: unknown): unknown {
  return isBytesField(key) && typeof value === 'string' ? new Uint8Array(Buffer.from(value, 'base64')) : value;
}

const BYTES: ReadonlySet<string> = new Set<string>([
  'sealedHa1' satisfies keyof SealedCredential,
  'body' satisfies keyof Publication,
  'sealed' satisfies keyof SecondFactor,
  'publicKey' satisfies keyof Passkey,
]);

function isBytesField(key: string): boolean {
  return BYTES.has(key);
}
