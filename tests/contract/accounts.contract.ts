import { expect, test } from 'vitest';
import type { Aor } from '#model';
import type { Algorithm } from '#store';
import { aor, makeAccount, makeRule, makeSession } from '../support/stores.ts';
import type { Within } from './store.contract.ts';

export function describeAccounts(within: Within): void {
  within('accounts', (fresh) => {
    test('an account is created once; the second of the same AOR is taken and changes nothing', async () => {
      const { accounts, journal } = fresh().store;
      expect(await accounts.create(makeAccount('alice'))).toBe('created');
      const before = await journal.span();
      expect(await accounts.create(makeAccount('alice', { passwordHash: 'other' }))).toBe('taken');
      expect(await accounts.passwordHash(aor('alice'))).toEqual({ hash: '$argon2id$alice' });
      expect(await journal.span()).toEqual(before);
    });

    test('creating an account writes a Change in the same go', async () => {
      const { store, clock } = fresh();
      const before = (await store.journal.span())?.newest ?? 0;
      await store.accounts.create(makeAccount('noted'));
      const rows = await store.journal.after(before, 10);
      expect(rows).toEqual([
        { id: expect.any(Number), at: clock.now(), change: { kind: 'account', subject: aor('noted') } },
      ]);
    });

    test('AORs that differ in case, accent or trailing space are different people', async () => {
      const { accounts } = fresh().store;
      await accounts.create(makeAccount('bob'));
      expect(await accounts.create(makeAccount('BOB'))).toBe('created');
      expect(await accounts.create(makeAccount('b%C3%B6b'))).toBe('created');
      expect(await accounts.find(aor('Bob'))).toBeUndefined();
      expect(await accounts.find('sip:bob@example.com ' as Aor)).toBeUndefined();
      expect(await accounts.find('sip:böb@example.com' as Aor)).toBeUndefined();
      expect((await accounts.find(aor('BOB')))?.username).toBe('BOB');
      const found = await accounts.credentials([aor('bob'), aor('BOB'), 'sip:bob@example.com ' as Aor]);
      expect([...found.keys()].sort()).toEqual([aor('BOB'), aor('bob')]);
      await expect(accounts.create(makeAccount('x', { aor: 'sip:x@example.com ' as Aor }))).rejects.toThrow(RangeError);
    });

    test('what was stored is read back: account, hash, sealed credentials', async () => {
      const { accounts } = fresh().store;
      const given = makeAccount('carol', { passwordHash: undefined, createdAt: 2 ** 52 });
      await accounts.create(given);
      expect(await accounts.find(given.aor)).toEqual({
        aor: given.aor,
        username: 'carol',
        domain: 'example.com',
        createdAt: 2 ** 52,
        disabled: false,
      });
      expect(await accounts.passwordHash(given.aor)).toEqual({ hash: undefined });
      expect(await accounts.passwordHash(aor('nobody'))).toBeUndefined();
      const found = await accounts.credentials([given.aor, aor('nobody')]);
      expect(found).toEqual(new Map([[given.aor, { disabled: false, credentials: given.credentials }]]));
    });

    test('credentials are also told by one algorithm alone; an account that has none by it is there all the same', async () => {
      const { accounts } = fresh().store;
      const given = makeAccount('erin');
      const [md5] = given.credentials;
      const sha = { ...md5, algorithm: 'SHA-256', sealedHa1: Uint8Array.of(9) } as typeof md5;
      await accounts.create({ ...given, credentials: [md5, sha].flatMap((one) => one ?? []) });
      const by = async (algorithm: Algorithm) =>
        (await accounts.credentials([given.aor, aor('nobody')], algorithm)).get(given.aor)?.credentials;
      expect(await by('MD5')).toEqual([md5]);
      expect(await by('SHA-256')).toEqual([sha]);
      expect(await by('SHA-512-256')).toEqual([]);
    });

    test('secrets are replaced as given, with a Change; what is not given stays', async () => {
      const { accounts, journal } = fresh().store;
      const given = makeAccount('dave');
      await accounts.create(given);
      const before = (await journal.span())?.newest ?? 0;
      expect(await accounts.setSecrets(given.aor, { passwordHash: 'new' })).toBe(true);
      expect((await accounts.credentials([given.aor])).get(given.aor)?.credentials).toEqual(given.credentials);
      const sha = { ...given.credentials[0], algorithm: 'SHA-256', sealedHa1: Uint8Array.of(9) } as const;
      const credentials = [sha as (typeof given.credentials)[number]];
      expect(await accounts.setSecrets(given.aor, { credentials })).toBe(true);
      expect((await accounts.credentials([given.aor])).get(given.aor)?.credentials).toEqual(credentials);
      expect(await accounts.passwordHash(given.aor)).toEqual({ hash: 'new' });
      expect((await journal.after(before, 10)).map((row) => row.change)).toEqual([
        { kind: 'account', subject: given.aor },
        { kind: 'account', subject: given.aor },
      ]);
      expect(await accounts.setSecrets(aor('nobody'), { passwordHash: 'x' })).toBe(false);
      expect((await journal.after(before, 10)).length).toBe(2);
    });

    test('a list is ordered by AOR, in pages, and searched without regard to case', async () => {
      const { accounts } = fresh().store;
      await accounts.createMany(['list-b', 'list-a', 'list-C', '100%_x'].map((user) => makeAccount(user)));
      const all = await accounts.list({ limit: 3, search: 'LIST-' });
      expect(all.map((account) => account.username)).toEqual(['list-C', 'list-a', 'list-b']);
      const rest = await accounts.list({ limit: 3, search: 'list-', after: aor('list-a') });
      expect(rest.map((account) => account.username)).toEqual(['list-b']);
      const literal = await accounts.list({ limit: 3, search: '%_' });
      expect(literal.map((account) => account.username)).toEqual(['100%_x']);
    });
  });

  within('import of accounts', (fresh) => {
    test('each row has its own outcome; a taken name does not stop the others', async () => {
      const { accounts, journal } = fresh().store;
      await accounts.create(makeAccount('first'));
      const before = (await journal.span())?.newest ?? 0;
      const outcomes = await accounts.createMany(['new', 'first', 'other', 'new'].map((user) => makeAccount(user)));
      expect(outcomes).toEqual(['created', 'taken', 'created', 'taken']);
      expect((await accounts.credentials([aor('other')])).get(aor('other'))?.credentials).toHaveLength(1);
      expect((await journal.after(before, 10)).map(({ change }) => change)).toEqual([
        { kind: 'account', subject: aor('new') },
        { kind: 'account', subject: aor('other') },
      ]);
    });

    test('a large import is one Change «everything», not one for each', async () => {
      const { accounts, journal } = fresh().store;
      const before = (await journal.span())?.newest ?? 0;
      const many = Array.from({ length: 300 }, (_, index) => makeAccount(`many${index}`));
      expect(new Set(await accounts.createMany(many))).toEqual(new Set(['created']));
      expect((await journal.after(before, 10)).map(({ change }) => change)).toEqual([
        { kind: 'everything', subject: '' },
      ]);
      expect(await accounts.credentials(many.map((account) => account.aor))).toHaveProperty('size', 300);
    });

    test('nothing to import leaves no Change', async () => {
      const { accounts, journal } = fresh().store;
      const before = await journal.span();
      expect(await accounts.createMany([])).toEqual([]);
      expect(await journal.span()).toEqual(before);
    });
  });

  within('rules', (fresh) => {
    test('a rule needs an account and an event package', async () => {
      const { accounts, rules, journal } = fresh().store;
      expect(await rules.set(makeRule('alice', '*'))).toBe('no-account');
      await accounts.create(makeAccount('alice'));
      const before = await journal.span();
      expect(await rules.set(makeRule('alice', '*', { event: 'dialog' }))).toBe('no-event');
      expect(await rules.set(makeRule('alice', '*', { event: 'Presence' }))).toBe('no-event');
      expect(await rules.of(aor('alice'))).toEqual([]);
      expect(await journal.span()).toEqual(before);
    });

    test('rules are added, replaced and removed, each with a Change; ordered by event, then subject', async () => {
      const { accounts, rules, eventLoader, journal } = fresh().store;
      await accounts.createMany([makeAccount('alice'), makeAccount('bob')]);
      await eventLoader.set({ event: 'dialog', module: 'porchlight-dialog', enabled: true });
      const before = (await journal.span())?.newest ?? 0;
      const given = [
        makeRule('alice', 'sip:bob@example.com'),
        makeRule('alice', '*', { permission: 'block' }),
        makeRule('alice', 'sip:BOB@example.com', { permission: 'confirm' }),
        makeRule('alice', '@example.org', { event: 'dialog', permission: 'polite-block' }),
      ];
      for (const rule of given) expect(await rules.set(rule)).toBe('set');
      expect(await rules.of(aor('alice'))).toEqual([given[3], given[1], given[2], given[0]]);
      const blocked = makeRule('alice', 'sip:bob@example.com', { permission: 'block' });
      expect(await rules.set(blocked)).toBe('set');
      expect((await rules.of(aor('alice')))[3]).toEqual(blocked);
      expect(await rules.remove(aor('alice'), blocked.subject, 'presence')).toBe(true);
      expect(await rules.remove(aor('alice'), blocked.subject, 'presence')).toBe(false);
      expect(await rules.remove(aor('alice'), '* ' as typeof blocked.subject, 'presence')).toBe(false);
      expect(await rules.of(aor('alice'))).toHaveLength(3);
      const changes = await journal.after(before, 100);
      expect(changes).toHaveLength(6);
      expect(changes.every(({ change }) => change.kind === 'rules' && change.subject === aor('alice'))).toBe(true);
    });

    test('the rules of many owners are one reading; an owner without rules has an empty list', async () => {
      const { rules } = fresh().store;
      await rules.set(makeRule('bob', '*'));
      const found = await rules.ofMany([aor('bob'), aor('alice'), aor('nobody')]);
      expect(found.get(aor('bob'))).toEqual([makeRule('bob', '*')]);
      expect(found.get(aor('alice'))).toEqual(await rules.of(aor('alice')));
      expect(found.get(aor('nobody'))).toEqual([]);
    });
  });

  within('event packages', (fresh) => {
    test('after the migrations the built-in packages are there', async () => {
      expect(await fresh().store.eventLoader.list()).toEqual([
        { event: 'presence', module: 'builtin:presence', enabled: true },
        { event: 'presence.winfo', module: 'builtin:presence.winfo', enabled: true },
      ]);
    });

    test('a row is added or replaced, with a Change', async () => {
      const { eventLoader, journal } = fresh().store;
      await eventLoader.set({ event: 'dialog', module: '/opt/dialog.mjs', enabled: true });
      await eventLoader.set({ event: 'presence', module: 'builtin:presence', enabled: false });
      expect(await eventLoader.list()).toEqual([
        { event: 'dialog', module: '/opt/dialog.mjs', enabled: true },
        { event: 'presence', module: 'builtin:presence', enabled: false },
        { event: 'presence.winfo', module: 'builtin:presence.winfo', enabled: true },
      ]);
      expect((await journal.after(0, 10)).map(({ change }) => change)).toEqual([
        { kind: 'packages', subject: '' },
        { kind: 'packages', subject: '' },
      ]);
    });
  });

  within('sessions', (fresh) => {
    test('a session is found until it expires or ends; a purge removes the expired', async () => {
      const { accounts, sessions } = fresh().store;
      await accounts.create(makeAccount('alice'));
      const [one, two, three] = [makeSession(1), makeSession(2), makeSession(3)];
      for (const session of [one, two, three]) await sessions.create(session);
      const until = one.expiresAt;
      expect(await sessions.find(one.idHash, until - 1)).toEqual(one);
      expect(await sessions.find(one.idHash, until)).toBeUndefined();
      expect(await sessions.find(`${one.idHash} `, until - 1)).toBeUndefined();
      await sessions.touch(one.idHash, 5, until + 50);
      expect(await sessions.find(one.idHash, until)).toEqual({ ...one, lastSeenAt: 5, expiresAt: until + 50 });
      await sessions.end(two.idHash);
      expect(await sessions.find(two.idHash, 0)).toBeUndefined();
      expect(await sessions.purge(until)).toBe(1);
      expect(await sessions.find(three.idHash, 0)).toBeUndefined();
      expect(await sessions.find(one.idHash, 0)).toBeDefined();
    });

    test('touching or ending a session that is gone is no fault', async () => {
      const { sessions } = fresh().store;
      await sessions.touch(makeSession(77).idHash, 1, 2);
      await sessions.end(makeSession(77).idHash);
      expect(await sessions.find(makeSession(77).idHash, 0)).toBeUndefined();
    });

    test("a browser's own long word for itself is cut, not refused", async () => {
      const { sessions } = fresh().store;
      const session = makeSession(8, { userAgent: 'x'.repeat(1000) });
      await sessions.create(session);
      expect((await sessions.find(session.idHash, 0))?.userAgent).toBe('x'.repeat(255));
    });
  });
}
