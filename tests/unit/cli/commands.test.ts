import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type Aor, EVERYBODY, type Subject } from '#model';
import { makeDeps, NOW, run } from './world.ts';

const ALICE = 'sip:alice@example.com' as Aor;
const BOB = 'sip:bob@example.com' as Aor;

/** Names that `--help` lists, without help itself. */
async function commandsOf(words: readonly string[]): Promise<readonly string[]> {
  const { out } = await run(makeDeps(), [...words, '--help']);
  const [, list = ''] = out.split(/^Commands:$/m);
  return [...list.matchAll(/^ {2}([a-z-]+)/gm)].map(([, name]) => name ?? '').filter((name) => name !== 'help');
}

async function withAlice() {
  const deps = makeDeps();
  await run(deps, ['user', 'add', 'alice@example.com'], { password: 'correct horse' });
  return deps;
}

describe('porchlight user add', () => {
  it('makes an account that can log in at the portal and by digest', async () => {
    const deps = makeDeps();
    expect(await run(deps, ['user', 'add', 'alice@example.com'], { password: 'correct horse' })).toEqual({
      status: 0,
      out: 'Added alice@example.com',
      err: '',
    });
    expect(await deps.store.accounts.find(ALICE)).toEqual({
      aor: ALICE,
      username: 'alice',
      domain: 'example.com',
      createdAt: NOW,
      disabled: false,
    });
    const hash = (await deps.store.accounts.passwordHash(ALICE))?.hash ?? '';
    expect(await deps.secrets.verifyPassword(hash, 'correct horse')).toBe(true);
    const credentials = (await deps.store.accounts.credentials([ALICE])).get(ALICE)?.credentials ?? [];
    expect(credentials.map(({ algorithm }) => algorithm)).toEqual(['MD5', 'SHA-256', 'SHA-512-256']);
    expect(credentials.every((credential) => deps.secrets.passwordMatches(credential, 'correct horse'))).toBe(true);
    expect(credentials.every(({ realm, username }) => realm === 'example.com' && username === 'alice')).toBe(true);
  });

  it.each(['alice', 'sip:alice@example.com', 'alice@192.0.2.1', 'Sip:alice@PORCH.local:5060'])(
    'a name without a domain, and every alias, is of SIP_DOMAIN: %s',
    async (name) => {
      const deps = makeDeps();
      expect((await run(deps, ['user', 'add', name], { password: 'x' })).status).toBe(0);
      expect((await deps.store.accounts.find(ALICE))?.username).toBe('alice');
    },
  );

  it('strength rules bind the web form, not the administrator; only the empty password is refused', async () => {
    const deps = makeDeps();
    expect((await run(deps, ['user', 'add', 'alice'], { password: '1' })).status).toBe(0);
    const refused = await run(deps, ['user', 'add', 'bob'], { password: '' });
    expect(refused).toEqual({ status: 1, out: '', err: 'porchlight: the password is empty; nothing was added' });
    expect(await deps.store.accounts.find(BOB)).toBeUndefined();
  });

  it('giving up at the password prompt adds nothing', async () => {
    const deps = makeDeps();
    expect((await run(deps, ['user', 'add', 'alice'])).err).toBe('porchlight: no password was given');
    expect(await deps.store.accounts.find(ALICE)).toBeUndefined();
  });

  it.each([
    ['alice@elsewhere.org', "'alice@elsewhere.org' is not of this server's domain, example.com"],
    ['@example.com', "'@example.com' is not a name or NAME@example.com"],
    ['a b', "'a b' cannot be a user name"],
    [`${'x'.repeat(191)}`, 'cannot be a user name'],
  ])('%s is refused in one line', async (name, why) => {
    const deps = makeDeps();
    const { status, err } = await run(deps, ['user', 'add', name], { password: 'x' });
    expect(status).toBe(1);
    expect(err).toContain(why);
    expect(err.split('\n')).toHaveLength(1);
    expect(await deps.store.accounts.list({ limit: 10 })).toEqual([]);
  });

  it('a name that is taken is refused, and the first password stays', async () => {
    const deps = await withAlice();
    const again = await run(deps, ['user', 'add', 'alice'], { password: 'other' });
    expect(again).toEqual({ status: 1, out: '', err: 'porchlight: alice@example.com exists already' });
    const hash = (await deps.store.accounts.passwordHash(ALICE))?.hash ?? '';
    expect(await deps.secrets.verifyPassword(hash, 'correct horse')).toBe(true);
  });

  it('a password on the command line is wrong use, and is not taken', async () => {
    const deps = makeDeps();
    expect((await run(deps, ['user', 'add', 'alice', 'secret'], { password: 'x' })).status).toBe(2);
    expect(await deps.store.accounts.find(ALICE)).toBeUndefined();
  });
});

describe('porchlight user list', () => {
  it('lists all accounts in order, more than one page of them', async () => {
    const deps = makeDeps();
    await deps.store.accounts.createMany(
      Array.from({ length: 1001 }, (_, index) => {
        const username = `u${String(index).padStart(4, '0')}`;
        const aor = `sip:${username}@example.com` as Aor;
        return { aor, username, domain: 'example.com', passwordHash: undefined, credentials: [], createdAt: NOW };
      }),
    );
    const lines = (await run(deps, ['user', 'list'])).out.split('\n');
    expect(lines).toHaveLength(1001);
    expect([lines[0], lines[500], lines[1000]]).toEqual(['u0000', 'u0500', 'u1000'].map((u) => `${u}@example.com`));
    expect((await run(deps, ['user', 'list', '--search', 'u0999'])).out).toBe('u0999@example.com');
  });

  it('--json prints an array, also of nobody', async () => {
    const deps = await withAlice();
    expect(JSON.parse((await run(deps, ['user', 'list', '--json'])).out)).toEqual([
      { account: 'alice@example.com', disabled: false, createdAt: '2026-11-01T12:00:00.000Z' },
    ]);
    expect(JSON.parse((await run(makeDeps(), ['user', 'list', '--json'])).out)).toEqual([]);
  });
});

describe('porchlight rule', () => {
  it('set writes the rule, and a Change that the SIP service sees', async () => {
    const deps = await withAlice();
    const before = (await deps.store.journal.span())?.newest ?? 0;
    const ran = await run(deps, ['rule', 'set', 'alice@example.com', 'sip:bob@example.com', 'presence', 'allow']);
    expect(ran).toEqual({ status: 0, out: 'alice@example.com  bob@example.com  presence  allow', err: '' });
    expect(await deps.store.rules.of(ALICE)).toEqual([
      { owner: ALICE, subject: BOB, event: 'presence', permission: 'allow' },
    ]);
    const changes = (await deps.store.journal.after(before, 10)).map(({ change }) => change);
    expect(changes).toEqual([{ kind: 'rules', subject: ALICE }]);
  });

  it('set replaces what was said of the same watcher and event', async () => {
    const deps = await withAlice();
    await run(deps, ['rule', 'set', 'alice', 'bob', 'presence', 'allow']);
    await run(deps, ['rule', 'set', 'alice', 'bob', 'Presence', 'block']);
    expect(await deps.store.rules.of(ALICE)).toEqual([
      { owner: ALICE, subject: BOB, event: 'presence', permission: 'block' },
    ]);
  });

  it.each([
    ['sip:bob@192.0.2.1', BOB],
    ['bob', BOB],
    ['sip:carol@elsewhere.org', 'sip:carol@elsewhere.org'],
    ['@porch.local', '@example.com'],
    ['@elsewhere.org', '@elsewhere.org'],
    ['*', EVERYBODY],
  ])('the watcher %s is kept as %s', async (watcher, subject) => {
    const deps = await withAlice();
    expect((await run(deps, ['rule', 'set', 'alice', watcher, 'presence', 'polite-block'])).status).toBe(0);
    expect((await deps.store.rules.of(ALICE)).map((rule) => rule.subject)).toEqual([subject as Subject]);
  });

  it.each([
    [['nobody', 'bob', 'presence', 'allow'], 'there is no account nobody@example.com'],
    [['alice@elsewhere.org', 'bob', 'presence', 'allow'], "is not of this server's domain, example.com"],
    [['alice', 'bob', 'weather', 'allow'], "there is no event package 'weather'"],
    [['alice', 'bob', 'pre sence', 'allow'], "'pre sence' is not the name of an event package"],
    [['alice', 'bob', 'presence', 'maybe'], "'maybe' is not one of block, confirm, polite-block, allow"],
    [['alice', 'bob', 'presence.winfo', 'allow'], 'no rule is about presence.winfo'],
    [['alice', 'bob.smith', 'presence', 'allow'], "'bob.smith' is not a watcher"],
  ])('set %j is refused in one line and changes nothing', async (words, why) => {
    const deps = await withAlice();
    const { status, err } = await run(deps, ['rule', 'set', ...words]);
    expect(status).toBe(1);
    expect(err).toContain(why);
    expect(err.split('\n')).toHaveLength(1);
    expect(await deps.store.rules.of(ALICE)).toEqual([]);
  });

  it('list shows one owner or everybody', async () => {
    const deps = await withAlice();
    await run(deps, ['user', 'add', 'bob'], { password: 'x' });
    await run(deps, ['rule', 'set', 'alice', 'bob', 'presence', 'allow']);
    await run(deps, ['rule', 'set', 'bob', '*', 'presence', 'block']);
    expect((await run(deps, ['rule', 'list', 'alice'])).out).toBe(
      'alice@example.com  bob@example.com  presence  allow',
    );
    expect((await run(deps, ['rule', 'list'])).out.split('\n')).toEqual([
      'alice@example.com  bob@example.com  presence  allow',
      'bob@example.com  *  presence  block',
    ]);
    expect(JSON.parse((await run(deps, ['rule', 'list', 'bob', '--json'])).out)).toEqual([
      { owner: 'bob@example.com', watcher: '*', event: 'presence', permission: 'block' },
    ]);
    expect((await run(deps, ['rule', 'list', 'carol'])).err).toContain('there is no account carol@example.com');
  });

  it('delete takes the rule away; a rule that is not there is said so', async () => {
    const deps = await withAlice();
    await run(deps, ['rule', 'set', 'alice', 'bob', 'presence', 'allow']);
    expect((await run(deps, ['rule', 'delete', 'alice', 'sip:bob@porch.local', 'presence'])).status).toBe(0);
    expect(await deps.store.rules.of(ALICE)).toEqual([]);
    const again = await run(deps, ['rule', 'delete', 'alice', 'bob', 'presence', '--json']);
    expect(again.status).toBe(1);
    expect(JSON.parse(again.out)).toEqual({
      error: 'there is no rule of alice@example.com for bob@example.com, presence',
    });
  });
});

describe('porchlight package', () => {
  it('list shows the built-in packages of a new database', async () => {
    const { out } = await run(makeDeps(), ['package', 'list']);
    expect(out).toBe('presence  builtin:presence  on\npresence.winfo  builtin:presence.winfo  on');
  });

  it('disable and enable turn the row, with a Change only when something changes', async () => {
    const deps = makeDeps();
    expect((await run(deps, ['package', 'disable', 'presence'])).out).toBe('presence  builtin:presence  off');
    expect(await deps.store.eventLoader.list()).toContainEqual(
      expect.objectContaining({ event: 'presence', enabled: false }),
    );
    const newest = (await deps.store.journal.span())?.newest;
    await run(deps, ['package', 'disable', 'presence']);
    expect((await deps.store.journal.span())?.newest).toBe(newest);
    expect((await run(deps, ['package', 'enable', 'PRESENCE'])).out).toBe('presence  builtin:presence  on');
  });

  it('reload asks the SIP services for it by a row of the journal; what is off is refused', async () => {
    const deps = makeDeps();
    expect((await run(deps, ['package', 'reload', 'presence'])).out).toBe('presence is being loaded anew');
    expect((await deps.store.journal.after(0, 9)).map(({ change }) => change)).toEqual([
      { kind: 'reload', subject: '', event: 'presence' },
    ]);
    await run(deps, ['package', 'disable', 'presence']);
    expect((await run(deps, ['package', 'reload', 'presence'])).status).toBe(1);
    expect((await run(deps, ['package', 'reload', 'weather'])).err).toContain("there is no event package 'weather'");
  });

  it('add serves a package of one’s own, by a module that keeps the contract', async () => {
    const deps = makeDeps();
    const file = fileURLToPath(new URL('../../support/example-package.mjs', import.meta.url));
    const line = `ping-state  ${file}  on`;
    expect(await run(deps, ['package', 'add', 'Ping-State', file])).toEqual({ status: 0, out: line, err: '' });
    const near = `./${relative(process.cwd(), file)}`;
    expect((await run(deps, ['package', 'add', 'ping-state', near])).out).toBe(line);
    expect(await deps.store.eventLoader.list()).toContainEqual({ event: 'ping-state', module: file, enabled: true });
  });

  it.each([
    ['weather', '/nowhere/weather.mjs', /cannot be loaded: Cannot find module/],
    ['weather', 'weather.mjs/', /cannot be loaded: /],
    ['wea ther', '/nowhere/weather.mjs', /'wea ther' is not the name of an event package/],
    ['weather', 'builtin:presence', /cannot be loaded: .*presence/],
  ])('add %s %s is refused, and nothing is kept', async (event, module, why) => {
    const deps = makeDeps();
    const { status, err } = await run(deps, ['package', 'add', event, module]);
    expect(status).toBe(1);
    expect(err).toMatch(why);
    expect(err.split('\n')).toHaveLength(1);
    expect((await deps.store.eventLoader.list()).map((row) => row.event)).not.toContain('weather');
  });

  it('an unknown event is one clear line', async () => {
    expect(await run(makeDeps(), ['package', 'enable', 'weather'])).toEqual({
      status: 1,
      out: '',
      err: "porchlight: there is no event package 'weather'; known: presence, presence.winfo",
    });
  });
});

describe('porchlight, the program', () => {
  it('docs/command-line.md lists every command there is, and no other; each has --help and --json', async () => {
    const page = readFileSync(new URL('../../../docs/command-line.md', import.meta.url), 'utf8');
    const listed = [...page.matchAll(/^porchlight ([a-z-]+(?: [a-z-]+)?)/gm)].map(([, name]) => name ?? '');
    const found: string[] = [];
    for (const group of await commandsOf([])) {
      const below = await commandsOf([group]);
      found.push(...(below.length === 0 ? [group] : below.map((name) => `${group} ${name}`)));
    }
    expect([...listed].sort()).toEqual([...found].sort());
    for (const name of listed) {
      const { status, out } = await run(makeDeps(), [...name.split(' '), '--help']);
      expect([name, status, out.includes('--json')]).toEqual([name, 0, true]);
    }
  });

  it.each([
    [['--help'], 'Exit status'],
    [['user', '--help'], 'import'],
    [['user', 'add', '--help'], 'standard input'],
    [['user', 'import', '--help'], 'username,ha1'],
    [['rule', 'set', '--help'], 'polite-block'],
    [['rule', 'list', '--help'], 'owner'],
    [['package', 'enable', '--help'], '--json'],
  ])('%j prints help with status 0', async (words, text) => {
    const { status, out } = await run(makeDeps(), words);
    expect(status).toBe(0);
    expect(out).toContain(text);
  });

  it.each([
    [[]],
    [['user']],
    [['user', 'paint']],
    [['user', 'add']],
    [['user', 'list', '--colour']],
    [['rule', 'set', 'alice', 'bob']],
  ])('wrong use %j is status 2, told on standard error', async (words) => {
    const { status, out, err } = await run(makeDeps(), words, { password: 'x' });
    expect(status).toBe(2);
    expect(out).toBe('');
    expect(err).not.toBe('');
  });
});
