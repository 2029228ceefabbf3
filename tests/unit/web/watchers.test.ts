import { afterEach, describe, expect, it } from 'vitest';
import type { Permission, Subject } from '#model';
import { makeWaitingRow } from '../../support/stores.ts';
import { textOf } from './browser.ts';
import { aor, makePortal, type Portal, subscription } from './portal.ts';

let portal: Portal;
afterEach(() => portal.close());

const watch = (owner: string, watcher: string, changes = {}) =>
  portal.store.subscriptions.write({
    kind: 'insert',
    subscription: subscription(aor(owner), aor(watcher), portal.clock, changes),
  });
const answer = (watcher: string, permission: string) => ({ watcher: aor(watcher), event: 'presence', permission });
const section = (html: string, id: string) =>
  textOf(html.split(`aria-labelledby="${id}"`)[1]?.split('</section>')[0] ?? '');

describe('As a member I see who asks', () => {
  it('with their phone and since when, and the number of them on every page', async () => {
    portal = makePortal();
    const alice = await portal.member('alice');
    await watch('alice', 'bob');
    const { html } = await alice.get('/watchers');
    expect(section(html, 'asking')).toContain('bob@example.com');
    expect(section(html, 'asking')).toContain('Asked to see your presence 5 minutes ago , from Friend Phone 2.0');
    expect(section(html, 'watching')).not.toContain('bob');
    expect((await alice.get('/presence')).html).toMatch(/<span class="badge">1</);
    expect((await alice.get('/rules')).html).toMatch(/<span class="badge">1</);
  });

  it('RFC 3857 §4.7.1: who asked days ago and hung up is shown, with the same answers, and counted', async () => {
    portal = makePortal();
    const alice = await portal.member('alice');
    const now = portal.clock.now();
    const waiting = (user: string, changes = {}) =>
      portal.store.waiting.write({
        kind: 'keep',
        waiting: makeWaitingRow(`w-${user}`, {
          watcher: aor(user),
          userAgent: 'Away Phone 1.0',
          askedAt: now - 2 * 24 * 3_600_000,
          expiresAt: now + 1,
          ...changes,
        }),
      });
    await waiting('bob');
    await waiting('carol', { expiresAt: now });
    await watch('alice', 'dave');
    await waiting('dave');
    const { html } = await alice.get('/watchers');
    expect(section(html, 'asking')).toContain('Asked to see your presence 2 days ago , from Away Phone 1.0');
    expect(section(html, 'asking')).toContain('No longer waiting on the line');
    expect(section(html, 'asking').match(/dave@example.com Asked/g)).toHaveLength(1);
    expect(section(html, 'asking')).not.toContain('carol');
    expect((await alice.get('/presence')).html).toMatch(/<span class="badge">2</);

    const answered = (await alice.post('/watchers/answer', answer('bob', 'allow'))).html;
    expect(section(answered, 'asking')).not.toContain('bob');
    expect(section(answered, 'watching')).not.toContain('bob');
  });

  it('their own phones that follow who watches are not among those who watch', async () => {
    portal = makePortal();
    const alice = await portal.member('alice');
    await watch('alice', 'alice', { event: 'presence.winfo', state: 'active', permission: 'allow' });
    expect(section((await alice.get('/watchers')).html, 'watching')).not.toContain('alice');
  });

  it.each([
    ['allow', 'can see your presence', 'Can see my presence'],
    ['polite-block', 'sees you offline', 'Sees me offline'],
  ])('%s writes a rule for the person and they move to those who watch, at once', async (permission, said, may) => {
    portal = makePortal();
    const alice = await portal.member('alice');
    await watch('alice', 'bob');
    await alice.get('/watchers');
    const { html, url } = await alice.post('/watchers/answer', answer('bob', permission));
    expect(url).toBe('/watchers');
    expect(textOf(html)).toContain(`From now on bob@example.com ${said}.`);
    expect(await portal.store.rules.of(aor('alice'))).toEqual([
      { owner: aor('alice'), subject: aor('bob'), event: 'presence', permission },
    ]);
    expect(section(html, 'asking')).not.toContain('bob');
    expect(section(html, 'watching')).toContain(`bob@example.com ${may} by your rule for them`);
    expect(html).not.toContain('class="badge"');
  });

  it('block writes a rule, and they are gone from the page', async () => {
    portal = makePortal();
    const alice = await portal.member('alice');
    await watch('alice', 'bob');
    await alice.get('/watchers');
    const { html } = await alice.post('/watchers/answer', answer('bob', 'block'));
    expect(textOf(html)).toContain('From now on bob@example.com is refused.');
    expect(section(html, 'asking') + section(html, 'watching')).not.toContain('bob');
    expect((await portal.store.rules.of(aor('alice')))[0]?.permission).toBe('block');
  });

  it('the answer closes the browser’s question and rings the SIP side’s bell', async () => {
    portal = makePortal();
    const alice = await portal.member('alice');
    const before = (await portal.store.journal.span())?.newest ?? 0;
    await alice.get('/watchers');
    await alice.post('/watchers/answer', answer('bob', 'allow'));
    const rows = await portal.store.journal.after(before, 5);
    expect(rows.map(({ change }) => change)).toEqual([{ kind: 'rules', subject: aor('alice') }]);
  });

  it.each([
    { watcher: 'not an address', event: 'presence', permission: 'allow' },
    { watcher: 'sip:bob@example.com', event: 'nothing', permission: 'allow' },
    { watcher: 'sip:bob@example.com', event: 'presence', permission: 'confirm' },
    { watcher: 'sip:alice@example.com', event: 'presence', permission: 'block' },
  ])('a form that somebody tampered with changes nothing: %o', async (fields) => {
    portal = makePortal();
    const alice = await portal.member('alice');
    await alice.get('/watchers');
    expect((await alice.post('/watchers/answer', fields)).status).toBe(422);
    expect(await portal.store.rules.of(aor('alice'))).toEqual([]);
  });
});

describe('As a member I see who watches', () => {
  it('once, however many phones they have, since the first of them', async () => {
    portal = makePortal({ defaultPermission: 'allow' });
    const alice = await portal.member('alice');
    await watch('alice', 'bob', { id: 'a'.repeat(22), userAgent: 'Desk', createdAt: portal.clock.now() - 7200_000 });
    await watch('alice', 'bob', { id: 'b'.repeat(22), userAgent: 'Mobile' });
    const text = section((await alice.get('/watchers')).html, 'watching');
    expect(text.match(/bob@example\.com Can see/g)).toHaveLength(1);
    expect(text).toContain('Began to watch your presence 2 hours ago , from Desk, Mobile');
    expect(text).toContain('by this server’s setting');
  });

  it.each<[Permission, string, string]>([
    ['allow', '@example.com', 'by your rule for their domain'],
    ['allow', '*', 'by your rule for everybody'],
    ['polite-block', 'sip:bob@example.com', 'by your rule for them'],
  ])('with %s by a rule for %s, and why', async (permission, subject, why) => {
    portal = makePortal();
    const alice = await portal.member('alice');
    await portal.store.rules.set({ owner: aor('alice'), subject: subject as Subject, event: 'presence', permission });
    await watch('alice', 'bob');
    expect(section((await alice.get('/watchers')).html, 'watching')).toContain(why);
  });

  it('but nobody whose subscription has run out', async () => {
    portal = makePortal();
    const alice = await portal.member('alice');
    await watch('alice', 'bob', { expiresAt: portal.clock.now() + 1000 });
    await portal.clock.advance(1001);
    expect(textOf((await alice.get('/watchers')).html)).not.toContain('bob');
  });

  it('myself as myself, without buttons', async () => {
    portal = makePortal();
    const alice = await portal.member('alice');
    await watch('alice', 'alice');
    const { html } = await alice.get('/watchers');
    expect(section(html, 'watching')).toContain('You always see yourself.');
    expect(html).not.toContain('/watchers/answer');
  });

  it('never who watches somebody else', async () => {
    portal = makePortal();
    await portal.member('alice');
    const mallory = await portal.member('mallory');
    await watch('alice', 'bob');
    for (const url of ['/watchers', '/presence', '/rules']) {
      const { html } = await mallory.get(url);
      expect(html).not.toContain('bob@example.com');
      expect(html).not.toContain('class="badge"');
    }
  });
});

describe('As a member I can take an answer back', () => {
  const undoIn = (html: string): Record<string, string> => {
    const form = html.split('action="/watchers/undo"')[1]?.split('</form>')[0] ?? '';
    return Object.fromEntries(
      [...form.matchAll(/name="(\w+)" value="([^"]*)"/g)].flatMap(([, name = '', value = '']) =>
        name === '_csrf' ? [] : [[name, value]],
      ),
    );
  };

  it('a first answer leaves no rule behind', async () => {
    portal = makePortal();
    const alice = await portal.member('alice');
    await watch('alice', 'bob');
    await alice.get('/watchers');
    const { html } = await alice.post('/watchers/answer', answer('bob', 'block'));
    const undone = await alice.post('/watchers/undo', undoIn(html));
    expect(textOf(undone.html)).toContain('Taken back. For bob@example.com everything is as it was.');
    expect(await portal.store.rules.of(aor('alice'))).toEqual([]);
    expect(section(undone.html, 'asking')).toContain('bob@example.com');
  });

  it('a rule that stood before stands again, with its dates', async () => {
    portal = makePortal();
    const alice = await portal.member('alice');
    const rule = {
      owner: aor('alice'),
      subject: aor('bob') as string as Subject,
      event: 'presence',
      permission: 'allow' as const,
      untilAt: portal.clock.now() + 3600_000,
    };
    await portal.store.rules.set(rule);
    await watch('alice', 'bob', { state: 'active' });
    await alice.get('/watchers');
    const { html } = await alice.post('/watchers/answer', answer('bob', 'polite-block'));
    expect((await portal.store.rules.of(aor('alice')))[0]?.permission).toBe('polite-block');
    await alice.post('/watchers/undo', undoIn(html));
    expect(await portal.store.rules.of(aor('alice'))).toEqual([rule]);
  });
});

describe('As a member I see who watched before', () => {
  it('newest first, not those who watch now, and I can delete the list', async () => {
    portal = makePortal({ defaultPermission: 'allow' });
    const alice = await portal.member('alice');
    const past = (watcher: string, lastAt: number) => ({
      owner: aor('alice'),
      watcher: aor(watcher),
      event: 'presence',
      client: 'Old Phone',
      firstAt: lastAt - 1000,
      lastAt,
    });
    const now = portal.clock.now();
    await portal.store.pastWatchers.write([
      past('bob', now - 7200_000),
      past('carol', now - 3600_000),
      past('dave', now),
    ]);
    await watch('alice', 'dave', { state: 'active' });
    const { html } = await alice.get('/watchers');
    const text = section(html, 'before');
    expect(text).toMatch(/carol@example\.com.*1 hour ago.*bob@example\.com.*2 hours ago/);
    expect(text).not.toContain('dave');
    await alice.post('/watchers/forget');
    expect(section(alice.page.html, 'before')).toContain('Nobody yet.');
  });
});

describe('As a member with very many watchers', () => {
  it('I see a page of them, how many there are, and can look for one', async () => {
    portal = makePortal({ defaultPermission: 'allow' });
    const alice = await portal.member('alice');
    for (let index = 0; index < 120; index += 1) {
      const number = String(index).padStart(3, '0');
      const createdAt = portal.clock.now() - 1000 + index;
      await watch('alice', `w${number}`, { id: `s${number}`.padEnd(22, 'x'), state: 'active', createdAt });
    }
    const first = await alice.get('/watchers');
    expect(section(first.html, 'watching')).toContain('50 of 120');
    expect(first.html).toContain('href="/watchers?skip=50"');
    expect(section((await alice.get('/watchers?skip=100')).html, 'watching')).toContain('w119@example.com');
    expect((await alice.get('/watchers?skip=100')).html).not.toContain('skip=150');
    const found = section((await alice.get('/watchers?find=w07')).html, 'watching');
    expect(found.match(/w07\d@example\.com (Can|Approve)/g)?.length ?? 0).toBeGreaterThanOrEqual(10);
    expect(found).not.toContain('w080');
  });
});
