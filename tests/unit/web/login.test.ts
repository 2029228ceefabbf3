import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Aor } from '#model';
import { makeMemoryStore } from '#store';
import { makeFakeClock } from '../../support/fake-clock.ts';
import { textOf } from './browser.ts';
import { aor, DOMAIN, makePortal, PASSWORD, type Portal, REALM } from './portal.ts';

let portal: Portal;
afterEach(() => portal.close());

const WRONG = 'That user name and password do not belong together.';

async function logIn(username: string, password = PASSWORD, url = '/login') {
  const browser = portal.browser();
  await browser.get(url);
  return { browser, page: await browser.post('/login', { username, password }) };
}

describe('As a member I log in', () => {
  it.each(['alice', 'alice@example.com', 'sip:alice@EXAMPLE.com', ' alice ', 'alice@192.0.2.7'])(
    'as «%s»',
    async (username) => {
      portal = makePortal();
      await portal.member('alice');
      const { browser, page } = await logIn(username);
      expect(page.url).toBe('/presence');
      expect((await browser.get('/')).url).toBe('/presence');
    },
  );

  it('and come to the page that I wanted', async () => {
    portal = makePortal();
    await portal.member('alice');
    const browser = portal.browser();
    expect((await browser.get('/watchers')).url).toBe('/login?next=%2Fwatchers');
    expect(browser.page.html).toContain('name="next" value="/watchers"');
    expect((await browser.post('/login', { username: 'alice', password: PASSWORD, next: '/watchers' })).url).toBe(
      '/watchers',
    );
  });

  it.each(['https://elsewhere.example/', '//elsewhere.example', '/logout', 'javascript:alert(1)'])(
    'but a link cannot send me on to %s',
    async (next) => {
      portal = makePortal();
      await portal.member('alice');
      const browser = portal.browser();
      await browser.get(`/login?next=${encodeURIComponent(next)}`);
      expect(browser.page.html).toContain('name="next" value="/presence"');
      expect((await browser.post('/login', { username: 'alice', password: PASSWORD, next })).url).toBe('/presence');
    },
  );

  it('an unknown name and a wrong password get the same answer, byte for byte but for the name and the token', async () => {
    portal = makePortal();
    await portal.member('alice');
    const anonymous = (html: string) =>
      html.replaceAll(/(_csrf" value=)"[^"]*"/g, '$1').replaceAll(/alice|nobody/g, 'NAME');
    const wrong = (await logIn('alice', 'not the password')).page;
    const unknown = (await logIn('nobody', 'not the password')).page;
    expect([wrong.status, unknown.status]).toEqual([422, 422]);
    expect(textOf(wrong.html)).toContain(WRONG);
    expect(anonymous(unknown.html)).toBe(anonymous(wrong.html));
    expect(wrong.html).toContain('value="alice"');
    expect(wrong.html).not.toContain('not the password');
  });

  it('and each wrong try costs one password check, whether or not there is such an account', async () => {
    portal = makePortal();
    await portal.store.accounts.create({
      aor: aor('imported'),
      username: 'imported',
      domain: DOMAIN,
      passwordHash: undefined,
      credentials: portal.secrets.credentialsFor('imported', REALM, PASSWORD),
      createdAt: 0,
    });
    await portal.member('alice');
    const nobody = vi.spyOn(portal.secrets, 'verifyNobody');
    const somebody = vi.spyOn(portal.secrets, 'verifyPassword');
    for (const name of ['alice', 'nobody', 'imported', 'bob@elsewhere.example', 'not@@a name']) {
      const before = nobody.mock.calls.length + somebody.mock.calls.length;
      expect(textOf((await logIn(name, 'not the password')).page.html)).toContain(WRONG);
      expect(nobody.mock.calls.length + somebody.mock.calls.length, name).toBe(before + 1);
    }
    nobody.mockRestore();
    somebody.mockRestore();
  });

  it('and the database is asked the same, whether or not there is such an account', async () => {
    const store = makeMemoryStore({ clock: makeFakeClock() });
    const asked: string[] = [];
    const accounts = new Proxy(store.accounts, {
      get(target, name: keyof typeof store.accounts) {
        asked.push(name);
        return target[name];
      },
    });
    portal = makePortal({ store: { ...store, accounts } });
    await portal.member('alice');
    const questions: string[] = [];
    for (const name of ['alice', 'nobody']) {
      const browser = portal.browser();
      await browser.get('/login');
      asked.length = 0;
      await browser.post('/login', { username: name, password: 'not hers' });
      questions.push(asked.join(' '));
    }
    expect(questions[0]).toContain('passwordHash');
    expect(questions[1]).toBe(questions[0]);
  });

  it('with an empty form I am told what is missing', async () => {
    portal = makePortal();
    const { page } = await logIn('', '');
    expect(page.status).toBe(422);
    expect(page.html).toMatch(/<input id="username"[^>]*aria-invalid="true"[^>]*aria-describedby="username-error"/);
    expect(page.html).toMatch(/<input id="password"[^>]*aria-invalid="true"/);
  });

  it('and log out, which ends the session in the database, too', async () => {
    portal = makePortal();
    const browser = await portal.member('alice');
    const stolen = new Map(browser.cookies);
    const page = await browser.post('/logout');
    expect(page.url).toBe('/');
    expect(textOf(page.html)).toContain('You are logged out.');
    for (const [name, value] of stolen) browser.cookies.set(name, value);
    expect((await browser.get('/presence')).url).toContain('/login');
  });

  it('a link cannot log me out', async () => {
    portal = makePortal();
    const browser = await portal.member('alice');
    expect((await browser.get('/logout')).status).toBe(404);
    expect((await browser.get('/presence')).url).toBe('/presence');
  });
});

describe('As the administrator I close an account', () => {
  it('its sessions end, and only who knows the password learns why', async () => {
    const memory = makeMemoryStore({ clock: makeFakeClock() });
    let disabled = false;
    const find = async (whose: Aor) => {
      const account = await memory.accounts.find(whose);
      return account && { ...account, disabled };
    };
    portal = makePortal({ store: { ...memory, accounts: { ...memory.accounts, find } } });
    const alice = await portal.member('alice');
    disabled = true;
    expect((await alice.get('/presence')).url).toContain('/login');
    expect(textOf((await logIn('alice')).page.html)).toContain('This account is closed.');
    expect(textOf((await logIn('alice', 'not the password')).page.html)).toContain(WRONG);
  });
});

describe('As the administrator I import accounts and change the realm', () => {
  it('an account without argon2id is checked against its HA1 and keeps argon2id from then on', async () => {
    portal = makePortal();
    const credentials = portal.secrets.credentialsFor('carol', REALM, PASSWORD);
    await portal.store.accounts.create({
      aor: aor('carol'),
      username: 'carol',
      domain: DOMAIN,
      passwordHash: undefined,
      credentials,
      createdAt: 0,
    });
    expect(textOf((await logIn('carol', 'wrong')).page.html)).toContain(WRONG);
    expect(await portal.store.accounts.passwordHash(aor('carol'))).toEqual({ hash: undefined });
    expect((await logIn('carol')).page.url).toBe('/presence');
    const { hash = '' } = (await portal.store.accounts.passwordHash(aor('carol'))) ?? {};
    expect(await portal.secrets.verifyPassword(hash, PASSWORD)).toBe(true);
    expect((await logIn('carol')).page.url).toBe('/presence');
  });

  it('phone credentials of another realm, or of fewer algorithms, are made again at log-in, and only then', async () => {
    portal = makePortal();
    const old = portal.secrets.credentialsFor('carol', 'old realm', PASSWORD).slice(0, 1);
    const passwordHash = await portal.secrets.hashPassword(PASSWORD);
    await portal.store.accounts.create({
      aor: aor('carol'),
      username: 'carol',
      domain: DOMAIN,
      passwordHash,
      credentials: old,
      createdAt: 0,
    });
    const kept = async () =>
      (await portal.store.accounts.credentials([aor('carol')])).get(aor('carol'))?.credentials ?? [];
    await logIn('carol', 'wrong');
    expect(await kept()).toEqual(old);
    await logIn('carol');
    const made = await kept();
    expect(made.map(({ realm, algorithm }) => [realm, algorithm])).toEqual([
      [REALM, 'MD5'],
      [REALM, 'SHA-256'],
      [REALM, 'SHA-512-256'],
    ]);
    await logIn('carol');
    expect(await kept()).toEqual(made);
    expect((await portal.store.accounts.passwordHash(aor('carol')))?.hash).toBe(passwordHash);
  });
});

describe('As a member I do not want my password guessed', () => {
  it('after ten wrong tries an account must wait, from wherever they come; the right password is not heard either', async () => {
    portal = makePortal({ proxies: ['127.0.0.1'] });
    await portal.member('alice');
    for (let n = 0; n < 10; n += 1) {
      const browser = portal.browser({ 'x-forwarded-for': `198.51.100.${n}` });
      await browser.get('/login');
      expect((await browser.post('/login', { username: 'alice', password: `guess ${n}` })).status).toBe(422);
    }
    const { page } = await logIn('alice');
    expect(page.status).toBe(429);
    expect(page.headers['retry-after']).toBe('60');
    expect(textOf(page.html)).toContain('Too many tries. Please wait 1 minute.');
    await portal.clock.advance(60_000);
    expect((await logIn('alice')).page.url).toBe('/presence');
  });

  it('unknown names are counted alike', async () => {
    portal = makePortal();
    for (let n = 0; n < 10; n += 1) expect((await logIn('nobody')).page.status).toBe(422);
    expect((await logIn('nobody')).page.status).toBe(429);
  });

  it('after twenty wrong tries an address must wait, whatever the names', async () => {
    portal = makePortal();
    await portal.member('alice');
    for (let n = 0; n < 20; n += 1) expect((await logIn(`name${n}`)).page.status).toBe(422);
    const { page } = await logIn('alice');
    expect([page.status, page.headers['retry-after']]).toEqual([429, '30']);
  });

  it('right passwords are not counted', async () => {
    portal = makePortal();
    await portal.member('alice');
    for (let n = 0; n < 25; n += 1) expect((await logIn('alice')).page.url).toBe('/presence');
  });

  it('X-Forwarded-For of a stranger is not believed', async () => {
    portal = makePortal();
    for (let n = 0; n < 20; n += 1) {
      const browser = portal.browser({ 'x-forwarded-for': `198.51.100.${n}` });
      await browser.get('/login');
      await browser.post('/login', { username: `name${n}`, password: 'x' });
    }
    const browser = portal.browser({ 'x-forwarded-for': '198.51.100.99' });
    await browser.get('/login');
    expect((await browser.post('/login', { username: 'name', password: 'x' })).status).toBe(429);
  });
});
