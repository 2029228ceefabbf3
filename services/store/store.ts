/**
 * The port: what the house remembers, and the promises about it. One abstract contract suite (tests/contract) runs
 * against every implementation: memory, SQLite, MySQL/MariaDB.
 *
 * Promises of every write: it resolves after the commit; refused writes change nothing; a fact that another process must
 * notice and its Change row are written in one transaction. A database that cannot be reached or does not answer throws
 * {@link StoreUnavailable}, after which nothing is half-applied.
 */
import type { Aor, Change, Rule, Subject } from '#model';
import type { Accounts, DevicePasswords } from './accounts.ts';
import type { Archive } from './archive.ts';
import type { EventLoader } from './event-loader.ts';
import type { Audit, Invitations, Passkeys, SecondFactors } from './identity.ts';
import type { Nodes } from './nodes.ts';
import type { Personal } from './personal.ts';
import type { Publications, Subscriptions, Waitings } from './soft-state.ts';

/** The database is away, too slow, or the outcome of a commit could not be learnt. The client may try again. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

export * from './accounts.ts';
export * from './archive.ts';
export * from './event-loader.ts';
export * from './identity.ts';
export * from './nodes.ts';
export * from './soft-state.ts';

export interface Store extends Personal {
  readonly accounts: Accounts;
  readonly devicePasswords: DevicePasswords;
  readonly rules: Rules;
  readonly eventLoader: EventLoader;
  readonly publications: Publications;
  readonly subscriptions: Subscriptions;
  readonly waiting: Waitings;
  readonly sessions: Sessions;
  readonly secondFactors: SecondFactors;
  readonly passkeys: Passkeys;
  readonly invitations: Invitations;
  readonly audit: Audit;
  readonly nodes: Nodes;
  readonly journal: Journal;
  readonly leases: Leases;
  readonly settings: Settings;
  readonly archive: Archive;
  /** Lets writes under way finish, then lets go of the database. */
  close(): Promise<void>;
}

// --------------------------------------------------------------------------------------------------------------- rules

export type RuleOutcome = 'set' | 'no-account' | 'no-event';

export interface Rules {
  /** All rules of one owner, ordered by event, then subject. */
  of(owner: Aor): Promise<readonly Rule[]>;
  /** The rules of many owners in one read; an owner without rules has an empty list. */
  ofMany(owners: readonly Aor[]): Promise<ReadonlyMap<Aor, readonly Rule[]>>;
  /** Adds or replaces, with a Change `rules`. */
  set(rule: Rule): Promise<RuleOutcome>;
  /** Many at once, each with its own outcome, in order; of two for the same owner, subject and event the later stands. */
  setMany(rules: readonly Rule[]): Promise<readonly RuleOutcome[]>;
  /** With a Change `rules` when there was one. */
  remove(owner: Aor, subject: Subject, event: string): Promise<boolean>;
}

// ------------------------------------------------------------------------------------------------------------ sessions

export interface Session {
  /** SHA-256 of the cookie's secret, hex: a stolen table opens no session. */
  readonly idHash: string;
  readonly aor: Aor;
  readonly createdAt: number;
  readonly lastSeenAt: number;
  readonly expiresAt: number;
  readonly userAgent: string;
  readonly address: string;
}

export interface Sessions {
  create(session: Session): Promise<void>;
  /** Undefined when unknown or expired at `now`. */
  find(idHash: string, now: number): Promise<Session | undefined>;
  touch(idHash: string, lastSeenAt: number, expiresAt: number): Promise<void>;
  end(idHash: string): Promise<void>;
  /** Ends every session of the account, but not `except`. @returns how many there were. */
  endAll(aor: Aor, except?: string): Promise<number>;
  /** The account's sessions that have not expired at `now`, the one used last first. */
  of(aor: Aor, now: number): Promise<readonly Session[]>;
  purge(now: number): Promise<number>;
}

// ------------------------------------------------------------------------------------------------------------- journal

export interface JournalRow {
  readonly id: number;
  readonly at: number;
  readonly change: Change;
}

export interface Journal {
  /** Rows with an id above `after`, ascending, at most `limit`, in a new snapshot. */
  after(after: number, limit: number): Promise<readonly JournalRow[]>;
  /** Those of the given ids that are visible now: gaps being re-read. */
  byId(ids: readonly number[]): Promise<readonly JournalRow[]>;
  /** Smallest and largest id kept; undefined when empty. */
  span(): Promise<{ readonly oldest: number; readonly newest: number } | undefined>;
  append(changes: readonly Change[], at: number): Promise<void>;
  /** Removes rows older than `before` (epoch ms). @returns how many. */
  purge(before: number): Promise<number>;
}

// ---------------------------------------------------------------------------------------------------- leases, settings

/** Who holds a role. `beat` grows with each renewal: a waiter needs no common clock, only to see it stand still. */
export interface Lease {
  readonly name: string;
  /** Unique per process run. */
  readonly holder: string;
  readonly host: string;
  readonly pid: number;
  readonly beat: number;
}

export interface Leases {
  read(name: string): Promise<Lease | undefined>;
  /** Takes the role if it stands exactly as `seen` (undefined: free). @returns whether it did. */
  take(lease: Omit<Lease, 'beat'>, seen: Lease | undefined): Promise<boolean>;
  /** @returns false when somebody else holds it now. */
  renew(name: string, holder: string): Promise<boolean>;
  release(name: string, holder: string): Promise<void>;
  /**
   * From now on this store writes publications and subscriptions only while the role is the holder's: each such write asks
   * in its own transaction, and throws {@link StoreUnavailable} when it is not, with nothing written. So a process that
   * stood still while another took over harms nothing when it goes on.
   */
  writeAs(name: string, holder: string): void;
}

export interface Settings {
  get(name: string): Promise<string | undefined>;
  /** Replaces the value. */
  put(name: string, value: string): Promise<void>;
  /** Stores the value unless there is one. @returns the value that stands. */
  fix(name: string, value: string): Promise<string>;
}
