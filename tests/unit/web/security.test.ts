import { generateSync } from 'otplib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeRandom } from '#runtime';
import { issueLink, spendLink } from '#store';
import { type Browser, textOf } from './browser.ts';
import { aor, makePortal, PASSWORD, type Portal } from './portal.ts';

let portal: Portal;
let alice: Browser;
beforeEach(async () => {
  portal = makePortal();
  alice = await portal.member('alice');
  await alice.get('/security');
});
afterEach(() => portal.close());

const NEW = 'another lamp, another porch';
const login = async (password: string): Promise<Browser> => {
  const browser = portal.browser();
  await browser.get('/login');
  await browser.post('/login', { username: 'alice', password });
  return browser;
};
const credentials = async () =>
  (await portal.store.accounts.credentials([aor('alice')])).get(aor('alice'))?.credentials ?? [];

describe('My password', () => {
  it('is changed with the old one: portal and phones follow, this browser stays, every other is logged out', async () => {
    const other = await login(PASSWORD);
    const { url, html } = await alice.post('/security/password', { 'old-password': PASSWORD, 'new-password': NEW });
    expect(url).toBe('/security');
    expect(textOf(html)).toContain(
      'Your password is changed. Enter it in your phones, too. One other browser was logged out.',
    );
    expect((await other.get('/presence')).url).toContain('/login');
    expect((await login(PASSWORD)).page.status).toBe(422);
    expect((await login(NEW)).page.url).toBe('/presence');
    expect((await credentials()).every((one) => portal.secrets.passwordMatches(one, NEW))).toBe(true);
    expect((await portal.store.audit.list({ limit: 1 }))[0]).toMatchObject({
      actor: aor('alice'),
      act: 'password-changed',
    });
  });

  it('changed, gives this browser a new secret: whoever copied the old one is out', async () => {
    const thief = portal.browser();
    thief.cookies.set('porchlight', alice.cookies.get('porchlight') ?? '');
    expect((await thief.get('/presence')).url).toBe('/presence');
    await alice.post('/security/password', { 'old-password': PASSWORD, 'new-password': NEW });
    expect((await alice.get('/presence')).url).toBe('/presence');
    expect((await thief.get('/presence')).url).toContain('/login');
  });

  it('changed, makes every link that was made before open nothing', async () => {
    const { store, clock } = portal;
    const links = { store, clock, random: makeRandom() };
    const made = [];
    for (const purpose of ['phone', 'password', 'mail'] as const)
      made.push({ purpose, secret: (await issueLink(aor('alice'), purpose, 3_600_000, links))?.secret ?? '' });
    await alice.post('/security/password', { 'old-password': PASSWORD, 'new-password': NEW });
    for (const { purpose, secret } of made) expect(await spendLink(secret, purpose, links)).toBeUndefined();
  });

  it('stays as it is when the old one is wrong, or the new one weak; neither comes back in the form', async () => {
    const wrong = await alice.post('/security/password', { 'old-password': 'not this one', 'new-password': NEW });
    expect(wrong.status).toBe(422);
    expect(textOf(wrong.html)).toContain('This is not your password.');
    expect(wrong.html).not.toContain(NEW);
    const weak = await alice.post('/security/password', { 'old-password': PASSWORD, 'new-password': 'alice' });
    expect(weak.status).toBe(422);
    expect((await login(PASSWORD)).page.url).toBe('/presence');
  });

  it('cannot be guessed at an open browser', async () => {
    for (let tries = 0; tries < 5; tries += 1) {
      await alice.post('/security/password', { 'old-password': `guess ${tries}`, 'new-password': NEW });
    }
    const late = await alice.post('/security/password', { 'old-password': PASSWORD, 'new-password': NEW });
    expect(textOf(late.html)).toContain('Too many tries.');
    expect((await login(PASSWORD)).page.url).toBe('/presence');
  });
});

describe('A phone’s own password', () => {
  it('is shown once, opens the account to phones and not the portal, and is revoked alone', async () => {
    const made = await alice.post('/security/devices', { label: 'Desk phone' });
    const password = /<code class="link"[^>]*>([a-z0-9-]{19})</.exec(made.html)?.[1] ?? '';
    expect(password).toMatch(/^([a-hjkmnp-z2-9]{4}-){3}[a-hjkmnp-z2-9]{4}$/);
    const own = (await credentials()).filter(({ device }) => device?.label === 'Desk phone');
    expect(own.map(({ algorithm }) => algorithm).sort()).toEqual(['MD5', 'SHA-256', 'SHA-512-256']);
    expect(own.every((one) => portal.secrets.passwordMatches(one, password))).toBe(true);
    expect((await login(password)).page.status).toBe(422);
    expect((await alice.get('/security')).html).not.toContain(password);

    await alice.post('/security/devices/revoke', { label: 'Desk phone' });
    expect(textOf(alice.page.html)).toContain('The password of “Desk phone” opens nothing any more.');
    expect(await credentials()).toHaveLength(3);
  });

  it('tells when and where from it was last used', async () => {
    await alice.post('/security/devices', { label: 'Tablet' });
    await portal.store.devicePasswords.noteUses([
      { aor: aor('alice'), label: 'Tablet', at: portal.clock.now() - 120_000, address: '192.0.2.44' },
    ]);
    expect(textOf((await alice.get('/security')).html)).toContain(
      'Last used by a phone 2 minutes ago , from 192.0.2.44',
    );
  });

  it('needs a name that is not in use', async () => {
    await alice.post('/security/devices', { label: 'Tablet' });
    expect((await alice.post('/security/devices', { label: 'Tablet' })).status).toBe(422);
    expect((await alice.post('/security/devices', { label: ' ' })).status).toBe(422);
    expect((await alice.post('/security/devices', { label: 'x'.repeat(65) })).status).toBe(422);
    expect(await portal.store.devicePasswords.of(aor('alice'))).toHaveLength(1);
  });
});

describe('Whoever runs the server', () => {
  it('cannot leave it without anybody: the role must be taken first', async () => {
    await portal.store.accounts.setAdmin(aor('alice'), true);
    const refused = await alice.post('/security/leave', { name: 'alice', 'leave-password': PASSWORD });
    expect(refused.status).toBe(422);
    expect(textOf(refused.html)).toContain('You run this server.');
    expect(await portal.store.accounts.find(aor('alice'))).toBeDefined();
    await portal.store.accounts.setAdmin(aor('alice'), false);
    await alice.post('/security/leave', { name: 'alice', 'leave-password': PASSWORD });
    expect(await portal.store.accounts.find(aor('alice'))).toBeUndefined();
  });
});

describe('Where I am logged in', () => {
  it('logging out the others gives this browser a new secret: whoever copied the old one is one of them', async () => {
    const thief = portal.browser();
    thief.cookies.set('porchlight', alice.cookies.get('porchlight') ?? '');
    await alice.post('/security/sessions/end-others');
    expect((await alice.get('/presence')).url).toBe('/presence');
    expect((await thief.get('/presence')).url).toContain('/login');
  });

  it('each browser is listed with what it is, and can be logged out alone', async () => {
    const other = portal.browser({
      'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    });
    await other.get('/login');
    await other.post('/login', { username: 'alice', password: PASSWORD });
    const { html } = await alice.get('/security');
    expect(textOf(html)).toContain('Firefox, Linux');
    const session = /name="session" value="([0-9a-f]{64})"/.exec(html)?.[1] ?? '';
    await alice.post('/security/sessions/end', { session });
    expect((await other.get('/presence')).url).toContain('/login');
    expect((await alice.get('/presence')).url).toBe('/presence');
  });

  it('somebody else’s session is none of mine to end', async () => {
    const bob = await portal.member('bob');
    const [theirs] = await portal.store.sessions.of(aor('bob'), portal.clock.now());
    await alice.post('/security/sessions/end', { session: theirs?.idHash ?? '' });
    expect((await bob.get('/presence')).url).toBe('/presence');
  });

  it('everywhere else at once', async () => {
    const others = [await login(PASSWORD), await login(PASSWORD)];
    await alice.get('/security');
    await alice.post('/security/sessions/end-others');
    expect(textOf(alice.page.html)).toContain('2 other browsers are logged out.');
    for (const other of others) expect((await other.get('/presence')).url).toContain('/login');
  });
});

describe('The second step at log-in', () => {
  const codeAt = (secret: string, at: number): string => generateSync({ secret, epoch: Math.floor(at / 1000) });

  async function switchOn(): Promise<{ readonly secret: string; readonly recovery: readonly string[] }> {
    await alice.get('/security/second-factor');
    const secret = /name="secret" value="([A-Z2-7]{32})"/.exec(alice.page.html)?.[1] ?? '';
    const fields = { secret, code: codeAt(secret, portal.clock.now()), 'factor-password': PASSWORD };
    const { html } = await alice.post('/security/second-factor', fields);
    const recovery = /<pre[^>]*>([^<]*)<\/pre>/.exec(html)?.[1]?.split('\n') ?? [];
    return { secret, recovery };
  }

  it('is switched on by the app’s code and the password; the secret is sealed in the database', async () => {
    const { secret, recovery } = await switchOn();
    expect(recovery).toHaveLength(10);
    const factor = await portal.store.secondFactors.of(aor('alice'));
    expect(factor?.recoveryLeft).toBe(10);
    expect(Buffer.from(factor?.sealed ?? []).toString('latin1')).not.toContain(secret);
  });

  it('a wrong code or password leaves it off', async () => {
    await alice.get('/security/second-factor');
    const secret = /name="secret" value="([A-Z2-7]{32})"/.exec(alice.page.html)?.[1] ?? '';
    const code = codeAt(secret, portal.clock.now());
    expect((await alice.post('/security/second-factor', { secret, code, 'factor-password': 'no' })).status).toBe(422);
    const old = codeAt(secret, portal.clock.now() - 600_000);
    expect(
      (await alice.post('/security/second-factor', { secret, code: old, 'factor-password': PASSWORD })).status,
    ).toBe(422);
    expect(await portal.store.secondFactors.of(aor('alice'))).toBeUndefined();
  });

  it('then the password alone opens nothing; with the code of now it does, and RFC 6238 §5.2: not twice', async () => {
    const { secret } = await switchOn();
    await portal.clock.advance(30_000);
    const code = codeAt(secret, portal.clock.now());
    const browser = await login(PASSWORD);
    expect(browser.page.url).toBe('/login/code?next=%2Fpresence');
    expect((await browser.get('/presence')).url).toContain('/login');
    await browser.get('/login/code');
    expect((await browser.post('/login/code', { code: '000000' })).status).toBe(422);
    expect((await browser.post('/login/code', { code })).url).toBe('/presence');
    const again = await login(PASSWORD);
    expect((await again.post('/login/code', { code })).status).toBe(422);
  });

  it('a recovery code opens once, however it is typed', async () => {
    const { recovery } = await switchOn();
    const [first = ''] = recovery;
    const browser = await login(PASSWORD);
    expect((await browser.post('/login/code', { code: ` ${first.toUpperCase().replaceAll('-', ' ')} ` })).url).toBe(
      '/presence',
    );
    const again = await login(PASSWORD);
    expect((await again.post('/login/code', { code: first })).status).toBe(422);
  });

  it('codes cannot be guessed, and a right password does not wait for its code for ever', async () => {
    await switchOn();
    const browser = await login(PASSWORD);
    for (let tries = 0; tries < 5; tries += 1) await browser.post('/login/code', { code: `00000${tries}` });
    expect((await browser.post('/login/code', { code: '000009' })).status).toBe(429);
    const slow = await login(PASSWORD);
    await portal.clock.advance(301_000);
    expect((await slow.get('/login/code')).url).toBe('/login');
  });

  it('nobody gets to the second step without the first', async () => {
    await switchOn();
    const browser = portal.browser();
    browser.cookies.set(
      'porchlight_half',
      Buffer.from(JSON.stringify({ aor: aor('alice'), until: 9e15 })).toString('base64url'),
    );
    expect((await browser.get('/login/code')).url).toBe('/login');
  });

  it('is switched off with the password', async () => {
    await switchOn();
    await alice.get('/security');
    expect((await alice.post('/security/second-factor/off', { 'off-password': 'no' })).status).toBe(422);
    for (let times = 0; times < 2; times += 1)
      await alice.post('/security/second-factor/off', { 'off-password': PASSWORD });
    const acts = (await portal.store.audit.list({ limit: 9 })).map(({ act }) => act);
    expect(acts.filter((act) => act === 'second-factor-off')).toHaveLength(1);
    expect((await login(PASSWORD)).page.url).toBe('/presence');
  });
});

describe('What is kept about me', () => {
  it('comes as one file, without a secret', async () => {
    await alice.post('/security/devices', { label: 'Desk phone' });
    const { html, headers } = await alice.get('/security/my-data.json');
    expect(headers['content-disposition']).toBe('attachment; filename="porchlight-my-data.json"');
    const data = JSON.parse(html) as Record<string, unknown>;
    expect(data).toMatchObject({
      account: { address: aor('alice') },
      devicePasswords: [{ label: 'Desk phone' }],
      sessions: [{ address: '127.0.0.1' }],
    });
    expect(html).not.toMatch(/argon2|sealed|ha1/i);
  });

  it('and is for nobody else', async () => {
    expect((await portal.browser().get('/security/my-data.json')).url).toContain('/login');
  });
});

describe('Deleting my account', () => {
  it('takes everything along, once the name and the password are right', async () => {
    expect((await alice.post('/security/leave', { name: 'bob', 'leave-password': PASSWORD })).status).toBe(422);
    expect((await alice.post('/security/leave', { name: 'alice', 'leave-password': 'no' })).status).toBe(422);
    expect(await portal.store.accounts.find(aor('alice'))).toBeDefined();
    const gone = await alice.post('/security/leave', { name: 'alice', 'leave-password': PASSWORD });
    expect(gone.url).toBe('/login');
    expect(textOf(gone.html)).toContain('The account of alice is deleted. Farewell.');
    expect(await portal.store.accounts.find(aor('alice'))).toBeUndefined();
    expect(await portal.store.sessions.of(aor('alice'), 0)).toEqual([]);
    expect((await login(PASSWORD)).page.status).toBe(422);
  });

  it('gives my name to nobody for half a year: the rules of my friends still mean whoever has it', async () => {
    await alice.post('/security/leave', { name: 'alice', 'leave-password': PASSWORD });
    const mallory = portal.browser();
    await mallory.get('/register');
    expect((await mallory.post('/register', { username: 'alice', password: PASSWORD })).status).toBe(422);
    expect(textOf(mallory.page.html)).toContain('taken');
    await portal.clock.advance(184 * 24 * 3_600_000);
    await mallory.get('/register');
    expect((await mallory.post('/register', { username: 'alice', password: PASSWORD })).url).toBe('/phones');
  });
});
