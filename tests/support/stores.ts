/** Stores for tests: fresh ones of each kind, and rows to put into them. */
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Aor, EntityTag, Publication, Rule, Subject, Subscription, WaitingSubscription } from '#model';
import type { Clock } from '#runtime';
import { silentLog } from '#runtime';
import { migrate, type NewAccount, openStore, type Session, type Store } from '#store';
import { makeFakeClock } from './fake-clock.ts';

export interface TestStore {
  readonly store: Store;
  readonly databaseUrl: string;
  /** Another one on the same database, closed with the first. */
  openOther(): Promise<Store>;
  /** Closes the store and removes its files. */
  remove(): Promise<void>;
}

/** A new folder, in memory where there is such a place: no test cuts the power, so none needs a disk. */
export function makeTemporaryFolder(name: string): string {
  try {
    accessSync('/dev/shm', constants.W_OK);
    return mkdtempSync(`/dev/shm/porchlight-${name}-`);
  } catch {
    return mkdtempSync(join(tmpdir(), `porchlight-${name}-`));
  }
}

/** A SQLite store of its own in a temporary folder. */
export async function makeSqliteStore(clock: Clock = makeFakeClock()): Promise<TestStore> {
  const folder = makeTemporaryFolder('store');
  const databaseUrl = `file:${join(folder, 'porchlight.db')}`;
  await migrate(databaseUrl, { log: silentLog });
  const open = () => openStore(databaseUrl, { clock, log: silentLog });
  const store = await open();
  const others: Store[] = [];
  return {
    store,
    databaseUrl,
    async openOther() {
      const other = await open();
      others.push(other);
      return other;
    },
    async remove() {
      for (const one of [store, ...others]) await one.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export const aor = (user: string): Aor => `sip:${user}@example.com` as Aor;
export const tag = (text: string): EntityTag => text as EntityTag;

export function makeAccount(user: string, given: Partial<NewAccount> = {}): NewAccount {
  return {
    aor: aor(user),
    username: user,
    domain: 'example.com',
    passwordHash: `$argon2id$${user}`,
    credentials: [
      {
        username: user,
        realm: 'example.com',
        algorithm: 'MD5',
        sealedHa1: Uint8Array.of(0, 1, 2, 254, 255),
        keyId: 'k1',
      },
    ],
    createdAt: 1_790_000_000_000,
    ...given,
  };
}

export function makeRule(owner: string, subject: string, given: Partial<Rule> = {}): Rule {
  return { owner: aor(owner), subject: subject as Subject, event: 'presence', permission: 'allow', ...given };
}

let tags = 0;
/** A new entity-tag at each call. */
export function newTag(): EntityTag {
  tags += 1;
  return tag(`t${tags}`);
}

export function makePublication(id: string, given: Partial<Publication> = {}): Publication {
  return {
    id,
    presentity: aor('alice'),
    event: 'presence',
    etag: newTag(),
    contentType: 'application/pidf+xml',
    body: new TextEncoder().encode(`<presence id="${id}"/>`),
    modifiedAt: 1_790_000_000_000,
    expiresAt: 1_790_003_600_000,
    publisher: aor('alice'),
    userAgent: 'baresip',
    ...given,
  };
}

export function makeSubscription(id: string, given: Partial<Subscription> = {}): Subscription {
  return {
    id,
    presentity: aor('alice'),
    event: 'presence',
    eventId: '',
    watcher: aor('bob'),
    state: 'active',
    permission: 'allow',
    cause: 'subscribe',
    contentType: 'application/pidf+xml',
    expiresAt: 1_790_003_600_000,
    createdAt: 1_790_000_000_000,
    userAgent: 'linphone',
    dialog: {
      callId: `${id}@192.0.2.1`,
      localTag: 'l1',
      remoteTag: 'r1',
      localUri: aor('alice'),
      remoteUri: aor('bob'),
      remoteTarget: 'sip:bob@192.0.2.1:5060;transport=udp',
      routeSet: ['<sip:p1.example.com;lr>', '<sip:p2.example.com;lr>'],
      remoteCseq: 1,
      flow: 'udp:192.0.2.1:5060',
    },
    reservedCseq: 100,
    told: '',
    ...given,
  };
}

export function makeSession(number: number, given: Partial<Session> = {}): Session {
  return {
    idHash: number.toString(16).padStart(64, '0'),
    aor: aor('alice'),
    createdAt: 1_790_000_000_000,
    lastSeenAt: 1_790_000_000_000,
    expiresAt: 1_790_000_100_000,
    userAgent: 'Mozilla/5.0',
    address: '192.0.2.7',
    ...given,
  };
}

export function makeWaitingRow(id: string, given: Partial<WaitingSubscription> = {}): WaitingSubscription {
  return {
    id,
    presentity: aor('alice'),
    event: 'presence',
    watcher: aor('bob'),
    userAgent: 'linphone',
    askedAt: 1_790_000_000_000,
    expiresAt: 1_791_000_000_000,
    ...given,
  };
}
