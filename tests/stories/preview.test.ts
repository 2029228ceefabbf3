/** «What does this watcher see?»: the portal's page and the NOTIFY that the watcher's phone receives, byte for byte. */
import { afterEach, describe, expect, it } from 'vitest';
import { makeDomains, makeRealms } from '#model';
import { makeRandom, silentLog } from '#runtime';
import { openSecrets } from '#store';
import { buildApp } from '../../web/app.ts';
import { aor, DOMAIN, type House, openHouse, pidf, uri } from '../support/house.ts';
import { type Browser, makeBrowser } from '../unit/web/browser.ts';

let house: House;
let closePortal: () => Promise<void>;
afterEach(async () => {
  await closePortal();
  await house.close();
});

const PASSWORD = 'quiet lamp on the porch';

/** The portal on the same store and clock, and alice's browser in it. */
async function openPortal(): Promise<Browser> {
  const domains = makeDomains([DOMAIN], []);
  const app = buildApp({
    store: house.store,
    secrets: openSecrets(new Uint8Array(32).fill(7)),
    clock: house.clock,
    random: makeRandom(),
    log: silentLog,
    domains,
    realms: makeRealms(domains, DOMAIN),
    defaultPermission: 'confirm',
    defaultRegistration: 'open',
    phone: { advertised: undefined, listens: '0.0.0.0', candidates: [], port: 5060, transport: 'UDP' },
    proxies: [],
    url: undefined,
  });
  closePortal = () => app.close();
  const browser = makeBrowser(app, {});
  await browser.get('/register');
  await browser.post('/register', { username: 'alice', password: PASSWORD });
  return browser;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

/** What the page shows as the document, as text. */
async function shownTo(browser: Browser, watcher: string): Promise<string | undefined> {
  const { html } = await browser.get(`/preview?watcher=${watcher}&event=presence`);
  const shown = /<pre tabindex="0" class="whole">([\s\S]*?)<\/pre>/.exec(html)?.[1];
  return shown?.replaceAll(/&(#?\w+);/g, (entity, name: string) => ENTITIES[name] ?? entity);
}

describe('As an owner I see what a watcher sees', () => {
  it('with two devices, a politely blocked third, my own word beside them, and after one device expired', async () => {
    house = await openHouse({ paceMs: 0, users: ['bob', 'carol', 'dave'] });
    const alice = await openPortal();
    // alice's phones log in with the password of the portal, as made at registration.
    const phone = (address: string) => house.peer('alice', address);
    const identity = { password: PASSWORD };
    await house.rule('alice', 'bob', 'allow');
    await house.rule('alice', 'carol', 'polite-block');
    const bob = await house.peer('bob').subscribe({ to: uri('alice'), expires: 3600 });
    const carol = await house.peer('carol').subscribe({ to: uri('alice'), expires: 3600 });
    const dave = await house.peer('dave').subscribe({ to: uri('alice'), expires: 3600 });
    await bob.next();
    const compare = async (): Promise<void> => {
      await house.clock.advance(2_000);
      expect(await shownTo(alice, 'bob')).toBe(bob.last?.body);
      expect(await shownTo(alice, 'carol')).toBe(carol.last?.body);
      expect(dave.last?.body).toBe('');
      expect(await shownTo(alice, 'dave')).toBeUndefined();
    };
    await compare();

    const note = 'Grüße & <Küsse> "von" \u{1f3ee}'.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
    await phone('192.0.2.50:5060').publish({ ...identity, body: pidf('alice', 'open', note), expires: 600 });
    await compare();
    expect(bob.last?.body).toContain('Grüße');
    await phone('192.0.2.51:5060').publish({ ...identity, body: pidf('alice', 'closed', 'desk'), expires: 60 });
    await compare();
    expect(bob.last?.body).toContain('desk');
    expect(carol.last?.body).not.toContain('desk');

    await alice.get('/presence');
    await alice.post('/presence/status', { status: 'do-not-disturb', note: 'in a <meeting>', until: 'hour' });
    await compare();
    expect(bob.last?.body).toContain('in a &lt;meeting');

    await house.clock.advance(60_000);
    await compare();
    expect(bob.last?.body).not.toContain('desk');
    expect(bob.last?.body).toContain('Grüße');
  });

  it('and why: the rule that decides, and those it overrules', async () => {
    house = await openHouse({ users: ['bob'] });
    const alice = await openPortal();
    const owner = aor('alice');
    await house.store.groups.set({ id: 'friends-1', owner, name: 'Friends', members: [aor('bob')] });
    for (const [subject, permission] of [
      ['group:friends-1', 'polite-block'],
      ['@example.com', 'block'],
      ['*', 'allow'],
    ] as const) {
      await house.store.rules.set({ owner, subject: subject as never, event: 'presence', permission });
    }
    const { html } = await alice.get('/preview?watcher=bob@example.com&event=presence');
    const reasons = [
      ...html.matchAll(/<li class="(wins|overruled)"><strong>(.*?)<\/strong> <span class="pill ([\w-]+)"/g),
    ];
    expect(reasons.map(([, ...parts]) => parts)).toEqual([
      ['wins', 'Group “Friends”', 'polite-block'],
      ['overruled', 'Their domain', 'block'],
      ['overruled', 'Everybody', 'allow'],
      ['overruled', 'This server’s setting', 'confirm'],
    ]);
  });
});
