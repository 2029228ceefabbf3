import { describe, expect, it } from 'vitest';
import { type Aor, groupSubject, MAX_GROUPS } from '#model';
import { readInstant } from '../../../services/cli/read-instant.ts';
import { makeDeps, run } from './world.ts';

const ALICE = 'sip:alice@example.com' as Aor;
const aor = (name: string): Aor => `sip:${name}@example.com` as Aor;

async function withAlice() {
  const deps = makeDeps();
  await run(deps, ['user', 'add', 'alice'], { password: 'x' });
  return deps;
}

describe('porchlight group', () => {
  it('add makes one with its people, list shows them, the portal’s owner sees the same', async () => {
    const deps = await withAlice();
    const added = await run(deps, ['group', 'add', 'alice', 'Family', 'bob', 'zoe@porch.local', 'bob']);
    expect(added).toEqual({ status: 0, out: 'alice@example.com  Family  bob@example.com zoe@example.com', err: '' });
    expect(await deps.store.groups.of(ALICE)).toMatchObject([{ name: 'Family', members: [aor('bob'), aor('zoe')] }]);
    await run(deps, ['group', 'add', 'alice', 'Team']);
    expect((await run(deps, ['group', 'list', 'alice'])).out.split('\n')).toEqual([
      'alice@example.com  Family  bob@example.com zoe@example.com',
      'alice@example.com  Team',
    ]);
    expect(JSON.parse((await run(deps, ['group', 'list', 'alice', '--json'])).out)[0]).toEqual({
      owner: 'alice@example.com',
      group: 'Family',
      members: ['bob@example.com', 'zoe@example.com'],
    });
    const [entry] = await deps.store.audit.list({ limit: 1 });
    expect(entry).toMatchObject({ act: 'group-set', subject: 'alice', actor: 'command line' });
  });

  it('member puts in and takes out, with a Change that the SIP service sees', async () => {
    const deps = await withAlice();
    await run(deps, ['group', 'add', 'alice', 'Family', 'bob']);
    const before = (await deps.store.journal.span())?.newest ?? 0;
    expect((await run(deps, ['group', 'member', 'alice', 'Family', 'zoe', 'sip:dad@elsewhere.org'])).out).toBe(
      'alice@example.com  Family  bob@example.com zoe@example.com dad@elsewhere.org',
    );
    expect((await run(deps, ['group', 'member', 'alice', 'Family', 'bob', 'joe', '--remove'])).out).toBe(
      'alice@example.com  Family  dad@elsewhere.org zoe@example.com',
    );
    expect((await deps.store.journal.after(before, 9)).map(({ change }) => change)).toEqual([
      { kind: 'rules', subject: ALICE },
      { kind: 'rules', subject: ALICE },
    ]);
  });

  it('remove takes the rules about it along', async () => {
    const deps = await withAlice();
    await run(deps, ['group', 'add', 'alice', 'Family', 'bob']);
    await run(deps, ['rule', 'set', 'alice', 'group:Family', 'presence', 'allow']);
    expect((await run(deps, ['group', 'remove', 'alice', 'Family'])).out).toBe(
      'Deleted the group Family of alice@example.com, and the rules about it',
    );
    expect([await deps.store.groups.of(ALICE), await deps.store.rules.of(ALICE)]).toEqual([[], []]);
  });

  it.each([
    [['add', 'nobody', 'Family'], 'there is no account nobody@example.com'],
    [['add', 'alice', ' '], 'a group is called by 1 to 64 characters'],
    [['add', 'alice', 'Team'], 'alice@example.com has a group Team'],
    [['add', 'alice', 'New', '@example.com'], "'@example.com' is not one person"],
    [['add', 'alice', 'New', 'bob.smith'], "'bob.smith' is not a watcher"],
    [['list', 'nobody'], 'there is no account nobody@example.com'],
    [['remove', 'alice', 'Family'], 'alice@example.com has no group Family'],
    [['member', 'alice', 'Family', 'bob'], 'alice@example.com has no group Family'],
  ])('%j is refused in one line and changes nothing', async (words, why) => {
    const deps = await withAlice();
    await run(deps, ['group', 'add', 'alice', 'Team']);
    const before = await deps.store.groups.of(ALICE);
    const { status, err } = await run(deps, ['group', ...words]);
    expect([status, err.split('\n').length]).toEqual([1, 1]);
    expect(err).toContain(why);
    expect(await deps.store.groups.of(ALICE)).toEqual(before);
  });

  it('one owner has only so many', async () => {
    const deps = await withAlice();
    for (let index = 0; index < MAX_GROUPS; index += 1) await run(deps, ['group', 'add', 'alice', `Group ${index}`]);
    expect((await run(deps, ['group', 'add', 'alice', 'One more'])).err).toContain('has 50 groups');
  });
});

describe('porchlight rule, for groups and with dates', () => {
  it('set and delete are about a group by its name, and list shows it so', async () => {
    const deps = await withAlice();
    await run(deps, ['group', 'add', 'alice', 'My Family', 'bob']);
    const line = 'alice@example.com  group:My Family  presence  allow';
    expect((await run(deps, ['rule', 'set', 'alice', 'group:My Family', 'presence', 'allow'])).out).toBe(line);
    const [group] = await deps.store.groups.of(ALICE);
    expect((await deps.store.rules.of(ALICE))[0]).toMatchObject({ subject: groupSubject(group?.id ?? '') });
    expect((await run(deps, ['rule', 'list'])).out).toBe(line);
    expect((await run(deps, ['rule', 'delete', 'alice', 'group:My Family', 'presence'])).status).toBe(0);
    expect(await deps.store.rules.of(ALICE)).toEqual([]);
    expect((await run(deps, ['rule', 'set', 'alice', 'group:Lost', 'presence', 'allow'])).err).toContain(
      'alice@example.com has no group Lost',
    );
  });

  it('--from and --until say when it holds; set again without them it always does', async () => {
    const deps = await withAlice();
    const dates = ['--from', '2026-12-24T18:00Z', '--until', '2026-12-26T00:00:00+01:00'];
    const { out } = await run(deps, ['rule', 'set', 'alice', 'bob', 'presence', 'allow', ...dates]);
    expect(out).toBe(
      'alice@example.com  bob@example.com  presence  allow  from 2026-12-24T18:00:00.000Z  until 2026-12-25T23:00:00.000Z',
    );
    expect((await deps.store.rules.of(ALICE))[0]).toMatchObject({
      fromAt: Date.UTC(2026, 11, 24, 18),
      untilAt: Date.UTC(2026, 11, 25, 23),
    });
    expect(JSON.parse((await run(deps, ['rule', 'list', 'alice', '--json'])).out)[0]).toMatchObject({
      from: '2026-12-24T18:00:00.000Z',
      until: '2026-12-25T23:00:00.000Z',
    });
    await run(deps, ['rule', 'set', 'alice', 'bob', 'presence', 'allow']);
    expect((await deps.store.rules.of(ALICE))[0]).not.toHaveProperty('fromAt');
  });

  it('a day alone is meant whole, by the clock of this place', () => {
    const midnight = (day: number): number => new Date(2026, 11, day).getTime();
    expect(readInstant('2026-12-24', 'begins')).toBe(midnight(24));
    expect(readInstant('2026-12-24', 'ends')).toBe(midnight(25));
    expect(readInstant('2026-12-24T00:00', 'ends')).toBe(midnight(24));
  });

  it.each([
    '',
    'tomorrow',
    '24.12.2026',
    '2026-02-30',
    '2026-13-01',
    '2026-02-30T10:00Z',
    '2026-12-24 18:00',
    '2026-12-24T25:00',
  ])('%j is no day', (text) => {
    expect(readInstant(text, 'begins')).toBeUndefined();
  });

  it.each([
    [['--from', 'soon'], "'soon' is not a day"],
    [['--until', '2026-02-30'], "'2026-02-30' is not a day"],
    [['--from', '2026-12-25', '--until', '2026-12-24'], 'a rule must begin before it ends'],
  ])('%j is refused', async (dates, why) => {
    const deps = await withAlice();
    const { status, err } = await run(deps, ['rule', 'set', 'alice', 'bob', 'presence', 'allow', ...dates]);
    expect(status).toBe(1);
    expect(err).toContain(why);
    expect(await deps.store.rules.of(ALICE)).toEqual([]);
  });
});
