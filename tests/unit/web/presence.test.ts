import { afterEach, describe, expect, it } from 'vitest';
import type { EntityTag } from '#model';
import { textOf } from './browser.ts';
import { aor, makePortal, type Portal, pidf, publication } from './portal.ts';

let portal: Portal;
afterEach(() => portal.close());

const AWAY =
  '<dm:person id="p1"><rpid:activities><rpid:on-the-phone/></rpid:activities><dm:note>back at five</dm:note></dm:person>';

const publish = (name: string, changes = {}) =>
  portal.store.publications.write({ kind: 'insert', publication: publication(aor(name), portal.clock, changes) });

describe('As a member I see my presence', () => {
  it('each device: what it says, its note, its name, and until when', async () => {
    portal = makePortal();
    const alice = await portal.member('alice');
    await publish('alice', { body: pidf('open', AWAY) });
    const { html } = await alice.get('/presence');
    const device = textOf(html.split('<li class="card tile">')[1]?.split('</li>')[0] ?? '');
    expect(device).toBe(
      'Porch Phone 1.0 Available, on the phone “back at five” Said 2 minutes ago . Ends in 1 hour , unless the phone says it again.',
    );
    expect(html).toContain(`<time datetime="${new Date(portal.clock.now() - 120_000).toISOString()}"`);
  });

  it('and all of them made one, as those see it whom I let in, with the document they receive', async () => {
    portal = makePortal();
    const alice = await portal.member('alice');
    await publish('alice', { body: pidf('closed'), userAgent: 'Desk' });
    await publish('alice', {
      id: 'q'.repeat(22),
      etag: 'e2' as EntityTag,
      body: pidf('open', AWAY),
      userAgent: 'Mobile',
    });
    const { html } = await alice.get('/presence');
    const now = textOf(html.split('class="card now')[1]?.split('</section>')[0] ?? '');
    expect(now).toContain('Available, on the phone');
    expect(now).toContain('“back at five”');
    expect(now).toContain('entity="sip:alice@example.com"');
    expect(html.match(/<li class="card tile">/g)).toHaveLength(2);
  });

  it('without a device I am offline, and the page says what to do', async () => {
    portal = makePortal();
    const { html } = await (await portal.member('alice')).get('/presence');
    expect(textOf(html)).toContain('None of your phones has said anything, so people see you offline.');
    expect(textOf(html)).toContain('Set up a phone');
  });

  it('a device is gone when its time is over', async () => {
    portal = makePortal();
    const alice = await portal.member('alice');
    await publish('alice');
    expect((await alice.get('/presence')).html).toContain('Porch Phone');
    await portal.clock.advance(3600_001);
    expect((await alice.get('/presence')).html).not.toContain('Porch Phone');
  });

  it('a body that cannot be read costs that device its words, not me the page', async () => {
    portal = makePortal();
    const alice = await portal.member('alice');
    await publish('alice', { body: new Uint8Array([1, 2, 3]) });
    const page = await alice.get('/presence');
    expect(page.status).toBe(200);
    expect(page.html).toContain('Porch Phone');
  });

  it('and never a byte of somebody else’s', async () => {
    portal = makePortal();
    await portal.member('alice');
    const mallory = await portal.member('mallory');
    await publish('alice', { body: pidf('open', AWAY) });
    for (const url of [
      '/presence',
      '/rules',
      '/watchers',
      '/presence?owner=sip:alice@example.com',
      '/presence/alice',
    ]) {
      const { html } = await mallory.get(url);
      expect(html).not.toContain('back at five');
      expect(html).not.toContain('Porch Phone');
    }
    expect((await portal.browser().get('/presence')).html).not.toContain('Porch Phone');
  });
});

describe('As a member I am safe from what devices and people call themselves', () => {
  const EVIL = '<script>alert(1)</script>';
  const EVIL_XML = '&lt;script>alert(1)&lt;/script>';

  it('markup in user agents, notes, activities and names stays text', async () => {
    portal = makePortal();
    const alice = await portal.member('alice');
    const inside = `<dm:person id="p1"><rpid:activities><rpid:other>${EVIL_XML}</rpid:other></rpid:activities><dm:note>${EVIL_XML}"'</dm:note></dm:person>`;
    await publish('alice', { body: pidf('open', inside), userAgent: EVIL });
    const { html } = await alice.get('/presence');
    expect(html).not.toContain(EVIL);
    expect(html.match(/&lt;script&gt;alert\(1\)&lt;\/script&gt;/g)?.length).toBeGreaterThanOrEqual(4);
  });

  it('so does what I type into a form that comes back', async () => {
    portal = makePortal();
    const browser = portal.browser();
    await browser.get('/register');
    const { html } = await browser.post('/register', { username: `"><script>alert(1)</script>`, password: 'short' });
    expect(html).not.toContain('<script>alert');
    expect(html).toContain('&quot;&gt;&lt;script');
  });
});

describe('As a member I set my status from the browser', () => {
  const status = (fields = {}) => ({ status: 'busy', note: 'writing', until: 'hour', ...fields });
  const rows = () => portal.store.publications.of(aor('alice'), portal.clock.now());

  it('it is a publication of mine, with a Change that tells the SIP service, and I see it as others do', async () => {
    portal = makePortal();
    const alice = await portal.member('alice');
    await alice.get('/presence');
    const before = (await portal.store.journal.span())?.newest ?? 0;
    const { html, url } = await alice.post('/presence/status', status());
    expect(url).toBe('/presence');
    expect(textOf(html)).toContain('You are “Busy”. It ends by itself in 1 hour.');
    expect(textOf(html.split('class="card now')[1]?.split('</section>')[0] ?? '')).toContain(
      'Available, busy “writing”',
    );
    const [row] = await rows();
    expect(row).toMatchObject({
      publisher: aor('alice'),
      event: 'presence',
      contentType: 'application/pidf+xml',
      expiresAt: portal.clock.now() + 3600_000,
    });
    expect((await portal.store.journal.after(before, 9)).map(({ change }) => change)).toEqual([
      { kind: 'published', subject: aor('alice'), id: row?.id },
    ]);
  });

  it('RFC 3903 §4.1: each change has a new entity-tag, and there is only one status', async () => {
    portal = makePortal();
    const alice = await portal.member('alice');
    await alice.get('/presence');
    await alice.post('/presence/status', status());
    const [first] = await rows();
    await alice.post('/presence/status', status({ status: 'do-not-disturb', note: '' }));
    const [second, ...others] = await rows();
    expect(others).toEqual([]);
    expect(second?.id).toBe(first?.id);
    expect(second?.etag).not.toBe(first?.etag);
    expect(second?.modifiedAt).toBeGreaterThan(first?.modifiedAt ?? 0);
    expect(textOf(alice.page.html)).toContain('Available, busy, do not disturb');
    expect(alice.page.html).toMatch(/value="do-not-disturb" checked/);
  });

  it('taken back it is gone, and nothing is left but what the phones say', async () => {
    portal = makePortal();
    const alice = await portal.member('alice');
    await publish('alice');
    await alice.get('/presence');
    await alice.post('/presence/status', status());
    const { html } = await alice.post('/presence/clear');
    expect(textOf(html)).toContain('Your phones speak for you again.');
    expect((await rows()).map(({ userAgent }) => userAgent)).toEqual(['Porch Phone 1.0']);
    await alice.post('/presence/clear');
    expect(alice.page.status).toBe(200);
  });

  it.each([
    ['day', { zone: 'Pacific/Auckland' }, Date.UTC(2026, 10, 1, 11, 0)],
    ['day', { zone: 'Nowhere/At-All' }, undefined],
    ['half-hour', {}, Date.UTC(2026, 10, 1, 10, 42)],
    ['week', {}, Date.UTC(2026, 10, 8, 10, 12)],
  ])('until: %s %o', async (until, fields, end) => {
    portal = makePortal();
    await portal.clock.advance(Date.UTC(2026, 10, 1, 10, 12) - portal.clock.now());
    const alice = await portal.member('alice');
    await alice.get('/presence');
    await alice.post('/presence/status', status({ until, ...fields }));
    const [row] = await rows();
    if (end !== undefined) expect(row?.expiresAt).toBe(end);
    expect((row?.expiresAt ?? 0) - portal.clock.now()).toBeGreaterThanOrEqual(5 * 60_000);
  });

  it.each([
    [{ status: 'asleep' }, 'Please choose one of these.'],
    [{ note: 'x'.repeat(141) }, 'Please take at most 140 characters.'],
    [{ until: 'doomsday' }, ''],
  ])('%o is not taken, and what I wrote comes back', async (fields, said) => {
    portal = makePortal();
    const alice = await portal.member('alice');
    await alice.get('/presence');
    const { status: code, html } = await alice.post('/presence/status', status({ ...fields }));
    expect(code).toBe(422);
    expect(textOf(html)).toContain(said);
    expect(await rows()).toEqual([]);
  });

  it('markup in my note is text in the document and on the page', async () => {
    portal = makePortal();
    const alice = await portal.member('alice');
    await alice.get('/presence');
    const { html } = await alice.post('/presence/status', status({ note: '</note><b>&"\u202e' }));
    expect(html).not.toContain('<b>&"');
    const [row] = await rows();
    const document = new TextDecoder().decode(row?.body);
    expect(document).not.toContain('<b>');
    expect(document).not.toContain('\u202e');
  });
});

describe('As a member I see how available I was', () => {
  it('only when I have switched it on; switched off, everything is deleted', async () => {
    portal = makePortal();
    const alice = await portal.member('alice');
    const { store, clock } = portal;
    expect((await alice.get('/presence')).html).not.toContain('class="strip"');
    await alice.post('/presence/strip');
    expect(await store.preferences.having('availability')).toEqual(new Set([aor('alice')]));
    const hour = 3600_000;
    await store.availability.write([
      { owner: aor('alice'), at: clock.now() - 30 * hour, state: 'offline' },
      { owner: aor('alice'), at: clock.now() - 4 * hour, state: 'available' },
      { owner: aor('alice'), at: clock.now() - hour, state: 'busy' },
    ]);
    const { html } = await alice.get('/presence');
    expect(html).toContain('<rect class="s-busy" x="958.33" y="0" width="41.67" height="24">');
    const day = textOf(html.split('Last 24 hours')[1]?.split('</ul>')[0] ?? '');
    expect(day).toBe('Available 3 hours Busy 1 hour Offline 20 hours');
    await alice.post('/presence/strip');
    expect(alice.page.html).not.toContain('class="strip"');
    expect(await store.availability.of(aor('alice'), 0)).toEqual([]);
    expect(await store.preferences.having('availability')).toEqual(new Set());
  });
});
