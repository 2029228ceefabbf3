import { afterEach, describe, expect, it } from 'vitest';
import type { Aor, EntityTag } from '#model';
import { silentLog } from '#runtime';
import { makeMemoryStore, type Store } from '#store';
import { type Hub, type Listener, MAX_PAGES_OF_ONE, makeHub, type News, TOPICS } from '../../../web/live/hub.ts';
import { type FakeClock, makeFakeClock } from '../../support/fake-clock.ts';
import { aor, publication, subscription } from './portal.ts';

let hub: Hub;
afterEach(() => hub.close());

const HASH = 'a'.repeat(64);

interface Scene {
  readonly clock: FakeClock;
  readonly store: Store;
  /** How often the store was asked. */
  readonly asked: string[];
}

async function open(): Promise<Scene> {
  const clock = makeFakeClock();
  const store = makeMemoryStore({ clock });
  for (const user of ['alice', 'bob']) {
    await store.accounts.create({
      aor: aor(user),
      username: user,
      domain: 'example.com',
      passwordHash: undefined,
      credentials: [],
      createdAt: 0,
    });
  }
  const asked: string[] = [];
  const counted = <T extends object>(of: T): T =>
    new Proxy(of, {
      get(target, name) {
        asked.push(String(name));
        return Reflect.get(target, name);
      },
    });
  hub = makeHub({
    store: { glances: counted(store.glances), journal: store.journal, nodes: counted(store.nodes) },
    clock,
    log: silentLog,
  });
  return { clock, store, asked };
}

interface Page extends Listener {
  readonly news: News[];
  readonly ends: number[];
}

function page(owner: Aor, given: Partial<Listener> = {}): Page {
  const news: News[] = [];
  const ends: number[] = [];
  return {
    owner,
    idHash: HASH,
    phones: false,
    trace: false,
    server: false,
    tell: (told) => void news.push(told),
    beat: () => undefined,
    end: () => void ends.push(1),
    ...given,
    news,
    ends,
  };
}

async function login({ store, clock }: Scene, owner: Aor, idHash = HASH): Promise<void> {
  await store.sessions.create({
    idHash,
    aor: owner,
    createdAt: clock.now(),
    lastSeenAt: clock.now(),
    expiresAt: clock.now() + 3600_000,
    userAgent: '',
    address: '',
  });
}

describe('pages that show how the SIP services are doing', () => {
  it('are told when one of those said or counted something; nobody asks while no such page is open', async () => {
    const { clock, store, asked } = await open();
    const plain = page(aor('bob'));
    hub.join(plain);
    await clock.advance(3_000);
    expect(asked).not.toContain('pulse');
    const server = page(aor('alice'), { server: true });
    hub.join(server);
    await clock.advance(3_000);
    const before = [server.news.length, plain.news.length];
    await clock.advance(3_000);
    expect([server.news.length, plain.news.length]).toEqual(before);
    const counts = { publications: 0, subscriptions: 0, notifies: 0, lagMs: 0, failures: {} };
    await store.nodes.write({ node: 'one', at: clock.now(), spanMs: 5000, ...counts });
    await clock.advance(1_000);
    expect(server.news.at(-1)?.topics).toEqual(['server']);
    expect(plain.news).toHaveLength(before[1] ?? 0);
  });
});

describe('Live pages', () => {
  it('a page hears within a second what changed of its owner, and of nobody else', async () => {
    const scene = await open();
    const { store, clock } = scene;
    await login(scene, aor('alice'));
    const [mine, other] = [page(aor('alice')), page(aor('bob'))];
    hub.join(mine);
    hub.join(other);
    await clock.advance(2000);
    // What changed before the first look, between the drawing of the page and now, is told as a whole.
    expect(mine.news.splice(0)).toEqual([{ topics: [...TOPICS], asking: 0 }]);
    expect(other.news.splice(0)).toHaveLength(1);
    await store.publications.write({ kind: 'insert', publication: publication(aor('alice'), clock) });
    await clock.advance(1000);
    expect(mine.news).toEqual([{ topics: ['home'], asking: 0 }]);
    await store.subscriptions.write({
      kind: 'insert',
      subscription: subscription(aor('alice'), aor('bob'), clock),
    });
    await clock.advance(1000);
    expect(mine.news.at(-1)).toEqual({ topics: ['watchers'], asking: 1 });
    await store.rules.set({ owner: aor('alice'), subject: '*' as never, event: 'presence', permission: 'allow' });
    await clock.advance(1000);
    expect(mine.news.at(-1)?.topics).toEqual(['rules']);
    expect(other.news).toEqual([]);
  });

  it('what ends by itself is news, too', async () => {
    const scene = await open();
    const { store, clock } = scene;
    await login(scene, aor('alice'));
    const soon = publication(aor('alice'), clock, { etag: 'e' as EntityTag, expiresAt: clock.now() + 5000 });
    await store.publications.write({ kind: 'insert', publication: soon });
    const mine = page(aor('alice'));
    hub.join(mine);
    await clock.advance(4000);
    expect(mine.news.splice(0)).toHaveLength(1);
    await clock.advance(2000);
    expect(mine.news).toEqual([{ topics: ['home'], asking: 0 }]);
  });

  it('a thousand open pages ask as often as one, and no page asks nothing', async () => {
    const scene = await open();
    const { clock, asked } = scene;
    await login(scene, aor('alice'));
    const owners = Array.from({ length: 500 }, (_, index) => aor(`user${index}`));
    const leave = owners.flatMap((owner) => [hub.join(page(owner)), hub.join(page(owner))]);
    expect(hub.size).toBe(1000);
    await clock.advance(4000);
    expect(asked.filter((name) => name === 'publications').length).toBeLessThanOrEqual(4);
    for (const end of leave) end?.();
    expect(hub.size).toBe(0);
    asked.length = 0;
    await clock.advance(60_000);
    expect(asked).toEqual([]);
  });

  it('one account has only so many, and a page that left makes room', async () => {
    await open();
    const leave = Array.from({ length: MAX_PAGES_OF_ONE }, () => hub.join(page(aor('alice'))));
    expect(hub.join(page(aor('alice')))).toBeUndefined();
    expect(hub.join(page(aor('bob')))).toBeDefined();
    leave[0]?.();
    leave[0]?.();
    expect(hub.join(page(aor('alice')))).toBeDefined();
    expect(hub.size).toBe(MAX_PAGES_OF_ONE + 1);
  });

  it('when the session ends, its pages hear nothing more', async () => {
    const scene = await open();
    await login(scene, aor('alice'));
    const mine = page(aor('alice'));
    const stranger = page(aor('alice'), { idHash: 'b'.repeat(64) });
    hub.join(mine);
    hub.join(stranger);
    await scene.clock.advance(6000);
    expect([mine.ends.length, stranger.ends.length > 0]).toEqual([0, true]);
    await scene.store.sessions.endAll(aor('alice'));
    await scene.clock.advance(6000);
    expect(mine.ends.length).toBeGreaterThan(0);
  });

  it('messages of a trace are news only for a page that shows them', async () => {
    const scene = await open();
    const { store, clock } = scene;
    await login(scene, aor('alice'));
    const [mine, other] = [page(aor('alice'), { trace: true }), page(aor('bob'))];
    hub.join(mine);
    hub.join(other);
    await clock.advance(1100);
    const row = { number: 0, at: clock.now(), direction: 'in', flow: 'f', text: 'OPTIONS' } as const;
    await store.traces.write([
      { ...row, owner: aor('alice') },
      { ...row, owner: aor('bob') },
    ]);
    await clock.advance(1000);
    expect(mine.news.at(-1)?.topics).toEqual(['trace']);
    expect(other.news.map(({ topics }) => topics)).toEqual([TOPICS]);
  });

  it('what is seen of phones is asked for only while a page shows it, at once and then once a minute', async () => {
    const scene = await open();
    const { store, clock } = scene;
    await login(scene, aor('alice'));
    const asks = async () =>
      (await store.journal.after(0, 99)).filter(({ change }) => change.kind === 'sightings').length;
    hub.join(page(aor('bob')));
    await clock.advance(61_000);
    expect(await asks()).toBe(0);
    const mine = page(aor('alice'), { phones: true });
    const leave = hub.join(mine);
    await clock.advance(100);
    expect(await asks()).toBe(1);
    await clock.advance(60_000);
    expect(await asks()).toBe(2);
    await store.sightings.write([
      { owner: aor('alice'), kind: 'publishing', client: 'x', flow: 'f', status: 200, at: clock.now() },
    ]);
    await clock.advance(1000);
    expect(mine.news.at(-1)?.topics).toEqual(['phones']);
    leave?.();
    await clock.advance(120_000);
    expect(await asks()).toBe(2);
  });

  it('while the database is away nothing is told, and it goes on when it is back', async () => {
    const clock = makeFakeClock();
    const store = makeMemoryStore({ clock });
    let away = true;
    const watchers: Store['glances']['watchers'] = async (...given) => {
      if (away) throw new Error('away');
      return store.glances.watchers(...given);
    };
    const sessions: Store['glances']['sessions'] = async (hashes) => new Set(hashes);
    hub = makeHub({ store: { ...store, glances: { ...store.glances, watchers, sessions } }, clock, log: silentLog });
    const mine = page(aor('alice'));
    hub.join(mine);
    await clock.advance(5000);
    away = false;
    await clock.advance(2000);
    expect(mine.news.splice(0)).toHaveLength(1);
    await store.publications.write({ kind: 'insert', publication: publication(aor('alice'), clock) });
    await clock.advance(1000);
    expect(mine.news).toHaveLength(1);
  });
});
