import { describe, expect, test } from 'vitest';
import type { Watcher } from '#model';
import { winfoPackage } from '../../../services/packages/winfo/index.ts';
import { MAX_WATCHERS } from '../../../services/packages/winfo/watcherinfo.ts';
import { aor } from '../../support/stores.ts';
import { describeWithXmllint, validateXml } from '../../support/validate-xml.ts';
import { readWatcherinfo, tableOf, worded } from '../../support/watcherinfo.ts';

const NOON = Date.UTC(2026, 10, 1, 12, 0, 0);
const ALICE = aor('alice');
const made = winfoPackage('presence.winfo');
if (made === undefined) throw new Error('there is no such package');
const winfo = made;
const [format] = winfo.formats;

const watcher = (user: string, given: Partial<Watcher> = {}): Watcher => ({
  id: `id-${user}`,
  aor: aor(user),
  status: 'active',
  event: 'subscribe',
  since: NOON - 509_000,
  expiresAt: NOON + 1_800_000,
  ...given,
});
const ended = (user: string, event: Watcher['event']): Watcher =>
  watcher(user, { status: 'terminated', event, expiresAt: undefined });
const BOB = watcher('bob', { event: 'approved' });
const CAROL = watcher('carol', { status: 'pending' });
const DAVE = watcher('dave', { status: 'waiting', event: 'timeout', expiresAt: undefined });

interface Step {
  readonly watchers: readonly Watcher[];
  readonly whole?: boolean;
  readonly at?: number;
}

/** The documents of one subscription. */
function documents(steps: readonly Step[], from = 0): Uint8Array[] {
  let memory: ReturnType<typeof format.write>['memory'] | undefined;
  return steps.map(({ watchers, whole = false, at = NOON }) => {
    const told = format.write(winfo.compose(ALICE, watchers), { memory, whole, from, now: at });
    memory = told.memory;
    return told.body;
  });
}

const text = (body: Uint8Array | undefined): string => new TextDecoder().decode(body);
const read = (steps: readonly Step[], from = 0) => documents(steps, from).map((body) => readWatcherinfo(text(body)));

describe('watcher information documents', () => {
  test('RFC 3858 §3: resource, package and each watcher’s URI, id, status, event and spans', () => {
    const [document] = read([{ watchers: [BOB] }]);
    expect(document).toEqual({
      version: 0,
      state: 'full',
      resource: 'sip:alice@example.com',
      package: 'presence',
      watchers: [
        {
          id: 'id-bob',
          uri: 'sip:bob@example.com',
          status: 'active',
          event: 'approved',
          expiration: 1800,
          duration: 509,
        },
      ],
    });
  });

  test('RFC 3858 §3: who waits or has ended has no subscription that could expire', () => {
    const [, partial] = read([{ watchers: [BOB, DAVE] }, { watchers: [ended('bob', 'timeout'), DAVE, CAROL] }]);
    expect(partial?.watchers.find(({ status }) => status === 'terminated')?.expiration).toBeUndefined();
    const [full] = read([{ watchers: [DAVE] }]);
    expect(full?.watchers[0]).toMatchObject({ status: 'waiting', expiration: undefined, duration: 509 });
  });

  test('RFC 3858 §3: a span that is over is 0, never negative', () => {
    const [document] = read([{ watchers: [BOB], at: NOON + 3_600_000 }]);
    expect(document?.watchers[0]?.expiration).toBe(0);
  });

  test('RFC 3858 §3: versions begin at 0 and grow by one, whole documents too', () => {
    const steps = [{ watchers: [] }, { watchers: [BOB] }, { watchers: [BOB], whole: true }, { watchers: [] }];
    expect(read(steps).map(({ version }) => version)).toEqual([0, 1, 2, 3]);
    expect(read(steps, 1001).map(({ version }) => version)).toEqual([1001, 1002, 1003, 1004]);
  });

  test('RFC 3857 §4.7.2: the first names everybody, then only who changed, whole when asked', () => {
    const approved = watcher('carol', { event: 'approved' });
    const [first, second, third, fourth] = read([
      { watchers: [BOB, CAROL, DAVE] },
      { watchers: [BOB, approved, DAVE] },
      { watchers: [ended('bob', 'rejected'), approved, ended('dave', 'approved')] },
      { watchers: [ended('bob', 'rejected'), approved, ended('dave', 'approved')], whole: true },
    ]);
    expect(first && worded(first)).toEqual(['carol pending subscribe', 'dave waiting timeout', 'bob active approved']);
    expect(second).toMatchObject({ state: 'partial' });
    expect(second && worded(second)).toEqual(['carol active approved']);
    expect(third && [...worded(third)].sort()).toEqual(['bob terminated rejected', 'dave terminated approved']);
    expect(fourth).toMatchObject({ state: 'full' });
    expect(fourth && worded(fourth)).toEqual(['carol active approved']);
  });

  test('RFC 3857 §4.7.2: who came and went between two documents is never told of', () => {
    const [, second] = read([{ watchers: [BOB] }, { watchers: [BOB, CAROL, ended('eve', 'timeout')] }]);
    expect(second && worded(second)).toEqual(['carol pending subscribe']);
  });

  test('RFC 3858 §4: one that is gone, nobody knows any more how, makes the document whole', () => {
    const [, second] = read([{ watchers: [BOB, CAROL] }, { watchers: [CAROL] }]);
    expect(second).toMatchObject({ state: 'full', version: 1 });
    expect(second && worded(second)).toEqual(['carol pending subscribe']);
  });

  test('RFC 3858 §4: a receiver that puts the documents together holds what is so', () => {
    const bodies = documents([
      { watchers: [] },
      { watchers: [CAROL] },
      { watchers: [CAROL, BOB, DAVE] },
      { watchers: [ended('carol', 'giveup'), BOB, ended('dave', 'giveup'), watcher('dave', { id: 'id-2' })] },
    ]).map(text);
    expect([...tableOf(bodies).keys()].sort()).toEqual(['id-2', 'id-bob']);
  });

  test('RFC 3857 §6.1: of more than one document holds, those who ask are told of first', () => {
    const many = Array.from({ length: MAX_WATCHERS }, (_, index) => watcher(`w${index}`));
    const [document] = read([{ watchers: [...many, DAVE, CAROL] }]);
    expect(document?.watchers).toHaveLength(MAX_WATCHERS);
    expect(document?.watchers.slice(0, 2).map(({ status }) => status)).toEqual(['pending', 'waiting']);
  });

  test('RFC 3857 §4.7: a template for any package; watchers’ watchers, and no deeper', () => {
    expect(winfoPackage('dialog.winfo')?.compose(ALICE, []).package).toBe('dialog');
    expect(winfoPackage('presence.winfo.winfo')?.compose(ALICE, []).package).toBe('presence.winfo');
    for (const name of ['presence', '.winfo', 'presence.winfo.winfo.winfo']) expect(winfoPackage(name)).toBeUndefined();
  });
});

/** From each state to each other, and at the edges of every attribute. */
const EVERY: readonly Step[] = [
  { watchers: [] },
  { watchers: [BOB, CAROL, DAVE] },
  { watchers: [BOB, CAROL, DAVE], at: NOON + 7_200_000, whole: true },
  {
    watchers: (['approved', 'deactivated', 'probation', 'rejected', 'timeout', 'giveup', 'noresource'] as const).map(
      (event, index) => ended(['bob', 'carol', 'dave'][index] ?? `e${index}`, event),
    ),
  },
  { watchers: [watcher('j%C3%BCrgen'), watcher("o'neil&sons")] },
];

describeWithXmllint('RFC 3858 §6: the schema', () => {
  test('every document is valid by it', () => {
    expect(validateXml(documents(EVERY), 'watcherinfo.xsd')).toBe('');
  });
});

describe('golden: watcher information', () => {
  test.each(documents(EVERY.slice(0, 4)).map((body, version) => [version, text(body)] as const))(
    'version %i, byte for byte',
    async (version, body) => {
      await expect(body).toMatchFileSnapshot(`../../golden/winfo/version-${version}.xml`);
    },
  );
});
