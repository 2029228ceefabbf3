import type { Readable, Writable } from 'node:stream';
import type { Surroundings } from './check.ts';
import type { CliDeps, Outcome, UpkeepDeps } from './outcome.ts';

/** A file that is being made, for its owner's eyes only. */
export interface NewFile {
  readonly stream: Writable;
  /** All of it is on the disk. */
  keep(): Promise<void>;
  /** It is taken away again. */
  drop(): Promise<void>;
}

/** The world around the command line; tests hand in another one. */
export interface CliWorld {
  out(line: string): void;
  err(line: string): void;
  /** Undefined when the person gave up. */
  askPassword(): Promise<string | undefined>;
  /** @throws an Error with one line when the file cannot be opened. `-` is standard input. */
  openFile(path: string): Promise<Readable>;
  /** A file that is read more than once. @throws an Error with one line. */
  openTwice(path: string): Promise<{ open(): Readable; close(): Promise<void> }>;
  /** Never over a file that is there. `-` is standard output. @throws an Error with one line. */
  createFile(path: string): Promise<NewFile>;
  /** The key in a file of its own, which is made when it is missing. @throws ConfigError */
  keyOf(path: string): Uint8Array;
  /** Opens the database for one command and closes it after. */
  withDeps(work: (deps: CliDeps) => Promise<Outcome>): Promise<Outcome>;
  /** The same where there may be no database and no key yet: both are made. */
  withNew(work: (deps: UpkeepDeps) => Promise<Outcome>): Promise<Outcome>;
  readonly surroundings: Surroundings;
}
