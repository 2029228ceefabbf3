import { afterEach, describe, expect, it } from 'vitest';
import type { Rule, Subject } from '#model';
import type { Browser } from './browser.ts';
import { textOf } from './browser.ts';
import { aor, makePortal, type Portal } from './portal.ts';

let portal: Portal;
afterEach(() => portal.close());

const rulesOf = (name: string) => portal.store.rules.of(aor(name));
const rule = (subject: string, permission: Rule['permission'], owner = 'alice'): Rule => ({
  owner: aor(owner),
  subject: subject as Subject,
  event: 'presence',
  permission,
});

async function add(browser: Browser, fields: Record<string, string>) {
  await browser.get('/rules');
  return browser.post('/rules/add', { kind: 'person', event: 'presence', permission: 'allow', ...fields });
}

describe('As a member I say who may see me', () => {
  it.each([
    ['person', 'bob', 'sip:bob@example.com'],
    ['person', 'bob@example.com', 'sip:bob@example.com'],
    ['person', ' sip:bob@EXAMPLE.com;transport=udp ', 'sip:bob@example.com'],
    ['person', 'bob@192.0.2.7', 'sip:bob@example.com'],
    ['person', 'Bob@elsewhere.example', 'sip:Bob@elsewhere.example'],
    ['domain', 'example.com', '@example.com'],
    ['domain', '@Elsewhere.Example', '@elsewhere.example'],
    ['domain', '192.0.2.7', '@example.com'],
    ['everybody', '', '*'],
    ['everybody', 'whatever was typed before', '*'],
  ])('a rule for a %s, typed as «%s»', async (kind, who, subject) => {
    portal = makePortal();
    const alice = await portal.member('alice');
    const page = await add(alice, { kind, who, permission: 'polite-block' });
    expect(page.by[0]?.status).toBe(303);
    expect(page.url).toBe('/rules');
    expect(textOf(page.html)).toMatch(/From now on .* sees you offline\./);
    expect(await rulesOf('alice')).toEqual([rule(subject, 'polite-block')]);
  });

  it.each([
    ['person', '', 'Please enter an address'],
    ['person', 'bob smith', 'This is no address'],
    ['person', '@example.com', 'This is no address'],
    ['person', 'bob@', 'This is no address'],
    ['person', '*', ''],
    ['person', 'alice', 'This is you.'],
    ['person', `${'b'.repeat(300)}@example.com`, 'too long'],
    ['domain', '', 'Please enter a domain'],
    ['domain', 'bob@example.com', 'one person’s address'],
    ['domain', 'no domain', 'This is no domain'],
    ['somebody', 'bob', 'Please choose whom'],
  ])('a %s typed as «%.30s» comes back with the field named and my input kept', async (kind, who, words) => {
    portal = makePortal();
    const alice = await portal.member('alice');
    const page = await add(alice, { kind, who, permission: 'block' });
    if (words === '') return; // `*` is a legal user name in SIP: a person, odd but no everybody.
    expect(page.status).toBe(422);
    expect(page.html).toMatch(/<input id="who"[^>]*aria-invalid="true"[^>]*aria-describedby="who-hint who-error"/);
    expect(textOf(page.html)).toContain(words);
    expect(page.html).toContain(`value="${who}"`);
    expect(page.html).toMatch(/value="block" checked/);
    expect(await rulesOf('alice')).toEqual([]);
  });

  it('«*» as a person never becomes everybody', async () => {
    portal = makePortal();
    await add(await portal.member('alice'), { who: '*' });
    expect((await rulesOf('alice')).map(({ subject }) => subject as string)).not.toContain('*');
  });

  it('an unknown permission or package is refused', async () => {
    portal = makePortal();
    const alice = await portal.member('alice');
    expect((await add(alice, { who: 'bob', permission: 'everything' })).status).toBe(422);
    expect((await add(alice, { who: 'bob', event: 'dialog' })).status).toBe(422);
    expect(textOf(alice.page.html)).toContain('Please choose what the rule is about.');
    expect(await rulesOf('alice')).toEqual([]);
  });

  it('a thousand are enough: no further one is made, neither here nor by an answer; those that stand are changed', async () => {
    portal = makePortal();
    const alice = await portal.member('alice');
    const many = Array.from({ length: 1000 }, (_, n) => ({
      owner: aor('alice'),
      subject: aor(`friend${n}`) as string as Subject,
      event: 'presence',
      permission: 'allow' as const,
    }));
    await portal.store.rules.setMany(many);
    expect((await add(alice, { who: 'bob' })).status).toBe(422);
    expect(textOf(alice.page.html)).toContain('You have 1000 rules.');
    const answer = { watcher: aor('bob'), event: 'presence', permission: 'allow' };
    expect((await alice.post('/watchers/answer', answer)).status).toBe(422);
    expect((await alice.post('/watchers/undo', answer)).status).toBe(422);
    expect(await rulesOf('alice')).toHaveLength(1000);
    await add(alice, { who: 'friend7', permission: 'block' });
    expect((await rulesOf('alice')).filter(({ permission }) => permission === 'block')).toHaveLength(1);
  });

  it('one click changes a rule, one click deletes it, and the SIP side is told each time', async () => {
    portal = makePortal();
    const alice = await portal.member('alice');
    await add(alice, { who: 'bob' });
    expect(alice.page.html).toMatch(/value="allow" aria-pressed="true">Can see my presence</);
    const before = await portal.store.journal.span();
    await alice.post('/rules/change', { subject: 'sip:bob@example.com', event: 'presence', permission: 'block' });
    expect(alice.page.html).toMatch(/value="block" aria-pressed="true">Refused</);
    expect(await rulesOf('alice')).toEqual([rule('sip:bob@example.com', 'block')]);
    await alice.post('/rules/remove', { subject: 'sip:bob@example.com', event: 'presence' });
    expect(textOf(alice.page.html)).toContain('Your rule for bob@example.com is gone.');
    expect(await rulesOf('alice')).toEqual([]);
    const told = await portal.store.journal.after(before?.newest ?? 0, 10);
    expect(told.map(({ change }) => change)).toEqual([
      { kind: 'rules', subject: aor('alice') },
      { kind: 'rules', subject: aor('alice') },
    ]);
  });

  it('a form that somebody tampered with changes nothing', async () => {
    portal = makePortal();
    const alice = await portal.member('alice');
    await add(alice, { who: 'bob' });
    const was = await rulesOf('alice');
    for (const [url, fields] of [
      ['/rules/change', { subject: 'sip:bob@example.com', event: 'presence', permission: 'root' }],
      ['/rules/change', { subject: '', event: 'presence', permission: 'block' }],
      ['/rules/change', { subject: 'sip:bob@example.com', event: 'nothing', permission: 'block' }],
      ['/rules/remove', { subject: 'bob', event: '' }],
    ] as const) {
      await alice.get('/rules');
      expect((await alice.post(url, fields)).status, JSON.stringify(fields)).toBe(422);
    }
    expect(await rulesOf('alice')).toEqual(was);
  });

  it('my rules are mine: nobody else’s form changes them, whatever it says', async () => {
    portal = makePortal();
    const alice = await portal.member('alice');
    await add(alice, { who: 'bob' });
    const mallory = await portal.member('mallory');
    await add(mallory, { who: 'carol', owner: 'sip:alice@example.com' });
    await mallory.post('/rules/remove', {
      owner: 'sip:alice@example.com',
      subject: 'sip:bob@example.com',
      event: 'presence',
    });
    expect(textOf(mallory.page.html)).toContain('There was no rule for bob@example.com.');
    expect(await rulesOf('alice')).toEqual([rule('sip:bob@example.com', 'allow')]);
    expect(textOf((await mallory.get('/rules')).html)).not.toContain('bob');
  });

  it('the page explains what wins, closest first, and the server’s own setting in words', async () => {
    portal = makePortal({ defaultPermission: 'polite-block' });
    const alice = await portal.member('alice');
    await portal.store.rules.set(rule('*', 'allow'));
    await portal.store.rules.set(rule('@example.com', 'confirm'));
    await portal.store.rules.set(rule('sip:zoe@example.com', 'block'));
    await portal.store.rules.set(rule('sip:bob@example.com', 'allow'));
    const { html } = await alice.get('/rules');
    expect(textOf(html)).toContain('Without it this server’s setting would: Sees me offline .');
    const heads = [...html.matchAll(/<h3>([^<]*)<\/h3>/g)].map(([, head]) => head);
    expect(heads).toEqual(['bob@example.com', 'zoe@example.com', 'Everybody at example.com', 'Everybody']);
    expect(textOf(html)).toContain('The closest rule wins');
    await alice.post('/rules/remove', { subject: '*', event: 'presence' });
    expect(textOf(alice.page.html)).toContain('Refused Sees me offline . This is the server’s setting');
  });
});

describe('As a member I have groups', () => {
  const group = (fields = {}) => ({
    name: 'Family',
    members: 'bob\ncarol@example.net, sip:dave@example.org',
    ...fields,
  });

  it('I make one, give it a rule, change who is in it, and delete it with its rule', async () => {
    portal = makePortal();
    const alice = await portal.member('alice');
    await alice.get('/rules');
    await alice.post('/rules/groups', group());
    expect(textOf(alice.page.html)).toContain('The group “Family” is there.');
    const [made] = await portal.store.groups.of(aor('alice'));
    expect(made).toMatchObject({
      name: 'Family',
      members: ['sip:bob@example.com', 'sip:carol@example.net', 'sip:dave@example.org'],
    });
    const id = made?.id ?? '';
    await alice.post('/rules/add', { kind: 'group', group: id, event: 'presence', permission: 'allow' });
    expect(textOf(alice.page.html)).toContain('From now on group “Family” can see your presence.');
    const [rule] = await portal.store.rules.of(aor('alice'));
    expect(rule).toMatchObject({ subject: `group:${id}`, permission: 'allow' });
    await alice.post('/rules/change', { subject: `group:${id}`, event: 'presence', permission: 'block' });
    expect((await portal.store.rules.of(aor('alice')))[0]?.permission).toBe('block');
    await alice.post('/rules/groups', group({ id, name: 'Team', members: 'bob' }));
    expect(await portal.store.groups.of(aor('alice'))).toMatchObject([
      { id, name: 'Team', members: ['sip:bob@example.com'] },
    ]);
    await alice.post('/rules/groups/remove', { id });
    expect(textOf(alice.page.html)).toContain('The group “Team” is gone, and so are the rules for it.');
    expect(await portal.store.rules.of(aor('alice'))).toEqual([]);
  });

  it.each([
    [{ name: ' ' }, 'Please give it a name'],
    [{ name: 'x'.repeat(65) }, 'Please give it a name'],
    [{ members: 'bob\nnot an address' }, '“not an address” is not an address.'],
    [{ members: 'alice' }, '“alice” is not an address.'],
  ])('%o is not taken, and what I wrote comes back', async (fields, said) => {
    portal = makePortal();
    const alice = await portal.member('alice');
    await alice.get('/rules');
    const { status, html } = await alice.post('/rules/groups', group(fields));
    expect(status).toBe(422);
    expect(textOf(html)).toContain(said);
    expect(await portal.store.groups.of(aor('alice'))).toEqual([]);
  });

  it('nobody touches another’s group', async () => {
    portal = makePortal();
    const alice = await portal.member('alice');
    await alice.get('/rules');
    await alice.post('/rules/groups', group());
    const before = await portal.store.groups.of(aor('alice'));
    const id = before[0]?.id ?? '';
    const mallory = await portal.member('mallory');
    await mallory.get('/rules');
    for (const [url, fields] of [
      ['/rules/groups', group({ id, name: 'Mine' })],
      ['/rules/groups/remove', { id }],
      ['/rules/add', { kind: 'group', group: id, event: 'presence', permission: 'allow' }],
    ] as const) {
      expect((await mallory.post(url, fields)).status).toBe(422);
    }
    expect(await portal.store.groups.of(aor('alice'))).toEqual(before);
    expect(await portal.store.rules.of(aor('mallory'))).toEqual([]);
  });
});

describe('As a member my rules can have dates', () => {
  it('they are read by the clock of where I am, shown, changed and taken away', async () => {
    portal = makePortal();
    const alice = await portal.member('alice');
    await alice.get('/rules');
    const zone = 'Europe/Berlin';
    const rule = { kind: 'person', who: 'bob', event: 'presence', permission: 'allow', zone };
    await alice.post('/rules/add', { ...rule, from: '2026-12-24T18:00', until: '2026-12-27T00:00' });
    const [made] = await portal.store.rules.of(aor('alice'));
    expect(made).toMatchObject({ fromAt: Date.UTC(2026, 11, 24, 17), untilAt: Date.UTC(2026, 11, 26, 23) });
    expect(textOf(alice.page.html)).toContain('does not hold now');
    const key = { subject: 'sip:bob@example.com', event: 'presence', zone };
    await alice.post('/rules/change', { ...key, permission: 'block' });
    expect((await portal.store.rules.of(aor('alice')))[0]).toEqual({ ...made, permission: 'block' });
    await alice.post('/rules/dates', { ...key, from: '', until: '' });
    expect((await portal.store.rules.of(aor('alice')))[0]).toEqual({
      owner: aor('alice'),
      subject: aor('bob'),
      event: 'presence',
      permission: 'block',
    });
  });

  it.each([
    [{ from: 'tomorrow' }, 'Please enter a day and a time.'],
    [{ from: '2026-12-24T18:00', until: '2026-12-24T17:00' }, 'It must begin before it ends.'],
  ])('%o is not taken', async (dates, said) => {
    portal = makePortal();
    const alice = await portal.member('alice');
    await alice.get('/rules');
    const rule = { kind: 'person', who: 'bob', event: 'presence', permission: 'allow' };
    const { status, html } = await alice.post('/rules/add', { ...rule, ...dates });
    expect(status).toBe(422);
    expect(textOf(html)).toContain(said);
    expect(await portal.store.rules.of(aor('alice'))).toEqual([]);
  });

  it('what strangers get is chosen with one click', async () => {
    portal = makePortal();
    const alice = await portal.member('alice');
    await alice.get('/rules');
    await alice.post('/rules/change', { subject: '*', event: 'presence', permission: 'polite-block' });
    expect(await portal.store.rules.of(aor('alice'))).toMatchObject([{ subject: '*', permission: 'polite-block' }]);
    expect(textOf(alice.page.html)).toContain('This is what strangers get.');
  });
});
