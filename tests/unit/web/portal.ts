import {
  type Aor,
  aorOf,
  type EntityTag,
  makeDomains,
  makeRealms,
  type Permission,
  type Publication,
  type Subscription,
} from '#model';
import { makeRandom, silentLog } from '#runtime';
import { makeMemoryStore, openSecrets, type Secrets, type Store } from '#store';
import { buildApp } from '../../../web/app.ts';
import type { PortalDeps } from '../../../web/deps.ts';
import { type FakeClock, makeFakeClock } from '../../support/fake-clock.ts';
import { type Browser, makeBrowser } from './browser.ts';

/** A portal on the memory store and a clock that stands still; each test makes its own. */
export interface Portal {
  readonly store: Store;
  readonly secrets: Secrets;
  readonly clock: FakeClock;
  browser(headers?: Readonly<Record<string, string>>): Browser;
  /** A browser in which this person has just registered. */
  member(username: string): Promise<Browser>;
  /** `GET /login`: every route there is, but HEAD, which is of each GET. */
  routes(): Promise<readonly string[]>;
  /** Really listens, for what cannot be injected; gives its address. */
  listen(): Promise<string>;
  close(): Promise<void>;
}

export const DOMAIN = 'example.com';
export const REALM = 'example.com';
export const PASSWORD = 'quiet lamp on the porch';

export const aor = (name: string, domain = DOMAIN): Aor => {
  const made = aorOf(name, domain);
  if (made === undefined) throw new Error(`no address: ${name}`);
  return made;
};

/** Kept from test to test: making a key is not what is tested. */
const secretsOfTests = openSecrets(new Uint8Array(32).fill(7));

const domains = makeDomains([DOMAIN], ['192.0.2.7', 'localhost']);

export function makePortal(changes: Partial<PortalDeps> = {}): Portal {
  const clock = makeFakeClock();
  const deps: PortalDeps = {
    store: makeMemoryStore({ clock }),
    secrets: secretsOfTests,
    clock,
    random: makeRandom(),
    log: silentLog,
    domains,
    realms: makeRealms(domains, REALM),
    defaultPermission: 'confirm',
    defaultRegistration: 'open',
    phone: {
      advertised: undefined,
      listens: '0.0.0.0',
      candidates: ['localhost', '192.0.2.7'],
      port: 5060,
      transport: 'UDP',
    },
    proxies: [],
    url: undefined,
    ...changes,
  };
  const app = buildApp(deps);
  const found = new Set<string>();
  app.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) if (one !== 'HEAD') found.add(`${one} ${url}`);
  });
  const browser = (headers = {}): Browser => makeBrowser(app, headers);
  return {
    store: deps.store,
    secrets: deps.secrets,
    clock,
    browser,
    async member(username) {
      const made = browser();
      await made.get('/register');
      await made.post('/register', { username, password: PASSWORD });
      return made;
    },
    async routes() {
      await app.ready();
      // The one that is made at once, before anybody can listen for routes.
      if (app.hasRoute({ method: 'GET', url: '/healthz' })) found.add('GET /healthz');
      return [...found].sort();
    },
    listen: () => app.listen({ host: '127.0.0.1', port: 0 }),
    close: () => app.close(),
  };
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A PIDF document, said by a phone. */
export function pidf(basic: 'open' | 'closed', inside = '', entity = 'sip:alice@example.com'): Uint8Array {
  return bytes(
    `<?xml version="1.0" encoding="UTF-8"?><presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid" entity="${entity}"><tuple id="t1"><status><basic>${basic}</basic></status></tuple>${inside}</presence>`,
  );
}

export function publication(presentity: Aor, clock: FakeClock, changes: Partial<Publication> = {}): Publication {
  return {
    id: 'p'.repeat(22),
    presentity,
    event: 'presence',
    etag: 'e1' as EntityTag,
    contentType: 'application/pidf+xml',
    body: pidf('open'),
    modifiedAt: clock.now() - 120_000,
    expiresAt: clock.now() + 3600_000,
    publisher: presentity,
    userAgent: 'Porch Phone 1.0',
    ...changes,
  };
}

export function subscription(
  presentity: Aor,
  watcher: Aor,
  clock: FakeClock,
  changes: Partial<Subscription> = {},
): Subscription {
  const permission: Permission = 'confirm';
  return {
    id: `s-${watcher}`
      .replaceAll(/[^A-Za-z0-9]/g, '')
      .padEnd(22, 'x')
      .slice(0, 22),
    presentity,
    event: 'presence',
    eventId: '',
    watcher,
    state: 'pending',
    permission,
    cause: 'subscribe',
    contentType: 'application/pidf+xml',
    expiresAt: clock.now() + 3600_000,
    createdAt: clock.now() - 300_000,
    userAgent: 'Friend Phone 2.0',
    dialog: {
      callId: 'call',
      localTag: 'l',
      remoteTag: 'r',
      localUri: presentity,
      remoteUri: watcher,
      remoteTarget: 'sip:192.0.2.9:5060',
      routeSet: [],
      remoteCseq: 1,
      flow: 'udp:192.0.2.9:5060',
    },
    reservedCseq: 0,
    told: '',
    ...changes,
  };
}
