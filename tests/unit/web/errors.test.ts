import { afterEach, describe, expect, it } from 'vitest';
import { type Log, silentLog } from '#runtime';
import { makeMemoryStore, type Store, StoreUnavailable } from '#store';
import { makeFakeClock } from '../../support/fake-clock.ts';
import { textOf } from './browser.ts';
import { makePortal, PASSWORD, type Portal } from './portal.ts';

let portal: Portal;
afterEach(() => portal.close());

/** A memory store in which reading accounts fails when `broken` says so. */
function brittleStore(): { store: Store; broken: { by: Error | undefined } } {
  const store = makeMemoryStore({ clock: makeFakeClock() });
  const broken: { by: Error | undefined } = { by: undefined };
  const fail = async <T>(work: () => Promise<T>): Promise<T> => {
    if (broken.by !== undefined) throw broken.by;
    return work();
  };
  return {
    broken,
    store: {
      ...store,
      accounts: { ...store.accounts, find: (aor) => fail(() => store.accounts.find(aor)) },
      settings: { ...store.settings, get: (name) => fail(() => store.settings.get(name)) },
    },
  };
}

describe('When something is wrong I get a plain and friendly page', () => {
  it('404 for an address without a page', async () => {
    portal = makePortal();
    const page = await portal.browser().get('/nowhere/<script>');
    expect(page.status).toBe(404);
    expect(textOf(page.html)).toContain('Nobody lives here');
    expect(page.html).not.toContain('<script>');
  });

  it('503 with Retry-After while the database is away, and everything is there again afterwards', async () => {
    const { store, broken } = brittleStore();
    portal = makePortal({ store });
    const alice = await portal.member('alice');
    broken.by = new StoreUnavailable('away');
    const page = await alice.get('/presence');
    expect([page.status, page.headers['retry-after']]).toEqual([503, '5']);
    expect(textOf(page.html)).toContain('Back in a moment');
    const login = portal.browser();
    await login.get('/login');
    expect((await login.post('/login', { username: 'alice', password: PASSWORD })).status).toBe(503);
    broken.by = undefined;
    expect((await alice.get('/presence')).status).toBe(200);
  });

  it('500 for a fault: the log learns what it was, the page does not, and no input is logged', async () => {
    const lines: string[] = [];
    const log: Log = { ...silentLog, error: (fields, message) => void lines.push(JSON.stringify({ fields, message })) };
    const { store, broken } = brittleStore();
    portal = makePortal({ store, log });
    const browser = portal.browser();
    await browser.get('/login');
    broken.by = new Error('the inside of it');
    const page = await browser.post('/login', { username: 'alice', password: PASSWORD });
    expect(page.status).toBe(500);
    expect(page.html).not.toContain('the inside of it');
    expect(lines.join()).toContain('the inside of it');
    expect(lines.join()).not.toContain(PASSWORD);
  });

  it('413 for a form that is larger than any of ours, 415 for what is no form', async () => {
    portal = makePortal();
    const browser = portal.browser();
    await browser.get('/login');
    expect((await browser.post('/login', { username: 'a'.repeat(40_000) })).status).toBe(413);
    await browser.get('/login');
    expect((await browser.post('/login', {}, { 'content-type': 'application/json' })).status).toBe(415);
  });

  it('a field that is sent twice counts as missing, and names of Object’s own as nothing', async () => {
    portal = makePortal();
    const browser = portal.browser();
    await browser.get('/login');
    const token = /name="_csrf" value="([^"]+)"/.exec(browser.page.html)?.[1] ?? '';
    const page = await browser.post(`/login`, { _csrf: token, __proto__: 'x', constructor: 'y', password: PASSWORD });
    expect(page.status).toBe(422);
    expect(textOf(page.html)).toContain('Please enter your user name.');
  });
});

describe('GET /healthz', () => {
  it('200 while the store answers, 503 while it does not; no session, no cookie', async () => {
    const { store, broken } = brittleStore();
    portal = makePortal({ store });
    const page = await portal.browser().get('/healthz');
    expect([page.status, page.html, page.setCookies]).toEqual([200, '{"status":"ok"}', []]);
    broken.by = new StoreUnavailable('away');
    expect((await portal.browser().get('/healthz')).status).toBe(503);
  });
});

describe('What every answer says to the browser', () => {
  it.each(['/', '/login', '/nowhere', '/healthz', '/public/base.css'])(
    '%s: nothing inline, nothing foreign, no frames',
    async (url) => {
      portal = makePortal();
      const { headers } = await portal.browser().get(url);
      const policy = String(headers['content-security-policy']);
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self'");
      expect(policy).toContain("style-src 'self'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).toContain("form-action 'self'");
      expect(policy).not.toMatch(/unsafe|upgrade-insecure|https:|data:/);
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['strict-transport-security']).toBeUndefined();
      expect(headers['cross-origin-opener-policy']).toBeUndefined();
    },
  );

  it('RFC 6797 §6.1: that it is to be found by https alone, where the operator says so by WEB_URL', async () => {
    for (const [url, hsts] of [
      ['https://presence.example.com/', 'max-age=15552000'],
      ['http://presence.lan/', undefined],
    ] as const) {
      portal = makePortal({ url });
      const { headers } = await portal.browser().get('/login');
      expect(headers['strict-transport-security']).toBe(hsts);
      expect(headers['cross-origin-opener-policy']).toBe(hsts && 'same-origin');
      await portal.close();
    }
  });

  it('that no page needs a camera, a microphone or a place', async () => {
    portal = makePortal();
    const { headers } = await portal.browser().get('/');
    expect(headers['permissions-policy']).toContain('camera=(), ');
    expect(headers['permissions-policy']).toContain('publickey-credentials-get=(self)');
  });

  it('no cache keeps a redirection, nor that there is no news; the files of the pages may be kept, and are asked for anew', async () => {
    portal = makePortal();
    const browser = portal.browser();
    expect((await browser.get('/presence')).by[0]?.headers['cache-control']).toBe('no-store');
    for (const url of ['/live', '/live/news']) {
      expect((await browser.get(url)).headers['cache-control'], url).toBe('no-store');
    }
    expect((await browser.get('/public/base.css')).headers['cache-control']).toBe('public, max-age=0');
  });

  it('no cache keeps a page', async () => {
    portal = makePortal();
    const alice = await portal.member('alice');
    for (const url of ['/presence', '/rules', '/watchers', '/nowhere', '/healthz']) {
      expect((await alice.get(url)).headers['cache-control'], url).toBe('no-store');
    }
    expect((await portal.browser().get('/login')).headers['cache-control']).toBe('no-store');
  });

  it('pages hold no inline script, style or handler', async () => {
    portal = makePortal();
    const alice = await portal.member('alice');
    for (const url of ['/presence', '/rules', '/watchers', '/nowhere']) {
      const { html } = await alice.get(url);
      expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=/);
    }
  });

  it('nothing but the public folder is served', async () => {
    portal = makePortal();
    for (const url of ['/public/../app.ts', '/public/%2e%2e/app.ts', '/public/..%2fapp.ts', '/app.ts', '/public/']) {
      const { status, html } = await portal.browser().get(url);
      expect(status, url).toBeGreaterThanOrEqual(400);
      expect(html).not.toContain('buildApp');
    }
  });

  it('nobody puts words into our mouth: an unsigned message is not shown', async () => {
    portal = makePortal();
    const browser = portal.browser();
    browser.cookies.set('porchlight_said', Buffer.from('Send money').toString('base64url'));
    expect((await browser.get('/')).html).not.toContain('Send money');
  });
});
