/** What an owner does in the portal, as phones see it: a status without a phone, rules with dates, lists of people. */
import { afterEach, describe, expect, it } from 'vitest';
import { type EntityTag, groupSubject, type Publication, type Rule, type Subject } from '#model';
import { writeStatus } from '#packages';
import { aor, type House, openHouse, pidf, uri } from '../support/house.ts';

let house: House;
afterEach(() => house.close());

const status = (changes: Partial<Publication> = {}, note = 'back at four'): Publication => ({
  id: 'browser-status-of-al',
  presentity: aor('alice'),
  event: 'presence',
  etag: 'etag-1' as EntityTag,
  contentType: 'application/pidf+xml',
  body: writeStatus(aor('alice'), { open: true, activities: ['busy'], other: '', note }),
  modifiedAt: house.clock.now(),
  expiresAt: house.clock.now() + 3 * 3600_000,
  publisher: aor('alice'),
  userAgent: 'Browser',
  ...changes,
});

const write = (publication: Publication, expected?: EntityTag) =>
  house.store.publications.writeFromOutside(
    publication.presentity,
    expected === undefined ? { kind: 'insert', publication } : { kind: 'replace', expected, publication },
  );

describe('a status that is set without a phone', () => {
  it('reaches watchers within a second, is changed, outlives a restart, and ends at its time like any other', async () => {
    house = await openHouse({ paceMs: 0 });
    await house.rule('alice', 'bob', 'allow');
    const watch = await house.peer('bob').subscribe({ to: uri('alice'), expires: 3600 });
    await watch.next();
    expect(await write(status())).toBe('written');
    await house.clock.advance(1_000);
    expect(watch.last?.body).toContain('back at four');
    expect(watch.last?.body).toContain('<rpid:busy/>');
    const second = status({ etag: 'etag-2' as EntityTag, modifiedAt: house.clock.now() }, 'back at five');
    expect(await write(second, 'etag-1' as EntityTag)).toBe('written');
    await house.clock.advance(1_000);
    expect(watch.last?.body).toContain('back at five');
    await house.restart();
    await house.clock.advance(3 * 3600_000 - 600_000);
    const again = await house.peer('bob').subscribe({ to: uri('alice') });
    await again.until(({ body }) => body.includes('back at five'));
    await house.clock.advance(600_000);
    expect(again.last?.body).not.toContain('back at five');
    expect(again.last?.body).toContain('<basic>closed</basic>');
    expect(await house.store.publications.of(aor('alice'), house.clock.now())).toEqual([]);
  });

  it('stands beside the phones, and goes when it is taken back', async () => {
    house = await openHouse({ paceMs: 0 });
    await house.rule('alice', 'bob', 'allow');
    const watch = await house.peer('bob').subscribe({ to: uri('alice') });
    await house.peer('alice').publish({ body: pidf('alice', 'open', 'from the phone') });
    await write(status());
    await house.clock.advance(1_000);
    expect(watch.last?.body).toContain('from the phone');
    expect(watch.last?.body).toContain('back at four');
    const id = status().id;
    const expected = 'etag-1' as EntityTag;
    await house.store.publications.writeFromOutside(aor('alice'), { kind: 'remove', expected, id });
    await house.clock.advance(1_000);
    expect(watch.last?.body).toContain('from the phone');
    expect(watch.last?.body).not.toContain('back at four');
  });

  it('is nobody’s but the owner’s: a row that names another publisher is not taken up', async () => {
    house = await openHouse({ paceMs: 0 });
    await house.rule('alice', 'bob', 'allow');
    const watch = await house.peer('bob').subscribe({ to: uri('alice') });
    await watch.next();
    await write(status({ publisher: aor('bob') }));
    await house.clock.advance(2_000);
    expect(watch.notifies).toHaveLength(1);
  });

  it('shows nothing to who is politely blocked or has to ask', async () => {
    house = await openHouse({ paceMs: 0, users: ['alice', 'bob', 'carol'] });
    await house.rule('alice', 'bob', 'polite-block');
    const bob = await house.peer('bob').subscribe({ to: uri('alice') });
    const carol = await house.peer('carol').subscribe({ to: uri('alice') });
    await write(status());
    await house.clock.advance(5_000);
    expect(house.network.passages.filter(({ text }) => text.includes('back at four'))).toEqual([]);
    expect([bob.last?.state, carol.last?.state]).toEqual(['active', 'pending']);
  });
});

const dated = (subject: string, permission: Rule['permission'], dates: Pick<Rule, 'fromAt' | 'untilAt'>): Rule => ({
  owner: aor('alice'),
  subject: subject as Subject,
  event: 'presence',
  permission,
  ...dates,
});

describe('RFC 4745 §7.3: a rule with dates', () => {
  it('begins and ends by itself: the live subscription follows at that moment', async () => {
    house = await openHouse({ paceMs: 0 });
    const now = house.clock.now();
    await house.peer('alice').publish({ body: pidf('alice', 'open', 'holiday'), expires: 3600 });
    await house.store.rules.set(dated(uri('bob'), 'allow', { fromAt: now + 60_000, untilAt: now + 120_000 }));
    await house.clock.advance(1_000);
    const watch = await house.peer('bob').subscribe({ to: uri('alice'), expires: 3600 });
    await watch.next();
    await house.clock.advance(50_000);
    expect(watch.last).toMatchObject({ state: 'pending', body: '' });
    await house.clock.advance(10_000);
    expect(watch.last?.state).toBe('active');
    expect(watch.last?.body).toContain('holiday');
    await house.clock.advance(60_000);
    expect(watch.last).toMatchObject({ state: 'pending', body: '' });
  });

  it('also after a restart between its beginning and its end', async () => {
    house = await openHouse({ paceMs: 0 });
    const untilAt = house.clock.now() + 120_000;
    await house.store.rules.set(dated(uri('bob'), 'allow', { untilAt }));
    const watch = await house.peer('bob').subscribe({ to: uri('alice'), expires: 3600 });
    await watch.until(({ state }) => state === 'active');
    await house.restart();
    await house.clock.advance(119_000);
    const heard = watch.notifies.length;
    await house.clock.advance(2_000);
    expect(watch.notifies.length).toBeGreaterThan(heard);
    expect(watch.last?.state).toBe('pending');
  });
});

describe('a rule about a list of people', () => {
  it('follows the list: who is put on it sees, who is taken off does not', async () => {
    house = await openHouse({ paceMs: 0 });
    await house.peer('alice').publish({ body: pidf('alice', 'open', 'for friends') });
    const watch = await house.peer('bob').subscribe({ to: uri('alice'), expires: 3600 });
    await watch.next();
    const friends = { id: 'friends-1', owner: aor('alice'), name: 'Friends' };
    expect(await house.store.groups.set({ ...friends, members: [] })).toBe('set');
    await house.store.rules.set(dated(groupSubject(friends.id), 'allow', {}));
    await house.clock.advance(1_000);
    expect(watch.last?.state).toBe('pending');
    await house.store.groups.set({ ...friends, members: [aor('bob')] });
    await house.clock.advance(1_000);
    expect(watch.last?.body).toContain('for friends');
    expect(await house.store.groups.remove(aor('alice'), friends.id)).toBe(true);
    await house.clock.advance(1_000);
    expect(watch.last).toMatchObject({ state: 'pending', body: '' });
    expect(await house.store.rules.of(aor('alice'))).toEqual([]);
  });
});

describe('what is written down for the owner to read', () => {
  const kinds = async (): Promise<readonly string[]> =>
    (await house.store.sightings.of(aor('alice'))).map(({ kind }) => kind).sort();

  it('what was seen of a phone, when somebody looks; nothing at all when nobody does', async () => {
    house = await openHouse();
    const phone = house.peer('alice');
    await phone.publish({ body: pidf('alice', 'open') });
    await house.clock.advance(10_000);
    expect(await kinds()).toEqual([]);
    await house.store.journal.append([{ kind: 'sightings', subject: aor('alice') }], house.clock.now());
    await house.clock.advance(3_000);
    expect(await kinds()).toEqual(['challenged', 'publishing']);
    await phone.publish({ body: pidf('alice', 'open'), password: 'not this one' });
    await house.clock.advance(3_000);
    expect(await kinds()).toEqual(['challenged', 'publishing', 'wrong-password']);
  });

  it('who watched, once they do no longer; the owner’s own phone is nobody', async () => {
    house = await openHouse({ paceMs: 0 });
    await house.rule('alice', 'bob', 'allow');
    const since = house.clock.now();
    const watch = await house.peer('bob').subscribe({ to: uri('alice'), expires: 600 });
    await house.peer('alice').subscribe({ to: uri('alice'), expires: 600 });
    await watch.next();
    expect(await house.store.pastWatchers.of(aor('alice'))).toEqual([]);
    await house.clock.advance(700_000);
    const [row, ...others] = await house.store.pastWatchers.of(aor('alice'));
    expect(others).toEqual([]);
    expect(row).toMatchObject({ watcher: aor('bob'), event: 'presence' });
    expect(row?.firstAt).toBeLessThan(since + 1_000);
    expect(row?.lastAt).toBeGreaterThanOrEqual(since + 600_000);
  });

  it('how available somebody was, only while they have switched it on', async () => {
    house = await openHouse({ paceMs: 0 });
    const states = async () => (await house.store.availability.of(aor('alice'), 0)).map(({ state }) => state);
    const phone = house.peer('alice');
    await phone.publish({ body: pidf('alice', 'open'), expires: 3600 });
    await house.clock.advance(60_000);
    expect(await states()).toEqual([]);
    await house.store.preferences.set(aor('alice'), 'availability', 'on');
    await house.clock.advance(60_000);
    expect(await states()).toEqual(['available']);
    await write(status({ expiresAt: house.clock.now() + 120_000 }));
    await house.clock.advance(60_000);
    await house.clock.advance(120_000);
    expect(await states()).toEqual(['available', 'busy', 'available']);
    await house.store.preferences.set(aor('alice'), 'availability', undefined);
    await house.clock.advance(4_000_000);
    expect(await states()).toEqual(['available', 'busy', 'available']);
  });
});
