/**
 * The one place where errors of the drivers, of Prisma's adapters and of the Prisma client are read. Every one of them
 * carries, at some depth, what the adapter made of the driver's error: a `kind` and the database's own code.
 */
import { DatabaseFault, type DatabaseFaultKind } from '../database-fault.ts';

interface AdapterError {
  readonly kind: string;
  readonly originalCode?: string;
  readonly originalMessage?: string;
  readonly code?: number;
  readonly state?: string;
  readonly extendedCode?: number;
  readonly message?: string;
}

/** What MySQL and MariaDB call it when they go away, are full, or do not let us in; 45000 and above are the driver's. */
const AWAY = new Set([1021, 1040, 1044, 1045, 1049, 1053, 1203, 1226, 1290, 1836, 1927, 2002, 2003, 2006, 2013]);
const LOCKED = new Set([1205, 1213, 1020, 3572]);
const TOO_LARGE = 1153;
const DRIVER_CODES = 45_000;
const NO_CONNECTION = 45_028;
/** SQLite's primary codes: PERM, READONLY, INTERRUPT, IOERR, CORRUPT, FULL, CANTOPEN, PROTOCOL, NOTADB. */
const SQLITE_AWAY = new Set([3, 8, 9, 10, 11, 13, 14, 15, 26]);
/** BUSY, LOCKED. */
const SQLITE_BUSY = new Set([5, 6]);
/** TOOBIG, CONSTRAINT, MISMATCH, RANGE. */
const SQLITE_BAD_ROW = new Set([18, 19, 20, 25]);
/** Prisma's own codes for errors without an adapter's: no connection, and a transaction that took too long. */
const PRISMA_AWAY = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028']);

/** @returns the fault in our words, or the error itself when it is a bug and no matter of the database's. */
export function readFault(error: unknown): unknown {
  if (error instanceof DatabaseFault) return error;
  const kind = kindOf(error);
  return kind === undefined ? error : new DatabaseFault(kind, messageOf(error), error);
}

function kindOf(error: unknown): DatabaseFaultKind | undefined {
  const cause = adapterError(error);
  if (cause !== undefined) return kindOfAdapterError(cause);
  const code = field(error, 'code');
  if (code === 'P2034') return 'busy';
  if (code === 'P2002') return 'taken';
  if (typeof code === 'string' && (PRISMA_AWAY.has(code) || /^E[A-Z]+$/.test(code))) return 'unreachable';
  const rawCode = field(error, 'rawCode');
  if (typeof rawCode === 'number') return kindOfSqlite(rawCode);
  const errno = field(error, 'errno');
  return typeof errno === 'number' ? kindOfMysql(errno, String(field(error, 'sqlState') ?? '')) : undefined;
}

function kindOfAdapterError(cause: AdapterError): DatabaseFaultKind | undefined {
  switch (cause.kind) {
    case 'TransactionWriteConflict':
      return 'busy';
    case 'UniqueConstraintViolation':
      return 'taken';
    case 'LengthMismatch':
    case 'NullConstraintViolation':
    case 'ForeignKeyConstraintViolation':
    case 'ValueOutOfRange':
    case 'InvalidInputValue':
      return 'bad-row';
    case 'SocketTimeout':
      return cause.originalCode !== undefined && SQLITE_BUSY.has(Number(cause.originalCode) & 255)
        ? 'busy'
        : 'unreachable';
    case 'DatabaseNotReachable':
    case 'DatabaseDoesNotExist':
    case 'DatabaseAccessDenied':
    case 'ConnectionClosed':
    case 'TlsConnectionError':
    case 'AuthenticationFailed':
    case 'TooManyConnections':
      return 'unreachable';
    case 'mysql':
      return kindOfMysql(cause.code ?? 0, cause.state ?? '');
    case 'sqlite':
      return kindOfSqlite(cause.extendedCode ?? 0);
    default:
      return undefined;
  }
}

function kindOfMysql(code: number, state: string): DatabaseFaultKind | undefined {
  if (LOCKED.has(code)) return 'busy';
  if (code === TOO_LARGE) return 'bad-row';
  if (code < 0 || code >= DRIVER_CODES || AWAY.has(code) || state.startsWith('08')) return 'unreachable';
  if (code === 1062) return 'taken';
  return state.startsWith('22') || state.startsWith('23') ? 'bad-row' : undefined;
}

function kindOfSqlite(code: number): DatabaseFaultKind | undefined {
  const primary = code & 255;
  if (SQLITE_BUSY.has(primary)) return 'busy';
  if (SQLITE_AWAY.has(primary)) return 'unreachable';
  return SQLITE_BAD_ROW.has(primary) ? 'bad-row' : undefined;
}

/** The adapter throws it as `cause`; the Prisma client hands it on in `meta.driverAdapterError`. */
function adapterError(error: unknown): AdapterError | undefined {
  const thrown = field(field(error, 'meta'), 'driverAdapterError') ?? error;
  const cause = field(thrown, 'cause');
  return typeof field(cause, 'kind') === 'string' ? (cause as AdapterError) : undefined;
}

function messageOf(error: unknown): string {
  const cause = adapterError(error);
  // A pool that could give no connection says how long it tried; why it had none is below.
  const text =
    reasonOf(cause?.code, field(cause, 'cause')) ??
    reasonOfDriver(error) ??
    cause?.originalMessage ??
    cause?.message ??
    field(error, 'message');
  return typeof text === 'string' ? text : String(error);
}

function reasonOfDriver(error: unknown): string | undefined {
  return reasonOf(field(error, 'errno'), field(field(error, 'cause'), 'message'));
}

function reasonOf(code: unknown, reason: unknown): string | undefined {
  if (code !== NO_CONNECTION || typeof reason !== 'string') return undefined;
  return reason.replace(/^\(conn:[^)]*\) /, '').split('\n', 1)[0];
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
