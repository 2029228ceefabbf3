import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ACTS, COMMAND_LINE, type Figures, MAX_INVITATIONS, type NodeReport, noteAct } from '#store';
import { english } from '../../../web/words/index.ts';
import { type Browser, textOf } from './browser.ts';
import { aor, makePortal, PASSWORD, type Portal, publication, subscription } from './portal.ts';

let portal: Portal;
/** Runs the server. */
let ada: Browser;
beforeEach(async () => {
  portal = makePortal();
  ada = await portal.member('ada');
  await portal.member('alice');
  await portal.store.accounts.setAdmin(aor('ada'), true);
});
afterEach(() => portal.close());

const acts = async (): Promise<readonly (readonly [string, string, string])[]> =>
  (await portal.store.audit.list({ limit: 50 })).map(({ actor, act, subject }) => [actor, act, subject] as const);
const ofAlice = `/admin/account?of=${encodeURIComponent(aor('alice'))}`;

/** Every route of the administration, as the code names them. */
const ROUTES: readonly (readonly ['GET' | 'POST', string])[] = [
  ['GET', '/admin'],
  ['GET', '/admin/users'],
  ['GET', '/admin/account'],
  ['POST', '/admin/account/disable'],
  ['POST', '/admin/account/enable'],
  ['POST', '/admin/account/log-out'],
  ['POST', '/admin/account/make-admin'],
  ['POST', '/admin/account/unmake-admin'],
  ['POST', '/admin/account/reset-link'],
  ['GET', '/admin/registration'],
  ['POST', '/admin/registration'],
  ['POST', '/admin/registration/invite'],
  ['POST', '/admin/registration/revoke'],
  ['GET', '/admin/packages'],
  ['POST', '/admin/packages/enable'],
  ['POST', '/admin/packages/disable'],
  ['POST', '/admin/packages/reload'],
  ['GET', '/admin/audit'],
];

describe('Who may enter the administration', () => {
  it.each(ROUTES)('%s %s: nobody but an administrator', async (method, route) => {
    const member = await portal.member('bob');
    const guest = portal.browser();
    await guest.get('/login');
    await member.get('/presence');
    const ask = (browser: Browser) =>
      method === 'GET' ? browser.get(route) : browser.post(route, { of: aor('alice') });

    expect((await ask(member)).status).toBe(404);
    expect(textOf(member.page.html)).toContain('Nobody lives here');
    expect((await ask(guest)).url).toContain('/login');
    await portal.store.accounts.setAdmin(aor('bob'), true);
    await member.get('/presence');
    expect((await ask(member)).status).not.toBe(404);
    // At once, in a session that is open.
    await portal.store.accounts.setAdmin(aor('bob'), false);
    expect((await ask(member)).status).toBe(404);
    expect((await portal.store.accounts.find(aor('alice')))?.admin).toBeUndefined();
  });

  it('the table above holds every route', () => {
    const folder = new URL('../../../web/pages/admin/', import.meta.url);
    const code = readdirSync(folder)
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFileSync(new URL(name, folder), 'utf8'))
      .join('\n');
    const registered = code.match(/pages\.(get|post)\(/g)?.length ?? 0;
    const guarded = code.match(
      /pages\.(get|post)\(\s*['`][^'`]+['`],\s*(guarded|\{ onRequest: administratorsOnly \})/g,
    );
    expect(guarded).toHaveLength(registered);
    const named = [...code.matchAll(/pages\.(get|post)\(\s*'([^']+)'/g)].map(
      ([, method, route]) => `${method?.toUpperCase()} ${route}`,
    );
    const table = ROUTES.map(([method, route]) => `${method} ${route}`);
    expect(named.filter((route) => !table.includes(route))).toEqual([]);
  });

  it('the bar at the top shows it to nobody else', async () => {
    expect((await ada.get('/presence')).html).toContain('href="/admin"');
    expect((await (await portal.member('bob')).get('/presence')).html).not.toContain('href="/admin"');
  });

  it('a form of another page is refused', async () => {
    await ada.get(ofAlice);
    expect((await ada.post('/admin/account/disable', { _csrf: 'forged', of: aor('alice') })).status).toBe(403);
    expect((await portal.store.accounts.find(aor('alice')))?.disabled).toBe(false);
  });
});

describe('Users', () => {
  it('are listed a page at a time, in order, and found by a part of their address', async () => {
    const [made] = [portal.clock.now()];
    await portal.store.accounts.createMany(
      Array.from({ length: 60 }, (_, index) => ({
        aor: aor(`user${String(index).padStart(2, '0')}`),
        username: `user${index}`,
        domain: 'example.com',
        passwordHash: undefined,
        credentials: [],
        createdAt: made,
      })),
    );
    const shown = (html: string) => [...html.matchAll(/class="whose" href="[^"]+">([^<]+)</g)].map(([, name]) => name);
    const first = await ada.get('/admin/users?search=USER');
    expect(shown(first.html)).toHaveLength(25);
    expect(shown(first.html)[0]).toBe('user00@example.com');
    const next = /href="([^"]+)">More/.exec(first.html)?.[1]?.replaceAll('&amp;', '&') ?? '';
    expect(shown((await ada.get(next)).html)[0]).toBe('user25@example.com');
    expect(shown((await ada.get('/admin/users?search=user59')).html)).toEqual(['user59@example.com']);
    expect(textOf((await ada.get('/admin/users?search=nobody-of-that-name')).html)).toContain('Nobody has an address');
  });

  it('one of them is shown with what it has, never with what it says', async () => {
    const { store, clock } = portal;
    await store.publications.write({ kind: 'insert', publication: publication(aor('alice'), clock) });
    const row = subscription(aor('alice'), aor('bob'), clock, { state: 'active', permission: 'allow' });
    await store.subscriptions.write({ kind: 'insert', subscription: row });
    const text = textOf((await ada.get(ofAlice)).html);
    expect(text).toContain('Devices that publish 1');
    expect(text).toContain('Watch it now 1');
    expect(text).toContain('Browsers logged in 1');
    expect(text).toContain('Passkeys 0');
    expect(text).not.toContain('bob');
  });

  it('an account that is gone is told so', async () => {
    const { url, html } = await ada.get('/admin/account?of=sip:nobody@example.com');
    expect(url).toBe('/admin/users');
    expect(textOf(html)).toContain('There is no such account any more.');
  });

  it('a disabled account is logged out and the SIP service told, as by the command line; enabled it comes back', async () => {
    const alice = portal.browser();
    await alice.get('/login');
    await alice.post('/login', { username: 'alice', password: PASSWORD });
    const before = (await portal.store.journal.span())?.newest ?? 0;
    await ada.get(ofAlice);
    await ada.post('/admin/account/disable', { of: aor('alice') });
    expect(textOf(ada.page.html)).toContain('alice@example.com is disabled.');
    expect((await portal.store.journal.after(before, 9)).map(({ change }) => change)).toEqual([
      { kind: 'account', subject: aor('alice') },
    ]);
    expect((await alice.get('/presence')).url).toContain('/login');
    await ada.post('/admin/account/enable', { of: aor('alice') });
    expect((await portal.store.accounts.find(aor('alice')))?.disabled).toBe(false);
    expect(await acts()).toEqual([
      [aor('ada'), 'account-enabled', aor('alice')],
      [aor('ada'), 'account-disabled', aor('alice')],
    ]);
  });

  it('nobody disables themselves or gives up the role here, so that one administrator is always left', async () => {
    const self = `/admin/account?of=${encodeURIComponent(aor('ada'))}`;
    const { html } = await ada.get(self);
    expect(html).not.toContain('/admin/account/disable');
    for (const act of ['disable', 'unmake-admin']) {
      await ada.post(`/admin/account/${act}`, { of: aor('ada') });
      expect(textOf(ada.page.html)).toContain('That was not done');
    }
    expect(await portal.store.accounts.find(aor('ada'))).toMatchObject({ admin: true, disabled: false });
    expect(await acts()).toEqual([]);
  });

  it('the role is given with one’s own password only, and taken back', async () => {
    await ada.get(ofAlice);
    expect(
      (await ada.post('/admin/account/make-admin', { of: aor('alice'), 'admin-password': 'a guess' })).status,
    ).toBe(422);
    expect((await portal.store.accounts.find(aor('alice')))?.admin).toBeUndefined();
    await ada.post('/admin/account/make-admin', { of: aor('alice'), 'admin-password': PASSWORD });
    expect((await portal.store.accounts.find(aor('alice')))?.admin).toBe(true);
    await ada.post('/admin/account/unmake-admin', { of: aor('alice') });
    expect((await portal.store.accounts.find(aor('alice')))?.admin).toBeUndefined();
    expect((await acts()).map(([, act]) => act)).toEqual(['admin-off', 'admin-on']);
  });

  it('a link for a forgotten password is shown once, and sets a new one once', async () => {
    await ada.get(ofAlice);
    expect(
      (await ada.post('/admin/account/reset-link', { of: aor('alice'), 'reset-password': 'a guess' })).status,
    ).toBe(422);
    const made = await ada.post('/admin/account/reset-link', { of: aor('alice'), 'reset-password': PASSWORD });
    const link = /<code class="link" data-copy>http:\/\/[^/]+(\/reset\?link=[\w-]{32})</.exec(made.html)?.[1] ?? '';
    expect(link).not.toBe('');
    expect((await ada.get(ofAlice)).html).not.toContain('/reset?link');
    const alice = portal.browser();
    await alice.get(link);
    const secret = link.split('=')[1] ?? '';
    await alice.post('/reset', { link: secret, password: 'another lamp, another porch' });
    expect(textOf(alice.page.html)).toContain('Your password is set.');
    expect((await acts()).map(([, act]) => act)).toEqual(['password-reset', 'password-link']);
    // The link itself is nobody's to read in the log.
    expect(JSON.stringify(await portal.store.audit.list({ limit: 9 }))).not.toContain(secret);
  });

  it('is logged out everywhere', async () => {
    await ada.get(ofAlice);
    await ada.post('/admin/account/log-out', { of: aor('alice') });
    expect(textOf(ada.page.html)).toContain('One browser of alice@example.com is logged out.');
    expect(await portal.store.sessions.of(aor('alice'), portal.clock.now())).toEqual([]);
  });
});

describe('Registration', () => {
  const linkOf = (html: string): string =>
    /data-copy>http:\/\/[^/]+(\/register\?invitation=[\w-]{32})</.exec(html)?.[1] ?? '';

  it('is opened, closed, or by invitation', async () => {
    await ada.get('/admin/registration');
    await ada.post('/admin/registration', { registration: 'closed' });
    expect(textOf(ada.page.html)).toContain('Registration: Closed.');
    expect((await portal.browser().get('/register')).status).toBe(403);
    expect((await ada.post('/admin/registration', { registration: 'sometimes' })).status).toBe(422);
    await ada.post('/admin/registration', { registration: 'open' });
    expect((await portal.browser().get('/register')).status).toBe(200);
    const details = (await portal.store.audit.list({ limit: 9 })).map(({ act, detail }) => `${act} ${detail}`);
    expect(details).toEqual(['registration open', 'registration closed']);
  });

  it('an invitation is shown once, opens, and is taken back', async () => {
    await portal.store.settings.put('registration', 'invitation');
    await ada.get('/admin/registration');
    const { html } = await ada.post('/admin/registration/invite', { note: 'Grandma', span: 'day' });
    const link = linkOf(html);
    expect((await portal.browser().get(link)).status).toBe(200);
    const again = await ada.get('/admin/registration');
    expect(linkOf(again.html)).toBe('');
    expect(textOf(again.html)).toContain('Grandma Made just now by ada@example.com, runs out in 1 day Revoke Grandma');
    const invitation = /name="invitation" value="([0-9a-f]{64})"/.exec(again.html)?.[1] ?? '';
    await ada.post('/admin/registration/revoke', { invitation });
    expect((await portal.browser().get(link)).status).toBe(403);
    expect((await acts()).map(([, act]) => act)).toEqual(['invitation-revoked', 'invitation-made']);
  });

  it('says whom an invitation is for and for how long, and there are not more than can be looked through', async () => {
    await ada.get('/admin/registration');
    for (const fields of [
      { note: ' ', span: 'day' },
      { note: 'x'.repeat(101), span: 'day' },
      { note: 'Grandma', span: 'ages' },
    ]) {
      expect((await ada.post('/admin/registration/invite', fields)).status).toBe(422);
    }
    for (let count = 0; count < MAX_INVITATIONS; count += 1) {
      await ada.post('/admin/registration/invite', { note: `number ${count}`, span: 'day' });
    }
    const last = await ada.post('/admin/registration/invite', { note: 'one more', span: 'day' });
    expect(textOf(last.html)).toContain('There are 100 already.');
  });
});

const reported = (now: number, given: Partial<NodeReport> = {}): NodeReport => ({
  id: 'one',
  role: 'sip',
  state: 'serving',
  host: 'porch#1a2b3c4d',
  pid: 42,
  version: '1.2.3',
  startedAt: now - 7_200_000,
  since: now - 3_600_000,
  seenAt: now,
  listens: ['udp:0.0.0.0:5060', 'tcp:[::]:5060'],
  packages: [],
  ...given,
});

describe('Event packages', () => {
  const loaded = { event: 'presence', module: 'builtin:presence', state: 'loaded', why: '', since: 1 } as const;
  const shown = async (): Promise<string> => textOf((await ada.get('/admin/packages')).html);

  it('are shown as the SIP service says: loaded, or why not, or not yet', async () => {
    const { store, clock } = portal;
    expect(await shown()).toContain('presence Presence builtin:presence No SIP service runs');
    await store.eventLoader.set({ event: 'mood', module: '/opt/<b>mood.mjs', enabled: true });
    await store.eventLoader.set({ event: 'ping', module: '/opt/new.mjs', enabled: true });
    const broken = {
      event: 'mood',
      module: '/opt/<b>mood.mjs',
      state: 'broken',
      why: 'there is no <i>file',
      since: 1,
    } as const;
    const other = { ...broken, event: 'ping', module: '/opt/old.mjs' };
    const packages = [{ ...loaded, since: clock.now() - 120_000 }, broken, other];
    await store.nodes.report(reported(clock.now(), { packages }));
    const text = await shown();
    expect(text).toContain('Loaded on porch, 2 minutes ago');
    expect(text).toMatch(/mood \/opt\/<b>mood\.mjs Not loaded on porch, .* there is no <i>file/);
    // What it says of another module than the one that is named now is history.
    expect(text).toContain('ping /opt/new.mjs Not loaded yet on porch');
    await store.nodes.report(reported(clock.now(), { packages: [{ ...loaded, state: 'given-up' }] }));
    expect(await shown()).toContain('Given up: it failed too often on porch');
    await clock.advance(60_000);
    expect(await shown()).toContain('No SIP service runs');
  });

  it('are switched off, on and loaded anew: the SIP service learns by the journal, and it is written down', async () => {
    const before = (await portal.store.journal.span())?.newest ?? 0;
    await ada.get('/admin/packages');
    await ada.post('/admin/packages/disable', { event: 'presence' });
    expect(textOf(ada.page.html)).toContain('presence is off.');
    await ada.post('/admin/packages/disable', { event: 'presence' });
    await ada.post('/admin/packages/reload', { event: 'presence' });
    await ada.post('/admin/packages/enable', { event: 'presence' });
    await ada.post('/admin/packages/reload', { event: 'presence' });
    expect(textOf(ada.page.html)).toContain('presence is being loaded anew.');
    for (const act of ['enable', 'disable', 'reload']) {
      await ada.post(`/admin/packages/${act}`, { event: 'weather' });
      expect(textOf(ada.page.html)).toContain('There is no such event package.');
    }
    expect((await portal.store.journal.after(before, 9)).map(({ change }) => change)).toEqual([
      { kind: 'packages', subject: '' },
      { kind: 'packages', subject: '' },
      { kind: 'reload', subject: '', event: 'presence' },
    ]);
    expect((await acts()).map(([, act, subject]) => `${act} ${subject}`)).toEqual([
      'package-reloaded presence',
      'package-on presence',
      'package-off presence',
    ]);
  });
});

describe('The server', () => {
  const count = (at: number, given: Partial<Figures> = {}): Promise<void> =>
    portal.store.nodes.write({
      node: 'one',
      at,
      spanMs: 5000,
      publications: 12,
      subscriptions: 34,
      notifies: 50,
      lagMs: 7,
      failures: {},
      ...given,
    });

  it('says so while nothing was counted', async () => {
    const text = textOf((await ada.get('/admin')).html);
    expect(text).toContain('No SIP service has written down any numbers within the last hour.');
    expect(text).toContain('No SIP service has been seen within the last day.');
  });

  it('shows the last hour as charts that can be read out, and as a table; failures by code', async () => {
    const now = portal.clock.now();
    await count(now - 3_700_000, { publications: 999 });
    await count(now - 600_000, { subscriptions: 4000, lagMs: 1234, failures: { 'in 403': 3, 'out timeout': 1 } });
    await count(now - 5_000, { failures: { 'in 403': 2 } });
    const { html } = await ada.get('/admin');
    const text = textOf(html);
    expect(text).toContain('Publications 12');
    expect(text).toContain('Now 34, at most 4,000 within the last hour.');
    expect(text).toContain('NOTIFYs a second 10');
    expect(text).toContain('highest 1,234 ms');
    expect(text).toContain('403 the server 5');
    expect(text).toContain('no answer a watcher 1');
    expect(html).not.toContain('999');
    expect(html.match(/<svg [^>]*role="img" aria-labelledby="[a-z]+-title [a-z]+-desc"/g)).toHaveLength(5);
    expect(html).not.toMatch(/ style=/);
    expect(html.match(/<tr><th scope="row">\d\d:\d\d<\/th>/g)).toHaveLength(12);
    expect(html).toContain('data-live="server" data-topics="server"');
  });

  it('shows who serves and who waits, since when, in which version and where it listens; and who fell silent', async () => {
    const { store, clock } = portal;
    const now = clock.now();
    await store.nodes.report(reported(now));
    await store.nodes.report(reported(now, { id: 'two', host: 'attic', state: 'waiting', since: now - 60_000 }));
    await store.nodes.report(reported(now - 300_000, { id: 'three', host: 'cellar' }));
    ada.cookies.set('porchlight_zone', 'UTC');
    const text = textOf((await ada.get('/admin')).html);
    expect(text).toContain(
      'porch Serves Since Sun 1 Nov, 11:00 Started Sun 1 Nov, 10:00 Listens at udp:0.0.0.0:5060 tcp:[::]:5060 Version 1.2.3 Process 42',
    );
    expect(text).toContain('attic Waits for its turn Since Sun 1 Nov, 11:59');
    expect(text).toContain('cellar Not heard of any more last heard of 5 minutes ago');
  });

  it('a page of an administrator hears of it, one of a member does not', async () => {
    const address = await portal.listen();
    const eventsOf = async (browser: Browser): Promise<string> => {
      const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const answer = await fetch(`${address}/live?on=server`, { headers: { cookie } });
      const reader = answer.body?.getReader();
      let text = '';
      const reading = (async () => {
        for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) {
          text += new TextDecoder().decode(part.value);
        }
      })();
      // What a page that has just come is told in any case.
      await portal.clock.advance(1_000);
      await expect.poll(() => text).toContain('event: news');
      text = '';
      await count(portal.clock.now());
      await portal.clock.advance(2_000);
      await portal.store.sessions.endAll(browser === ada ? aor('ada') : aor('bob'));
      await portal.clock.advance(6_000);
      await reading;
      return text;
    };
    expect(await eventsOf(await portal.member('bob'))).not.toContain('server');
    expect(await eventsOf(ada)).toContain('{"topics":["server"]');
  });
});

describe('The audit log', () => {
  it('says who did what to whom, when and where from, the newest first, a page at a time', async () => {
    const needs = { store: portal.store, clock: portal.clock };
    for (let index = 0; index < 60; index += 1) {
      await noteAct(needs, COMMAND_LINE, 'rule-set', aor('alice'), `number ${index}`);
    }
    await noteAct(needs, { name: aor('ada'), address: '192.0.2.1' }, 'account-disabled', aor('alice'));
    const first = await ada.get('/admin/audit');
    const text = textOf(first.html);
    expect(text).toContain('Account disabled : alice@example.com just now , by ada@example.com, from 192.0.2.1');
    expect(text).toContain('Rule set : alice@example.com number 59 just now , by the command line');
    expect(text).not.toContain('number 5 ');
    const next = /href="([^"]+)">More/.exec(first.html)?.[1] ?? '';
    expect(textOf((await ada.get(next)).html)).toContain('number 5 ');
    expect((await ada.get('/admin/audit?before=x')).status).toBe(200);
  });

  it('has words for every act', () => {
    expect(Object.keys(english.admin.audit.acts).sort()).toEqual([...ACTS].sort());
    expect(ACTS.filter((act) => act.length > 32)).toEqual([]);
  });
});
