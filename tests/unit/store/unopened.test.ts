import { describe, expect, it } from 'vitest';
import type { Aor } from '#model';
import { findUnopened, makeMemoryStore, openSecrets } from '#store';
import { makeFakeClock } from '../../support/fake-clock.ts';

const ALICE = 'sip:alice@example.com' as Aor;
const keyOf = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);

/** A store with one account whose phones log in by the key of that byte. */
async function sealedBy(byte: number) {
  const store = makeMemoryStore({ clock: makeFakeClock() });
  const credentials = openSecrets(keyOf(byte)).credentialsFor('alice', 'example.com', 'a password');
  await store.accounts.create({
    aor: ALICE,
    username: 'alice',
    domain: 'example.com',
    passwordHash: undefined,
    credentials,
    createdAt: 0,
  });
  return store;
}

describe('a key that does not open what the database keeps', () => {
  it('is found, with a credential that it does not open', async () => {
    expect(await findUnopened(await sealedBy(1), openSecrets(keyOf(2)))).toMatchObject({ username: 'alice' });
  });

  it('is none where there is no account, where it opens them, and while the key is being changed', async () => {
    expect(await findUnopened(makeMemoryStore({ clock: makeFakeClock() }), openSecrets(keyOf(2)))).toBeUndefined();
    expect(await findUnopened(await sealedBy(1), openSecrets(keyOf(1)))).toBeUndefined();
    const both = [keyOf(2), keyOf(1)];
    expect(
      await findUnopened(
        await sealedBy(1),
        openSecrets(() => both),
      ),
    ).toBeUndefined();
  });
});
