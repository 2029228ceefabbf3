import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { findInvitation } from '#store';
import {
  aor,
  makeAccount,
  makePublication,
  makeSession,
  makeSubscription,
  makeWaitingRow,
} from '../../support/stores.ts';
import { makeDeps, NOW, run } from './world.ts';

async function withUsers(...users: readonly string[]) {
  const deps = makeDeps();
  for (const user of users) await run(deps, ['user', 'add', user], { password: `${user}-secret` });
  return deps;
}

describe('porchlight user disable, enable, delete', () => {
  it('disable closes the account and ends its browser sessions; enable opens it', async () => {
    const deps = await withUsers('alice');
    await deps.store.sessions.create(makeSession(1));
    expect(await run(deps, ['user', 'disable', 'alice'])).toEqual({
      status: 0,
      out: 'Disabled alice@example.com',
      err: '',
    });
    expect((await deps.store.accounts.find(aor('alice')))?.disabled).toBe(true);
    expect(await deps.store.sessions.find(makeSession(1).idHash, 0)).toBeUndefined();
    expect((await run(deps, ['user', 'list'])).out).toBe('alice@example.com  (disabled)');
    expect(JSON.parse((await run(deps, ['user', 'enable', 'alice@porch.local', '--json'])).out)).toEqual({
      account: 'alice@example.com',
      disabled: false,
    });
    expect((await deps.store.accounts.find(aor('alice')))?.disabled).toBe(false);
  });

  it('delete takes the account with all that is its', async () => {
    const deps = await withUsers('alice', 'bob');
    await run(deps, ['rule', 'set', 'alice', 'bob', 'presence', 'allow']);
    expect((await run(deps, ['user', 'delete', 'alice'])).out).toBe('Deleted alice@example.com');
    expect(await deps.store.accounts.find(aor('alice'))).toBeUndefined();
    expect(await deps.store.rules.of(aor('alice'))).toEqual([]);
    expect((await run(deps, ['user', 'list'])).out).toBe('bob@example.com');
  });

  it.each([['disable'], ['enable'], ['delete'], ['show'], ['password'], ['admin'], ['reset']])(
    '%s of nobody is one clear line and status 1',
    async (verb) => {
      const ran = await run(makeDeps(), ['user', verb, 'nobody'], { password: 'x' });
      expect(ran).toEqual({ status: 1, out: '', err: 'porchlight: there is no account nobody@example.com' });
    },
  );
});

describe('porchlight user admin', () => {
  it('lets an account run the server by the portal until it is taken back, and writes it down', async () => {
    const deps = await withUsers('alice');
    expect((await run(deps, ['user', 'admin', 'alice'])).out).toBe(
      'alice@example.com may run this server by the portal',
    );
    expect((await deps.store.accounts.find(aor('alice')))?.admin).toBe(true);
    expect(JSON.parse((await run(deps, ['user', 'admin', 'alice', '--off', '--json'])).out)).toEqual({
      account: 'alice@example.com',
      admin: false,
    });
    expect((await deps.store.accounts.find(aor('alice')))?.admin).toBeUndefined();
    expect((await deps.store.audit.list({ limit: 2 })).map(({ act, actor }) => [act, actor])).toEqual([
      ['admin-off', 'command line'],
      ['admin-on', 'command line'],
    ]);
  });
});

describe('the audit log', () => {
  it('holds what the administrator changed, and neither what was refused nor what was only looked at', async () => {
    const deps = await withUsers('alice');
    await run(deps, ['user', 'list']);
    await run(deps, ['rule', 'set', 'alice', 'sip:bob@example.com', 'presence', 'allow']);
    await run(deps, ['rule', 'set', 'nobody', 'sip:bob@example.com', 'presence', 'allow']);
    await run(deps, ['package', 'disable', 'presence']);
    await run(deps, ['package', 'disable', 'presence']);
    await run(deps, ['user', 'reset', 'alice']);
    await run(deps, ['user', 'disable', 'alice']);
    await run(deps, ['user', 'export', '-']);
    await run(deps, ['user', 'delete', 'alice']);
    const entries = await deps.store.audit.list({ limit: 50 });
    expect(entries.map(({ act, subject }) => `${act} ${subject}`)).toEqual([
      'account-deleted sip:alice@example.com',
      'accounts-exported ',
      'account-disabled sip:alice@example.com',
      'password-link sip:alice@example.com',
      'package-off presence',
      'rule-set alice',
      'account-added sip:alice@example.com',
    ]);
    expect(new Set(entries.map(({ actor, address }) => `${actor}${address}`))).toEqual(new Set(['command line']));
    expect(entries.find(({ act }) => act === 'rule-set')?.detail).toContain(
      'sip:bob@example.com  presence  allow'.slice(4),
    );
  });
});

describe('porchlight registration, porchlight invitation', () => {
  it('tells what stands and sets it', async () => {
    const deps = await withUsers();
    expect((await run(deps, ['registration'])).out).toBe('open');
    expect((await run(deps, ['registration', 'invitation'])).out).toBe('invitation');
    expect((await run(deps, ['registration'])).out).toBe('invitation');
    expect((await run(deps, ['registration', 'sometimes'])).status).toBe(1);
  });

  it('makes a link, lists it without its secret, takes it back', async () => {
    const deps = await withUsers();
    const added = await run(deps, ['invitation', 'add', 'Grandma', '--days', '2', '--portal', 'https://p.example/']);
    const secret = /^https:\/\/p\.example\/register\?invitation=([\w-]{32})$/m.exec(added.out)?.[1] ?? '';
    expect(secret).not.toBe('');
    expect(added.out).toContain('Registration is not by invitation now');
    expect(await findInvitation(deps, secret)).toMatchObject({ note: 'Grandma', madeBy: 'command line', usesLeft: 1 });
    const list = JSON.parse((await run(deps, ['invitation', 'list', '--json'])).out) as { id: string }[];
    expect(list).toHaveLength(1);
    expect(JSON.stringify(list)).not.toContain(secret);
    expect((await run(deps, ['invitation', 'revoke', list[0]?.id ?? ''])).status).toBe(0);
    expect((await run(deps, ['invitation', 'revoke', list[0]?.id ?? ''])).status).toBe(1);
    expect(await findInvitation(deps, secret)).toBeUndefined();
    for (const wrong of [
      ['--days', '0'],
      ['--days', '366'],
      ['--days', 'x'],
    ]) {
      expect((await run(deps, ['invitation', 'add', 'Grandma', ...wrong])).status).toBe(1);
    }
    const audit = (await run(deps, ['audit', '--limit', '2'])).out.split('\n');
    expect(audit.map((line) => line.split('  ').slice(1, 3).join(' '))).toEqual([
      'command line invitation-revoked',
      'command line invitation-made',
    ]);
    expect((await run(deps, ['audit', '--limit', '0'])).status).toBe(1);
  });
});

describe('porchlight user reset', () => {
  it('makes a link that is good once, within a day; the database knows only its hash', async () => {
    const deps = await withUsers('alice');
    const { out } = await run(deps, ['user', 'reset', 'alice', '--portal', 'https://presence.example.com/', '--json']);
    const { link } = JSON.parse(out) as { link: string };
    expect(link).toMatch(/^https:\/\/presence\.example\.com\/reset\?link=[\w-]{32}$/);
    const idHash = createHash('sha256').update(link.slice(-32)).digest('hex');
    expect(await deps.store.tickets.spend(idHash, 'password', deps.clock.now())).toBe(aor('alice'));
    expect(await deps.store.tickets.spend(idHash, 'password', deps.clock.now())).toBeUndefined();
  });
});

describe('porchlight user password', () => {
  it('the new password opens portal and phones, the old one nothing, and browser sessions end', async () => {
    const deps = await withUsers('alice');
    await deps.store.sessions.create(makeSession(1));
    await deps.store.tickets.issue({ idHash: 'a'.repeat(64), owner: aor('alice'), purpose: 'mail', expiresAt: 9e15 });
    const ran = await run(deps, ['user', 'password', 'alice'], { password: 'brand new' });
    expect(ran.out).toBe('Set the password of alice@example.com; 1 browser sessions ended');
    const hash = (await deps.store.accounts.passwordHash(aor('alice')))?.hash ?? '';
    expect(await deps.secrets.verifyPassword(hash, 'brand new')).toBe(true);
    expect(await deps.secrets.verifyPassword(hash, 'alice-secret')).toBe(false);
    const credentials = (await deps.store.accounts.credentials([aor('alice')])).get(aor('alice'))?.credentials ?? [];
    expect(credentials).toHaveLength(3);
    expect(credentials.every((credential) => deps.secrets.passwordMatches(credential, 'brand new'))).toBe(true);
    expect(await deps.store.sessions.find(makeSession(1).idHash, 0)).toBeUndefined();
    expect(await deps.store.tickets.spend('a'.repeat(64), 'mail', 0)).toBeUndefined();
  });

  it.each([
    ['', 'porchlight: the password is empty; nothing was changed'],
    [undefined, 'porchlight: no password was given'],
  ])('%j is refused, and what was stays', async (password, why) => {
    const deps = await withUsers('alice');
    const before = await deps.store.accounts.passwordHash(aor('alice'));
    expect((await run(deps, ['user', 'password', 'alice'], { password })).err).toBe(why);
    expect(await deps.store.accounts.passwordHash(aor('alice'))).toEqual(before);
  });
});

describe('porchlight user show', () => {
  it('tells what the account has, and what of it is of no use', async () => {
    const deps = await withUsers('alice');
    const foreign = deps.secrets.sealHa1('alice', 'elsewhere.org', 'MD5', '0'.repeat(32));
    const kept = (await deps.store.accounts.credentials([aor('alice')])).get(aor('alice'))?.credentials ?? [];
    await deps.store.accounts.setSecrets(aor('alice'), { credentials: [...kept, foreign] });
    await deps.store.publications.write({
      kind: 'insert',
      publication: makePublication('p1', { expiresAt: NOW + 1000 }),
    });
    const gone = makePublication('p2', { expiresAt: NOW - 1 });
    await deps.store.publications.write({ kind: 'insert', publication: gone });
    const { out } = await run(deps, ['user', 'show', 'alice']);
    expect(out).toContain('MD5, SHA-256, SHA-512-256 (1 unusable)');
    expect(out).toContain('has a password');
    expect(JSON.parse((await run(deps, ['user', 'show', 'alice', '--json'])).out)).toMatchObject({
      account: 'alice@example.com',
      disabled: false,
      publications: 1,
      watchers: 0,
      rules: 0,
    });
    // Nothing that opens anything is shown.
    const sealed = JSON.stringify(await run(deps, ['user', 'show', 'alice', '--json']));
    expect(sealed).not.toMatch(/argon2|[0-9a-f]{32}/);
  });
});

describe('porchlight user export', () => {
  it('what was exported is imported elsewhere: the same phones get in, who was disabled stays so', async () => {
    const deps = await withUsers('alice', 'bob', 'a,b');
    await run(deps, ['user', 'disable', 'bob']);
    const files: Record<string, string> = {};
    const ran = await run(deps, ['user', 'export', 'all.csv', '--algorithm', 'sha-256'], { files });
    expect(ran).toEqual({ status: 0, out: 'Exported 3 accounts', err: '' });

    const other = makeDeps({ keyByte: 9 });
    expect((await run(other, ['user', 'import', 'all.csv'], { files })).out).toBe(
      'Added 3 accounts, passed over 0 lines',
    );
    for (const user of ['alice', 'bob']) {
      const [credential] = (await other.store.accounts.credentials([aor(user)])).get(aor(user))?.credentials ?? [];
      expect(credential?.algorithm).toBe('SHA-256');
      expect(credential !== undefined && other.secrets.passwordMatches(credential, `${user}-secret`)).toBe(true);
    }
    expect((await other.store.accounts.find(aor('bob')))?.disabled).toBe(true);
    expect((await other.store.accounts.find(aor('alice')))?.disabled).toBe(false);
    expect((await other.store.accounts.list({ limit: 9 })).map(({ username }) => username)).toContain('a,b');
  });

  it('- is standard output, with nothing but the file on it', async () => {
    const deps = await withUsers('alice');
    const ran = await run(deps, ['user', 'export', '-']);
    expect(ran.status).toBe(0);
    expect(ran.out.split('\r\n')).toHaveLength(3);
    expect(ran.out).toMatch(/^username,domain,realm,algorithm,ha1,disabled,created\r\nalice,example\.com,/);
    expect(ran.err).toBe('Exported 1 accounts');
    expect((await run(deps, ['user', 'export', '-', '--json'])).status).toBe(1);
  });

  it('a file that is there is never written over; an algorithm that is none leaves no file', async () => {
    const deps = await withUsers('alice');
    const files: Record<string, string> = { here: 'precious' };
    expect((await run(deps, ['user', 'export', 'here'], { files })).err).toContain('there is one already');
    expect((await run(deps, ['user', 'export', 'new', '--algorithm', 'CRC'], { files })).status).toBe(1);
    expect(files).toEqual({ here: 'precious' });
  });

  it('accounts whose credentials no key opens are counted', async () => {
    const deps = await withUsers('alice');
    await deps.store.accounts.create(makeAccount('bob'));
    const ran = await run(deps, ['user', 'export', 'f', '--json'], { files: {} });
    expect(ran.status).toBe(1);
    expect(JSON.parse(ran.out)).toEqual({ exported: 2, without: 1, algorithm: 'MD5' });
  });
});

describe('porchlight rule import', () => {
  it('sets the rules, tells lines that cannot be taken and passes them over', async () => {
    const deps = await withUsers('alice', 'bob');
    const files = {
      'r.csv': [
        'owner,watcher,event,permission',
        'alice,bob,presence,allow',
        'alice,*,,block',
        'bob,@porch.local,presence,polite-block',
        'nobody,bob,presence,allow',
        'alice,bob,weather,allow',
        'alice,bob,presence,maybe',
        'alice@elsewhere.org,bob,presence,allow',
        'alice,bob',
      ].join('\n'),
    };
    const ran = await run(deps, ['rule', 'import', 'r.csv'], { files });
    expect(ran.status).toBe(1);
    expect(ran.out).toBe('Set 3 rules, passed over 5 lines');
    expect(
      ran.err
        .split('\n')
        .map((line) => line.slice(0, 7))
        .sort(),
    ).toEqual([5, 6, 7, 8, 9].map((n) => `line ${n}:`));
    expect((await run(deps, ['rule', 'list'])).out.split('\n')).toEqual([
      'alice@example.com  *  presence  block',
      'alice@example.com  bob@example.com  presence  allow',
      'bob@example.com  @example.com  presence  polite-block',
    ]);
  });

  it('a file that does not name its columns is refused', async () => {
    const ran = await run(await withUsers('alice'), ['rule', 'import', 'r.csv'], {
      files: { 'r.csv': 'alice,bob,allow' },
    });
    expect(ran.err).toContain('the first line must name the columns: owner,watcher,permission (and event)');
  });
});

describe('porchlight subscription and publication', () => {
  const subscribed = makeSubscription('s1', { expiresAt: NOW + 60_000 });
  const published = makePublication('p1', { expiresAt: NOW + 60_000 });

  async function withLive() {
    const deps = await withUsers('alice', 'bob');
    await deps.store.subscriptions.write({ kind: 'insert', subscription: subscribed });
    const other = { ...subscribed, id: 's2', presentity: aor('bob'), watcher: aor('alice') };
    await deps.store.subscriptions.write({ kind: 'insert', subscription: other });
    const over = { ...subscribed, id: 's3', expiresAt: NOW };
    await deps.store.subscriptions.write({ kind: 'insert', subscription: over });
    const waiting = makeWaitingRow('w1', { watcher: aor('carol'), expiresAt: NOW + 3_600_000 });
    await deps.store.waiting.write({ kind: 'keep', waiting });
    await deps.store.publications.write({ kind: 'insert', publication: published });
    return deps;
  }
  const lease = { name: 'sip', holder: 'one', host: 'here', pid: 1 };

  it('list shows what is live, of one or all, and never a document', async () => {
    const deps = await withLive();
    const ids = async (...words: readonly string[]) =>
      (JSON.parse((await run(deps, [...words, '--json'])).out) as { readonly id: string }[]).map(({ id }) => id);
    expect(await ids('subscription', 'list')).toEqual(['s1', 'w1', 's2']);
    expect(await ids('subscription', 'list', '--of', 'alice')).toEqual(['s1', 'w1']);
    expect(await ids('subscription', 'list', '--watcher', 'alice')).toEqual(['s2']);
    expect(await ids('subscription', 'list', '--of', 'alice', '--watcher', 'alice')).toEqual([]);
    expect(await ids('publication', 'list')).toEqual(['p1']);
    expect(await ids('publication', 'list', 'bob')).toEqual([]);
    expect((await run(deps, ['subscription', 'list'])).out).toContain(
      's1  bob@example.com → alice@example.com  presence  active  allow  60 s',
    );
    expect((await run(deps, ['subscription', 'list'])).out).toContain(
      'w1  carol@example.com → alice@example.com  presence  waiting  confirm  3600 s',
    );
    const { out } = await run(deps, ['publication', 'list', '--json']);
    expect(out).not.toContain('<presence');
    expect((await run(deps, ['subscription', 'list', '--of', 'x@elsewhere.org'])).status).toBe(1);
  });

  it.each([
    ['subscription', 'end', 's1', { kind: 'subscription', subject: aor('alice'), id: 's1' }],
    ['subscription', 'end', 'w1', { kind: 'subscription', subject: aor('alice'), id: 'w1' }],
    ['publication', 'remove', 'p1', { kind: 'publication', subject: aor('alice'), id: 'p1' }],
  ] as const)('%s %s asks the SIP service by a row of the journal, and waits until it is done', async (...words) => {
    const [what, verb, id, change] = words;
    const deps = await withLive();
    await deps.store.leases.take(lease, undefined);
    const ran = run(deps, [what, verb, id]);
    await deps.clock.advance(300);
    const newest = (await deps.store.journal.after(0, 100)).at(-1);
    expect(newest?.change).toEqual(change);
    if (id === 'w1') await deps.store.waiting.write({ kind: 'remove', waiting: makeWaitingRow(id) });
    else if (what === 'subscription') await deps.store.subscriptions.write({ kind: 'remove', id });
    else await deps.store.publications.write({ kind: 'remove', id, expected: published.etag });
    await deps.clock.advance(300);
    expect((await ran).status).toBe(0);
    expect((await ran).out).toMatch(new RegExp(`^(Ended|Removed) the ${what} ${id} of alice@example.com$`));
  });

  it('a service that does not do it in time is said so, with status 1', async () => {
    const deps = await withLive();
    await deps.store.leases.take(lease, undefined);
    const ran = run(deps, ['subscription', 'end', 's1']);
    await deps.clock.advance(6_000);
    expect(await ran).toMatchObject({ status: 1, out: expect.stringContaining('has not done so within 5 s') });
  });

  it('without a SIP service it is refused, and no row is written that nobody would read', async () => {
    const deps = await withLive();
    const before = await deps.store.journal.span();
    expect((await run(deps, ['subscription', 'end', 's1'])).err).toContain('does not run');
    await deps.store.leases.take(lease, undefined);
    const dead = { ...deps, isGone: () => true };
    expect((await run(dead, ['publication', 'remove', 'p1'])).err).toContain('does not run');
    expect(await deps.store.journal.span()).toEqual(before);
  });

  it('an id that is not there is refused', async () => {
    expect((await run(await withLive(), ['subscription', 'end', 'nix'])).err).toContain('there is no subscription nix');
    expect((await run(await withLive(), ['publication', 'remove', 'nix'])).err).toContain(
      'there is no publication nix',
    );
  });
});
