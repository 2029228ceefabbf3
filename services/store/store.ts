/**
 * The port: what the house remembers, and the promises about it. One abstract contract suite (tests/contract) runs
 * against every implementation: memory, SQLite, MySQL/MariaDB.
 *
 * Promises of every write: it resolves after the commit; refused writes change nothing; a fact that another process must
 * notice and its Change row are written in one transaction. A database that cannot be reached or does not answer throws
 * {@link StoreUnavailable}, after which nothing is half-applied.
 */
import type {
  Aor,
  Change,
  EntityTag,
  Group,
  Publication,
  Rule,
  Subject,
  Subscription,
  WaitingSubscription,
} from '#model';
import type { Audit, Invitations, Passkey, Passkeys, SecondFactor, SecondFactors } from './identity.ts';
import type { Nodes } from './nodes.ts';
import type { Personal } from './personal.ts';

/** The database is away, too slow, or the outcome of a commit could not be learnt. The client may try again. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

export * from './identity.ts';
export * from './nodes.ts';

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

// ---------------------------------------------------------------------------------------------------------- accounts

/** Digest algorithms that credentials are kept for (RFC 8760 §2.2). */
export const ALGORITHMS = ['MD5', 'SHA-256', 'SHA-512-256'] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

export interface Account {
  readonly aor: Aor;
  /** The user part as people type it, `alice`. */
  readonly username: string;
  readonly domain: string;
  readonly createdAt: number;
  readonly disabled: boolean;
  /** May run the server by the portal; absent for everybody else. */
  readonly admin?: true;
}

/** One sealed HA1 (see secrets.ts); useless without the key. */
export interface SealedCredential {
  /** What the phone sends as `username`. */
  readonly username: string;
  readonly realm: string;
  readonly algorithm: Algorithm;
  readonly sealedHa1: Uint8Array;
  /** Which key sealed it. */
  readonly keyId: string;
  /** The device whose own password it is made from; absent for the password of the account. */
  readonly device?: DeviceName;
}

/** A device with a password of its own. */
export interface DeviceName {
  /** As its owner calls it, 1 to 64 characters. */
  readonly label: string;
  readonly createdAt: number;
}

export interface NewAccount {
  readonly aor: Aor;
  readonly username: string;
  readonly domain: string;
  /** argon2id in PHC form; undefined for imported accounts until their first log-in. */
  readonly passwordHash: string | undefined;
  readonly credentials: readonly SealedCredential[];
  readonly createdAt: number;
}

export interface Accounts {
  /** With a Change `account`. The AOR is the key. */
  create(account: NewAccount): Promise<'created' | 'taken'>;
  /** Many at once, each row with its own outcome, in order; a taken name does not stop the others. */
  createMany(accounts: readonly NewAccount[]): Promise<readonly ('created' | 'taken')[]>;
  find(aor: Aor): Promise<Account | undefined>;
  /** Undefined when there is no such account; `undefined` hash when none was stored yet. */
  passwordHash(aor: Aor): Promise<{ readonly hash: string | undefined } | undefined>;
  /** Ordered by AOR, those after `after`. */
  list(page: { readonly after?: Aor; readonly limit: number; readonly search?: string }): Promise<readonly Account[]>;
  /** What the SIP side needs of many AORs in one read; an AOR without an account is absent. */
  credentials(aors: readonly Aor[]): Promise<ReadonlyMap<Aor, AccountCredentials>>;
  /**
   * Replaces what is given, with a Change `account`; the passwords of single devices stay.
   * @returns false when there is no such account.
   */
  setSecrets(
    aor: Aor,
    secrets: { readonly passwordHash?: string; readonly credentials?: readonly SealedCredential[] },
  ): Promise<boolean>;
  /**
   * Whether it may run the server by the portal.
   * @param by the administrator who says so: at that very moment another account than this one, not disabled, and an
   * administrator's. So two who take the role from each other do not both succeed, and one is always left.
   * @returns false when there is no such account, or `by` may not.
   */
  setAdmin(aor: Aor, admin: boolean, by?: Aor): Promise<boolean>;
  /** With a Change `account`; disabling ends the account's browser sessions too. @param by see {@link setAdmin}. */
  setDisabled(aor: Aor, disabled: boolean, by?: Aor): Promise<boolean>;
  /**
   * Deletes the account and all that is its: rules, credentials, sessions, publications, and subscriptions of and to it, waiting
   * ones too.
   * With a Change `account` that says `gone`. @returns false when there is none.
   */
  remove(aor: Aor): Promise<boolean>;
  /** Credentials that another key than `keyId` sealed, those behind `after`, in order of `place`. */
  sealedOtherwise(page: {
    readonly keyId: string;
    readonly after?: number;
    readonly limit: number;
  }): Promise<readonly PlacedCredential[]>;
  /** Puts each in its place, where it still carries `expected`. No Change: what they open to is the same. */
  reseal(
    seals: readonly { readonly expected: Uint8Array; readonly sealed: PlacedCredential }[],
  ): Promise<{ readonly written: number }>;
}

/** A credential and where it is kept. */
export interface PlacedCredential {
  readonly place: number;
  readonly credential: SealedCredential;
}

export interface AccountCredentials {
  readonly disabled: boolean;
  readonly credentials: readonly SealedCredential[];
}

// -------------------------------------------------------------------------------------------------- device passwords

/** Most devices of one account that can have a password of their own: each costs a wrong answer one more comparison. */
export const MAX_DEVICE_PASSWORDS = 10;

export interface DevicePassword extends DeviceName {
  /** By which a device last authenticated; undefined when never. */
  readonly lastUsedAt: number | undefined;
  /** Where from; '' when never. */
  readonly lastAddress: string;
}

/** Somebody authenticated with a password: the account's own, or that of the device `label`. */
export interface PasswordUse {
  readonly aor: Aor;
  /** '' is the account's own password. */
  readonly label: string;
  readonly at: number;
  readonly address: string;
}

/** Passwords of single devices beside that of the account: each opens the account to phones, none the portal. */
export interface DevicePasswords {
  /** Oldest first. */
  of(aor: Aor): Promise<readonly DevicePassword[]>;
  /** When and where from phones last used the account's own password. */
  ownUse(aor: Aor): Promise<Pick<DevicePassword, 'lastUsedAt' | 'lastAddress'>>;
  /** With a Change `account`. @param credentials all of one `device`. */
  add(aor: Aor, credentials: readonly SealedCredential[]): Promise<'added' | 'taken' | 'too-many' | 'no-account'>;
  /** With a Change `account` when there was one. */
  revoke(aor: Aor, label: string): Promise<boolean>;
  /** Writes down when passwords were used; no Change. Devices that are gone are passed over. */
  noteUses(uses: readonly PasswordUse[]): Promise<void>;
}

// ------------------------------------------------------------------------------------------------------------- rules

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

// ---------------------------------------------------------------------------------------------------- event packages

/** A row of Eventloader: this event package is served by this module. */
export interface LoaderRow {
  readonly event: string;
  /** `builtin:presence`, an npm package name, or an absolute path or file URL of a module. */
  readonly module: string;
  readonly enabled: boolean;
}

export interface EventLoader {
  /** Ordered by event. */
  list(): Promise<readonly LoaderRow[]>;
  /** Adds or replaces the row (and the Events row it names), with a Change `packages`. */
  set(row: LoaderRow): Promise<void>;
}

// ------------------------------------------------------------------------------------------------------ publications

export type PublicationWrite =
  /** Refused as `stale` when the id exists already. */
  | { readonly kind: 'insert'; readonly publication: Publication }
  /** Only where the row still carries `expected`. Presentity, event and publisher are what they were. */
  | { readonly kind: 'replace'; readonly expected: EntityTag; readonly publication: Publication }
  /** Only where the row still carries `expected`: its entity-tag and its end move, all else is left as it is. */
  | { readonly kind: 'refresh'; readonly expected: EntityTag; readonly publication: Publication }
  /** Only where the row still carries `expected`. */
  | { readonly kind: 'remove'; readonly expected: EntityTag; readonly id: string };

export type WriteOutcome =
  | 'written'
  /** The row is not as expected: another etag, or gone. */
  | 'stale'
  /** The row itself cannot be kept (too long, out of range); others of its batch were. */
  | 'refused';

export interface Publications {
  /** Committed in groups; each caller gets their own outcome. */
  write(write: PublicationWrite): Promise<WriteOutcome>;
  /** Everything, for the start; in pages, order of id. Expired rows are included. */
  all(): AsyncIterable<readonly Publication[]>;
  find(id: string): Promise<Publication | undefined>;
  /** One presentity's, all events, unexpired at `now`, newest last. */
  of(presentity: Aor, now: number): Promise<readonly Publication[]>;
  /**
   * As {@link write}, by another process than the SIP service and alone: with a Change `published`, so that the service
   * takes up what the row says now.
   */
  writeFromOutside(presentity: Aor, write: PublicationWrite): Promise<WriteOutcome>;
}

// ----------------------------------------------------------------------------------------------------- subscriptions

export type SubscriptionWrite =
  | { readonly kind: 'insert'; readonly subscription: Subscription }
  /**
   * Changes the row of the same id; `stale` when there is none. Who watches what, and the ids of the dialog, are what they
   * were. `before`, where the caller knows that the row is so, spares the columns that are equal.
   */
  | { readonly kind: 'update'; readonly subscription: Subscription; readonly before?: Subscription }
  | { readonly kind: 'remove'; readonly id: string };

export interface Subscriptions {
  /** Committed in groups; each caller gets their own outcome. */
  write(write: SubscriptionWrite): Promise<WriteOutcome>;
  /** Writes only `told`, for many, in one go; ids that are gone are passed over. */
  markTold(marks: ReadonlyMap<string, string>): Promise<void>;
  all(): AsyncIterable<readonly Subscription[]>;
  find(id: string): Promise<Subscription | undefined>;
  /** Who watches one presentity, unexpired at `now`, oldest first. */
  of(presentity: Aor, now: number): Promise<readonly Subscription[]>;
}

// ----------------------------------------------------------------------------------------------------------- waiting

export type WaitingWrite =
  /** In the place of whatever this watcher has waiting at the same presentity and package. */
  | { readonly kind: 'keep'; readonly waiting: WaitingSubscription }
  /** Only the row of this id; done, too, where there is none any more. */
  | { readonly kind: 'remove'; readonly waiting: WaitingSubscription };

/** Questions that outlived their subscriptions (RFC 3857 §4.7.1). */
export interface Waitings {
  /** Committed in groups; each caller gets their own outcome. */
  write(write: WaitingWrite): Promise<Exclude<WriteOutcome, 'stale'>>;
  /** Everything, in pages, order of id. Expired rows are included. */
  all(): AsyncIterable<readonly WaitingSubscription[]>;
  find(id: string): Promise<WaitingSubscription | undefined>;
  /** Who waits for one presentity, unexpired at `now`, the oldest question first. */
  of(presentity: Aor, now: number): Promise<readonly WaitingSubscription[]>;
}

// ---------------------------------------------------------------------------------------------------------- sessions

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

// ----------------------------------------------------------------------------------------------------------- journal

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

// ------------------------------------------------------------------------------------------------- leases, settings

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

// ----------------------------------------------------------------------------------------------------------- archive

export type ArchivedFactor = Omit<SecondFactor, 'recoveryLeft'> & { readonly recoveryHashes: readonly string[] };

/**
 * One row as a back-up carries it, whatever database it came from. Journal, leases, nodes, browser sessions, links, invitations,
 * and what was seen of phones, availability and past watchers are of the moment, the audit log is of the place: not kept.
 */
export type ArchiveRow =
  | { readonly table: 'setting'; readonly name: string; readonly value: string }
  | { readonly table: 'package'; readonly row: LoaderRow }
  | {
      readonly table: 'account';
      readonly account: Account;
      readonly passwordHash: string | undefined;
      readonly credentials: readonly SealedCredential[];
    }
  | { readonly table: 'second-factor'; readonly aor: Aor; readonly factor: ArchivedFactor }
  | { readonly table: 'passkey'; readonly passkey: Passkey }
  | { readonly table: 'group'; readonly group: Group }
  | { readonly table: 'preference'; readonly owner: Aor; readonly name: string; readonly value: string }
  | { readonly table: 'rule'; readonly rule: Rule }
  | { readonly table: 'publication'; readonly publication: Publication }
  | { readonly table: 'subscription'; readonly subscription: Subscription }
  | { readonly table: 'waiting'; readonly waiting: WaitingSubscription };

export interface Archive {
  /** Whether there is no account, no publication and no subscription. */
  isEmpty(): Promise<boolean>;
  /**
   * Hands over everything as it stood at one moment, a page at a time, without keeping writers waiting: settings, packages,
   * accounts and what belongs to them, rules, publications, subscriptions, those who wait, so that a row comes after what
   * it needs.
   */
  read(take: (rows: readonly ArchiveRow[]) => Promise<void>): Promise<void>;
  /**
   * Puts these rows, in the order of {@link read}, in the place of everything there is, and ends all sessions: all of them or, when a row cannot
   * be kept or `rows` throws, none. With a Change `everything`. `rows` may be asked for more than once.
   * @throws RangeError naming what cannot be kept.
   */
  replace(rows: () => AsyncIterable<readonly ArchiveRow[]>): Promise<void>;
}
