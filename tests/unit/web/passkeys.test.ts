import { afterEach, describe, expect, it } from 'vitest';
import { makeRandom } from '#runtime';
import { issueLink, MAX_PASSKEYS } from '#store';
import { type Authenticator, type Ceremony, makeAuthenticator } from '../../support/authenticator.ts';
import { type Browser, textOf } from './browser.ts';
import { aor, makePortal, PASSWORD, type Portal } from './portal.ts';

let portal: Portal;
afterEach(() => portal.close());

const ORIGIN = 'https://presence.example.com';
const RP = 'presence.example.com';

const open = (): Portal => {
  portal = makePortal({ url: `${ORIGIN}/` });
  return portal;
};

/** What the shown page asks of the browser. */
function asked(browser: Browser): Ceremony & { readonly options: Readonly<Record<string, unknown>> } {
  const text = /data-options="([^"]*)"/.exec(browser.page.html)?.[1] ?? '{}';
  const options = JSON.parse(text.replaceAll('&quot;', '"').replaceAll('&amp;', '&')) as Record<string, unknown>;
  return { challenge: String(options['challenge']), origin: ORIGIN, rpId: RP, options };
}

/** Asks for a new passkey up to the moment when the browser makes it. */
async function begin(member: Browser, label = 'Laptop', password = PASSWORD): Promise<ReturnType<typeof asked>> {
  await member.get('/security');
  await member.post('/security/passkeys/new', { 'passkey-label': label, 'passkey-password': password });
  return asked(member);
}

async function add(member: Browser, key: Authenticator, format: 'none' | 'packed' = 'none'): Promise<void> {
  const response = key.create(await begin(member), format);
  await member.post('/security/passkeys', { response });
}

async function logIn(key: Authenticator, given: Partial<Ceremony> = {}, browser = portal.browser()): Promise<Browser> {
  await browser.get('/login/passkey');
  await browser.post('/login/passkey', { response: key.get({ ...asked(browser), ...given }) });
  return browser;
}

describe('A cookie that was signed for one thing', () => {
  it('passes for no other: the question of the log-in page is none of the security page, and no message', async () => {
    const alice = await open().member('alice');
    const guest = portal.browser();
    await guest.get('/login/passkey');
    const question = guest.cookies.get('porchlight_passkey') ?? '';
    await alice.get('/security');
    alice.cookies.set('porchlight_passkey', question);
    alice.cookies.set('porchlight_said', question);
    expect((await alice.post('/security/passkeys', { response: '{}' })).status).toBe(422);
    expect(textOf(alice.page.html)).not.toContain('undefined');
    const half = portal.browser();
    half.cookies.set('porchlight_half', question);
    expect((await half.get('/login/code')).url).toBe('/login');
  });
});

describe('As a member I make a passkey', () => {
  it.each(['none', 'packed'] as const)('with attestation “%s”; it is listed, and in the audit log', async (format) => {
    const alice = await open().member('alice');
    const key = makeAuthenticator();
    await add(alice, key, format);
    expect(textOf(alice.page.html)).toContain('The passkey “Laptop” opens this page from now on.');
    expect(textOf((await alice.get('/security')).html)).toContain('Laptop Made just now . Never used.');
    const [kept] = await portal.store.passkeys.of(aor('alice'));
    expect(kept).toMatchObject({ id: key.id, label: 'Laptop', transports: 'internal,hybrid', counter: 0 });
    const [entry] = await portal.store.audit.list({ limit: 1 });
    expect(entry).toMatchObject({ act: 'passkey-added', actor: aor('alice'), detail: 'Laptop' });
    expect((await alice.get('/security/my-data.json')).html).toContain('"label": "Laptop"');
  });

  it('the browser is asked for one that is found without a name, behind a finger or a PIN, and not twice', async () => {
    const alice = await open().member('alice');
    const key = makeAuthenticator();
    await add(alice, key);
    const { options } = await begin(alice, 'Second');
    expect(options).toMatchObject({
      rp: { id: RP },
      attestation: 'none',
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      excludeCredentials: [{ id: key.id }],
    });
    expect(JSON.stringify(options['user'])).not.toContain(Buffer.from('alice').toString('base64url'));
  });

  it('only with the password, and with a name', async () => {
    const alice = await open().member('alice');
    await begin(alice, 'Laptop', 'wrong');
    expect([alice.page.status, textOf(alice.page.html)]).toEqual([
      422,
      expect.stringContaining('This is not your password.'),
    ]);
    await begin(alice, ' \u202e');
    expect(textOf(alice.page.html)).toContain('Please give the key a name.');
  });

  it.each([
    ['made for another place', { origin: 'https://evil.example', rpId: 'evil.example' }],
    ['made for another origin', { origin: 'https://evil.example' }],
    ['without its user being verified', { verified: false }],
    ['to another question', { challenge: 'AAAA' }],
  ])('not with an answer %s', async (_what, given) => {
    const alice = await open().member('alice');
    const response = makeAuthenticator().create({ ...(await begin(alice)), ...given });
    expect((await alice.post('/security/passkeys', { response })).status).toBe(422);
    expect(await portal.store.passkeys.of(aor('alice'))).toEqual([]);
  });

  it.each([
    '',
    '{}',
    '[]',
    'null',
    '{"id":"x"}',
    '{"id":"x","response":{"attestationObject":"/w","clientDataJSON":"e30"}}',
  ])('not with %s', async (response) => {
    const alice = await open().member('alice');
    await begin(alice);
    expect((await alice.post('/security/passkeys', { response })).status).toBe(422);
  });

  it('an answer counts once, within five minutes, and only in the session that gave the password', async () => {
    const alice = await open().member('alice');
    const late = makeAuthenticator().create(await begin(alice));
    await portal.clock.advance(300_000);
    expect(textOf((await alice.post('/security/passkeys', { response: late })).html)).toContain('took too long');

    const response = makeAuthenticator().create(await begin(alice));
    const cookie = alice.cookies.get('porchlight_passkey') ?? '';
    const mallory = await portal.member('mallory');
    await mallory.get('/security');
    mallory.cookies.set('porchlight_passkey', cookie);
    expect((await mallory.post('/security/passkeys', { response })).status).toBe(422);
    expect(await portal.store.passkeys.of(aor('mallory'))).toEqual([]);
  });

  it('ten are enough; and one that is removed opens nothing', async () => {
    const alice = await open().member('alice');
    const keys = Array.from({ length: MAX_PASSKEYS }, makeAuthenticator);
    for (const key of keys) await add(alice, key);
    await begin(alice);
    expect(textOf(alice.page.html)).toContain('You have 10 already.');
    await alice.post('/security/passkeys/remove', { passkey: keys[0]?.id ?? '' });
    expect(textOf(alice.page.html)).toContain('That passkey opens nothing any more.');
    expect((await logIn(keys[0] as Authenticator)).page.status).toBe(422);
    const mallory = await portal.member('mallory');
    await mallory.get('/security');
    await mallory.post('/security/passkeys/remove', { passkey: keys[1]?.id ?? '' });
    expect(await portal.store.passkeys.of(aor('alice'))).toHaveLength(MAX_PASSKEYS - 1);
  });

  it('by plain HTTP, or at a bare address, the page says why there are none', async () => {
    for (const url of ['http://presence.example.com/', 'https://192.0.2.7/', 'https://[2001:db8::1]/']) {
      portal = makePortal({ url });
      const alice = await portal.member('alice');
      expect(textOf((await alice.get('/security')).html)).toContain('Browsers have passkeys only on an encrypted');
      expect(textOf((await portal.browser().get('/login/passkey')).html)).toContain('Browsers have passkeys only');
      expect((await portal.browser().get('/login')).html).not.toContain('/login/passkey');
      await portal.close();
    }
    portal = makePortal();
    const { html } = await portal.browser().get('/login', { host: 'localhost:8080' });
    expect(html).toContain('/login/passkey');
  });
});

describe('I log in with a passkey', () => {
  it('without name, password or code; when it was used is written down, and its counter', async () => {
    const alice = await open().member('alice');
    const key = makeAuthenticator();
    await add(alice, key);
    await portal.store.secondFactors.set(
      aor('alice'),
      { sealed: new Uint8Array(8), keyId: 'k', since: 0, lastStep: 0 },
      [],
    );
    expect((await logIn(key, { counter: 7 })).page.url).toBe('/presence');
    expect((await portal.store.passkeys.of(aor('alice')))[0]).toMatchObject({
      counter: 7,
      lastUsedAt: portal.clock.now(),
    });
    // §7.2 step 22: a counter that does not grow is that of a copy.
    expect((await logIn(key, { counter: 7 })).page.status).toBe(422);
  });

  it.each([
    ['of another place', { rpId: 'evil.example', origin: 'https://evil.example' }],
    ['of another origin', { origin: 'https://presence.example.com.evil.example' }],
    ['without its user being verified', { verified: false }],
    ['to another question', { challenge: 'AAAA' }],
  ])('not by an answer %s', async (_what, given) => {
    const alice = await open().member('alice');
    const key = makeAuthenticator();
    await add(alice, key);
    const { page } = await logIn(key, given);
    expect([page.status, textOf(page.html)]).toEqual([422, expect.stringContaining('opens nothing here')]);
  });

  it('not by a key that nobody made here, and not by one whose account is closed', async () => {
    const alice = await open().member('alice');
    expect((await logIn(makeAuthenticator())).page.status).toBe(422);
    const key = makeAuthenticator();
    await add(alice, key);
    await portal.store.accounts.setDisabled(aor('alice'), true);
    expect(textOf((await logIn(key)).page.html)).toContain('This account is closed.');
  });

  it('not after the password was set by a link: somebody else may have made it', async () => {
    const alice = await open().member('alice');
    const key = makeAuthenticator();
    await add(alice, key);
    const { store, clock } = portal;
    const link = await issueLink(aor('alice'), 'password', 60_000, { store, clock, random: makeRandom() });
    const browser = portal.browser();
    await browser.get('/reset');
    await browser.post('/reset', { link: link?.secret ?? '', password: 'another lamp on another porch' });
    expect(browser.page.url).toBe('/login');
    expect((await logIn(key)).page.status).toBe(422);
  });

  it('not by the signature of another key under this one’s name', async () => {
    const alice = await open().member('alice');
    const [key, other] = [makeAuthenticator(), makeAuthenticator()];
    await add(alice, key);
    const browser = portal.browser();
    await browser.get('/login/passkey');
    const forged = JSON.stringify({ ...JSON.parse(other.get(asked(browser))), id: key.id, rawId: key.id });
    expect((await browser.post('/login/passkey', { response: forged })).status).toBe(422);
  });

  it('an answer counts once: with the cookies of before it is late', async () => {
    const alice = await open().member('alice');
    const key = makeAuthenticator();
    await add(alice, key);
    const browser = portal.browser();
    await browser.get('/login/passkey');
    const response = key.get(asked(browser));
    const before = new Map(browser.cookies);
    const token = browser.page;
    expect((await browser.post('/login/passkey', { response })).url).toBe('/presence');
    const thief = portal.browser();
    for (const [name, value] of before) thief.cookies.set(name, value);
    thief.page = token;
    expect(textOf((await thief.post('/login/passkey', { response })).html)).toContain('took too long');
  });

  it('guesses from one place are held back', async () => {
    open();
    const browser = portal.browser();
    let status = 0;
    for (let tries = 0; tries < 25; tries += 1) {
      status = (await logIn(makeAuthenticator(), {}, browser)).page.status;
    }
    expect(status).toBe(429);
  });
});
