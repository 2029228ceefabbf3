import { afterEach, describe, expect, it } from 'vitest';
import { textOf } from './browser.ts';
import { aor, makePortal, PASSWORD, type Portal } from './portal.ts';

let portal: Portal;
afterEach(() => portal.close());

const RULE = { kind: 'person', who: 'bob', event: 'presence', permission: 'allow' };
const POSTS = ['/rules/add', '/rules/change', '/rules/remove', '/watchers/answer', '/logout', '/login', '/register'];
const tokenIn = (html: string) => /name="_csrf" value="([^"]+)"/.exec(html)?.[1] ?? '';

describe('A form that is not ours changes nothing', () => {
  it.each(POSTS)('%s without a token is refused', async (url) => {
    portal = makePortal();
    const browser = await portal.member('alice');
    const page = await browser.post(url, { _csrf: '', ...RULE });
    expect(page.status).toBe(403);
    expect(textOf(page.html)).toContain('This form had grown old');
    expect((await browser.get('/presence')).url).toBe('/presence');
    expect(await portal.store.rules.of(aor('alice'))).toEqual([]);
  });

  it.each(['/login', '/register'])('before log-in, too: %s', async (url) => {
    portal = makePortal();
    const browser = portal.browser();
    await browser.get(url);
    const fields = { username: 'alice', password: PASSWORD };
    expect((await browser.post(url, { ...fields, _csrf: 'made-up' })).status).toBe(403);
    await browser.get(url);
    browser.cookies.clear();
    expect((await browser.post(url, fields)).status).toBe(403);
    expect(await portal.store.accounts.list({ limit: 1 })).toEqual([]);
  });

  it('the token of another session is refused, even with its cookie', async () => {
    portal = makePortal();
    const mallory = await portal.member('mallory');
    await mallory.get('/rules');
    const alice = await portal.member('alice');
    alice.cookies.set('porchlight_form', mallory.cookies.get('porchlight_form') ?? '');
    const page = await alice.post('/rules/add', { ...RULE, _csrf: tokenIn(mallory.page.html) });
    expect(page.status).toBe(403);
    expect(await portal.store.rules.of(aor('alice'))).toEqual([]);
  });

  it('a token of the time before log-in is worth nothing after it', async () => {
    portal = makePortal();
    await portal.member('alice');
    const browser = portal.browser();
    await browser.get('/login');
    const early = tokenIn(browser.page.html);
    await browser.post('/login', { username: 'alice', password: PASSWORD });
    expect((await browser.post('/rules/add', { ...RULE, _csrf: early })).status).toBe(403);
  });

  it.each(['cross-site', 'same-site'])('a form that the browser calls %s is refused', async (site) => {
    portal = makePortal();
    const browser = await portal.member('alice');
    expect((await browser.post('/rules/add', RULE, { 'sec-fetch-site': site })).status).toBe(403);
    await browser.get('/rules');
    expect((await browser.post('/rules/add', RULE, { 'sec-fetch-site': 'same-origin' })).url).toBe('/rules');
  });

  it('a guest’s form for a members’ page leads to the log-in page', async () => {
    portal = makePortal();
    const browser = portal.browser();
    await browser.get('/login');
    expect((await browser.post('/rules/add', RULE)).url).toBe('/login');
  });
});
