import { describe, expect, it } from 'vitest';
import { openSecrets, type Store, StoreUnavailable } from '#store';
import { aor, makePublication, makeSession, makeSubscription } from '../../support/stores.ts';
import { makeDeps, run, type TestDeps } from './world.ts';

async function filled(deps: TestDeps): Promise<TestDeps> {
  for (const user of ['alice', 'bob']) await run(deps, ['user', 'add', user], { password: `${user}-secret` });
  await run(deps, ['user', 'disable', 'bob']);
  await run(deps, ['rule', 'set', 'alice', '*', 'presence', 'block']);
  const publication = makePublication('p1', {
    body: Buffer.from([0, 255, 10, 13, 128]),
    userAgent: 'line\u2028sep "x"',
  });
  await deps.store.publications.write({ kind: 'insert', publication });
  const subscription = makeSubscription('s1', { reservedCseq: 2000, told: 'a:x' });
  await deps.store.subscriptions.write({ kind: 'insert', subscription });
  await deps.store.sessions.create(makeSession(1));
  await deps.store.settings.fix('realm', 'example.com');
  return deps;
}

async function opens(deps: TestDeps, user: string, password: string): Promise<boolean> {
  const credentials = (await deps.store.accounts.credentials([aor(user)])).get(aor(user))?.credentials ?? [];
  const secrets = openSecrets(deps.keys.key);
  return credentials.length === 3 && credentials.every((credential) => secrets.passwordMatches(credential, password));
}

/** A back-up of a filled store, as text. */
async function backup(): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  const ran = await run(await filled(makeDeps()), ['backup', 'b'], { files });
  expect(ran).toEqual({
    status: 0,
    out: 'Backed up 2 accounts, 1 rules, 1 publications, 1 subscriptions, 0 waiting',
    err: '',
  });
  return files;
}

describe('porchlight backup and restore', () => {
  it('restored elsewhere, under another key: phones go on with the passwords they have', async () => {
    const files = await backup();
    const other = makeDeps({ keyByte: 9 });
    const ran = await run(other, ['restore', 'b'], { files });
    expect(ran.status).toBe(0);
    expect(ran.out).toBe(
      'Restored 2 accounts, 1 rules, 1 publications, 1 subscriptions, 0 waiting, backed up at 2026-11-01T12:00:00.000Z',
    );
    expect(await opens(other, 'alice', 'alice-secret')).toBe(true);
    expect(await opens(other, 'alice', 'bob-secret')).toBe(false);
    const hash = (await other.store.accounts.passwordHash(aor('alice')))?.hash ?? '';
    expect(await other.secrets.verifyPassword(hash, 'alice-secret')).toBe(true);
    expect((await other.store.accounts.find(aor('bob')))?.disabled).toBe(true);
    expect(await other.store.rules.of(aor('alice'))).toHaveLength(1);
    const publication = await other.store.publications.find('p1');
    expect([...(publication?.body ?? [])]).toEqual([0, 255, 10, 13, 128]);
    expect(publication?.userAgent).toBe('line\u2028sep "x"');
    expect(await other.store.settings.get('realm')).toBe('example.com');
    expect(await other.store.sessions.find(makeSession(1).idHash, 0)).toBeUndefined();
  });

  it('RFC 3261 §12.2.1.1: a subscription goes on far above every CSeq that may have been used since', async () => {
    const other = makeDeps();
    await run(other, ['restore', 'b'], { files: await backup() });
    expect(await other.store.subscriptions.find('s1')).toMatchObject({ reservedCseq: 1_002_000, told: '' });
  });

  it('a database that is not empty is left alone without --replace', async () => {
    const files = await backup();
    const other = makeDeps();
    await run(other, ['user', 'add', 'carol'], { password: 'x' });
    const refused = await run(other, ['restore', 'b'], { files });
    expect(refused.status).toBe(1);
    expect(refused.err).toContain('--replace');
    expect((await run(other, ['user', 'list'])).out).toBe('carol@example.com');
    expect((await run(other, ['restore', 'b', '--replace'], { files })).status).toBe(0);
    expect((await run(other, ['user', 'list'])).out).not.toContain('carol');
  });

  it.each([
    ['cut off in a line', (text: string) => text.slice(0, -200), /damaged|cut off/],
    ['cut off after a line', (text: string) => `${text.split('\n').slice(0, 4).join('\n')}\n`, /cut off/],
    ['with one character changed', (text: string) => text.replace('"blo', '"bl0'), /damaged/],
    ['with a line taken out', (text: string) => text.split('\n').toSpliced(2, 1).join('\n'), /damaged/],
    ['of a later version', (text: string) => text.replace('"version":2', '"version":3'), /version 3/],
    ['that is something else', () => 'username,password\n', /no back-up/],
    ['that is empty', () => '', /empty/],
  ])('a file %s is refused in one line, and nothing is changed', async (_what, damage, why) => {
    const files = await backup();
    const other = makeDeps();
    await run(other, ['user', 'add', 'carol'], { password: 'x' });
    const ran = await run(other, ['restore', 'b', '--replace'], { files: { b: damage(files['b'] ?? '') } });
    expect(ran.status).toBe(1);
    expect(ran.err).toMatch(why);
    expect(ran.err.split('\n')).toHaveLength(1);
    expect((await run(other, ['user', 'list'])).out).toBe('carol@example.com');
  });

  it('while a SIP service renews its lease, restore is refused; a lease that stands still is nobody’s', async () => {
    const files = await backup();
    const other = makeDeps();
    await other.store.leases.take({ name: 'sip', holder: 'one', host: 'h', pid: 1 }, undefined);
    const refused = run(other, ['restore', 'b'], { files });
    await other.clock.advance(500);
    await other.store.leases.renew('sip', 'one');
    await other.clock.advance(5_000);
    expect((await refused).err).toContain('the SIP service is running');
    const done = run(other, ['restore', 'b'], { files });
    await other.clock.advance(5_000);
    expect((await done).status).toBe(0);
  });

  it('a back-up made while the key is being changed opens with both', async () => {
    const deps = await filled(makeDeps());
    const next = openSecrets(deps.keys.begin());
    await deps.store.accounts.setSecrets(aor('bob'), {
      credentials: next.credentialsFor('bob', 'example.com', 'bob-secret'),
    });
    const files: Record<string, string> = {};
    await run(deps, ['backup', 'b'], { files });
    const other = makeDeps({ keyByte: 9 });
    expect((await run(other, ['restore', 'b'], { files })).status).toBe(0);
    expect(await opens(other, 'alice', 'alice-secret')).toBe(true);
    expect(await opens(other, 'bob', 'bob-secret')).toBe(true);
  });

  it('a back-up that fails leaves no file', async () => {
    const deps = await filled(makeDeps());
    const store: Store = {
      ...deps.store,
      archive: { ...deps.store.archive, read: () => Promise.reject(new StoreUnavailable('gone')) },
    };
    const files: Record<string, string> = {};
    await expect(run({ ...deps, store }, ['backup', 'b'], { files })).rejects.toBeInstanceOf(StoreUnavailable);
    expect(files).toEqual({});
  });
});

describe('porchlight key rotate', () => {
  async function rotated(deps: TestDeps, words: readonly string[] = []) {
    const ran = run(deps, ['key', 'rotate', ...words]);
    await deps.clock.advance(10_000);
    return ran;
  }

  it('every credential is sealed anew, and opens with the new key alone', async () => {
    const deps = await filled(makeDeps());
    const old = deps.keys.key;
    const ran = await rotated(deps);
    expect(ran).toMatchObject({ status: 0, err: '' });
    expect(ran.out).toContain('Sealed 6 credentials anew');
    expect(deps.keys.key).not.toEqual(old);
    expect(deps.keys.nextKey).toBeUndefined();
    expect(await opens(deps, 'alice', 'alice-secret')).toBe(true);
    const [credential] = (await deps.store.accounts.credentials([aor('alice')])).get(aor('alice'))?.credentials ?? [];
    expect(credential && openSecrets(old).openHa1(credential)).toBeUndefined();
  });

  it('cut off half-way both keys are there, and the next run goes on with the same new key', async () => {
    const deps = await filled(makeDeps());
    let batches = 0;
    const accounts: Store['accounts'] = {
      ...deps.store.accounts,
      sealedOtherwise: (page) => deps.store.accounts.sealedOtherwise({ ...page, limit: 2 }),
      reseal: (seals) => {
        batches += 1;
        if (batches === 2) throw new StoreUnavailable('gone');
        return deps.store.accounts.reseal(seals);
      },
    };
    const cut = run({ ...deps, store: { ...deps.store, accounts } }, ['key', 'rotate']).catch(
      (fault: unknown) => fault,
    );
    await deps.clock.advance(10_000);
    expect(await cut).toBeInstanceOf(StoreUnavailable);
    const next = deps.keys.nextKey;
    expect(next).toBeDefined();
    expect((await rotated(deps)).status).toBe(0);
    expect(deps.keys.key).toEqual(next);
    expect(await opens(deps, 'alice', 'alice-secret')).toBe(true);
    expect(await opens(deps, 'bob', 'bob-secret')).toBe(true);
  });

  it('a password that is set under the old key at the last moment is found by the second look', async () => {
    const deps = await filled(makeDeps());
    const ran = run(deps, ['key', 'rotate']);
    await deps.clock.advance(3_500);
    await deps.store.accounts.setSecrets(aor('alice'), {
      credentials: deps.secrets.credentialsFor('alice', 'example.com', 'just now'),
    });
    await deps.clock.advance(10_000);
    expect((await ran).status).toBe(0);
    expect(await opens(deps, 'alice', 'just now')).toBe(true);
  });

  it('what no key opens is counted, and status is 1', async () => {
    const deps = await filled(makeDeps());
    const lost = openSecrets(new Uint8Array(32).fill(66)).credentialsFor('bob', 'example.com', 'x');
    await deps.store.accounts.setSecrets(aor('bob'), { credentials: lost });
    const ran = await rotated(deps);
    expect(ran.status).toBe(1);
    expect(ran.out).toContain('3 credentials open with no key there is');
  });

  it('a key that is given from outside is changed with --to, while nothing runs', async () => {
    const deps = await filled(makeDeps({ isOurs: false }));
    expect((await rotated(deps)).err).toContain('--to FILE');
    expect((await rotated(deps, ['--to', '/new'])).out).toContain('Give the services the key of /new now');
    deps.keys.key = new Uint8Array(32).fill(200);
    expect(await opens(deps, 'alice', 'alice-secret')).toBe(true);
  });
});

describe('a ring of keys', () => {
  it('seals with the newest, opens with all, and with one that was there once', () => {
    let keys: readonly Uint8Array[] = [new Uint8Array(32).fill(1)];
    const secrets = openSecrets(() => keys);
    const sealed = secrets.sealHa1('alice', 'r', 'MD5', '0'.repeat(32));
    const next = new Uint8Array(32).fill(2);
    const others = openSecrets(next).sealHa1('bob', 'r', 'MD5', '1'.repeat(32));
    expect(secrets.openHa1(others)).toBeUndefined();
    keys = [next, new Uint8Array(32).fill(1)];
    expect(secrets.openHa1(others)).toBe('1'.repeat(32));
    expect(secrets.keyId).toBe(openSecrets(next).keyId);
    keys = [next];
    expect(secrets.openHa1(sealed)).toBe('0'.repeat(32));
    expect(secrets.sealHa1('alice', 'r', 'MD5', '0'.repeat(32)).keyId).toBe(secrets.keyId);
  });
});
