import { afterEach, describe, expect, it } from 'vitest';
import { type Aor, makeDomains, makeRealms } from '#model';
import { makeRandom } from '#runtime';
import { COMMAND_LINE, makeInvitation, openSecrets, StoreUnavailable } from '#store';
import { textOf } from './browser.ts';
import { aor, DOMAIN, makePortal, PASSWORD, type Portal, REALM } from './portal.ts';

let portal: Portal;
afterEach(() => portal.close());

describe('Where not everybody may make an account', () => {
  const invite = async (livesMs = 60_000): Promise<string> => {
    const needs = { store: portal.store, clock: portal.clock, random: makeRandom() };
    const made = await makeInvitation(needs, COMMAND_LINE, { note: 'for the choir', livesMs });
    if (made === 'too-many') throw new Error('too many');
    return made.secret;
  };

  it.each([
    ['closed', 'New accounts are not made here.'],
    ['invitation', 'New accounts are by invitation.'],
  ] as const)('%s: the page says so, and names are not asked about', async (registration, sentence) => {
    portal = makePortal();
    await portal.member('alice');
    await portal.store.settings.put('registration', registration);
    const browser = portal.browser();
    const page = await browser.get('/register');
    expect(page.status).toBe(403);
    expect(textOf(page.html)).toContain(sentence);
    expect(page.html).not.toContain('action="/register"');
    await browser.get('/login');
    const answers = [];
    for (const username of ['alice', 'bob', 'not a name']) {
      await browser.get('/login');
      const { status, html } = await browser.post('/register', { username, password: PASSWORD });
      answers.push(`${status} ${textOf(html)}`);
    }
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toContain(sentence);
    expect(await portal.store.accounts.find(aor('bob'))).toBeUndefined();
  });

  it('an invitation makes one account, and is written down; then it opens nothing', async () => {
    portal = makePortal({ defaultRegistration: 'invitation' });
    const invitation = await invite();
    const browser = portal.browser();
    const page = await browser.get(`/register?invitation=${invitation}`);
    expect(page.headers['referrer-policy']).toBe('no-referrer');
    expect(page.html).toContain(`name="invitation" value="${invitation}"`);
    // What is wrong with the form does not cost the invitation.
    const wrong = await browser.post('/register', { invitation, username: 'bob', password: 'short' });
    expect(wrong.html).toContain(`name="invitation" value="${invitation}"`);
    expect((await browser.post('/register', { invitation, username: 'bob', password: PASSWORD })).url).toBe('/phones');
    expect((await portal.store.audit.list({ limit: 1 }))[0]).toMatchObject({
      actor: aor('bob'),
      act: 'invitation-used',
      detail: 'for the choir (command line)',
    });
    const other = portal.browser();
    expect(textOf((await other.get(`/register?invitation=${invitation}`)).html)).toContain('has been used');
    await other.get('/login');
    expect((await other.post('/register', { invitation, username: 'carol', password: PASSWORD })).status).toBe(403);
    expect(await portal.store.accounts.find(aor('carol'))).toBeUndefined();
  });

  it('a name that is taken does not cost the invitation; of two who use it at once one gets in', async () => {
    portal = makePortal();
    await portal.member('alice');
    await portal.store.settings.put('registration', 'invitation');
    const invitation = await invite();
    const browsers = [portal.browser(), portal.browser()];
    for (const browser of browsers) await browser.get(`/register?invitation=${invitation}`);
    const taken = await browsers[0]?.post('/register', { invitation, username: 'alice', password: PASSWORD });
    expect(textOf(taken?.html ?? '')).toContain('This name is taken.');
    const both = await Promise.all(
      browsers.map((browser, index) =>
        browser.post('/register', { invitation, username: `new${index}`, password: PASSWORD }),
      ),
    );
    expect(both.map(({ url }) => url).sort()).toEqual(['/phones', '/register']);
  });

  it('an invitation is not used up while too many passwords are being checked', async () => {
    const busy = { now: true };
    const secrets = openSecrets(new Uint8Array(32).fill(7));
    const hashPassword = (password: string) =>
      busy.now ? Promise.reject(new StoreUnavailable('busy')) : secrets.hashPassword(password);
    portal = makePortal({ defaultRegistration: 'invitation', secrets: { ...secrets, hashPassword } });
    const invitation = await invite();
    const browser = portal.browser();
    await browser.get(`/register?invitation=${invitation}`);
    expect((await browser.post('/register', { invitation, username: 'bob', password: PASSWORD })).status).toBe(503);
    busy.now = false;
    await browser.get(`/register?invitation=${invitation}`);
    expect((await browser.post('/register', { invitation, username: 'bob', password: PASSWORD })).url).toBe('/phones');
  });

  it('an invitation whose time is over, or that was made up, opens nothing; nor does any while it is closed', async () => {
    portal = makePortal({ defaultRegistration: 'invitation' });
    const invitation = await invite(1000);
    await portal.clock.advance(1000);
    for (const link of [invitation, 'x'.repeat(32), 'x']) {
      const page = await portal.browser().get(`/register?invitation=${link}`);
      expect([page.status, textOf(page.html).includes('has been used, or its time is over')]).toEqual([403, true]);
    }
    const good = await invite();
    await portal.store.settings.put('registration', 'closed');
    expect((await portal.browser().get(`/register?invitation=${good}`)).html).not.toContain('action="/register"');
  });
});

describe('As a new person I make an account', () => {
  it('and am in at once, with a page that greets me', async () => {
    portal = makePortal();
    const browser = portal.browser();
    await browser.get('/register');
    const page = await browser.post('/register', { username: 'alice', password: PASSWORD });
    expect(page.by[0]?.status).toBe(303);
    expect(page.url).toBe('/phones');
    expect(textOf(page.html)).toContain('Welcome, alice.');
    expect(textOf((await browser.get('/presence')).html)).not.toContain('Welcome, alice.');
  });

  it('and my password is kept as argon2id, my phone’s credentials sealed for the realm, clear text nowhere', async () => {
    portal = makePortal();
    await portal.member('alice');
    const hash = (await portal.store.accounts.passwordHash(aor('alice')))?.hash ?? '';
    expect(hash).toMatch(/^\$argon2id\$/);
    const { credentials = [] } = (await portal.store.accounts.credentials([aor('alice')])).get(aor('alice')) ?? {};
    expect(credentials.map(({ algorithm }) => algorithm).sort()).toEqual(['MD5', 'SHA-256', 'SHA-512-256']);
    for (const credential of credentials) {
      expect(credential).toMatchObject({ username: 'alice', realm: REALM });
      expect(portal.secrets.passwordMatches(credential, PASSWORD)).toBe(true);
      expect(Buffer.from(credential.sealedHa1).includes(PASSWORD)).toBe(false);
    }
  });

  it.each([
    ['', 'Please choose a user name.'],
    ['Alice', 'lower-case letters'],
    ['.alice', 'begin with a letter or a digit'],
    ['al ice', 'lower-case letters'],
    ['al@ice', 'lower-case letters'],
    ['ålice', 'lower-case letters'],
    ['a'.repeat(65), 'at most 64'],
  ])('and am told what is wrong with the name «%s»', async (username, words) => {
    portal = makePortal();
    const browser = portal.browser();
    await browser.get('/register');
    const page = await browser.post('/register', { username, password: PASSWORD });
    expect(page.status).toBe(422);
    expect(page.html).toMatch(/<input id="username"[^>]*aria-invalid="true"/);
    expect(page.html).not.toMatch(/<input id="password"[^>]*aria-invalid/);
    expect(textOf(page.html)).toContain(words);
    expect(await portal.store.accounts.list({ limit: 5 })).toEqual([]);
  });

  it.each(['a', '7', 'a.b-c_d', '0'.repeat(64)])('with a name such as %s', async (username) => {
    portal = makePortal();
    await portal.member(username);
    expect(await portal.store.accounts.find(aor(username))).toMatchObject({ username, domain: DOMAIN });
  });

  it.each([
    ['short', 'at least 10'],
    ['alicealice', 'user name again'],
    ['Alice12345', 'user name again'],
    ['Password123!', 'first passwords'],
    ['aaaaaaaaaaaa', 'first passwords'],
    ['lamp '.repeat(52), 'at most 256'],
  ])(
    'and am told why the password «%.20s» will not do; the name is kept, the password is not',
    async (password, words) => {
      portal = makePortal();
      const browser = portal.browser();
      await browser.get('/register');
      const page = await browser.post('/register', { username: 'alice', password });
      expect(page.status).toBe(422);
      expect(page.html).toMatch(/<input id="password"[^>]*aria-invalid="true"/);
      expect(page.html).toMatch(/<input id="username"[^>]*value="alice"/);
      expect(page.html).not.toContain(`value="${password}"`);
      expect(textOf(page.html)).toContain(words);
      expect(await portal.store.accounts.find(aor('alice'))).toBeUndefined();
    },
  );

  it('but not under a name that somebody has', async () => {
    portal = makePortal();
    await portal.member('alice');
    const hash = await portal.store.accounts.passwordHash(aor('alice'));
    const second = portal.browser();
    await second.get('/register');
    const page = await second.post('/register', { username: 'alice', password: 'another long password' });
    expect(page.status).toBe(422);
    expect(textOf(page.html)).toContain('This name is taken.');
    expect(await portal.store.accounts.passwordHash(aor('alice'))).toEqual(hash);
    expect((await second.get('/presence')).url).toBe('/login?next=%2Fpresence');
  });
});

describe('On a server of several domains', () => {
  const domains = makeDomains(['example.com', 'example.net'], []);
  const start = (): Portal => makePortal({ domains, realms: makeRealms(domains, 'example.com') });

  it('I choose mine: my address, and the realm of my phone’s credentials, are of that domain', async () => {
    portal = start();
    const browser = portal.browser();
    expect((await browser.get('/register')).html).toContain('<option>example.net</option>');
    const page = await browser.post('/register', { username: 'alice', password: PASSWORD, domain: 'example.net' });
    expect(page.url).toBe('/phones');
    expect(textOf(page.html)).toContain('alice@example.net');
    const mine = 'sip:alice@example.net' as Aor;
    const { credentials = [] } = (await portal.store.accounts.credentials([mine])).get(mine) ?? {};
    expect(new Set(credentials.map(({ realm }) => realm))).toEqual(new Set(['example.net']));
    expect(await portal.store.accounts.find(aor('alice'))).toBeUndefined();
  });

  it('a domain that is none of these is an error beside the field, and my name is kept', async () => {
    portal = start();
    const browser = portal.browser();
    await browser.get('/register');
    const page = await browser.post('/register', { username: 'alice', password: PASSWORD, domain: 'evil.example' });
    expect(page.status).toBe(422);
    expect(textOf(page.html)).toContain('Please choose one of these domains.');
    expect(page.html).toContain('value="alice"');
  });

  it('I log in with my whole address; the bare name is somebody of the first domain', async () => {
    portal = start();
    const browser = portal.browser();
    await browser.get('/register');
    await browser.post('/register', { username: 'alice', password: PASSWORD, domain: 'example.net' });
    const other = portal.browser();
    await other.get('/login');
    expect((await other.post('/login', { username: 'alice', password: PASSWORD })).url).not.toBe('/presence');
    expect((await other.post('/login', { username: 'alice@example.net', password: PASSWORD })).url).toBe('/presence');
  });
});

describe('As the one who runs the server I want strangers held back', () => {
  it('eleven accounts in a row from one address is one too many; later there is room again', async () => {
    portal = makePortal();
    for (let n = 0; n < 10; n += 1) await portal.member(`user${n}`);
    const browser = portal.browser();
    await browser.get('/register');
    const page = await browser.post('/register', { username: 'user10', password: PASSWORD });
    expect(page.status).toBe(429);
    expect(page.headers['retry-after']).toBe('360');
    expect(textOf(page.html)).toContain('in 6 minutes');
    expect(await portal.store.accounts.find(aor('user10'))).toBeUndefined();
    await portal.clock.advance(360_000);
    expect((await browser.post('/register', { username: 'user10', password: PASSWORD })).url).toBe('/phones');
  });

  it('who mistypes does not lose a try', async () => {
    portal = makePortal();
    const browser = portal.browser();
    await browser.get('/register');
    for (let n = 0; n < 15; n += 1) await browser.post('/register', { username: 'alice', password: 'short' });
    expect((await browser.post('/register', { username: 'alice', password: PASSWORD })).url).toBe('/phones');
  });
});
