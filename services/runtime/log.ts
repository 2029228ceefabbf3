import { pino } from 'pino';

/** One line a fact: what happened first, its particulars as fields. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(fields: object): Log;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** Writes JSON lines to standard output. @param name which process speaks: `sip`, `web`. */
export function makeLog(name: string, level: LogLevel): Log {
  return pino({ level, base: { name }, timestamp: pino.stdTimeFunctions.isoTime }) as Log;
}

export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLog,
};
