import { describe, expect, it } from 'vitest';
import { holdLease, isProcessAlive, type LeaseHold, type LeaseOptions, thisHost } from '#node';
import { type Log, silentLog } from '#runtime';
import { type Leases, makeMemoryStore, StoreUnavailable } from '#store';
import { type FakeClock, makeFakeClock } from '../../support/fake-clock.ts';
import fc from '../../support/properties.ts';

/** One process that wants the role: what it was told, and whether it can reach the database. */
interface Node {
  readonly hold: LeaseHold;
  /** What happened, in order. */
  readonly told: string[];
  readonly lines: { readonly message: string; readonly fields: object }[];
  away: boolean;
  /** Kills it without a word: its timers and calls do nothing any more. */
  crash(): void;
}

function setUp() {
  const clock = makeFakeClock();
  const { leases } = makeMemoryStore({ clock });
  const dead = new Set<number>();

  function start(holder: string, options: Partial<LeaseOptions> = {}): Node {
    const told: string[] = [];
    const lines: Node['lines'] = [];
    const log: Log = {
      ...silentLog,
      info: (fields, message) => lines.push({ fields, message }),
      warn: (fields, message) => lines.push({ fields, message }),
    };
    const node = { away: false, crashed: false };
    async function reach<T>(work: () => Promise<T>): Promise<T> {
      if (node.crashed) return new Promise(() => undefined);
      if (node.away) throw new StoreUnavailable('away');
      return work();
    }
    const own: Leases = {
      read: (name) => reach(() => leases.read(name)),
      take: (lease, seen) => reach(() => leases.take(lease, seen)),
      renew: (name, who) => reach(() => leases.renew(name, who)),
      release: (name, who) => reach(() => leases.release(name, who)),
      writeAs: leases.writeAs,
    };
    const ownClock: FakeClock = {
      ...clock,
      after: (delayMs, callback) => clock.after(delayMs, () => node.crashed || callback()),
    };
    const hold = holdLease({
      leases: own,
      clock: ownClock,
      log,
      name: 'sip',
      holder,
      host: 'here',
      pid: 100,
      isAlive: (pid) => !dead.has(pid),
      onLost: (why) => told.push(`lost: ${why}`),
      ...options,
    });
    void hold.held.then((outcome) => told.push(outcome));
    return {
      hold,
      told,
      lines,
      get away() {
        return node.away;
      },
      set away(is) {
        node.away = is;
      },
      crash() {
        node.crashed = true;
      },
    };
  }
  return { clock, leases, dead, start };
}

/** Milliseconds until the node holds the role, looked at every 50; at most a minute. */
async function waitFor(clock: FakeClock, node: Node): Promise<number> {
  const from = clock.now();
  while (!node.hold.isHeld() && clock.now() - from < 60_000) await clock.advance(50);
  return clock.now() - from;
}

describe('the lease', () => {
  it('a free role is taken at once and kept by renewing it', async () => {
    const { clock, leases, start } = setUp();
    const one = start('one');
    await clock.settle();
    expect([one.told, one.hold.isHeld()]).toEqual([['held'], true]);
    const beat = (await leases.read('sip'))?.beat ?? 0;
    await clock.advance(60_000);
    expect([one.told, one.hold.isHeld()]).toEqual([['held'], true]);
    expect((await leases.read('sip'))?.beat).toBe(beat + 60);
  });

  it('a second process waits as long as the first one lives, and never holds', async () => {
    const { clock, start } = setUp();
    const one = start('one');
    await clock.settle();
    const two = start('two', { host: 'there', pid: 200 });
    const three = start('three', { pid: 300 });
    await clock.advance(300_000);
    expect([one.hold.isHeld(), two.hold.isHeld(), three.hold.isHeld()]).toEqual([true, false, false]);
    expect([two.told, three.told]).toEqual([[], []]);
  });

  it('a clean stop hands the role over at once', async () => {
    const { clock, leases, start } = setUp();
    const one = start('one');
    await clock.settle();
    const two = start('two', { host: 'there', pid: 200 });
    await clock.advance(1_000);
    await one.hold.release();
    expect(one.hold.isHeld()).toBe(false);
    expect(await waitFor(clock, two)).toBeLessThanOrEqual(250);
    expect(one.told).toEqual(['held']);
    await two.hold.release();
    expect(await leases.read('sip')).toBeUndefined();
    expect(clock.armed).toBe(0);
  });

  it('a dead holder on the same host is replaced at once', async () => {
    const { clock, dead, start } = setUp();
    const one = start('one');
    await clock.advance(1_500);
    one.crash();
    dead.add(100);
    const two = start('two', { pid: 200 });
    await clock.settle();
    expect(two.told).toEqual(['held']);
  });

  it('one that waits sees its neighbour die', async () => {
    const { clock, dead, start } = setUp();
    const one = start('one');
    await clock.settle();
    const two = start('two', { pid: 200 });
    await clock.advance(10_000);
    one.crash();
    dead.add(100);
    expect(await waitFor(clock, two)).toBeLessThanOrEqual(250);
  });

  it('a container started anew has the same host and pid as the one that was killed: replaced at once', async () => {
    const { clock, start } = setUp();
    const one = start('first-run');
    await clock.advance(1_500);
    one.crash();
    const two = start('second-run');
    await clock.settle();
    expect(two.told).toEqual(['held']);
  });

  it('a pid of another host says nothing, also when it is dead here or our own', async () => {
    const { clock, dead, start } = setUp();
    const one = start('one');
    await clock.settle();
    dead.add(100);
    const two = start('two', { host: 'there', pid: 200 });
    const three = start('three', { host: 'there', pid: 100 });
    await clock.advance(60_000);
    expect([one.hold.isHeld(), two.told, three.told]).toEqual([true, [], []]);
  });

  it.each([0, 240, 500, 999])(
    'a dead holder on another host is replaced within 5 s (%i ms after it renewed)',
    async (ms) => {
      const { clock, start } = setUp();
      const one = start('one');
      await clock.settle();
      const two = start('two', { host: 'there', pid: 200 });
      await clock.advance(10_000 + ms);
      one.crash();
      const took = await waitFor(clock, two);
      expect(took).toBeLessThanOrEqual(5_000);
      expect(took).toBeGreaterThan(3_000);
    },
  );

  it('one that was dead before the waiter came is replaced within 5 s of its coming', async () => {
    const { clock, start } = setUp();
    const one = start('one');
    await clock.settle();
    one.crash();
    await clock.advance(3_600_000);
    const two = start('two', { host: 'there', pid: 200 });
    const took = await waitFor(clock, two);
    expect(took).toBeLessThanOrEqual(5_000);
    expect(took).toBeGreaterThan(4_000);
  });

  it('a pid that went to another program does not block the role for ever', async () => {
    const { clock, start } = setUp();
    const one = start('one');
    await clock.settle();
    one.crash();
    const two = start('two', { pid: 200 });
    expect(await waitFor(clock, two)).toBeLessThanOrEqual(5_000);
  });

  it('of several that wait exactly one gets it', async () => {
    const { clock, start } = setUp();
    const one = start('one');
    await clock.settle();
    const waiting = [200, 300, 400].map((pid) => start(`waiter-${pid}`, { host: 'there', pid }));
    await clock.advance(1_000);
    one.crash();
    await clock.advance(30_000);
    expect(waiting.filter((node) => node.hold.isHeld())).toHaveLength(1);
  });
});

describe('losing the lease', () => {
  it('no renewal for 4 s: it is held no more before anybody else may have it, and lost when somebody took it', async () => {
    const { clock, start } = setUp();
    const one = start('one');
    await clock.settle();
    const two = start('two', { host: 'there', pid: 200 });
    await clock.advance(3_000);
    one.away = true;
    await clock.advance(3_999);
    expect([one.hold.isHeld(), one.told, two.told]).toEqual([true, ['held'], []]);
    await clock.advance(1);
    expect([one.hold.isHeld(), two.told]).toEqual([false, []]);
    await clock.advance(1_000);
    expect([one.told, two.told]).toEqual([['held'], ['held']]);
    one.away = false;
    await clock.advance(60_000);
    expect(one.told).toEqual(['held', 'lost: another process holds the lease']);
    expect([one.hold.isHeld(), two.hold.isHeld()]).toEqual([false, true]);
  });

  it('the database is away for all: nobody holds, and the holder of before goes on when it is back', async () => {
    const { clock, start } = setUp();
    const one = start('one');
    await clock.settle();
    const two = start('two', { host: 'there', pid: 200 });
    await clock.advance(3_000);
    for (const node of [one, two]) node.away = true;
    await clock.advance(60_000);
    expect([one.hold.isHeld(), two.hold.isHeld()]).toEqual([false, false]);
    one.away = false;
    await clock.advance(1_000);
    expect([one.hold.isHeld(), one.told, two.told]).toEqual([true, ['held'], []]);
    two.away = false;
    await clock.advance(60_000);
    expect([one.hold.isHeld(), one.told, two.told]).toEqual([true, ['held'], []]);
  });

  it('while it cannot be renewed it is said once and then each minute, and again when it can', async () => {
    const { clock, start } = setUp();
    const one = start('one');
    await clock.settle();
    one.away = true;
    await clock.advance(119_000);
    one.away = false;
    await clock.advance(2_000);
    expect(one.lines.map((line) => line.message)).toEqual([
      'this process holds the lease',
      'the lease could not be renewed',
      'the lease could not be renewed',
      'the lease is renewed again',
    ]);
  });

  it('a short absence of the database is borne', async () => {
    const { clock, start } = setUp();
    const one = start('one');
    await clock.advance(2_000);
    one.away = true;
    await clock.advance(2_900);
    one.away = false;
    await clock.advance(60_000);
    expect(one.told).toEqual(['held']);
  });

  it('a database that does not answer at all is an absence too', async () => {
    const { clock, leases, start } = setUp();
    const hanging: Leases = { ...leases, renew: () => new Promise(() => undefined) };
    const one = start('one', { leases: hanging });
    await clock.advance(3_999);
    expect(one.hold.isHeld()).toBe(true);
    await clock.advance(1);
    expect([one.hold.isHeld(), one.told]).toEqual([false, ['held']]);
  });

  it('a renewal that says somebody else holds it: lost at once', async () => {
    const { clock, leases, start } = setUp();
    const one = start('one');
    await clock.settle();
    await leases.take({ name: 'sip', holder: 'thief', host: 'there', pid: 1 }, await leases.read('sip'));
    await clock.advance(1_000);
    expect(one.told).toEqual(['held', 'lost: another process holds the lease']);
    await one.hold.release();
    expect((await leases.read('sip'))?.holder).toBe('thief');
  });

  it('a process that was stopped for a while knows by the clock that it no longer holds', async () => {
    const clock = makeFakeClock();
    const { leases } = makeMemoryStore({ clock });
    let asleepMs = 0;
    const sleepy: FakeClock = { ...clock, now: () => clock.now() + asleepMs };
    const { start } = setUp();
    const one = start('one', { leases, clock: sleepy });
    await clock.settle();
    expect(one.hold.isHeld()).toBe(true);
    asleepMs = 10_000;
    expect(one.hold.isHeld()).toBe(false);
  });

  it('after release nothing is told any more, whatever the database does', async () => {
    const { clock, start } = setUp();
    const one = start('one');
    await clock.settle();
    one.away = true;
    await one.hold.release();
    await clock.advance(60_000);
    expect([one.told, clock.armed]).toEqual([['held'], 0]);
  });
});

describe('waiting', () => {
  it('may be given up: the role is not taken later', async () => {
    const { clock, leases, start } = setUp();
    const one = start('one');
    await clock.settle();
    const two = start('two', { host: 'there', pid: 200 });
    await clock.advance(1_000);
    await two.hold.release();
    await one.hold.release();
    await clock.advance(60_000);
    expect([two.told, await leases.read('sip'), clock.armed]).toEqual([['released'], undefined, 0]);
  });

  it('given up while the taking is under way: what was taken is given back', async () => {
    const { clock, leases, start } = setUp();
    let answer: () => void = () => undefined;
    const slow: Leases = {
      ...leases,
      async take(lease, seen) {
        await new Promise<void>((resolve) => {
          answer = resolve;
        });
        return leases.take(lease, seen);
      },
    };
    const one = start('one', { leases: slow });
    await clock.settle();
    const releasing = one.hold.release();
    answer();
    await releasing;
    expect([one.told, await leases.read('sip'), clock.armed]).toEqual([['released'], undefined, 0]);
  });

  it('a take whose answer was lost is recognised as ours', async () => {
    const { clock, leases, start } = setUp();
    let first = true;
    const cut: Leases = {
      ...leases,
      async take(lease, seen) {
        const taken = await leases.take(lease, seen);
        if (first) {
          first = false;
          throw new StoreUnavailable('cut');
        }
        return taken;
      },
    };
    const one = start('one', { leases: cut });
    await clock.advance(250);
    expect(one.told).toEqual(['held']);
  });

  it('a database that is away delays it, and is logged', async () => {
    const { clock, start } = setUp();
    const blocker = start('blocker');
    await clock.settle();
    const one = start('one', { host: 'there', pid: 200 });
    one.away = true;
    await clock.advance(10_000);
    await blocker.hold.release();
    expect(one.lines.map((line) => line.message)).toEqual([
      'waiting: another process on another host holds the lease',
      'waiting: the lease cannot be reached',
    ]);
    one.away = false;
    await clock.advance(250);
    expect(one.told).toEqual(['held']);
  });

  it('says for whom and why, once and then each minute', async () => {
    const { clock, start } = setUp();
    start('one', { host: 'porch', pid: 4242 });
    await clock.settle();
    const two = start('two', { host: 'there', pid: 200 });
    await clock.advance(59_000);
    expect(two.lines).toEqual([
      {
        message: 'waiting: another process on another host holds the lease',
        fields: { holder: 'one', host: 'porch', pid: 4242 },
      },
    ]);
    await clock.advance(121_000);
    expect(two.lines).toHaveLength(4);
    const neighbour = start('three', { host: 'porch', pid: 300 });
    await clock.settle();
    expect(neighbour.lines[0]?.message).toBe('waiting: another process on this host holds the lease');
  });

  it('property: whatever crashes, hangs, comes and goes, two never hold at once', async () => {
    const step = fc.record({
      act: fc.constantFrom('start', 'crash', 'release', 'away', 'back', 'wait'),
      which: fc.nat(10),
      host: fc.constantFrom('here', 'there'),
      ms: fc.integer({ min: 0, max: 5_000 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const { clock, dead, start } = setUp();
        let somebodyHeld = false;
        const nodes: { readonly node: Node; readonly pid: number; readonly host: string; crashed: boolean }[] = [];
        const check = (): void => {
          const holding = nodes.filter(({ node, crashed }) => !crashed && node.hold.isHeld());
          expect(holding.length).toBeLessThanOrEqual(1);
          somebodyHeld ||= holding.length > 0;
        };
        for (const [index, { act, which, host, ms }] of steps.entries()) {
          const chosen = nodes[which % Math.max(1, nodes.length)];
          if (act === 'start') {
            const pid = 1_000 + index;
            // A pid is dead where it ran; elsewhere nobody asks.
            const node = start(`node-${index}`, { host, pid, isAlive: (asked) => !dead.has(asked) });
            nodes.push({ node, pid, host, crashed: false });
          } else if (chosen !== undefined) {
            if (act === 'crash') {
              chosen.node.crash();
              chosen.crashed = true;
              dead.add(chosen.pid);
            } else if (act === 'release') void chosen.node.hold.release();
            else if (act === 'away') chosen.node.away = true;
            else if (act === 'back') chosen.node.away = false;
          }
          for (let passed = 0; passed < ms; passed += 250) {
            await clock.advance(Math.min(250, ms - passed));
            check();
          }
        }
        // Who comes last gets it in the end: the check above had something to see.
        nodes.push({ node: start('last', { host: 'elsewhere', pid: 1 }), pid: 1, host: 'elsewhere', crashed: false });
        for (let passed = 0; passed < 6_000; passed += 250) {
          await clock.advance(250);
          check();
        }
        expect(somebodyHeld).toBe(true);
        for (const { node } of nodes) {
          node.away = true;
          node.crash();
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('this process', () => {
  it('its host names the machine and is the same each time', () => {
    expect(thisHost()).toBe(thisHost());
    expect(thisHost().length).toBeLessThanOrEqual(255);
    expect(thisHost()).toMatch(/^[^#\s]+(#[0-9a-f]{8})?$/);
  });

  it('it is alive, and a pid that cannot be is not', () => {
    expect(isProcessAlive(process.pid)).toBe(true);
    expect(isProcessAlive(2 ** 30)).toBe(false);
  });
});
