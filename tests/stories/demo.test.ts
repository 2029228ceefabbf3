/** The demo's day on the fake clock: real phones, a real service, a network in memory. */
import { afterEach, describe, expect, it } from 'vitest';
import {
  DAY,
  DEVICES,
  describeDeed,
  type Household,
  type HouseholdNeeds,
  minuteOf,
  PEOPLE,
  playDays,
  settleHousehold,
} from '#demo';
import type { Publication, Subscription } from '#model';
import { presencePackage, summarise } from '#packages';
import { type Clock, silentLog } from '#runtime';
import { makeEndpoint } from '#sip';
import { makeMemoryStore, openSecrets, settleRealm } from '#store';
import { writePresence } from '../../services/demo/presence-document.ts';
import { makeFakeClock } from '../support/fake-clock.ts';
import { aor, DOMAIN, type House, type HouseOptions, openHouse, uri } from '../support/house.ts';
import { makeSeededRandom } from '../support/network.ts';
import { describeWithXmllint, validateXml } from '../support/validate-xml.ts';

/** As the house has it. */
const secrets = openSecrets(new Uint8Array(32).fill(7));
const A_DAY_MS = 720_000;

interface Demo {
  readonly house: House;
  readonly lines: readonly string[];
  readonly addresses: readonly string[];
  /** Lives on until this moment of the current day. */
  until(at: string): Promise<void>;
  publications(user: string): Promise<readonly Publication[]>;
  subscriptions(user: string): Promise<readonly Subscription[]>;
  end(): Promise<void>;
  /** Timers of the day and of its phones. */
  armed(): number;
}

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

const settle = (needs: Pick<HouseholdNeeds, 'store' | 'clock'>, domain = DOMAIN): Promise<Household> =>
  settleHousehold({ secrets, domain, realm: undefined, ...needs });

async function startDemo(options: HouseOptions = {}): Promise<Demo> {
  const house = await openHouse({ users: [], paceMs: 0, ...options });
  closing.push(() => house.close());
  const { clock, network, store } = house;
  const household = await settle({ store, clock });
  if (household.kind === 'refused') throw new Error(household.why);
  const lines: string[] = [];
  const addresses: string[] = [];
  const random = makeSeededRandom(5);
  const beganAt = clock.now();
  const timers = new Set<object>();
  /** The day's and the phones' own, beside those of the house. */
  const own: Clock = {
    now: clock.now,
    after(delayMs, callback) {
      const mark = {};
      timers.add(mark);
      const timer = clock.after(delayMs, () => {
        timers.delete(mark);
        callback();
      });
      return {
        cancel() {
          timers.delete(mark);
          timer.cancel();
        },
      };
    },
  };
  const play = await playDays({
    people: household.people,
    domain: DOMAIN,
    server: { address: '192.0.2.1', port: 5060 },
    clock: own,
    random,
    say: (line) => lines.push(line),
    async openEndpoint(handle) {
      const address = `192.0.2.${20 + addresses.length}:5060`;
      addresses.push(address);
      return makeEndpoint({ transports: [network.plug(address)], clock: own, random, log: silentLog, handle });
    },
  });
  closing.push(() => play.end());
  return {
    house,
    lines,
    addresses,
    until: (at) => clock.advance(beganAt + (minuteOf(at) - minuteOf('08:00')) * 1_000 - clock.now()),
    publications: (user) => store.publications.of(aor(user), clock.now()),
    subscriptions: (user) => store.subscriptions.of(aor(user), clock.now()),
    end: () => play.end(),
    armed: () => timers.size,
  };
}

/** Who watches, and as what: `ben active`. */
const watchers = (rows: readonly Subscription[]): readonly string[] =>
  [...new Set(rows.map(({ watcher, state, permission }) => `${watcher.slice(4, -12)} ${state} ${permission}`))].sort();

/** What the devices say, composed as the portal does it. */
function seen(user: string, rows: readonly Publication[], now: number) {
  const published = rows.flatMap(({ contentType, body, id, modifiedAt }) => {
    const read = presencePackage.readPublication(contentType, body, aor(user));
    return read.kind === 'document' ? [{ document: read.document, id, modifiedAt }] : [];
  });
  expect(published).toHaveLength(rows.length);
  return summarise(presencePackage.compose(aor(user), published, now));
}

describe('the script of the day', () => {
  it('is in order, from 08:00 on, and ends before 20:00', () => {
    const minutes = DAY.map(({ at }) => minuteOf(at));
    expect(minutes).toEqual(minutes.toSorted((one, other) => one - other));
    expect(DAY[0]?.at).toBe('08:00');
    expect(minutes.at(-1)).toBeLessThan(minuteOf('20:00'));
  });

  it('has something to do for every device, and switches off or empties each that it switched on', () => {
    for (const device of DEVICES) {
      const deeds = DAY.filter((moment) => moment.device === device).map(({ deed }) => deed.kind);
      expect(deeds).toContain('says');
      expect(deeds.at(-1)).toBe('leaves');
    }
  });

  it('is told in lines that say when, who and what', () => {
    const lines = DAY.map(describeDeed);
    expect(lines).toContain('09:00  ada, desk phone: available, on the phone, “With the printers”');
    expect(lines).toContain('16:45  cleo, laptop: switched off');
  });
});

describe('the people of the demo', () => {
  const clock = makeFakeClock();
  const passwords = (household: Household): readonly string[] =>
    household.kind === 'ready' ? household.people.map(({ password }) => password) : [];

  it('are three, with passwords that nobody can know before, and none twice', async () => {
    const [first, second] = [
      await settle({ store: makeMemoryStore({ clock }), clock }),
      await settle({ store: makeMemoryStore({ clock }), clock }),
    ];
    const all = [...passwords(first), ...passwords(second)];
    expect(all).toHaveLength(6);
    expect(new Set(all).size).toBe(6);
    for (const password of all) expect(password).toMatch(/^[a-z2-9]{5}-[a-z2-9]{5}-[a-z2-9]{5}$/);
  });

  it('begin anew at the next start: new passwords, the rules of the first day, nothing of before', async () => {
    const store = makeMemoryStore({ clock });
    const [old = ''] = passwords(await settle({ store, clock }));
    await store.rules.set({ owner: aor('ada'), subject: uri('cleo') as never, event: 'presence', permission: 'allow' });
    const [fresh = ''] = passwords(await settle({ store, clock }));
    const hash = (await store.accounts.passwordHash(aor('ada')))?.hash ?? '';
    expect(await secrets.verifyPassword(hash, fresh)).toBe(true);
    expect(await secrets.verifyPassword(hash, old)).toBe(false);
    expect((await store.rules.of(aor('ada'))).map(({ subject, permission }) => `${subject} ${permission}`)).toEqual([
      '* confirm',
      'sip:ben@example.com allow',
    ]);
    expect((await store.accounts.list({ limit: 10 })).map(({ username }) => username)).toEqual([...PEOPLE]);
  });

  it('move with a machine that is called otherwise today', async () => {
    const store = makeMemoryStore({ clock });
    await settle({ store, clock }, 'yesterday.example');
    expect(await settle({ store, clock })).toMatchObject({ kind: 'ready' });
    expect((await store.accounts.list({ limit: 10 })).map(({ domain }) => domain)).toEqual([DOMAIN, DOMAIN, DOMAIN]);
  });

  it('do not move in where somebody else has an account, and change nothing there', async () => {
    const store = makeMemoryStore({ clock });
    const before = passwords(await settle({ store, clock }));
    const hash = await store.accounts.passwordHash(aor('ada'));
    await store.accounts.create({
      ...{ aor: aor('dora'), username: 'dora', domain: DOMAIN },
      ...{ passwordHash: undefined, credentials: [], createdAt: clock.now() },
    });
    expect(await settle({ store, clock })).toEqual({
      kind: 'refused',
      why: 'the database has another account, dora@example.com',
    });
    expect(before).toHaveLength(3);
    expect(await store.accounts.passwordHash(aor('ada'))).toEqual(hash);
  });

  it('do not move in where Porchlight has served without them: not even an account named ada makes it theirs', async () => {
    const served = makeMemoryStore({ clock });
    await settleRealm(served.settings, undefined, DOMAIN);
    const registered = makeMemoryStore({ clock });
    await registered.accounts.create({
      ...{ aor: aor('ada'), username: 'ada', domain: DOMAIN },
      ...{ passwordHash: undefined, credentials: [], createdAt: clock.now() },
    });
    for (const store of [served, registered]) {
      expect(await settle({ store, clock })).toMatchObject({ kind: 'refused', why: expect.stringMatching(/before/) });
      expect(await store.settings.get('demo')).toBeUndefined();
      expect(await store.rules.of(aor('ada'))).toEqual([]);
    }
    expect(await served.archive.isEmpty()).toBe(true);
  });
});

describe('a day of the demo', () => {
  it('in its first quarter of a minute there is something of everything to see', async () => {
    const demo = await startDemo();
    await demo.until('08:15');
    expect(seen('ada', await demo.publications('ada'), demo.house.clock.now())).toEqual({
      open: true,
      activities: ['in-transit'],
      notes: ['On the bike'],
    });
    expect(watchers(await demo.subscriptions('ada'))).toEqual(['ben active allow', 'cleo pending confirm']);
    // Refused: not even a row.
    expect(watchers(await demo.subscriptions('ben'))).toEqual(['ada active allow']);
    expect(watchers(await demo.subscriptions('cleo'))).toEqual(['ada active polite-block', 'ben active allow']);
    expect(demo.lines).toContain(
      '08:04  cleo, mobile: asks to see Ada, and waits for an answer (portal, as ada: Watchers)',
    );
    expect(demo.lines).toContain('08:06  cleo, mobile: is refused by Ben');
    expect((await demo.publications('ada'))[0]?.userAgent).toBe("Ada's mobile (Porchlight demo)");
  });

  it('at ten Ada is on the phone at her desk, her mobile is on, and both are one presence', async () => {
    const demo = await startDemo();
    await demo.until('10:10');
    const published = await demo.publications('ada');
    expect(published.map(({ userAgent }) => userAgent).sort()).toEqual([
      "Ada's desk phone (Porchlight demo)",
      "Ada's mobile (Porchlight demo)",
    ]);
    expect(seen('ada', published, demo.house.clock.now())).toMatchObject({ open: true, activities: ['on-the-phone'] });
  });

  it('a phone whose battery is empty is there for as long as it had asked for, and then no more', async () => {
    const demo = await startDemo();
    const mobile = async () =>
      (await demo.publications('ada')).filter(({ userAgent }) => userAgent.includes('mobile')).length;
    await demo.until('12:56');
    expect(await mobile()).toBe(1);
    await demo.until('14:00');
    expect(await mobile()).toBe(0);
  });

  it('a politely blocked phone is told nothing of the whole day', async () => {
    const demo = await startDemo();
    await demo.house.clock.advance(A_DAY_MS);
    const ofAda = demo.addresses.slice(0, 2);
    const told = demo.house.network.passages.filter(
      ({ to, text }) => ofAda.includes(to) && text.includes('entity="sip:cleo'),
    );
    expect(told.length).toBeGreaterThan(0);
    expect(told.filter(({ text }) => text.includes('<basic>open') || text.includes('<note'))).toEqual([]);
    expect(demo.house.network.passages.some(({ text }) => /^NOTIFY .*<note>Drawing boats/s.test(text))).toBe(true);
  });

  it('in the evening everything has been taken back and every NOTIFY answered; the next day is like the first', async () => {
    const demo = await startDemo();
    await demo.until('19:59');
    for (const user of PEOPLE) {
      expect(await demo.publications(user)).toEqual([]);
      expect(await demo.subscriptions(user)).toEqual([]);
    }
    const answers = demo.house.network.passages.filter(
      ({ to, text }) => to === '192.0.2.1:5060' && text.startsWith('SIP/2.0 '),
    );
    expect(answers.length).toBeGreaterThan(50);
    const others = answers.filter(({ text }) => !text.startsWith('SIP/2.0 200 '));
    // Ada's mobile, once its battery is empty.
    expect(new Set(others.map(({ from, text }) => `${from} ${text.slice(8, 11)}`))).toEqual(
      new Set([`${demo.addresses[1]} 481`]),
    );
    const first = demo.lines.length;
    await demo.until('20:00');
    await demo.house.clock.advance(A_DAY_MS - 1_000);
    expect(demo.lines[first]).toBe('20:00  … and the next day begins');
    expect(demo.lines.slice(first + 1)).toEqual(demo.lines.slice(0, first));
  });

  it('Cleo, let in by Ada while she waits, sees her within a second; shut out again, she is told', async () => {
    const demo = await startDemo();
    await demo.until('08:30');
    await demo.house.rule('ada', 'cleo', 'allow');
    await demo.until('08:32');
    expect(demo.lines.at(-1)).toMatch(/^08:3[01] {2}cleo, mobile: watches Ada$/);
    await demo.house.rule('ada', 'cleo', 'block');
    await demo.until('08:34');
    expect(demo.lines.at(-1)).toMatch(/^08:3[23] {2}cleo, mobile: is refused by Ada$/);
    expect(watchers(await demo.subscriptions('ada'))).toEqual(['ben active allow']);
  });

  it('on a network that loses a fifth of everything the day is the same in the end', async () => {
    const demo = await startDemo({ loss: 0.2, duplicate: 0.1, delayMs: [1, 60], seed: 3 });
    await demo.until('08:19');
    expect(watchers(await demo.subscriptions('ada'))).toEqual(['ben active allow', 'cleo pending confirm']);
    await demo.until('10:20');
    expect(seen('ada', await demo.publications('ada'), demo.house.clock.now())).toMatchObject({
      activities: ['on-the-phone'],
    });
    await demo.until('19:59');
    await demo.house.clock.advance(180_000);
    expect(demo.lines.filter((line) => /watches Ben/.test(line)).length).toBeGreaterThan(1);
  });

  it('a service that forgot everything is told again: publications by 412, subscriptions by 481', async () => {
    const demo = await startDemo();
    await demo.until('10:10');
    const { store } = demo.house;
    await demo.house.restart(async () => {
      for await (const page of store.publications.all())
        for (const { id, etag } of page) await store.publications.write({ kind: 'remove', id, expected: etag });
      for await (const page of store.subscriptions.all())
        for (const { id } of page) await store.subscriptions.write({ kind: 'remove', id });
    });
    expect(await demo.publications('ada')).toEqual([]);
    await demo.until('11:20');
    expect(await demo.publications('ada')).toHaveLength(2);
    expect(watchers(await demo.subscriptions('ada'))).toEqual(['ben active allow', 'cleo pending confirm']);
  });

  it('a service that is away for a minute is found again', async () => {
    const demo = await startDemo();
    await demo.until('09:10');
    demo.house.network.cut('192.0.2.1:5060');
    await demo.until('10:12');
    demo.house.network.heal();
    await demo.until('11:10');
    expect(seen('ada', await demo.publications('ada'), demo.house.clock.now())).toMatchObject({ activities: ['away'] });
    expect(watchers(await demo.subscriptions('ada'))).toEqual(['ben active allow', 'cleo pending confirm']);
  });

  it('ended at any moment it is silent at once, and leaves no timer behind', async () => {
    const demo = await startDemo();
    await demo.until('10:01');
    expect(demo.armed()).toBeGreaterThan(0);
    await demo.end();
    const sent = demo.house.network.passages.length;
    const said = demo.lines.length;
    await demo.house.clock.advance(A_DAY_MS);
    const fromPhones = demo.house.network.passages.slice(sent).filter(({ from }) => demo.addresses.includes(from));
    expect(fromPhones).toEqual([]);
    expect(demo.lines).toHaveLength(said);
    expect(demo.armed()).toBe(0);
  });
});

describeWithXmllint('what the phones of the demo publish', () => {
  it('is valid by the schemas of RFC 3863, 4479 and 4480', () => {
    const documents = DAY.flatMap(({ deed, device }) =>
      deed.kind === 'says'
        ? [writePresence(uri(device.owner), 'desk-phone', deed.statement, Date.UTC(2026, 10, 22))]
        : [],
    );
    expect(documents.length).toBeGreaterThan(20);
    expect(validateXml(documents)).toBe('');
  });
});
