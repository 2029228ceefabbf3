import { expect, test } from 'vitest';
import type { Change } from '#model';
import {
  aor,
  makeAccount,
  makePublication,
  makeRule,
  makeSession,
  makeSubscription,
  newTag,
} from '../support/stores.ts';
import type { Fresh, Within } from './store.contract.ts';

/** What the administrator does, and what it takes along. */
export function describeAdministration(within: Within): void {
  within('disabling an account', (fresh) => {
    test('it says so wherever it is read, ends its browser sessions, and leaves the rest', async () => {
      const { accounts, rules, sessions } = fresh().store;
      for (const user of ['alice', 'bob']) await accounts.create(makeAccount(user));
      await rules.set(makeRule('alice', '*'));
      await sessions.create(makeSession(1));
      await sessions.create(makeSession(2, { aor: aor('bob') }));
      const changes = await changesOf(fresh, async () => {
        expect(await accounts.setDisabled(aor('alice'), true)).toBe(true);
      });
      expect(changes).toEqual([{ kind: 'account', subject: aor('alice') }]);
      expect((await accounts.find(aor('alice')))?.disabled).toBe(true);
      expect((await accounts.credentials([aor('alice')])).get(aor('alice'))?.disabled).toBe(true);
      expect((await accounts.find(aor('bob')))?.disabled).toBe(false);
      expect(await rules.of(aor('alice'))).toHaveLength(1);
      expect(await sessions.find(makeSession(1).idHash, 0)).toBeUndefined();
      expect(await sessions.find(makeSession(2).idHash, 0)).toBeDefined();
    });

    test('enabled again it is as before, with a Change; its sessions do not come back', async () => {
      const { accounts, sessions } = fresh().store;
      const changes = await changesOf(fresh, async () => {
        expect(await accounts.setDisabled(aor('alice'), false)).toBe(true);
      });
      expect(changes).toEqual([{ kind: 'account', subject: aor('alice') }]);
      expect((await accounts.find(aor('alice')))?.disabled).toBe(false);
      expect(await sessions.find(makeSession(1).idHash, 0)).toBeUndefined();
    });

    test('an account that is not there is not disabled, and leaves no Change', async () => {
      const changes = await changesOf(fresh, async () => {
        expect(await fresh().store.accounts.setDisabled(aor('nobody'), true)).toBe(false);
      });
      expect(changes).toEqual([]);
    });
  });

  within('deleting an account', (fresh) => {
    test('everything that is its goes, in one go, with a Change that says so; what is others’ stays', async () => {
      const { accounts, rules, sessions, publications, subscriptions } = fresh().store;
      for (const user of ['alice', 'bob', 'carol']) await accounts.create(makeAccount(user));
      await rules.set(makeRule('alice', '*'));
      await rules.set(makeRule('bob', aor('alice')));
      await sessions.create(makeSession(1));
      await publications.write({ kind: 'insert', publication: makePublication('hers') });
      const etag = newTag();
      const his = makePublication('his', { presentity: aor('bob'), publisher: aor('bob'), etag });
      await publications.write({ kind: 'insert', publication: his });
      for (const [id, presentity, watcher] of [
        ['to-her', 'alice', 'bob'],
        ['of-hers', 'bob', 'alice'],
        ['others', 'bob', 'carol'],
      ] as const) {
        const subscription = makeSubscription(id, { presentity: aor(presentity), watcher: aor(watcher) });
        await subscriptions.write({ kind: 'insert', subscription });
      }

      const changes = await changesOf(fresh, async () => {
        expect(await accounts.remove(aor('alice'))).toBe(true);
      });
      expect(changes).toEqual([{ kind: 'account', subject: aor('alice'), gone: true }]);
      expect(await accounts.find(aor('alice'))).toBeUndefined();
      expect((await accounts.credentials([aor('alice')])).size).toBe(0);
      expect(await rules.of(aor('alice'))).toEqual([]);
      expect(await sessions.find(makeSession(1).idHash, 0)).toBeUndefined();
      expect(await publications.find('hers')).toBeUndefined();
      expect(await subscriptions.find('to-her')).toBeUndefined();
      expect(await subscriptions.find('of-hers')).toBeUndefined();

      expect(await rules.of(aor('bob'))).toEqual([makeRule('bob', aor('alice'))]);
      expect(await publications.find('his')).toEqual(his);
      expect((await subscriptions.find('others'))?.watcher).toBe(aor('carol'));
    });

    test('the second time there is nothing to delete, and no Change', async () => {
      const changes = await changesOf(fresh, async () => {
        expect(await fresh().store.accounts.remove(aor('alice'))).toBe(false);
        expect(await fresh().store.accounts.remove(`${aor('bob')} ` as never)).toBe(false);
      });
      expect(changes).toEqual([]);
    });

    test('the name is free again, and the entity-tags that went with it too', async () => {
      const { accounts, rules, publications } = fresh().store;
      expect(await accounts.create(makeAccount('alice'))).toBe('created');
      expect(await rules.of(aor('alice'))).toEqual([]);
      const publication = makePublication('again');
      expect(await publications.write({ kind: 'insert', publication })).toBe('written');
    });
  });

  within('all sessions of one account', (fresh) => {
    test('they end, and nobody else’s', async () => {
      const { accounts, sessions } = fresh().store;
      for (const user of ['alice', 'bob']) await accounts.create(makeAccount(user));
      for (const number of [1, 2]) await sessions.create(makeSession(number));
      await sessions.create(makeSession(3, { aor: aor('bob') }));
      expect(await sessions.endAll(aor('alice'))).toBe(2);
      expect(await sessions.endAll(aor('alice'))).toBe(0);
      expect(await sessions.endAll(aor('nobody'))).toBe(0);
      expect(await sessions.find(makeSession(2).idHash, 0)).toBeUndefined();
      expect(await sessions.find(makeSession(3).idHash, 0)).toBeDefined();
    });
  });

  within('one row by its id', (fresh) => {
    test('a publication or subscription is found by its id, byte for byte', async () => {
      const { publications, subscriptions } = fresh().store;
      const publication = makePublication('p1');
      const subscription = makeSubscription('s1');
      await publications.write({ kind: 'insert', publication });
      await subscriptions.write({ kind: 'insert', subscription });
      expect(await publications.find('p1')).toEqual(publication);
      expect(await subscriptions.find('s1')).toEqual(subscription);
      for (const id of ['P1', 'p1 ', 's1', '']) expect(await publications.find(id)).toBeUndefined();
      for (const id of ['S1', 's1 ', 'p1', 'x'.repeat(100)]) expect(await subscriptions.find(id)).toBeUndefined();
    });
  });

  within('import of rules', (fresh) => {
    test('each has its own outcome, the later of two stands, one Change for each owner', async () => {
      const { accounts, rules } = fresh().store;
      for (const user of ['alice', 'bob']) await accounts.create(makeAccount(user));
      const given = [
        makeRule('alice', aor('bob'), { permission: 'block' }),
        makeRule('nobody', '*'),
        makeRule('alice', '*', { event: 'weather' }),
        makeRule('bob', '*', { permission: 'confirm' }),
        makeRule('alice', aor('bob'), { permission: 'allow' }),
      ];
      const changes = await changesOf(fresh, async () => {
        expect(await rules.setMany(given)).toEqual(['set', 'no-account', 'no-event', 'set', 'set']);
      });
      expect(await rules.of(aor('alice'))).toEqual([makeRule('alice', aor('bob'))]);
      expect(await rules.of(aor('bob'))).toEqual([makeRule('bob', '*', { permission: 'confirm' })]);
      expect(changes).toEqual([
        { kind: 'rules', subject: aor('alice') },
        { kind: 'rules', subject: aor('bob') },
      ]);
    });

    test('of many owners it is one Change «everything»; of none that can be set, none', async () => {
      const { accounts, rules } = fresh().store;
      const users = Array.from({ length: 150 }, (_, index) => `many${index}`);
      await accounts.createMany(users.map((user) => makeAccount(user)));
      const changes = await changesOf(fresh, async () => {
        const outcomes = await rules.setMany(users.map((user) => makeRule(user, '*')));
        expect(new Set(outcomes)).toEqual(new Set(['set']));
      });
      expect(changes).toEqual([{ kind: 'everything', subject: '' }]);
      expect(await changesOf(fresh, async () => void (await rules.setMany([makeRule('nobody', '*')])))).toEqual([]);
      expect(await rules.setMany([])).toEqual([]);
    });
  });

  within('the change of keys', (fresh) => {
    const seal = (user: string, keyId: string, byte: number) => ({
      username: user,
      realm: 'example.com',
      algorithm: 'MD5' as const,
      sealedHa1: Uint8Array.of(byte, 0, 255),
      keyId,
    });

    test('credentials under another key come in pages; each is sealed anew where it still stands as it was read', async () => {
      const { accounts } = fresh().store;
      const users = ['a', 'b', 'c', 'd'];
      await accounts.createMany(
        users.map((user, index) =>
          makeAccount(user, { credentials: [seal(user, user === 'd' ? 'new' : 'old', index)] }),
        ),
      );
      const first = await accounts.sealedOtherwise({ keyId: 'new', limit: 2 });
      expect(first.map(({ credential }) => credential)).toEqual([seal('a', 'old', 0), seal('b', 'old', 1)]);
      const rest = await accounts.sealedOtherwise({ keyId: 'new', limit: 2, after: first[1]?.place ?? 0 });
      expect(rest.map(({ credential }) => credential.username)).toEqual(['c']);

      await accounts.setSecrets(aor('b'), { credentials: [seal('b', 'old', 77)] });
      const seals = [...first, ...rest].map(({ place, credential }) => ({
        expected: credential.sealedHa1,
        sealed: { place, credential: { ...credential, keyId: 'new', sealedHa1: Uint8Array.of(100, 0) } },
      }));
      const changes = await changesOf(fresh, async () => {
        expect(await accounts.reseal(seals)).toEqual({ written: 2 });
      });
      expect(changes).toEqual([]);
      const stand = await accounts.credentials(users.map(aor));
      expect(stand.get(aor('a'))?.credentials[0]).toMatchObject({ keyId: 'new', sealedHa1: Uint8Array.of(100, 0) });
      expect(stand.get(aor('b'))?.credentials[0]).toMatchObject({ keyId: 'old', sealedHa1: Uint8Array.of(77, 0, 255) });
      const left = await accounts.sealedOtherwise({ keyId: 'new', limit: 10 });
      expect(left.map(({ credential }) => credential.username)).toEqual(['b']);
    });
  });

  within('journal rows that name one row', (fresh) => {
    test('they come back as they were written', async () => {
      const written: readonly Change[] = [
        { kind: 'subscription', subject: aor('alice'), id: 'x'.repeat(22) },
        { kind: 'publication', subject: aor('alice'), id: 'y'.repeat(22) },
        { kind: 'account', subject: aor('alice'), gone: true },
        { kind: 'account', subject: aor('alice') },
        { kind: 'reload', subject: '', event: 'ping-state' },
      ];
      await fresh().store.journal.append(written, 1);
      expect((await fresh().store.journal.after(0, 10)).map(({ change }) => change)).toEqual(written);
    });
  });
}

async function changesOf(fresh: Fresh, work: () => Promise<void>): Promise<readonly Change[]> {
  const { journal } = fresh().store;
  const before = (await journal.span())?.newest ?? 0;
  await work();
  return (await journal.after(before, 100)).map(({ change }) => change);
}
