import { expect, test } from 'vitest';
import { groupSubject, MAX_GROUPS } from '#model';
import {
  MAILS_ASKS,
  MAX_PAST_WATCHERS,
  MAX_TRACED,
  MAX_TRACED_LENGTH,
  type PastWatcher,
  type Sighting,
  type TracedMessage,
} from '#store';
import { aor, makeAccount, makePublication, makeRule, makeSession, makeSubscription, tag } from '../support/stores.ts';
import type { Within } from './store.contract.ts';

const sighting = (given: Partial<Sighting> = {}): Sighting => ({
  owner: aor('alice'),
  kind: 'publishing',
  client: 'Phone 1.0',
  flow: 'udp:192.0.2.1:5060',
  status: 200,
  at: 1000,
  ...given,
});
const past = (watcher: string, given: Partial<PastWatcher> = {}): PastWatcher => ({
  owner: aor('alice'),
  watcher: aor(watcher),
  event: 'presence',
  client: 'Phone',
  firstAt: 500,
  lastAt: 1000,
  ...given,
});

export function describePersonal(within: Within): void {
  within('groups, and dates of rules', (fresh) => {
    test('a group is added, renamed, filled and removed, each with a Change; names are the owner’s own', async () => {
      const { accounts, groups, journal } = fresh().store;
      const friends = { id: 'g1', owner: aor('alice'), name: 'Friends', members: [aor('carol'), aor('bob')] };
      expect(await groups.set(friends)).toBe('no-account');
      for (const user of ['alice', 'bob']) await accounts.create(makeAccount(user));
      const before = (await journal.span())?.newest ?? 0;
      expect(await groups.set(friends)).toBe('set');
      expect(await groups.set({ ...friends, id: 'g2' })).toBe('name-taken');
      expect(await groups.set({ ...friends, id: 'g3', owner: aor('bob'), members: [] })).toBe('set');
      expect(await groups.of(aor('alice'))).toEqual([{ ...friends, members: [aor('bob'), aor('carol')] }]);
      expect(await groups.set({ ...friends, name: 'Family', members: [aor('bob')] })).toBe('set');
      expect(await groups.of(aor('alice'))).toEqual([{ ...friends, name: 'Family', members: [aor('bob')] }]);
      expect(await groups.remove(aor('bob'), 'g1')).toBe(false);
      expect((await journal.after(before, 9)).map(({ change }) => change)).toEqual([
        { kind: 'rules', subject: aor('alice') },
        { kind: 'rules', subject: aor('bob') },
        { kind: 'rules', subject: aor('alice') },
      ]);
      await expect(groups.set({ ...friends, name: ' ' })).rejects.toThrow(RangeError);
    });

    test('a rule about a group carries who is in it, and goes with the group; dates stay with the rule', async () => {
      const { groups, rules } = fresh().store;
      const about = makeRule('alice', groupSubject('g1'), { permission: 'polite-block' });
      const dated = makeRule('alice', '*', { fromAt: 1_900_000_000_000, untilAt: 1_900_000_000_001 });
      await rules.set(about);
      expect(await rules.setMany([dated])).toEqual(['set']);
      expect(await rules.of(aor('alice'))).toEqual([dated, { ...about, members: [aor('bob')] }]);
      expect((await rules.ofMany([aor('alice'), aor('bob')])).get(aor('alice'))).toHaveLength(2);
      expect(await groups.remove(aor('alice'), 'g1')).toBe(true);
      expect(await rules.of(aor('alice'))).toEqual([dated]);
      expect((await groups.of(aor('bob'))).map(({ id }) => id)).toEqual(['g3']);
      await rules.set(makeRule('alice', '*'));
      expect(await rules.of(aor('alice'))).toEqual([makeRule('alice', '*')]);
    });

    test('one owner has only so many', async () => {
      const { groups } = fresh().store;
      for (let index = 0; index < MAX_GROUPS; index += 1) {
        const group = { id: `n${index}`, owner: aor('alice'), name: `Group ${index}`, members: [] };
        expect(await groups.set(group)).toBe('set');
      }
      expect(await groups.set({ id: 'more', owner: aor('alice'), name: 'More', members: [] })).toBe('too-many');
    });
  });

  within('what is kept for one person', (fresh) => {
    test('preferences, and everybody who has one', async () => {
      const { accounts, preferences, journal } = fresh().store;
      expect(await preferences.set(aor('alice'), 'availability', 'on')).toBe(false);
      for (const user of ['alice', 'bob']) await accounts.create(makeAccount(user));
      const before = (await journal.span())?.newest ?? 0;
      expect(await preferences.set(aor('alice'), 'availability', 'on')).toBe(true);
      expect(await preferences.set(aor('bob'), 'other', 'x')).toBe(true);
      expect(await preferences.of(aor('alice'))).toEqual(new Map([['availability', 'on']]));
      expect(await preferences.having('availability')).toEqual(new Set([aor('alice')]));
      expect(await preferences.set(aor('alice'), 'availability', undefined)).toBe(true);
      expect(await preferences.having('availability')).toEqual(new Set());
      expect((await journal.after(before, 1))[0]?.change).toEqual({ kind: 'preferences', subject: aor('alice') });
    });

    test('sightings: one of each kind and client, the last; those of nobody are passed over', async () => {
      const { sightings } = fresh().store;
      await sightings.write([
        sighting(),
        sighting({ kind: 'challenged', status: 401 }),
        sighting({ owner: aor('nobody') }),
      ]);
      await sightings.write([sighting({ at: 2000, flow: 'udp:192.0.2.2:5060' })]);
      expect(await sightings.of(aor('alice'))).toEqual([
        sighting({ at: 2000, flow: 'udp:192.0.2.2:5060' }),
        sighting({ kind: 'challenged', status: 401 }),
      ]);
      expect(await sightings.of(aor('nobody'))).toEqual([]);
      expect(await sightings.purge(1500)).toBe(1);
    });

    test('availability: from the row before the moment asked for on', async () => {
      const { availability } = fresh().store;
      const row = (at: number, state: 'available' | 'busy') => ({ owner: aor('alice'), at, state });
      await availability.write([row(3000, 'busy'), row(1000, 'available'), row(2000, 'busy')]);
      await availability.write([row(2000, 'available')]);
      expect(await availability.of(aor('alice'), 2500)).toEqual([row(2000, 'available'), row(3000, 'busy')]);
      expect(await availability.of(aor('alice'), 1000)).toHaveLength(3);
      expect(await availability.purge(2000)).toBe(1);
      expect(await availability.forget(aor('alice'))).toBe(2);
      expect(await availability.of(aor('alice'), 0)).toEqual([]);
    });

    test('past watchers: the earliest beginning and the latest end, the newest first, and only so many', async () => {
      const { pastWatchers } = fresh().store;
      await pastWatchers.write([past('bob'), past('carol', { lastAt: 3000 })]);
      await pastWatchers.write([past('bob', { firstAt: 900, lastAt: 2000, client: 'Other' })]);
      expect(await pastWatchers.of(aor('alice'))).toEqual([
        past('carol', { lastAt: 3000 }),
        past('bob', { lastAt: 2000, client: 'Other' }),
      ]);
      const many = Array.from({ length: MAX_PAST_WATCHERS + 5 }, (_, index) =>
        past(`w${index}`, { lastAt: 9000 + index }),
      );
      await pastWatchers.write(many);
      expect(await pastWatchers.of(aor('alice'))).toHaveLength(MAX_PAST_WATCHERS);
      expect(await pastWatchers.purge(2500)).toBe(1 + 1 + 5);
      expect(await pastWatchers.forget(aor('alice'))).toBe(MAX_PAST_WATCHERS);
    });

    test('traces: a ring for each owner, oldest first, with a sum that says when there is more', async () => {
      const { traces, glances } = fresh().store;
      const message = (number: number, given: Partial<TracedMessage> = {}): TracedMessage => ({
        owner: aor('alice'),
        number,
        at: 1000 + number,
        direction: 'in',
        flow: 'udp:192.0.2.1:5060',
        text: 'PUBLISH sip:alice@example.com SIP/2.0\r\n\r\nzwölf 🏮',
        ...given,
      });
      await traces.write([message(2), message(1, { direction: 'out' }), message(3, { owner: aor('nobody') })]);
      expect(await traces.of(aor('alice'))).toEqual([message(1, { direction: 'out' }), message(2)]);
      const before = (await glances.traces([aor('alice'), aor('bob')])).get(aor('alice'));
      await traces.write([message(1 + MAX_TRACED, { text: 'x'.repeat(MAX_TRACED_LENGTH + 1) })]);
      expect((await traces.of(aor('alice'))).map(({ number, text }) => [number, text.length])).toEqual([
        [2, message(2).text.length],
        [1 + MAX_TRACED, MAX_TRACED_LENGTH],
      ]);
      expect((await glances.traces([aor('alice')])).get(aor('alice'))).not.toBe(before);
      expect(await traces.purge(1003)).toBe(1);
      await traces.write([message(7)]);
      expect(await traces.forget(aor('alice'))).toBe(2);
      expect((await glances.traces([aor('alice')])).size).toBe(0);
    });

    test('who is to be told that somebody asks: those who want to, of each who asks once in a time', async () => {
      const { accounts, notices, preferences, subscriptions, waiting } = fresh().store;
      const asks = (owner: string, watcher: string) => ({ owner: aor(owner), watcher: aor(watcher) });
      const pending = (owner: string, watcher: string, id: string) =>
        subscriptions.write({
          kind: 'insert',
          subscription: makeSubscription(id, {
            presentity: aor(owner),
            watcher: aor(watcher),
            state: 'pending',
            expiresAt: 9000,
          }),
        });
      for (const user of ['alice', 'bob']) await accounts.create(makeAccount(user));
      await pending('alice', 'carol', 'asks-1');
      await pending('alice', 'carol', 'asks-2');
      await pending('bob', 'carol', 'asks-3');
      await subscriptions.write({
        kind: 'insert',
        subscription: makeSubscription('asks-4', { watcher: aor('erin'), expiresAt: 9000 }),
      });
      await waiting.write({
        kind: 'keep',
        waiting: {
          id: 'asks-5',
          presentity: aor('alice'),
          event: 'presence',
          watcher: aor('dave'),
          userAgent: '',
          askedAt: 1,
          expiresAt: 5000,
        },
      });
      expect(await notices.due(1000, 0, 9)).toEqual([]);
      await preferences.set(aor('alice'), MAILS_ASKS, 'on');
      expect(await notices.due(1000, 0, 9)).toEqual([asks('alice', 'carol'), asks('alice', 'dave')]);
      expect(await notices.due(1000, 0, 1)).toEqual([asks('alice', 'carol')]);
      expect(await notices.due(5000, 0, 9)).toEqual([asks('alice', 'carol')]);
      const both = await Promise.all([1000, 1000].map((now) => notices.claim(asks('alice', 'carol'), now, 0)));
      expect(both.filter((won) => won)).toHaveLength(1);
      expect(await notices.claim(asks('nobody', 'carol'), 1000, 0)).toBe(false);
      expect(await notices.due(1000, 1000, 9)).toEqual([asks('alice', 'dave')]);
      expect(await notices.due(1000, 1001, 9)).toHaveLength(2);
      expect(await notices.claim(asks('alice', 'carol'), 2000, 1001)).toBe(true);
      await accounts.setDisabled(aor('alice'), true);
      expect(await notices.due(1000, 5000, 9)).toEqual([]);
      await accounts.setDisabled(aor('alice'), false);
      expect(await notices.purge(2001)).toBe(1);
      await preferences.set(aor('alice'), MAILS_ASKS, undefined);
    });

    test('a ticket opens once, before its end, for its purpose, and a new one takes its place', async () => {
      const { tickets } = fresh().store;
      const ticket = { idHash: 'a'.repeat(64), owner: aor('alice'), purpose: 'phone', expiresAt: 1000 };
      expect(await tickets.issue({ ...ticket, owner: aor('nobody') })).toBe(false);
      expect(await tickets.issue(ticket)).toBe(true);
      expect(await tickets.issue({ ...ticket, idHash: 'b'.repeat(64) })).toBe(true);
      expect(await tickets.spend(ticket.idHash, 'phone', 0)).toBeUndefined();
      expect(await tickets.spend('b'.repeat(64), 'other', 0)).toBeUndefined();
      expect(await tickets.spend('b'.repeat(64), 'phone', 1000)).toBeUndefined();
      const both = await Promise.all([0, 0].map((now) => tickets.spend('b'.repeat(64), 'phone', now)));
      expect(both.filter((owner) => owner === aor('alice'))).toHaveLength(1);
      await tickets.issue(ticket);
      expect(await tickets.purge(1001)).toBe(1);
    });

    test('the tickets of one account are taken back together, and nobody else’s', async () => {
      const { tickets } = fresh().store;
      const ticket = { idHash: 'd'.repeat(64), owner: aor('alice'), purpose: 'phone', expiresAt: 1000 };
      await tickets.issue(ticket);
      await tickets.issue({ ...ticket, idHash: 'e'.repeat(64), purpose: 'mail' });
      await tickets.issue({ ...ticket, idHash: 'f'.repeat(64), owner: aor('bob') });
      expect(await tickets.forget(aor('alice'))).toBe(2);
      expect(await tickets.forget(aor('alice'))).toBe(0);
      expect(await tickets.spend('d'.repeat(64), 'phone', 0)).toBeUndefined();
      expect(await tickets.spend('f'.repeat(64), 'phone', 0)).toBe(aor('bob'));
    });

    test('an account that goes takes all of it along', async () => {
      const { accounts, groups, preferences, sightings, pastWatchers, availability, tickets } = fresh().store;
      await groups.set({ id: 'g9', owner: aor('bob'), name: 'Friends', members: [aor('alice')] });
      await sightings.write([sighting({ owner: aor('bob') })]);
      await pastWatchers.write([past('carol', { owner: aor('bob') })]);
      await availability.write([{ owner: aor('bob'), at: 1, state: 'busy' }]);
      await tickets.issue({ idHash: 'c'.repeat(64), owner: aor('bob'), purpose: 'phone', expiresAt: 1000 });
      await accounts.remove(aor('bob'));
      await accounts.create(makeAccount('bob'));
      expect(await groups.of(aor('bob'))).toEqual([]);
      expect(await preferences.of(aor('bob'))).toEqual(new Map());
      expect(await sightings.of(aor('bob'))).toEqual([]);
      expect(await pastWatchers.of(aor('bob'))).toEqual([]);
      expect(await availability.of(aor('bob'), 0)).toEqual([]);
      expect(await tickets.spend('c'.repeat(64), 'phone', 0)).toBeUndefined();
    });
  });

  within('glances', (fresh) => {
    test('a pulse stands still while nothing changes, and moves with every kind of change', async () => {
      const { glances, publications, subscriptions } = fresh().store;
      const both = [aor('alice'), aor('bob')];
      expect(await glances.publications(both, 0)).toEqual(new Map());
      const look = async () => [
        (await glances.publications(both, 1000)).get(aor('alice')),
        (await glances.watchers(both, 1000)).get(aor('alice'))?.pulse,
      ];
      const first = makePublication('p1', { presentity: aor('alice') });
      const watch = makeSubscription('s1', { presentity: aor('alice'), watcher: aor('bob') });
      await publications.write({ kind: 'insert', publication: first });
      await subscriptions.write({ kind: 'insert', subscription: watch });
      let [state, watchers] = await look();
      expect(await look()).toEqual([state, watchers]);
      const refreshed = { ...first, etag: tag('other'), expiresAt: first.expiresAt + 1000 };
      await publications.write({ kind: 'replace', expected: first.etag, publication: refreshed });
      expect((await look())[0]).not.toBe(state);
      [state] = await look();
      for (const change of [{ state: 'pending' }, { permission: 'polite-block' }, { expiresAt: watch.expiresAt + 1 }]) {
        await subscriptions.write({ kind: 'update', subscription: { ...watch, ...change } as typeof watch });
        expect((await look())[1]).not.toBe(watchers);
        await subscriptions.write({ kind: 'update', subscription: watch });
        expect((await look())[1]).toBe(watchers);
      }
      [, watchers] = await look();
      expect(await glances.publications(both, refreshed.expiresAt)).toEqual(new Map());
    });

    test('watchers and those who ask are counted once each, and read a page at a time', async () => {
      const { glances, subscriptions } = fresh().store;
      const rows = [
        ['s2', 'bob', 'active'],
        ['s3', 'carol', 'pending'],
        ['s4', 'carol', 'pending'],
      ] as const;
      for (const [id, watcher, state] of rows) {
        const subscription = makeSubscription(id, { presentity: aor('alice'), watcher: aor(watcher), state });
        await subscriptions.write({ kind: 'insert', subscription });
      }
      expect((await glances.watchers([aor('alice')], 1000)).get(aor('alice'))).toMatchObject({
        watching: 1,
        asking: 1,
      });
      const ids = async (page: Parameters<typeof glances.subscriptions>[2]) =>
        (await glances.subscriptions(aor('alice'), 1000, page)).map(({ id }) => id);
      expect(await ids({ state: 'pending', limit: 9 })).toEqual(['s3', 's4']);
      expect(await ids({ state: 'pending', limit: 1, skip: 1 })).toEqual(['s4']);
      expect(await ids({ state: 'active', limit: 9, search: 'bo' })).toEqual(['s1', 's2']);
      expect(await ids({ state: 'active', limit: 9, search: '%' })).toEqual([]);
    });

    test('which browser sessions are open', async () => {
      const { accounts, sessions, glances } = fresh().store;
      await accounts.create(makeAccount('alice'));
      const one = makeSession(1);
      await sessions.create(one);
      expect(await glances.sessions([one.idHash, makeSession(2).idHash], one.expiresAt - 1)).toEqual(
        new Set([one.idHash]),
      );
      expect(await glances.sessions([one.idHash], one.expiresAt)).toEqual(new Set());
    });
  });

  within('a publication from another process', (fresh) => {
    test('is written under the same conditions, with a Change that names the row', async () => {
      const { publications, journal } = fresh().store;
      const publication = makePublication('p1');
      const { presentity, id, etag } = publication;
      const write = (given: Parameters<typeof publications.write>[0]) =>
        publications.writeFromOutside(presentity, given);
      expect(await write({ kind: 'insert', publication })).toBe('written');
      expect(await write({ kind: 'insert', publication })).toBe('stale');
      expect(await write({ kind: 'remove', expected: tag('other'), id })).toBe('stale');
      expect(await write({ kind: 'remove', expected: etag, id })).toBe('written');
      expect(await publications.find(id)).toBeUndefined();
      expect((await journal.after(0, 9)).map(({ change }) => change)).toEqual([
        { kind: 'published', subject: presentity, id },
        { kind: 'published', subject: presentity, id },
      ]);
      expect(await write({ kind: 'insert', publication: { ...publication, id: 'x'.repeat(33) } })).toBe('refused');
    });
  });
}
