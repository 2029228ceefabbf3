/** The tables, as maps: shared by the parts of the memory store, as tables are by the parts of a database's. */
import type { Aor, Group, Publication, Rule, Subscription, WaitingSubscription } from '#model';
import type { AvailabilityRow, PastWatcher, Question, Sighting, Ticket, TracedMessage } from '../personal.ts';
import type { Account, DevicePassword, LoaderRow, SealedCredential, Session } from '../store.ts';
import { type IdentityRows, makeIdentityRows } from './identity-rows.ts';

export interface StoredAccount {
  readonly account: Account;
  readonly passwordHash: string | undefined;
  readonly credentials: readonly PlacedSeal[];
}

export interface PlacedSeal {
  readonly place: number;
  readonly credential: SealedCredential;
}

/** When and where from a password was used last. */
export type Use = Pick<DevicePassword, 'lastUsedAt' | 'lastAddress'>;

export interface MemoryRows {
  readonly accounts: Map<Aor, StoredAccount>;
  /** By account, then by the device's label; '' is the account's own password. */
  readonly passwordUses: Map<Aor, Map<string, Use>>;
  /** By owner, then by {@link ruleKey}. */
  readonly rules: Map<Aor, Map<string, Rule>>;
  readonly packages: Map<string, LoaderRow>;
  readonly publications: Map<string, Publication>;
  /** Which publication carries an entity-tag: it is unique. */
  readonly idsByEtag: Map<string, string>;
  readonly subscriptions: Map<string, Subscription>;
  readonly waiting: Map<string, WaitingSubscription>;
  readonly sessions: Map<string, Session>;
  readonly settings: Map<string, string>;
  readonly identity: IdentityRows;
  readonly groups: Map<string, Group>;
  readonly preferences: Map<Aor, Map<string, string>>;
  readonly sightings: Map<string, Sighting>;
  readonly availability: Map<string, AvailabilityRow>;
  readonly pastWatchers: Map<string, PastWatcher>;
  readonly tickets: Map<string, Ticket>;
  readonly traces: Map<string, TracedMessage>;
  readonly notices: Map<string, Question & { readonly at: number }>;
  /** Numbers credentials, as a database's ids do. */
  place(credentials: readonly SealedCredential[]): readonly PlacedSeal[];
}

/** As they stand after the first migration. */
export function makeMemoryRows(): MemoryRows {
  let places = 0;
  return {
    accounts: new Map(),
    passwordUses: new Map(),
    rules: new Map(),
    packages: new Map(
      ['presence', 'presence.winfo'].map((event) => [event, { event, module: `builtin:${event}`, enabled: true }]),
    ),
    publications: new Map(),
    idsByEtag: new Map(),
    subscriptions: new Map(),
    waiting: new Map(),
    sessions: new Map(),
    settings: new Map(),
    identity: makeIdentityRows(),
    groups: new Map(),
    preferences: new Map(),
    sightings: new Map(),
    availability: new Map(),
    pastWatchers: new Map(),
    tickets: new Map(),
    traces: new Map(),
    notices: new Map(),
    place: (credentials) =>
      credentials.map((credential) => {
        places += 1;
        return { place: places, credential };
      }),
  };
}

export function ruleKey({ subject, event }: Pick<Rule, 'subject' | 'event'>): string {
  return `${event} ${subject}`;
}
