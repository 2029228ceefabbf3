import { expect, test } from 'vitest';
import { MAX_DEVICE_PASSWORDS, type SealedCredential } from '#store';
import { aor, makeAccount } from '../support/stores.ts';
import type { Within } from './store.contract.ts';

const ALICE = aor('alice');

function passwordOf(label: string, createdAt: number): readonly SealedCredential[] {
  return (['MD5', 'SHA-256'] as const).map((algorithm) => ({
    username: 'alice',
    realm: 'example.com',
    algorithm,
    sealedHa1: new TextEncoder().encode(`${label} ${algorithm}`),
    keyId: 'k1',
    device: { label, createdAt },
  }));
}

export function describeDevicePasswords(within: Within): void {
  within('passwords of devices', (fresh) => {
    test('a device gets a password beside that of the account, with a Change', async () => {
      const { store } = fresh();
      await store.accounts.create(makeAccount('alice'));
      const before = (await store.journal.span())?.newest ?? 0;
      expect(await store.devicePasswords.add(ALICE, passwordOf('Desk phone', 20))).toBe('added');
      expect(await store.devicePasswords.add(ALICE, passwordOf('Handy für unterwegs', 10))).toBe('added');
      const changes = (await store.journal.after(before, 10)).map(({ change }) => change);
      expect(changes).toEqual([
        { kind: 'account', subject: ALICE },
        { kind: 'account', subject: ALICE },
      ]);
      const { credentials = [] } = (await store.accounts.credentials([ALICE])).get(ALICE) ?? {};
      expect(credentials).toEqual([
        ...makeAccount('alice').credentials,
        ...passwordOf('Desk phone', 20),
        ...passwordOf('Handy für unterwegs', 10),
      ]);
      expect(await store.devicePasswords.of(ALICE)).toEqual([
        { label: 'Handy für unterwegs', createdAt: 10, lastUsedAt: undefined, lastAddress: '' },
        { label: 'Desk phone', createdAt: 20, lastUsedAt: undefined, lastAddress: '' },
      ]);
    });

    test('a second one of the same name is taken and changes nothing', async () => {
      const { store } = fresh();
      const before = await store.journal.span();
      expect(await store.devicePasswords.add(ALICE, passwordOf('Desk phone', 30))).toBe('taken');
      expect(await store.journal.span()).toEqual(before);
      expect((await store.devicePasswords.of(ALICE)).map(({ createdAt }) => createdAt)).toEqual([10, 20]);
    });

    test('a new password of the account leaves those of its devices alone', async () => {
      const { accounts, devicePasswords } = fresh().store;
      await accounts.setSecrets(ALICE, { credentials: makeAccount('alice').credentials });
      expect(await devicePasswords.of(ALICE)).toHaveLength(2);
      expect((await accounts.credentials([ALICE])).get(ALICE)?.credentials).toHaveLength(5);
    });

    test('a use is noted for the one password it was; names that are gone are passed over', async () => {
      const { devicePasswords } = fresh().store;
      await devicePasswords.noteUses([
        { aor: ALICE, label: 'Desk phone', at: 500, address: '192.0.2.9' },
        { aor: ALICE, label: 'sold', at: 500, address: '192.0.2.9' },
        { aor: aor('nobody'), label: '', at: 500, address: '192.0.2.9' },
      ]);
      const [mobile, desk] = await devicePasswords.of(ALICE);
      expect(mobile?.lastUsedAt).toBeUndefined();
      expect(desk).toMatchObject({ lastUsedAt: 500, lastAddress: '192.0.2.9' });
      expect(await devicePasswords.ownUse(ALICE)).toEqual({ lastUsedAt: undefined, lastAddress: '' });
      await devicePasswords.noteUses([{ aor: ALICE, label: '', at: 700, address: '2001:db8::9' }]);
      expect(await devicePasswords.ownUse(ALICE)).toEqual({ lastUsedAt: 700, lastAddress: '2001:db8::9' });
      expect(await devicePasswords.of(aor('nobody'))).toEqual([]);
    });

    test('a password is revoked alone, with a Change; the account’s own cannot be', async () => {
      const { store } = fresh();
      const before = (await store.journal.span())?.newest ?? 0;
      expect(await store.devicePasswords.revoke(ALICE, 'Desk phone')).toBe(true);
      expect(await store.devicePasswords.revoke(ALICE, 'Desk phone')).toBe(false);
      expect(await store.devicePasswords.revoke(ALICE, '')).toBe(false);
      expect(await store.devicePasswords.revoke(aor('nobody'), 'Desk phone')).toBe(false);
      expect(await store.journal.after(before, 10)).toHaveLength(1);
      expect((await store.devicePasswords.of(ALICE)).map(({ label }) => label)).toEqual(['Handy für unterwegs']);
      expect((await store.accounts.credentials([ALICE])).get(ALICE)?.credentials).toHaveLength(3);
    });

    test(`an account has at most ${MAX_DEVICE_PASSWORDS} of them; nobody's account has none`, async () => {
      const { devicePasswords } = fresh().store;
      for (let count = 2; count <= MAX_DEVICE_PASSWORDS; count += 1) {
        expect(await devicePasswords.add(ALICE, passwordOf(`phone ${count}`, count))).toBe('added');
      }
      expect(await devicePasswords.add(ALICE, passwordOf('one too many', 1))).toBe('too-many');
      expect(await devicePasswords.add(aor('nobody'), passwordOf('phone', 1))).toBe('no-account');
    });

    test('a name that no column keeps is refused', async () => {
      const { devicePasswords } = fresh().store;
      for (const label of ['', ' desk', 'desk ', 'x'.repeat(65)]) {
        await expect(devicePasswords.add(ALICE, passwordOf(label, 1))).rejects.toThrow(RangeError);
      }
    });
  });

  within('sessions of one account', (fresh) => {
    test('are listed, the one used last first, and ended but for one', async () => {
      const { accounts, sessions } = fresh().store;
      await accounts.create(makeAccount('alice'));
      await accounts.create(makeAccount('bob'));
      const session = (idHash: string, who: string, lastSeenAt: number, expiresAt = 9000) => ({
        idHash: idHash.padEnd(64, '0'),
        aor: aor(who),
        createdAt: 1,
        lastSeenAt,
        expiresAt,
        userAgent: 'Browser',
        address: '192.0.2.7',
      });
      const all = [session('a', 'alice', 10), session('b', 'alice', 30), session('c', 'alice', 20, 100)];
      for (const one of [...all, session('d', 'bob', 40)]) await sessions.create(one);
      expect(await sessions.of(ALICE, 100)).toEqual([all[1], all[0]]);
      expect(await sessions.endAll(ALICE, all[0]?.idHash)).toBe(2);
      expect(await sessions.of(ALICE, 0)).toEqual([all[0]]);
      expect(await sessions.of(aor('bob'), 0)).toHaveLength(1);
      expect(await sessions.of(aor('nobody'), 0)).toEqual([]);
    });
  });
}
