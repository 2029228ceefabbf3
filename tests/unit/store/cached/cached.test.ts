import { describe, expect, it } from 'vitest';
import type { Aor, Change, Rule, Subject } from '#model';
import {
  type AccountCredentials,
  type CachedAccessOptions,
  makeCachedAccess,
  openSecrets,
  StoreUnavailable,
} from '#store';
import { makeFakeClock } from '../../../support/fake-clock.ts';

const secrets = openSecrets(new Uint8Array(32).fill(7));
const aor = (user: string): Aor => `sip:${user}@example.com` as Aor;
const [alice, bob, carol] = [aor('alice'), aor('bob'), aor('carol')];
const rule = (owner: Aor, permission: Rule['permission']): Rule => ({
  owner,
  subject: bob as string as Subject,
  event: 'presence',
  permission,
});

/** A store whose reads answer when the test lets them, with what stood when they began. */
function setUp(options: Partial<CachedAccessOptions> = {}) {
  const clock = makeFakeClock();
  const accounts = new Map<Aor, AccountCredentials>();
  const rules = new Map<Aor, readonly Rule[]>();
  const reads: { readonly of: 'accounts' | 'rules'; readonly keys: readonly Aor[] }[] = [];
  const held: (() => void)[] = [];
  let holds = false;
  let fresh = true;
  let away = false;
  let opened = 0;

  async function read<V>(of: 'accounts' | 'rules', keys: readonly Aor[], from: ReadonlyMap<Aor, V>, none?: V) {
    reads.push({ of, keys });
    const found = new Map<Aor, V>();
    for (const key of keys) {
      const value = from.get(key) ?? none;
      if (value !== undefined) found.set(key, value);
    }
    if (holds) await new Promise<void>((resolve) => held.push(resolve));
    if (away) throw new StoreUnavailable('away');
    return found;
  }

  const cached = makeCachedAccess({
    store: {
      accounts: {
        async credentials(aors, algorithm) {
          const found = await read('accounts', aors, accounts);
          const only = ({ disabled, credentials }: AccountCredentials): AccountCredentials => ({
            disabled,
            credentials: credentials.filter((one) => one.algorithm === algorithm),
          });
          return new Map(Array.from(found, ([who, one]) => [who, only(one)]));
        },
      },
      rules: { ofMany: (owners) => read<readonly Rule[]>('rules', owners, rules, []) },
    },
    secrets: {
      openHa1(credential) {
        opened += 1;
        return secrets.openHa1(credential);
      },
    },
    clock,
    isFresh: () => fresh,
    ...options,
  });
  return {
    clock,
    accounts,
    rules,
    reads,
    cached,
    hold: () => {
      holds = true;
    },
    /** Answers the reads that are held. */
    async answer() {
      for (const resolve of held.splice(0)) resolve();
      await clock.settle();
    },
    setFresh: (is: boolean) => {
      fresh = is;
    },
    setAway: (is: boolean) => {
      away = is;
    },
    opened: () => opened,
    addAccount: (who: Aor, password = 'secret') =>
      accounts.set(who, {
        disabled: false,
        credentials: secrets.credentialsFor(who.slice(4, who.indexOf('@')), 'r', password),
      }),
  };
}

const isMd5 = ({ algorithm }: { readonly algorithm: string }): boolean => algorithm === 'MD5';
const rulesChange = (subject: Aor): Change => ({ kind: 'rules', subject });

/** Whether it has settled, and how. */
async function outcomeOf<T>(value: T | Promise<T>): Promise<T | string> {
  let outcome: T | string = 'waiting';
  void Promise.resolve(value).then(
    (answer) => {
      outcome = answer;
    },
    (fault: unknown) => {
      outcome = fault instanceof StoreUnavailable ? 'unavailable' : 'fault';
    },
  );
  await makeFakeClock().settle();
  return outcome;
}

describe('cached credentials', () => {
  it('the first time a promise, from then on the value itself, without a read', async () => {
    const { cached, reads, addAccount } = setUp();
    addAccount(alice);
    const asked = cached.credentials(alice, 'MD5');
    expect(asked).toBeInstanceOf(Promise);
    const found = await asked;
    expect(cached.credentials(alice, 'MD5')).toBe(found);
    expect(found?.disabled).toBe(false);
    expect(reads).toEqual([{ of: 'accounts', keys: [alice] }]);
  });

  it('an HA1 is opened when first asked for, once; a foreign realm or name has none', async () => {
    const { cached, opened, accounts, addAccount } = setUp();
    addAccount(alice);
    const found = await cached.credentials(alice, 'MD5');
    expect(opened()).toBe(0);
    const md5 = accounts.get(alice)?.credentials[0];
    const ha1 = found?.ha1('alice', 'r');
    expect(ha1).toMatch(/^[0-9a-f]{32}$/);
    expect(ha1).toBe(md5 && secrets.openHa1(md5));
    expect(found?.ha1('alice', 'r')).toBe(ha1);
    expect(found?.ha1('alice', 'other')).toBeUndefined();
    expect(found?.ha1('Alice', 'r')).toBeUndefined();
    expect(opened()).toBe(1);
  });

  it('are read by the algorithm that a phone answers by, each once, and all go with a Change', async () => {
    const { cached, reads, addAccount } = setUp();
    addAccount(alice);
    await cached.credentials(alice, 'MD5');
    const other = await cached.credentials(alice, 'SHA-256');
    expect(other?.ha1('alice', 'r')).toMatch(/^[0-9a-f]{64}$/);
    expect(cached.credentials(alice, 'SHA-256')).toBe(other);
    expect(reads).toHaveLength(2);
    cached.look({ kind: 'account', subject: alice });
    expect(cached.size).toBe(0);
    expect(await cached.credentials(alice, 'SHA-256')).not.toBe(other);
  });

  it('whether there is an account is told by whichever algorithm it is known, and read by the usual one', async () => {
    const { cached, reads, addAccount } = setUp({ usual: 'SHA-256' });
    for (const who of [alice, bob]) addAccount(who);
    const known = await cached.credentials(alice, 'MD5');
    expect(cached.account(alice)).toBe(known);
    expect(reads).toHaveLength(1);
    await cached.account(bob);
    expect(cached.credentials(bob, 'SHA-256')).not.toBeInstanceOf(Promise);
    expect(await cached.account(carol)).toBeUndefined();
  });

  it('passwords of devices stand apart from the account’s own, and open once, when they are asked for', async () => {
    let openings = 0;
    const counting = {
      openHa1: (credential: Parameters<typeof secrets.openHa1>[0]) => {
        openings += 1;
        return secrets.openHa1(credential);
      },
    };
    const own = secrets.credentialsFor('alice', 'r', 'mine');
    const desk = secrets.credentialsFor('alice', 'r', 'of the desk', { label: 'desk', createdAt: 1 });
    const access = makeCachedAccess({
      store: {
        accounts: {
          credentials: async () =>
            new Map([[alice, { disabled: false, credentials: [...desk, ...own].filter(isMd5) }]]),
        },
        rules: { ofMany: async () => new Map() },
      },
      secrets: counting,
      clock: makeFakeClock(),
      isFresh: () => true,
    });
    const found = await access.credentials(aor('alice'), 'MD5');
    expect(found?.ha1('alice', 'r')).toBe(own[0] && secrets.openHa1(own[0]));
    expect(openings).toBe(1);
    for (let times = 0; times < 2; times += 1) {
      expect([...(found?.ofDevices('alice', 'r') ?? [])]).toEqual([['desk', desk[0] && secrets.openHa1(desk[0])]]);
    }
    expect(openings).toBe(2);
    expect(found?.ofDevices('alice', 'elsewhere').size).toBe(0);
  });

  it('misses of the same moment are one read; those that come meanwhile go together with the next', async () => {
    const { cached, reads, hold, answer, addAccount } = setUp();
    for (const who of [alice, bob, carol]) addAccount(who);
    hold();
    const first = [cached.credentials(alice, 'MD5'), cached.credentials(bob, 'MD5'), cached.credentials(alice, 'MD5')];
    expect(first[0]).toBe(first[2]);
    await outcomeOf(undefined);
    const meanwhile = [
      cached.credentials(carol, 'MD5'),
      cached.credentials(aor('dave'), 'MD5'),
      cached.credentials(alice, 'MD5'),
    ];
    await outcomeOf(undefined);
    expect(reads.map((read) => read.keys)).toEqual([[alice, bob]]);
    await answer();
    expect(reads.map((read) => read.keys)).toEqual([
      [alice, bob],
      [carol, aor('dave')],
    ]);
    await answer();
    const found = await Promise.all([...first, ...meanwhile]);
    expect(found.map((account) => account !== undefined)).toEqual([true, true, true, true, false, true]);
  });

  it('no read asks for more than a batch', async () => {
    const { cached, reads } = setUp({ maxBatch: 3 });
    await Promise.all(Array.from({ length: 8 }, (_, index) => cached.credentials(aor(`u${index}`), 'MD5')));
    expect(reads.map((read) => read.keys.length)).toEqual([3, 3, 2]);
  });

  it('an unknown account stays unknown for a while without a read, and not for longer', async () => {
    const { clock, cached, reads } = setUp({ unknownForMs: 5_000 });
    expect(await cached.credentials(bob, 'MD5')).toBeUndefined();
    await clock.advance(4_999);
    expect(cached.credentials(bob, 'MD5')).toBeUndefined();
    expect(reads).toHaveLength(1);
    await clock.advance(1);
    expect(cached.credentials(bob, 'MD5')).toBeInstanceOf(Promise);
  });

  it('an account that is registered is known at once', async () => {
    const { cached, addAccount } = setUp();
    await cached.credentials(bob, 'MD5');
    addAccount(bob);
    cached.look({ kind: 'account', subject: bob });
    expect((await cached.credentials(bob, 'MD5'))?.disabled).toBe(false);
  });

  it('strangers push nobody out, and are not remembered without bound', async () => {
    const { cached, addAccount } = setUp({ maxEntries: 20, maxUnknown: 10 });
    addAccount(alice);
    const known = await cached.credentials(alice, 'MD5');
    await Promise.all(Array.from({ length: 100 }, (_, index) => cached.credentials(aor(`stranger${index}`), 'MD5')));
    expect(cached.credentials(alice, 'MD5')).toBe(known);
    expect(cached.size).toBe(11);
  });

  it('the least recently used goes first when the bound is reached', async () => {
    const { cached, addAccount } = setUp({ maxEntries: 4 });
    for (const who of [alice, bob, carol]) addAccount(who);
    await cached.credentials(alice, 'MD5');
    await cached.credentials(bob, 'MD5');
    await cached.credentials(alice, 'MD5');
    await cached.credentials(carol, 'MD5');
    expect(cached.credentials(alice, 'MD5')).not.toBeInstanceOf(Promise);
    expect(cached.credentials(bob, 'MD5')).toBeInstanceOf(Promise);
  });

  it('a disabled account is seen as that after its Change', async () => {
    const { cached, accounts, addAccount } = setUp();
    addAccount(alice);
    await cached.credentials(alice, 'MD5');
    accounts.set(alice, { disabled: true, credentials: [] });
    cached.look({ kind: 'account', subject: alice });
    const found = await cached.credentials(alice, 'MD5');
    expect([found?.disabled, found?.ha1('alice', 'r')]).toEqual([true, undefined]);
  });

  it('a database that is away is told to those who asked, and is asked again by the next', async () => {
    const { cached, setAway, addAccount } = setUp();
    addAccount(alice);
    setAway(true);
    await expect(cached.credentials(alice, 'MD5')).rejects.toThrow(StoreUnavailable);
    setAway(false);
    expect(await cached.credentials(alice, 'MD5')).toBeDefined();
  });

  it('more keys than may wait are refused, and those that wait are answered', async () => {
    const { cached, hold, answer } = setUp({ maxPending: 2 });
    hold();
    const asked = [cached.credentials(alice, 'MD5'), cached.credentials(bob, 'MD5')];
    expect(() => cached.credentials(carol, 'MD5')).toThrow(StoreUnavailable);
    expect(cached.credentials(bob, 'MD5')).toBe(asked[1]);
    await outcomeOf(undefined);
    await answer();
    expect(await Promise.all(asked)).toEqual([undefined, undefined]);
  });
});

describe('cached rules', () => {
  it('are the owner’s, an empty list when there are none, and are read once', async () => {
    const { cached, rules, reads } = setUp();
    rules.set(alice, [rule(alice, 'allow')]);
    const [mine, none] = await Promise.all([cached.rules(alice), cached.rules(bob)]);
    expect([mine, none]).toEqual([[rule(alice, 'allow')], []]);
    expect(cached.rules(alice)).toBe(mine);
    expect(cached.rules(bob)).toEqual([]);
    expect(reads).toEqual([{ of: 'rules', keys: [alice, bob] }]);
  });

  it('a Change of the rules drops that owner’s, and no others', async () => {
    const { cached, rules } = setUp();
    rules.set(alice, [rule(alice, 'allow')]);
    await Promise.all([cached.rules(alice), cached.rules(carol)]);
    rules.set(alice, [rule(alice, 'block')]);
    cached.look(rulesChange(alice));
    expect(cached.rules(carol)).not.toBeInstanceOf(Promise);
    expect(await cached.rules(alice)).toEqual([rule(alice, 'block')]);
  });

  it('everything drops everything; a publication’s Change and one of the packages drop nothing', async () => {
    const { cached, addAccount } = setUp();
    addAccount(alice);
    await Promise.all([cached.rules(alice), cached.credentials(alice, 'MD5'), cached.credentials(bob, 'MD5')]);
    cached.look({ kind: 'state', subject: alice, event: 'presence' });
    cached.look({ kind: 'packages', subject: '' });
    expect(cached.size).toBe(3);
    cached.look({ kind: 'everything', subject: '' });
    expect(cached.size).toBe(0);
    expect(cached.rules(alice)).toBeInstanceOf(Promise);
  });

  it('an account that goes takes its rules along', async () => {
    const { cached } = setUp();
    await cached.rules(alice);
    cached.look({ kind: 'account', subject: alice });
    expect(cached.rules(alice)).toBeInstanceOf(Promise);
  });
});

describe('a Change during a read', () => {
  it('the old value is neither cached nor answered: it is read again', async () => {
    const { cached, rules, reads, hold, answer } = setUp();
    rules.set(alice, [rule(alice, 'allow')]);
    hold();
    const asked = cached.rules(alice);
    await outcomeOf(undefined);
    // The read has taken its snapshot; the owner blocks, and the Change is heard before the read answers.
    rules.set(alice, [rule(alice, 'block')]);
    cached.look(rulesChange(alice));
    await answer();
    expect(await outcomeOf(asked)).toBe('waiting');
    expect(reads).toHaveLength(2);
    await answer();
    expect(await asked).toEqual([rule(alice, 'block')]);
    expect(cached.rules(alice)).toEqual([rule(alice, 'block')]);
  });

  it('everything counts for every read under way, and others’ rules are not read again for one Change', async () => {
    const { cached, reads, hold, answer } = setUp();
    hold();
    void cached.rules(alice);
    void cached.rules(bob);
    await outcomeOf(undefined);
    cached.look(rulesChange(alice));
    await answer();
    expect(reads.map((read) => read.keys)).toEqual([[alice, bob], [alice]]);
    void cached.rules(carol);
    cached.look({ kind: 'everything', subject: '' });
    await answer();
    expect(reads.at(-1)?.keys).toEqual([carol, alice]);
  });

  it('a password changed while the credentials are read: the old one opens nothing', async () => {
    const { cached, hold, answer, addAccount } = setUp();
    addAccount(alice, 'old');
    hold();
    const asked = cached.credentials(alice, 'MD5');
    await outcomeOf(undefined);
    addAccount(alice, 'new');
    cached.look({ kind: 'account', subject: alice });
    await answer();
    await answer();
    const [md5] = secrets.credentialsFor('alice', 'r', 'new');
    expect((await asked)?.ha1('alice', 'r')).toBe(md5 && secrets.openHa1(md5));
  });

  it('an account created while it is looked for is found', async () => {
    const { cached, hold, answer, addAccount } = setUp();
    hold();
    const asked = cached.credentials(alice, 'MD5');
    await outcomeOf(undefined);
    addAccount(alice);
    cached.look({ kind: 'account', subject: alice });
    await answer();
    await answer();
    expect(await asked).toBeDefined();
  });

  it('before the read begins it costs nothing', async () => {
    const { cached, reads } = setUp();
    const asked = cached.rules(alice);
    cached.look(rulesChange(alice));
    await asked;
    expect(reads).toHaveLength(1);
  });

  it('changing without end it is given up with 503, not answered with something old', async () => {
    const { cached, reads, hold, answer } = setUp();
    hold();
    const asked = Promise.resolve(cached.rules(alice)).catch((fault: unknown) => fault);
    await outcomeOf(undefined);
    for (let count = 0; count < 6; count += 1) {
      cached.look(rulesChange(alice));
      await answer();
    }
    expect(await asked).toBeInstanceOf(StoreUnavailable);
    expect(reads).toHaveLength(6);
    const again = cached.rules(alice);
    await outcomeOf(undefined);
    await answer();
    expect(await again).toEqual([]);
  });
});

describe('while changes are not being heard', () => {
  it('what is cached grants nothing, and nothing is read', async () => {
    const { cached, reads, setFresh, addAccount, rules } = setUp();
    addAccount(alice);
    rules.set(alice, [rule(alice, 'allow')]);
    await Promise.all([cached.rules(alice), cached.credentials(alice, 'MD5')]);
    setFresh(false);
    expect(() => cached.rules(alice)).toThrow(StoreUnavailable);
    expect(() => cached.credentials(alice, 'MD5')).toThrow(StoreUnavailable);
    expect(() => cached.rules(bob)).toThrow(StoreUnavailable);
    expect(reads).toHaveLength(2);
    setFresh(true);
    expect(cached.rules(alice)).toEqual([rule(alice, 'allow')]);
  });
});
