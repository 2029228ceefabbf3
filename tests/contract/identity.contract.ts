import { expect, test } from 'vitest';
import { type Invitation, MAX_PASSKEYS } from '#store';
import { aor, makeAccount } from '../support/stores.ts';
import type { Within } from './store.contract.ts';

const ALICE = aor('alice');
const NOBODY = aor('nobody');
const hash = (letter: string): string => letter.repeat(64);

export function describeIdentity(within: Within): void {
  within('administrators', (fresh) => {
    test('an account may run the server from when it is said until it is taken back', async () => {
      const { accounts } = fresh().store;
      await accounts.create(makeAccount('alice'));
      expect((await accounts.find(ALICE))?.admin).toBeUndefined();
      expect(await accounts.setAdmin(ALICE, true)).toBe(true);
      expect((await accounts.find(ALICE))?.admin).toBe(true);
      expect((await accounts.list({ limit: 5 })).map(({ admin }) => admin)).toEqual([true]);
      expect(await accounts.setAdmin(ALICE, false)).toBe(true);
      expect((await accounts.find(ALICE))?.admin).toBeUndefined();
      expect(await accounts.setAdmin(NOBODY, true)).toBe(false);
    });

    test('an administrator says so of others, never of themselves, and only while being one', async () => {
      const { accounts } = fresh().store;
      const [ada, bob] = [aor('ada'), aor('bob')];
      for (const user of ['ada', 'bob']) await accounts.create(makeAccount(user));
      for (const refused of [NOBODY, bob, ada]) {
        expect(await accounts.setAdmin(ALICE, true, refused)).toBe(false);
        expect(await accounts.setDisabled(ALICE, true, refused)).toBe(false);
      }
      await accounts.setAdmin(ada, true);
      expect(await accounts.setAdmin(ada, false, ada)).toBe(false);
      expect(await accounts.setDisabled(ada, true, ada)).toBe(false);
      expect(await accounts.setAdmin(NOBODY, true, ada)).toBe(false);
      expect(await accounts.setAdmin(bob, true, ada)).toBe(true);
      expect(await accounts.setDisabled(ALICE, true, bob)).toBe(true);
      expect((await accounts.find(ALICE))?.disabled).toBe(true);
      await accounts.setDisabled(bob, true);
      expect(await accounts.setDisabled(ALICE, false, bob)).toBe(false);
      await accounts.setDisabled(bob, false);
    });

    test('of two who take the role from each other at once, one keeps it', async () => {
      const { accounts } = fresh().store;
      const [ada, bob] = [aor('ada'), aor('bob')];
      for (let round = 0; round < 5; round += 1) {
        for (const one of [ada, bob]) await accounts.setAdmin(one, true);
        const done = await Promise.all([accounts.setAdmin(ada, false, bob), accounts.setAdmin(bob, false, ada)]);
        expect(done.filter(Boolean)).toHaveLength(1);
        const left = await Promise.all([ada, bob].map(async (one) => (await accounts.find(one))?.admin));
        expect(left.filter(Boolean)).toHaveLength(1);
      }
    });
  });

  within('a second factor', (fresh) => {
    const factor = { sealed: Uint8Array.of(1, 2, 255), keyId: 'k1', since: 100, lastStep: 10 };

    test('is kept with its recovery codes, and a new one takes its place whole', async () => {
      const { accounts, secondFactors } = fresh().store;
      await accounts.create(makeAccount('alice'));
      expect(await secondFactors.of(ALICE)).toBeUndefined();
      expect(await secondFactors.set(ALICE, factor, [hash('a'), hash('b')])).toBe(true);
      expect(await secondFactors.of(ALICE)).toEqual({ ...factor, recoveryLeft: 2 });
      const next = { ...factor, sealed: Uint8Array.of(9), since: 200 };
      expect(await secondFactors.set(ALICE, next, [hash('c'), hash('d'), hash('e')])).toBe(true);
      expect(await secondFactors.of(ALICE)).toEqual({ ...next, recoveryLeft: 3 });
      expect(await secondFactors.useRecovery(ALICE, hash('a'))).toBe(false);
      expect(await secondFactors.set(NOBODY, factor, [])).toBe(false);
    });

    test('RFC 6238 §5.2: a code of a time step is taken once, and none of an earlier step afterwards', async () => {
      const { secondFactors } = fresh().store;
      expect(await secondFactors.useStep(ALICE, 11)).toBe(true);
      expect(await secondFactors.useStep(ALICE, 11)).toBe(false);
      expect(await secondFactors.useStep(ALICE, 10)).toBe(false);
      const both = await Promise.all([secondFactors.useStep(ALICE, 12), secondFactors.useStep(ALICE, 12)]);
      expect(both.filter(Boolean)).toHaveLength(1);
      expect(await secondFactors.useStep(NOBODY, 99)).toBe(false);
    });

    test('a recovery code opens once', async () => {
      const { secondFactors } = fresh().store;
      expect(await secondFactors.useRecovery(ALICE, hash('c'))).toBe(true);
      expect(await secondFactors.useRecovery(ALICE, hash('c'))).toBe(false);
      expect((await secondFactors.of(ALICE))?.recoveryLeft).toBe(2);
    });

    test('is sealed anew only where it stands as it was read', async () => {
      const { secondFactors } = fresh().store;
      expect(await secondFactors.sealedOtherwise({ keyId: 'k1', limit: 9 })).toEqual([]);
      expect(await secondFactors.sealedOtherwise({ keyId: 'k2', limit: 9 })).toEqual([
        { aor: ALICE, sealed: Uint8Array.of(9), keyId: 'k1' },
      ]);
      expect(await secondFactors.sealedOtherwise({ keyId: 'k2', after: ALICE, limit: 9 })).toEqual([]);
      expect(await secondFactors.reseal(ALICE, Uint8Array.of(8), Uint8Array.of(7), 'k2')).toBe(false);
      expect(await secondFactors.reseal(ALICE, Uint8Array.of(9), Uint8Array.of(7), 'k2')).toBe(true);
      expect(await secondFactors.of(ALICE)).toMatchObject({ sealed: Uint8Array.of(7), keyId: 'k2' });
    });

    test('goes when it is taken away, and with its account', async () => {
      const { accounts, secondFactors } = fresh().store;
      expect(await secondFactors.remove(ALICE)).toBe(true);
      expect(await secondFactors.remove(ALICE)).toBe(false);
      await secondFactors.set(ALICE, factor, [hash('f')]);
      await accounts.remove(ALICE);
      await accounts.create(makeAccount('alice'));
      expect(await secondFactors.of(ALICE)).toBeUndefined();
      expect(await secondFactors.useRecovery(ALICE, hash('f'))).toBe(false);
    });
  });

  within('passkeys', (fresh) => {
    const passkey = (id: string, createdAt: number) => ({
      id,
      aor: ALICE,
      publicKey: Uint8Array.of(0, 255, 128),
      counter: 0,
      transports: 'internal,hybrid',
      label: 'Laptop',
      createdAt,
    });

    test('are found by their id and listed by account, oldest first', async () => {
      const { accounts, passkeys } = fresh().store;
      await accounts.create(makeAccount('alice'));
      expect(await passkeys.add(passkey('two', 20))).toBe('added');
      expect(await passkeys.add(passkey('one', 10))).toBe('added');
      expect(await passkeys.add(passkey('one', 30))).toBe('taken');
      expect(await passkeys.add({ ...passkey('three', 1), aor: NOBODY })).toBe('no-account');
      expect(await passkeys.find('one')).toEqual({ ...passkey('one', 10), lastUsedAt: undefined });
      expect(await passkeys.find('ONE')).toBeUndefined();
      expect((await passkeys.of(ALICE)).map(({ id }) => id)).toEqual(['one', 'two']);
    });

    test('count their signatures', async () => {
      const { passkeys } = fresh().store;
      await passkeys.noteUse('one', 5, 900);
      expect(await passkeys.find('one')).toMatchObject({ counter: 5, lastUsedAt: 900 });
    });

    test('are taken away only by whose they are', async () => {
      const { accounts, passkeys } = fresh().store;
      await accounts.create(makeAccount('bob'));
      expect(await passkeys.remove(aor('bob'), 'one')).toBe(false);
      expect(await passkeys.remove(ALICE, 'one')).toBe(true);
      expect(await passkeys.remove(ALICE, 'one')).toBe(false);
    });

    test('all of an account are taken away at once, and nobody else’s', async () => {
      const { accounts, passkeys } = fresh().store;
      for (const user of ['carol', 'dave']) await accounts.create(makeAccount(user));
      for (const id of ['c1', 'c2']) await passkeys.add({ ...passkey(id, 1), aor: aor('carol') });
      await passkeys.add({ ...passkey('d1', 1), aor: aor('dave') });
      expect([await passkeys.removeAll(aor('carol')), await passkeys.removeAll(aor('carol'))]).toEqual([2, 0]);
      expect(await passkeys.of(aor('dave'))).toHaveLength(1);
    });

    test(`an account has at most ${MAX_PASSKEYS}; they go with it`, async () => {
      const { accounts, passkeys } = fresh().store;
      for (let count = 1; count < MAX_PASSKEYS; count += 1) await passkeys.add(passkey(`k${count}`, count));
      expect(await passkeys.add(passkey('more', 99))).toBe('too-many');
      await accounts.remove(ALICE);
      expect(await passkeys.find('two')).toBeUndefined();
    });
  });

  within('invitations', (fresh) => {
    const invitation = (letter: string, given: Partial<Invitation> = {}): Invitation => ({
      idHash: hash(letter),
      note: 'for the choir',
      madeBy: 'command line',
      createdAt: 100,
      expiresAt: 200,
      usesLeft: 1,
      ...given,
    });

    test('an invitation opens until its time is over', async () => {
      const { invitations } = fresh().store;
      await invitations.create(invitation('a'));
      expect(await invitations.find(hash('a'), 199)).toEqual(invitation('a'));
      expect(await invitations.find(hash('b'), 199)).toBeUndefined();
      expect(await invitations.find(hash('a'), 200)).toBeUndefined();
      expect(await invitations.use(hash('a'), 200)).toBeUndefined();
    });

    test('and so many times, also when two ask at once', async () => {
      const { invitations } = fresh().store;
      const both = await Promise.all([invitations.use(hash('a'), 150), invitations.use(hash('a'), 150)]);
      expect(both.filter((used) => used !== undefined)).toHaveLength(1);
      expect(await invitations.find(hash('a'), 150)).toBeUndefined();
      await invitations.create(invitation('i', { usesLeft: 2, createdAt: 110 }));
      expect((await invitations.use(hash('i'), 150))?.usesLeft).toBe(1);
      expect((await invitations.use(hash('i'), 150))?.usesLeft).toBe(0);
      expect(await invitations.use(hash('i'), 150)).toBeUndefined();
      await invitations.giveBack(hash('i'));
      expect((await invitations.use(hash('i'), 150))?.usesLeft).toBe(0);
      await invitations.giveBack(hash('x'));
    });

    test('they are listed newest first, taken back, and purged when they are over', async () => {
      const { invitations } = fresh().store;
      await invitations.create(invitation('j', { createdAt: 120, expiresAt: 900 }));
      expect((await invitations.list()).map(({ idHash }) => idHash)).toEqual([hash('j'), hash('i'), hash('a')]);
      expect(await invitations.purge(201)).toBe(2);
      expect(await invitations.list()).toEqual([invitation('j', { createdAt: 120, expiresAt: 900 })]);
      expect(await invitations.remove(hash('j'))).toBe(true);
      expect(await invitations.remove(hash('j'))).toBe(false);
    });
  });

  within('the audit log', (fresh) => {
    const entry = (at: number, act: string) => ({
      at,
      actor: ALICE,
      act,
      subject: aor('bob'),
      detail: '',
      address: '192.0.2.7',
    });

    test('is read newest first, a page at a time, and purged by age', async () => {
      const { audit } = fresh().store;
      for (const [at, act] of [
        [10, 'one'],
        [20, 'two'],
        [30, 'three'],
      ] as const) {
        await audit.note(entry(at, act));
      }
      const [newest, second] = await audit.list({ limit: 2 });
      expect(newest).toEqual({ ...entry(30, 'three'), place: newest?.place });
      expect((await audit.list({ before: second?.place ?? 0, limit: 2 })).map(({ act }) => act)).toEqual(['one']);
      expect(await audit.purge(20)).toBe(1);
      expect((await audit.list({ limit: 9 })).map(({ act }) => act)).toEqual(['three', 'two']);
    });

    test('tells whether something was done to somebody', async () => {
      const { audit } = fresh().store;
      await audit.note(entry(35, 'account-deleted'));
      expect(await audit.has('account-deleted', aor('bob'))).toBe(true);
      expect(await audit.has('account-added', aor('bob'))).toBe(false);
      expect(await audit.has('account-deleted', ALICE)).toBe(false);
    });

    test('notes in any case: what is too long is cut', async () => {
      const { audit } = fresh().store;
      await audit.note({ ...entry(40, 'a'.repeat(40)), detail: 'x'.repeat(300) });
      const [cut] = await audit.list({ limit: 1 });
      expect([cut?.act.length, cut?.detail.length]).toEqual([32, 254]);
    });
  });

  within('settings', (fresh) => {
    test('are fixed once, or put again and again', async () => {
      const { settings } = fresh().store;
      await settings.put('registration', 'closed');
      await settings.put('registration', 'open');
      expect(await settings.get('registration')).toBe('open');
      expect(await settings.fix('registration', 'closed')).toBe('open');
    });
  });
}
