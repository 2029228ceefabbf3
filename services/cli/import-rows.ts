import type { Readable } from 'node:stream';
import { type CsvError, parse } from 'csv-parse';

/** One line of an import file, or what is wrong with it. `line` counts from 1, the header included. */
export type ImportRow<Column extends string> =
  | { readonly kind: 'row'; readonly line: number; readonly fields: ReadonlyMap<Column, string> }
  | { readonly kind: 'bad'; readonly line: number; readonly why: string }
  /** Nothing after this can be read. */
  | { readonly kind: 'end'; readonly line: number; readonly why: string };

/** What a file may hold. */
export interface Sheet<Column extends string> {
  readonly columns: readonly Column[];
  /** Whether these columns are enough to work with. */
  suffices(has: (column: Column) => boolean): boolean;
  /** Said where they are not. */
  readonly wanted: string;
}

/** Longer records are no accounts: a quote was opened and never closed, and would swallow the file. */
const MAX_RECORD_BYTES = 16_384;

interface Record {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/**
 * Reads a CSV file (RFC 4180, UTF-8) whose first line names its columns. A file without such a line is refused rather than
 * guessed at: its first account could be taken for a header, or a header for an account.
 */
export async function* readImportRows<Column extends string>(
  file: Readable,
  sheet: Sheet<Column>,
): AsyncGenerator<ImportRow<Column>> {
  const bad: (ImportRow<Column> & { kind: 'bad' | 'end' })[] = [];
  const parser = parse({
    bom: true,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: MAX_RECORD_BYTES,
  });
  parser.on('skip', (fault: CsvError & { readonly lines?: number }) => {
    const line = fault.lines ?? 0;
    if (fault.code === 'CSV_MAX_RECORD_SIZE') {
      bad.push({
        kind: 'end',
        line,
        why: 'a quote that was opened before this line is not closed; reading stops here',
      });
    } else bad.push({ kind: 'bad', line, why: quoteFault(fault.code) });
  });
  file.once('error', (fault) => parser.destroy(fault));
  file.pipe(parser);
  let header: readonly (Column | undefined)[] | undefined;
  for await (const { record, info } of parser as AsyncIterable<Record>) {
    if (header === undefined) {
      const read = readHeader(record, sheet);
      if (typeof read === 'string') {
        yield { kind: 'end', line: info.lines, why: read };
        return;
      }
      header = read;
      continue;
    }
    // The parser reads ahead: what it passed over further down waits for its turn.
    while (bad[0] !== undefined && bad[0].line <= info.lines) yield bad.shift() as ImportRow<Column>;
    yield rowOf(header, record, info.lines);
  }
  if (header === undefined) yield { kind: 'end', line: 1, why: 'the file is empty' };
  yield* bad;
}

/** @returns the columns by place, undefined for those of no interest; or what is wrong. */
function readHeader<Column extends string>(
  record: readonly string[],
  { columns, suffices, wanted }: Sheet<Column>,
): readonly (Column | undefined)[] | string {
  const names = record.map((name) => name.trim().toLowerCase());
  if (!suffices((column) => names.includes(column))) return `the first line must name the columns: ${wanted}`;
  if (new Set(names).size < names.length) return 'the first line names a column twice';
  return names.map((name) => columns.find((column) => column === name));
}

function rowOf<Column extends string>(
  header: readonly (Column | undefined)[],
  record: readonly string[],
  line: number,
): ImportRow<Column> {
  if (record.length !== header.length) {
    return { kind: 'bad', line, why: `has ${record.length} fields where the first line has ${header.length}` };
  }
  const fields = new Map<Column, string>();
  header.forEach((column, index) => {
    const value = record[index];
    if (column !== undefined && value !== undefined && value !== '') fields.set(column, value);
  });
  return { kind: 'row', line, fields };
}

function quoteFault(code: string): string {
  switch (code) {
    case 'CSV_QUOTE_NOT_CLOSED':
      return 'a quote that was opened is not closed';
    case 'INVALID_OPENING_QUOTE':
    case 'CSV_INVALID_CLOSING_QUOTE':
      return 'a field with a quote in it must be quoted whole, and the quote doubled';
    default:
      return `is not CSV (${code})`;
  }
}
