/**
 * The port's second half: what is kept for one person beside accounts, rules and soft state, mostly for the portal to
 * show. All of it goes with the account. What only the SIP service can know (sightings, availability, past watchers) it
 * writes in batches, never while a request waits; nothing here is ever read on the hot path.
 */
import type { Aor, Group, Subscription } from '#model';

export interface Personal {
  readonly groups: Groups;
  readonly preferences: Preferences;
  readonly sightings: Sightings;
  readonly availability: Availability;
  readonly pastWatchers: PastWatchers;
  readonly tickets: Tickets;
  readonly traces: Traces;
  readonly notices: Notices;
  readonly glances: Glances;
}

// ------------------------------------------------------------------------------------------------------------ groups

export type GroupOutcome = 'set' | 'no-account' | 'name-taken' | 'too-many';

export interface Groups {
  /** Ordered by name. */
  of(owner: Aor): Promise<readonly Group[]>;
  /** Adds the group, or replaces name and members of the owner's group of this id; with a Change `rules`. */
  set(group: Group): Promise<GroupOutcome>;
  /** With the rules about it, and a Change `rules`. @returns false when the owner has no such group. */
  remove(owner: Aor, id: string): Promise<boolean>;
}

// ------------------------------------------------------------------------------------------------------- preferences

/** The preference of those whose availability is written down. */
export const KEEPS_AVAILABILITY = 'availability';

export interface Preferences {
  of(owner: Aor): Promise<ReadonlyMap<string, string>>;
  /** Undefined takes it away. With a Change `preferences`. @returns false when there is no such account. */
  set(owner: Aor, name: string, value: string | undefined): Promise<boolean>;
  /** Everybody who has it set, to whatever. */
  having(name: string): Promise<ReadonlySet<Aor>>;
}

// --------------------------------------------------------------------------------------------------------- sightings

export const SIGHTING_KINDS = ['challenged', 'wrong-password', 'publishing', 'watching', 'refused'] as const;
export type SightingKind = (typeof SIGHTING_KINDS)[number];

/** The last time that something was seen of an account's phone. */
export interface Sighting {
  readonly owner: Aor;
  readonly kind: SightingKind;
  /** The phone's own word for itself (User-Agent). */
  readonly client: string;
  /** Where it came from: `udp:192.0.2.1:5060`. */
  readonly flow: string;
  /** What it was answered. */
  readonly status: number;
  readonly at: number;
}

export interface Sightings {
  /** Newest first. */
  of(owner: Aor): Promise<readonly Sighting[]>;
  /** One row for each owner, kind and client; those of unknown accounts are passed over. */
  write(sightings: readonly Sighting[]): Promise<void>;
  purge(before: number): Promise<number>;
}

// ------------------------------------------------------------------------------------------------------ availability

export const AVAILABILITIES = ['offline', 'available', 'away', 'busy'] as const;
export type AvailabilityState = (typeof AVAILABILITIES)[number];

/** From `at` on somebody was so available, until the next row. */
export interface AvailabilityRow {
  readonly owner: Aor;
  readonly at: number;
  readonly state: AvailabilityState | 'unknown';
}

export interface Availability {
  /** Oldest first: those since `since`, and the one before it. */
  of(owner: Aor, since: number): Promise<readonly AvailabilityRow[]>;
  write(rows: readonly AvailabilityRow[]): Promise<void>;
  /** Everything of one owner. */
  forget(owner: Aor): Promise<number>;
  purge(before: number): Promise<number>;
}

// ----------------------------------------------------------------------------------------------------- past watchers

export interface PastWatcher {
  readonly owner: Aor;
  readonly watcher: Aor;
  readonly event: string;
  readonly client: string;
  readonly firstAt: number;
  readonly lastAt: number;
}

/** So many are shown and kept for one owner; the one that watched longest ago goes first. */
export const MAX_PAST_WATCHERS = 200;

export interface PastWatchers {
  /** Who watched last comes first; at most {@link MAX_PAST_WATCHERS}. */
  of(owner: Aor): Promise<readonly PastWatcher[]>;
  /** One row for each owner, watcher and event, whose `firstAt` stays the earliest. */
  write(rows: readonly PastWatcher[]): Promise<void>;
  forget(owner: Aor): Promise<number>;
  /** Those of long ago, and what an owner has above {@link MAX_PAST_WATCHERS}. */
  purge(before: number): Promise<number>;
}

// ----------------------------------------------------------------------------------------------------------- tickets

export interface Ticket {
  /** SHA-256 of the link's secret, hex: a stolen table opens nothing. */
  readonly idHash: string;
  readonly owner: Aor;
  readonly purpose: string;
  readonly expiresAt: number;
}

export interface Tickets {
  /** Takes the place of the owner's older tickets for the same purpose. @returns false when there is no such account. */
  issue(ticket: Ticket): Promise<boolean>;
  /** Spends it: of two who try at once one succeeds. @returns whose it was, undefined when unknown, spent or expired. */
  spend(idHash: string, purpose: string, now: number): Promise<Aor | undefined>;
  /** Takes back all of one account. @returns how many there were. */
  forget(owner: Aor): Promise<number>;
  purge(now: number): Promise<number>;
}

// ------------------------------------------------------------------------------------------------------------ traces

/** The preference of those whose SIP messages are recorded; its value is until when, epoch ms. */
export const RECORDS_TRACE = 'trace';

/** So many messages of one account are kept; each takes the place of the one so many before it. */
export const MAX_TRACED = 200;
/** Of one message; what is longer is cut. */
export const MAX_TRACED_LENGTH = 8192;
/** How long a message is kept. */
export const TRACE_KEPT_MS = 30 * 60_000;

/** A SIP message as it was on the wire, its credentials masked. */
export interface TracedMessage {
  readonly owner: Aor;
  /** Counts the owner's messages from the beginning of the recording; a number that lacks was too much to be written. */
  readonly number: number;
  readonly at: number;
  /** `in`: to the server. */
  readonly direction: 'in' | 'out';
  /** The phone's side: `udp:192.0.2.1:5060`. */
  readonly flow: string;
  readonly text: string;
}

export interface Traces {
  /** Oldest first. */
  of(owner: Aor): Promise<readonly TracedMessage[]>;
  /** Those of unknown accounts are passed over. @param messages of one owner at most {@link MAX_TRACED}. */
  write(messages: readonly TracedMessage[]): Promise<void>;
  forget(owner: Aor): Promise<number>;
  purge(before: number): Promise<number>;
}

// ----------------------------------------------------------------------------------------------------------- notices

/** The preference of those who are told by mail when somebody asks to watch them. */
export const MAILS_ASKS = 'mail-asks';

/** Somebody asks, and the owner has not been told lately. */
export interface Question {
  readonly owner: Aor;
  readonly watcher: Aor;
}

export interface Notices {
  /**
   * Who asks owners that have {@link MAILS_ASKS}, each watcher once: subscriptions that are pending, and questions that outlived
   * theirs. Without those the owner was told about since `since`, and without closed accounts.
   */
  due(now: number, since: number, limit: number): Promise<readonly Question[]>;
  /** Writes down that the owner is told now. Of two who try at once one succeeds, unless the owner was told since `since`. */
  claim(question: Question, now: number, since: number): Promise<boolean>;
  purge(before: number): Promise<number>;
}

// ----------------------------------------------------------------------------------------------------------- glances

/** What shows that something changed without reading it. */
export interface Glance {
  /** Equal while no row was added, removed or changed in what people see. */
  readonly pulse: string;
  /** How many watch or ask, each counted once. */
  readonly watching: number;
  readonly asking: number;
}

export interface WatcherPage {
  readonly state: Subscription['state'];
  readonly limit: number;
  readonly skip?: number;
  /** Part of the watcher's address. */
  readonly search?: string;
}

/** For pages that stay open: many presentities in one reading each, and never more rows than are shown. */
export interface Glances {
  /** Of each presentity that has any, by `now`. */
  publications(presentities: readonly Aor[], now: number): Promise<ReadonlyMap<Aor, string>>;
  watchers(presentities: readonly Aor[], now: number): Promise<ReadonlyMap<Aor, Glance>>;
  /** Of each account of which something was seen. */
  sightings(owners: readonly Aor[]): Promise<ReadonlyMap<Aor, string>>;
  /** Of each account of which messages are kept. */
  traces(owners: readonly Aor[]): Promise<ReadonlyMap<Aor, string>>;
  /** Which of these browser sessions are open. */
  sessions(idHashes: readonly string[], now: number): Promise<ReadonlySet<string>>;
  /** A page of subscriptions to the presentity, oldest first. */
  subscriptions(presentity: Aor, now: number, page: WatcherPage): Promise<readonly Subscription[]>;
}
