import { afterEach, describe, expect, it } from 'vitest';
import { type Log, silentLog } from '#runtime';
import { type LoaderRow, makeMemoryStore, startTail, type Tail, type TailOptions } from '#store';
import { makeFakeClock } from '../../../support/fake-clock.ts';
import fc from '../../../support/properties.ts';
import { makeJournalByHand } from './journal-by-hand.ts';

const tails: Tail[] = [];
afterEach(async () => {
  for (const tail of tails.splice(0)) await tail.close();
});

function setUp(options: Partial<TailOptions> = {}) {
  const clock = makeFakeClock();
  const journal = makeJournalByHand(clock);
  const heard: string[] = [];
  const start = (): Tail => {
    const tail = startTail({
      journal,
      clock,
      log: silentLog,
      onChange: (change) => heard.push(change.kind === 'rules' ? change.subject : change.kind),
      onEverything: () => heard.push('EVERYTHING'),
      ...options,
    });
    tails.push(tail);
    return tail;
  };
  const take = (): string[] => heard.splice(0);
  return { clock, journal, heard, start, take };
}

describe('the tail of the journal', () => {
  it('starts at the newest row: what was written before is not told', async () => {
    const { clock, journal, start, take } = setUp();
    journal.write('old');
    start();
    await clock.settle();
    journal.write('new');
    await clock.advance(200);
    expect(take()).toEqual(['new']);
    await clock.advance(60_000);
    expect(take()).toEqual([]);
  });

  it('starts with an empty journal and tells its first row', async () => {
    const { clock, journal, start, take } = setUp();
    start();
    await clock.advance(3_000);
    journal.write('first');
    await clock.advance(200);
    expect(take()).toEqual(['first']);
  });

  it('is ready when its place is known, and not before', async () => {
    const { clock, journal, start, take } = setUp();
    journal.away = true;
    const tail = start();
    let ready = false;
    void tail.ready.then(() => {
      ready = true;
    });
    await clock.advance(1_000);
    expect([ready, tail.isFresh(), tail.lag()]).toEqual([false, false, Number.POSITIVE_INFINITY]);
    journal.write('before it was ready');
    journal.away = false;
    await clock.advance(200);
    expect([ready, tail.isFresh()]).toEqual([true, true]);
    expect(take()).toEqual([]);
  });

  it('tells rows in order, and more of them than one read brings', async () => {
    const { clock, journal, start, take } = setUp();
    start();
    await clock.settle();
    const subjects = Array.from({ length: 1_203 }, (_, index) => `s${index}`);
    for (const subject of subjects) journal.write(subject);
    await clock.advance(200);
    expect(take()).toEqual(subjects);
  });

  it('an id that becomes visible after a higher one is told when it does', async () => {
    const { clock, journal, start, take } = setUp();
    journal.write('old');
    start();
    await clock.settle();
    const slow = journal.insert('slow');
    journal.write('quick');
    await clock.advance(200);
    expect(take()).toEqual(['quick']);
    await clock.advance(20_000);
    slow.commit();
    await clock.advance(200);
    expect(take()).toEqual(['slow']);
    await clock.advance(60_000);
    expect(take()).toEqual([]);
  });

  it('an id that was open when the reader started is told when it becomes visible', async () => {
    const { clock, journal, start, take } = setUp();
    journal.write('old');
    const slow = journal.insert('slow');
    journal.write('newest');
    start();
    await clock.advance(5_000);
    expect(take()).toEqual([]);
    slow.commit();
    await clock.advance(200);
    expect(take()).toEqual(['slow']);
  });

  it('an id that was open below the first row of an emptied journal is told too', async () => {
    const { clock, journal, start, take } = setUp();
    journal.skip(100);
    start();
    await clock.settle();
    const slow = journal.insert('slow');
    journal.write('quick');
    await clock.advance(200);
    slow.commit();
    await clock.advance(200);
    expect(take()).toEqual(['quick', 'slow']);
  });

  it('so many open ids below the first row of an emptied journal: everything when they must have ended', async () => {
    const { clock, journal, start, take } = setUp();
    journal.skip(100);
    start();
    await clock.settle();
    const slow = journal.insert('out of sight');
    journal.skip(300);
    journal.write('first');
    await clock.advance(200);
    slow.commit();
    await clock.advance(29_800);
    expect(take()).toEqual(['first']);
    await clock.advance(400);
    expect(take()).toEqual(['EVERYTHING']);
  });

  it('a gap is given up after the longest transaction, not sooner, and not without a last look', async () => {
    const { clock, journal, start, take } = setUp();
    start();
    await clock.settle();
    journal.write('one');
    const slow = journal.insert('slow');
    journal.write('two');
    await clock.advance(200);
    take();
    await clock.advance(29_500);
    journal.away = true;
    await clock.advance(3_000);
    slow.commit();
    journal.away = false;
    await clock.advance(200);
    expect(take()).toEqual(['slow']);
    journal.insert('rolled back').rollback();
    journal.write('three');
    await clock.advance(31_000);
    const asked = journal.asked.byId.length;
    await clock.advance(10_000);
    expect(journal.asked.byId.length).toBe(asked);
  });

  it('more gaps than can be remembered: everything, at once and when every open transaction has ended', async () => {
    const { clock, journal, start, take } = setUp({ maxGaps: 50 });
    journal.write('old');
    start();
    await clock.settle();
    journal.skip(51);
    journal.write('new');
    await clock.advance(200);
    expect(take()).toEqual(['EVERYTHING', 'new']);
    await clock.advance(29_000);
    expect(take()).toEqual([]);
    await clock.advance(1_000);
    expect(take()).toEqual(['EVERYTHING']);
    await clock.advance(60_000);
    expect(take()).toEqual([]);
  });

  it('so many ids just before the start that not all can be watched: everything when they must have ended', async () => {
    const { clock, journal, start, take } = setUp();
    const slow = journal.insert('out of sight');
    for (let count = 0; count < 400; count += 1) journal.write('busy');
    start();
    await clock.advance(10_000);
    slow.commit();
    await clock.advance(19_000);
    expect(take()).toEqual([]);
    await clock.advance(1_200);
    expect(take()).toEqual(['EVERYTHING']);
  });

  it('a long journal that was quiet before the start costs no such reload', async () => {
    const { clock, journal, start, take } = setUp();
    for (let count = 0; count < 400; count += 1) journal.write('busy');
    await clock.advance(120_000);
    start();
    await clock.advance(120_000);
    expect(take()).toEqual([]);
  });

  it('a reader older than the retention looks at everything', async () => {
    const { clock, journal, start, take } = setUp();
    journal.write('old');
    const tail = start();
    await clock.settle();
    journal.away = true;
    journal.write('missed');
    await clock.advance(4_000_000);
    journal.write('kept');
    journal.away = false;
    await journal.purge(clock.now() - 3_600_000);
    expect(tail.isFresh()).toBe(false);
    await clock.advance(200);
    expect(take()).toEqual(['EVERYTHING', 'kept']);
    await clock.advance(60_000);
    expect(take()).toEqual([]);
  });

  it('a reader that comes back to a journal that was emptied looks at everything', async () => {
    const { clock, journal, start, take } = setUp();
    journal.write('old');
    start();
    await clock.settle();
    journal.away = true;
    journal.write('missed');
    await clock.advance(4_000_000);
    journal.away = false;
    await journal.purge(clock.now() - 3_600_000);
    await clock.advance(200);
    expect(take()).toEqual(['EVERYTHING']);
  });

  it('an ordinary purge and a short absence are no reason to look at everything', async () => {
    const { clock, journal, start, take } = setUp();
    journal.write('old');
    start();
    await clock.advance(3_700_000);
    await journal.purge(clock.now() - 3_600_000);
    await clock.advance(10_000);
    journal.write('one');
    await clock.advance(200);
    journal.away = true;
    await clock.advance(60_000);
    journal.write('two');
    journal.away = false;
    await clock.advance(200);
    expect(take()).toEqual(['one', 'two']);
  });

  it('ids between an aged place and the oldest row may be open transactions: they are still waited for', async () => {
    const { clock, journal, start, take } = setUp();
    journal.write('old');
    start();
    await clock.advance(4_000_000);
    await journal.purge(clock.now() - 3_600_000);
    const slow = journal.insert('slow');
    journal.write('quick');
    await clock.advance(6_000);
    slow.commit();
    await clock.advance(200);
    expect(take().filter((word) => word !== 'EVERYTHING')).toEqual(['quick', 'slow']);
  });

  it('a journal that begins anew (a restored database) is noticed', async () => {
    const { clock, journal, start, take } = setUp();
    for (let count = 0; count < 9; count += 1) journal.write('old');
    start();
    await clock.settle();
    journal.restart();
    journal.write('anew');
    await clock.advance(6_000);
    expect(take()).toEqual(['EVERYTHING']);
    journal.write('next');
    await clock.advance(200);
    expect(take()).toEqual(['next']);
  });

  it('a Change of kind everything is told as that', async () => {
    const { clock, journal, start, take } = setUp();
    start();
    await clock.settle();
    journal.write('', { kind: 'everything', subject: '' });
    await clock.advance(200);
    expect(take()).toEqual(['EVERYTHING']);
  });

  it('a listener’s fault loses no later Change', async () => {
    const heard: string[] = [];
    const faults: string[] = [];
    const log: Log = { ...silentLog, error: (_fields, message) => faults.push(message) };
    const { clock, journal, start } = setUp({
      log,
      onChange(change) {
        heard.push(change.subject);
        if (change.subject === 'bad') throw new Error('bad');
      },
    });
    start();
    await clock.settle();
    journal.write('bad');
    journal.write('good');
    await clock.advance(200);
    expect(heard).toEqual(['bad', 'good']);
    expect(faults).toHaveLength(1);
  });

  it('property: whatever the order of commits, every committed row is told, and rolled-back ones are not', async () => {
    const step = fc.oneof(
      fc.record({ act: fc.constant('insert' as const) }),
      fc.record({ act: fc.constant('end' as const), which: fc.nat(20), commits: fc.boolean() }),
      fc.record({ act: fc.constant('wait' as const), ms: fc.integer({ min: 50, max: 900 }) }),
      fc.record({ act: fc.constant('away' as const), away: fc.boolean() }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
        const { clock, journal, start, heard } = setUp();
        const tail = start();
        await clock.settle();
        let count = 0;
        const open: { subject: string; insert: ReturnType<typeof journal.insert> }[] = [];
        const committed: string[] = [];
        for (const next of steps) {
          if (next.act === 'insert') {
            count += 1;
            open.push({ subject: `s${count}`, insert: journal.insert(`s${count}`) });
          } else if (next.act === 'end') {
            const [ended] = open.splice(next.which % Math.max(1, open.length), 1);
            if (ended === undefined) continue;
            if (next.commits) {
              ended.insert.commit();
              committed.push(ended.subject);
            } else ended.insert.rollback();
          } else if (next.act === 'wait') await clock.advance(next.ms);
          else journal.away = next.away;
        }
        journal.away = false;
        await clock.advance(400);
        expect(new Set(heard.filter((word) => word !== 'EVERYTHING'))).toEqual(new Set(committed));
        await tail.close();
      }),
      { numRuns: 40 },
    );
  });
});

describe('how fresh it is', () => {
  it('cached facts may be trusted until no poll has succeeded for five seconds', async () => {
    const { clock, journal, start } = setUp();
    const tail = start();
    await clock.settle();
    const startedAt = clock.now();
    expect([tail.isFresh(), tail.lastSuccessAt(), tail.lag()]).toEqual([true, startedAt, 0]);
    journal.away = true;
    await clock.advance(4_999);
    expect([tail.isFresh(), tail.lag()]).toEqual([true, 4_999]);
    await clock.advance(1);
    expect(tail.isFresh()).toBe(false);
    journal.away = false;
    await clock.advance(200);
    expect(tail.isFresh()).toBe(true);
  });

  it('a poll is as old as its beginning: what a slow one saw is not fresh', async () => {
    const { clock, journal, start } = setUp();
    const tail = start();
    await clock.settle();
    let answer: () => void = () => undefined;
    journal.beforeRead = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    await clock.advance(200);
    journal.beforeRead = () => undefined;
    await clock.advance(5_000);
    expect(tail.isFresh()).toBe(false);
    answer();
    await clock.settle();
    expect([tail.isFresh(), tail.lag()]).toEqual([false, 5_000]);
    await clock.advance(200);
    expect(tail.isFresh()).toBe(true);
  });

  it('changes missed while away are told before it says that it is fresh', async () => {
    const seen: boolean[] = [];
    const clock = makeFakeClock();
    const journal = makeJournalByHand(clock);
    const tail = startTail({
      journal,
      clock,
      log: silentLog,
      onChange: () => seen.push(tail.isFresh()),
      onEverything: () => undefined,
    });
    tails.push(tail);
    await clock.settle();
    journal.away = true;
    await clock.advance(10_000);
    journal.write('missed');
    journal.away = false;
    await clock.advance(200);
    expect(seen).toEqual([false]);
    expect(tail.isFresh()).toBe(true);
  });

  it('an absence is logged once, and its end', async () => {
    const lines: string[] = [];
    const log: Log = {
      ...silentLog,
      warn: (_fields, message) => lines.push(message),
      info: (_fields, message) => lines.push(message),
    };
    const { clock, journal, start } = setUp({ log });
    start();
    await clock.settle();
    journal.away = true;
    await clock.advance(30_000);
    journal.away = false;
    await clock.advance(1_000);
    expect(lines).toEqual(['the database cannot be read', 'the database can be read again']);
  });

  it('once closed it calls nobody, reads nothing and leaves no timer', async () => {
    const { clock, journal, start, take } = setUp();
    const tail = start();
    await clock.settle();
    let answer: () => void = () => undefined;
    journal.beforeRead = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    journal.write('late');
    await clock.advance(200);
    const closing = tail.close();
    journal.beforeRead = () => undefined;
    answer();
    await closing;
    const asked = journal.asked.after.length;
    await clock.advance(10_000);
    expect([take(), clock.armed, journal.asked.after.length]).toEqual([[], 0, asked]);
  });
});

describe('the rows of Eventloader', () => {
  const row = (event: string, enabled = true): LoaderRow => ({ event, module: `builtin:${event}`, enabled });

  it('a row that was edited by hand is a Change of the packages within two seconds, and only once', async () => {
    let rows = [row('presence')];
    const { clock, start, take } = setUp({ eventLoader: { list: async () => rows } });
    start();
    await clock.advance(10_000);
    expect(take()).toEqual([]);
    rows = [row('presence'), row('dialog')];
    await clock.advance(2_200);
    expect(take()).toEqual(['packages']);
    rows = [row('presence'), row('dialog', false)];
    await clock.advance(2_200);
    expect(take()).toEqual(['packages']);
    await clock.advance(10_000);
    expect(take()).toEqual([]);
  });

  it('is ready only when they were read: what changes after that is told', async () => {
    let rows = [row('presence')];
    let away = true;
    const { clock, start, take } = setUp({
      eventLoader: {
        async list() {
          if (away) throw new Error('away');
          return rows;
        },
      },
    });
    const tail = start();
    let ready = false;
    void tail.ready.then(() => {
      ready = true;
    });
    await clock.advance(1_000);
    // The journal itself can be read: what is cached may be used.
    expect([ready, tail.isFresh()]).toEqual([false, true]);
    away = false;
    await clock.advance(200);
    expect(ready).toBe(true);
    rows = [];
    await clock.advance(2_200);
    expect(take()).toEqual(['packages']);
  });
});

describe('who purges', () => {
  it('only the reader that was told to removes rows older than an hour', async () => {
    const { clock, journal, start } = setUp({ purges: true });
    start();
    await clock.settle();
    journal.write('old');
    await clock.advance(3_500_000);
    journal.write('young');
    await clock.advance(500_000);
    expect((await journal.after(0, 10)).map((row) => row.change.subject)).toEqual(['young']);

    const other = setUp();
    other.start();
    await other.clock.advance(4_000_000);
    expect(other.journal.asked.purge).toEqual([]);
  });

  it('rows of a writer whose clock is far behind are kept for as long', async () => {
    const { clock, journal, start } = setUp({ purges: true });
    start();
    await clock.settle();
    const twoHoursAgo = clock.now() - 7_200_000;
    const { now } = clock;
    clock.now = () => twoHoursAgo;
    journal.write('behind');
    clock.now = now;
    await clock.advance(600_000);
    expect(journal.asked.purge.length).toBeGreaterThan(0);
    expect((await journal.after(0, 10)).map((row) => row.change.subject)).toEqual(['behind']);
  });

  it('a purge that fails is tried again and does no harm to the reading', async () => {
    const { clock, journal, start, take } = setUp({ purges: true });
    const purge = journal.purge;
    journal.purge = () => Promise.reject(new Error('locked'));
    const tail = start();
    await clock.advance(310_000);
    expect(tail.isFresh()).toBe(true);
    journal.purge = purge;
    journal.write('new');
    await clock.advance(310_000);
    expect(take()).toEqual(['new']);
    expect(journal.asked.purge.length).toBe(1);
  });
});

it('the tail follows a store: a rule that is set is told within a poll', async () => {
  const clock = makeFakeClock();
  const store = makeMemoryStore({ clock });
  const heard: string[] = [];
  const tail = startTail({
    journal: store.journal,
    eventLoader: store.eventLoader,
    clock,
    log: silentLog,
    onChange: (change) => heard.push(`${change.kind} ${change.subject}`),
    onEverything: () => heard.push('everything'),
  });
  tails.push(tail);
  await tail.ready;
  await store.journal.append([{ kind: 'rules', subject: 'sip:alice@example.com' }], clock.now());
  await clock.advance(200);
  expect(heard).toEqual(['rules sip:alice@example.com']);
});
