import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { aor, makePortal, PASSWORD, type Portal } from './portal.ts';

let portal: Portal;
afterEach(() => portal.close());

const DAY_MS = 24 * 3600_000;
const find = (secret: string) =>
  portal.store.sessions.find(createHash('sha256').update(secret).digest('hex'), portal.clock.now());

describe('A session', () => {
  it('is a secret of 256 bits that the database holds only the hash of', async () => {
    portal = makePortal();
    const browser = await portal.member('alice');
    const secret = browser.cookies.get('porchlight') ?? '';
    expect(secret).toMatch(/^[\w-]{43}$/);
    expect(await find(secret)).toMatchObject({ aor: aor('alice') });
    expect(await portal.store.sessions.find(secret, portal.clock.now())).toBeUndefined();
  });

  it('over plain HTTP the cookie is HttpOnly and SameSite=Lax', async () => {
    portal = makePortal();
    const browser = await portal.member('alice');
    const cookie = browser.page.by[0]?.setCookies.find((text) => text.startsWith('porchlight=')) ?? '';
    expect(cookie).toMatch(/; HttpOnly/);
    expect(cookie).toMatch(/; SameSite=Lax/);
    expect(cookie).toMatch(/; Path=\//);
    expect(cookie).not.toMatch(/; Secure/);
  });

  it('behind a trusted proxy that speaks https every cookie is Secure, and the session’s name is __Host-', async () => {
    portal = makePortal({ proxies: ['127.0.0.1'] });
    const browser = portal.browser({ 'x-forwarded-proto': 'https' });
    await browser.get('/register');
    const { by, url } = await browser.post('/register', { username: 'alice', password: PASSWORD });
    expect(url).toBe('/phones');
    const cookies = by[0]?.setCookies ?? [];
    expect(cookies.some((text) => /^__Host-porchlight=.*; Secure/.test(text))).toBe(true);
    expect(cookies.every((text) => text.includes('; Secure'))).toBe(true);
  });

  it('with an https WEB_URL every cookie is Secure, and the session’s name is __Host-, whatever a proxy says', async () => {
    for (const headers of [{}, { 'x-forwarded-proto': 'http' }]) {
      portal = makePortal({ url: 'https://presence.example.com/', proxies: ['127.0.0.1'] });
      const browser = portal.browser(headers);
      await browser.get('/register');
      const { by, url } = await browser.post('/register', { username: 'alice', password: PASSWORD });
      expect(url).toBe('/phones');
      expect(by[0]?.headers['location']).toBe('/phones');
      const cookies = by[0]?.setCookies ?? [];
      expect(cookies.some((text) => /^__Host-porchlight=.*; Secure/.test(text))).toBe(true);
      expect(cookies.every((text) => text.includes('; Secure'))).toBe(true);
      await portal.close();
    }
  });

  it('with an http WEB_URL the request says what it came by', async () => {
    portal = makePortal({ url: 'http://presence.lan/', proxies: ['127.0.0.1'] });
    const plain = portal.browser();
    await plain.get('/login');
    expect(plain.page.setCookies.join()).not.toContain('Secure');
    const forwarded = portal.browser({ 'x-forwarded-proto': 'https' });
    await forwarded.get('/login');
    expect(forwarded.page.setCookies.join()).toContain('Secure');
  });

  it('X-Forwarded-Proto of a stranger is not believed', async () => {
    portal = makePortal();
    const browser = portal.browser({ 'x-forwarded-proto': 'https' });
    await browser.get('/login');
    expect(browser.page.setCookies.join()).not.toContain('Secure');
  });

  it('gets a new secret at each log-in, and the old one opens nothing any more', async () => {
    portal = makePortal();
    const browser = await portal.member('alice');
    const old = browser.cookies.get('porchlight') ?? '';
    await browser.get('/presence');
    await browser.post('/login', { username: 'alice', password: PASSWORD });
    expect(browser.cookies.get('porchlight')).not.toBe(old);
    expect(await find(old)).toBeUndefined();
  });

  it('that an attacker chose for me is not taken over at log-in', async () => {
    portal = makePortal();
    await portal.member('alice');
    const planted = 'A'.repeat(43);
    const browser = portal.browser();
    browser.cookies.set('porchlight', planted);
    await browser.get('/login');
    await browser.post('/login', { username: 'alice', password: PASSWORD });
    expect(browser.cookies.get('porchlight')).not.toBe(planted);
    expect(await find(planted)).toBeUndefined();
  });

  it('lives seven days from the last visit', async () => {
    portal = makePortal();
    const browser = await portal.member('alice');
    for (let days = 0; days < 4; days += 1) {
      await portal.clock.advance(6 * DAY_MS);
      expect((await browser.get('/presence')).url).toBe('/presence');
    }
    await portal.clock.advance(7 * DAY_MS);
    expect((await browser.get('/presence')).url).toContain('/login');
  });

  it('lives ninety days at most, however often it is used', async () => {
    portal = makePortal();
    const browser = await portal.member('alice');
    for (let days = 6; days < 90; days += 6) {
      await portal.clock.advance(6 * DAY_MS);
      expect((await browser.get('/presence')).url).toBe('/presence');
    }
    await portal.clock.advance(6 * DAY_MS);
    expect((await browser.get('/presence')).url).toContain('/login');
  });

  it('one account has fifty at most: the one that was used longest ago makes room', async () => {
    portal = makePortal();
    const first = await portal.member('alice');
    const second = portal.browser();
    for (let logins = 0; logins < 50; logins += 1) {
      await portal.clock.advance(1000);
      second.cookies.clear();
      await second.get('/login');
      await second.post('/login', { username: 'alice', password: PASSWORD });
    }
    expect(await portal.store.sessions.of(aor('alice'), portal.clock.now())).toHaveLength(50);
    expect((await first.get('/presence')).url).toContain('/login');
    expect((await second.get('/presence')).url).toBe('/presence');
  });

  it('is not kept alive by a page that only looks for news', async () => {
    portal = makePortal();
    const browser = await portal.member('alice');
    await portal.clock.advance(6 * DAY_MS);
    expect((await browser.get('/presence', { 'x-porchlight-looking': '1' })).url).toBe('/presence');
    await portal.clock.advance(1 * DAY_MS);
    expect((await browser.get('/presence')).url).toContain('/login');
  });

  it('is purged from the database when it is dead', async () => {
    portal = makePortal();
    const browser = await portal.member('alice');
    const secret = browser.cookies.get('porchlight') ?? '';
    const hash = createHash('sha256').update(secret).digest('hex');
    expect(await portal.store.sessions.find(hash, 0)).toBeDefined();
    await portal.clock.advance(8 * DAY_MS);
    expect(await portal.store.sessions.find(hash, 0)).toBeUndefined();
  });

  it('no timer is left when the portal is closed', async () => {
    portal = makePortal();
    await portal.member('alice');
    await portal.close();
    await portal.clock.settle();
    expect(portal.clock.armed).toBe(0);
  });
});
