import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { Aor } from '#model';
import { type Algorithm, StoreUnavailable } from '#store';
import { importUsers } from '../../../services/cli/user-import.ts';
import fc from '../../support/properties.ts';
import { makeDeps, run } from './world.ts';

const aorOf = (name: string): Aor => `sip:${name}@example.com` as Aor;
const ha1 = (name: string, text: string, realm = 'example.com'): string =>
  createHash(name).update(`alice:${realm}:${text}`).digest('hex');

async function importing(text: string, deps = makeDeps()) {
  return { deps, ran: await run(deps, ['user', 'import', 'people.csv'], { files: { 'people.csv': text } }) };
}

describe('porchlight user import', () => {
  it('username,password: digest credentials, and no argon2 hash until the first log-in', async () => {
    const { deps, ran } = await importing('username,password\nalice,correct horse\nbob,"with, comma and ""quotes"""\n');
    expect(ran).toEqual({ status: 0, out: 'Added 2 accounts, passed over 0 lines', err: '' });
    expect(await deps.store.accounts.passwordHash(aorOf('alice'))).toEqual({ hash: undefined });
    const found = await deps.store.accounts.credentials([aorOf('alice'), aorOf('bob')]);
    const matches = (name: string, password: string): boolean =>
      found.get(aorOf(name))?.credentials.every((kept) => deps.secrets.passwordMatches(kept, password)) ?? false;
    expect(matches('alice', 'correct horse')).toBe(true);
    expect(matches('bob', 'with, comma and "quotes"')).toBe(true);
    expect(matches('bob', 'with')).toBe(false);
  });

  it.each<[Algorithm | undefined, string]>([
    [undefined, 'md5'],
    ['MD5', 'md5'],
    ['SHA-256', 'sha256'],
    ['SHA-512-256', 'sha512-256'],
  ])('username,ha1 with algorithm %s is kept sealed as it is', async (algorithm, hash) => {
    const header = algorithm === undefined ? 'username,ha1' : 'username,ha1,algorithm';
    const row = [`alice,${ha1(hash, 'pw').toUpperCase()}`, ...(algorithm === undefined ? [] : [algorithm])].join(',');
    const { deps, ran } = await importing(`${header}\n${row}\n`);
    expect(ran.status).toBe(0);
    const [kept, ...more] =
      (await deps.store.accounts.credentials([aorOf('alice')])).get(aorOf('alice'))?.credentials ?? [];
    expect(more).toEqual([]);
    expect(kept).toMatchObject({ username: 'alice', realm: 'example.com', algorithm: algorithm ?? 'MD5' });
    expect(kept && deps.secrets.openHa1(kept)).toBe(ha1(hash, 'pw'));
  });

  it('an HA1 of another realm is kept with its realm, and the administrator is told what that means', async () => {
    const { deps, ran } = await importing(`username,ha1,realm\nalice,${ha1('md5', 'pw', 'old.example')},old.example\n`);
    expect(ran.status).toBe(0);
    expect(ran.out).toContain("1 of them have an HA1 of another realm than 'example.com'");
    const [kept] = (await deps.store.accounts.credentials([aorOf('alice')])).get(aorOf('alice'))?.credentials ?? [];
    expect(kept?.realm).toBe('old.example');
  });

  it('columns come in any order and case, others are passed by, a byte order mark and CRLF are no matter', async () => {
    const { deps, ran } = await importing(
      '\ufeffComment, Password ,USERNAME,domain\r\nhello,pw,alice,192.0.2.1\r\n\r\n',
    );
    expect(ran.status).toBe(0);
    const found = (await deps.store.accounts.credentials([aorOf('alice')])).get(aorOf('alice'))?.credentials ?? [];
    expect(found.map((kept) => deps.secrets.passwordMatches(kept, 'pw'))).toEqual([true, true, true]);
  });

  it('bad rows are told with their line, good ones are kept, status 1', async () => {
    const { deps, ran } = await importing(
      [
        'username,password,ha1,algorithm,domain',
        'alice,pw,,,',
        ',pw,,,',
        'bob,,,,',
        'bob,pw,0123,,',
        'bob,,0123,,',
        `bob,,${'0'.repeat(32)},SHA-256,`,
        `bob,,${'0'.repeat(32)},ROT13,`,
        'bob,pw,,,elsewhere.org',
        'bo"b,pw,,,',
        'bob,pw',
        'alice,other,,,',
        'al ice,pw,,,',
        'carol,pw,,,',
      ].join('\n'),
    );
    expect(ran.status).toBe(1);
    expect(ran.out).toBe('Added 2 accounts, passed over 11 lines');
    expect(ran.err.split('\n')).toEqual([
      'line 3: has no user name',
      'line 4: has neither a password nor an ha1',
      'line 5: has both a password and an ha1',
      'line 6: the ha1 is not 32 hexadecimal digits (MD5)',
      'line 7: the ha1 is not 64 hexadecimal digits (SHA-256)',
      "line 8: 'ROT13' is not one of MD5, SHA-256, SHA-512-256",
      "line 9: 'bob@elsewhere.org' is not of this server's domain, example.com",
      'line 10: a field with a quote in it must be quoted whole, and the quote doubled',
      'line 11: has 2 fields where the first line has 5',
      'line 12: alice@example.com is in the file twice',
      expect.stringContaining("line 13: 'al ice' cannot be a user name"),
    ]);
    const names = (await deps.store.accounts.list({ limit: 10 })).map(({ username }) => username);
    expect(names).toEqual(['alice', 'carol']);
  });

  it('an account that exists is passed over and keeps its password', async () => {
    const { deps } = await importing('username,password\nalice,first\n');
    const { ran } = await importing('username,password\nalice,second\nbob,pw\n', deps);
    expect(ran).toEqual({
      status: 1,
      out: 'Added 1 accounts, passed over 1 lines',
      err: 'line 2: alice@example.com exists already',
    });
    const found = (await deps.store.accounts.credentials([aorOf('alice')])).get(aorOf('alice'))?.credentials ?? [];
    expect(found.every((kept) => deps.secrets.passwordMatches(kept, 'first'))).toBe(true);
  });

  it.each([
    ['', 'line 1: the file is empty'],
    ['alice,secret\nbob,pw\n', 'line 1: the first line must name the columns'],
    ['username\nalice\n', 'line 1: the first line must name the columns'],
    ['username,password,password\nalice,a,b\n', 'line 1: the first line names a column twice'],
  ])('a file without a proper first line is refused whole: %j', async (text, why) => {
    const { deps, ran } = await importing(text);
    expect(ran.status).toBe(1);
    expect(ran.err).toContain(why);
    expect(await deps.store.accounts.list({ limit: 10 })).toEqual([]);
  });

  it('a quote that is never closed does not swallow the file in silence', async () => {
    const rest = Array.from({ length: 3000 }, (_, index) => `u${index},pw`).join('\n');
    const { ran } = await importing(`username,password\nalice,pw\n"bob,pw\n${rest}\n`);
    expect(ran.status).toBe(1);
    expect(ran.out).toBe('Added 1 accounts, passed over 1 lines');
    expect(ran.err).toMatch(/^line \d+: a quote that was opened before this line is not closed; reading stops here$/);
  });

  it('a file that is not there is one line', async () => {
    expect(await run(makeDeps(), ['user', 'import', 'none.csv', '--json'])).toEqual({
      status: 1,
      out: '{"error":"cannot read none.csv: there is no such file"}',
      err: '',
    });
  });

  it('--json tells the counts and the bad lines', async () => {
    const files = { 'people.csv': 'username,password\nalice,pw\n,pw\n' };
    const ran = await run(makeDeps(), ['user', 'import', 'people.csv', '--json'], { files });
    expect(ran.status).toBe(1);
    expect(ran.err).toBe('');
    expect(JSON.parse(ran.out)).toEqual({
      added: 1,
      passedOver: 1,
      foreignRealms: 0,
      bad: [{ line: 3, why: 'has no user name' }],
    });
  });

  it('goes to the store a thousand at a time, and tells how far it is', async () => {
    const deps = makeDeps();
    const sizes: number[] = [];
    const told: number[] = [];
    const counting = {
      ...deps,
      store: {
        ...deps.store,
        accounts: {
          ...deps.store.accounts,
          createMany: (accounts: Parameters<typeof deps.store.accounts.createMany>[0]) => {
            sizes.push(accounts.length);
            return deps.store.accounts.createMany(accounts);
          },
        },
      },
    };
    const lines = Array.from({ length: 2500 }, (_, index) => `u${index},${'0'.repeat(32)}\n`);
    const outcome = await importUsers(counting, Readable.from(['username,ha1\n', ...lines]), {
      bad: () => expect.unreachable(),
      done: (count) => void told.push(count),
    });
    expect(outcome.kind).toBe('done');
    expect(sizes).toEqual([1000, 1000, 500]);
    expect(told).toEqual([1000, 2000, 2500]);
  });

  it('a database that goes away is told with what was kept by then', async () => {
    const deps = makeDeps();
    let calls = 0;
    const failing = {
      ...deps,
      store: {
        ...deps.store,
        accounts: {
          ...deps.store.accounts,
          createMany: (accounts: Parameters<typeof deps.store.accounts.createMany>[0]) => {
            calls += 1;
            if (calls > 1) throw new StoreUnavailable('gone');
            return deps.store.accounts.createMany(accounts);
          },
        },
      },
    };
    const lines = Array.from({ length: 1500 }, (_, index) => `u${index},${'0'.repeat(32)}\n`);
    const nothing = { bad: () => undefined, done: () => undefined };
    expect(await importUsers(failing, Readable.from(['username,ha1\n', ...lines]), nothing)).toEqual({
      kind: 'refused',
      why: 'the database is away (gone); 1000 accounts were added, run the import again later',
    });
  });

  it('whatever is in the file, every line is either an account or told, and nothing is thrown', async () => {
    const field = fc.oneof(
      fc.constantFrom('alice', 'bob', '', 'pw', '"', '""', 'a@b', '\0'),
      fc.string({ maxLength: 8 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(field, { maxLength: 3 }), { maxLength: 12 }), async (rows) => {
        const text = ['username,password', ...rows.map((row) => row.join(','))].join('\n');
        const deps = makeDeps();
        const told: number[] = [];
        const outcome = await importUsers(deps, Readable.from([text]), {
          bad: (line) => void told.push(line),
          done: () => undefined,
        });
        expect(['done', 'partly', 'refused']).toContain(outcome.kind);
        if (outcome.kind === 'refused') return;
        const kept = await deps.store.accounts.list({ limit: 100 });
        expect(outcome.value).toMatchObject({ added: kept.length, passedOver: told.length });
      }),
      { numRuns: 300 },
    );
  });
});
