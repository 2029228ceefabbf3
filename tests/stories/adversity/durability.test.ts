import { afterEach, describe, expect, it } from 'vitest';
import { MAX_PUBLICATIONS } from '../../../services/publish/keep.ts';
import { aor, type House, openHouse, pidf, uri } from '../../support/house.ts';
import { databaseAway, type Levers, makeLevers, outcomeUnknown, slow } from '../../support/levers.ts';

let house: House;
let levers: Levers;
afterEach(() => house.close());

async function openHouseWithLevers(paceMs = 0): Promise<void> {
  levers = makeLevers();
  house = await openHouse({ paceMs, wrap: levers.wrap });
  await house.rule('alice', 'bob', 'allow');
}

const rows = () => house.store.publications.of(aor('alice'), house.clock.now());
const bodies = async (): Promise<readonly string[]> =>
  (await rows()).map(({ body }) => /<note>(.*)<\/note>/.exec(Buffer.from(body).toString('utf8'))?.[1] ?? '');
const subscriptionRow = async () => (await house.store.subscriptions.of(aor('alice'), house.clock.now()))[0];

describe('RFC 3903 §6: a PUBLISH whose commit has an outcome that nobody learnt', () => {
  it('initial: 503, and the next one finds nothing of it; nor does a restart bring it back', async () => {
    await openHouseWithLevers();
    const alice = house.peer('alice');
    levers.publications.after = outcomeUnknown('insert');
    const refused = await alice.publish({ body: pidf('alice', 'open', 'ghost') });
    expect(refused.status).toBe(503);
    expect(refused.header('Retry-After')).toMatch(/^\d+$/);
    expect(await bodies()).toEqual(['ghost']);
    levers.publications.after = undefined;
    const again = await alice.publish({ body: pidf('alice', 'open', 'real') });
    expect(await bodies()).toEqual(['real']);
    expect((await alice.publish({ etag: again.header('SIP-ETag'), expires: 0 })).status).toBe(200);
    const watch = await house.peer('bob').subscribe({ to: uri('alice') });
    await house.clock.advance(1_000);
    expect(watch.last?.body).toContain('<basic>closed</basic>');

    await house.restart();
    await house.clock.advance(10_000);
    expect(watch.last?.body).not.toContain('ghost');
    expect(await rows()).toEqual([]);
  });

  it('initial, and the device stays silent after the 503: it is taken back all the same', async () => {
    await openHouseWithLevers();
    levers.publications.after = outcomeUnknown('insert');
    await house.peer('alice').publish({ body: pidf('alice', 'open', 'ghost') });
    levers.publications.after = undefined;
    await house.clock.advance(6_000);
    expect(await rows()).toEqual([]);
  });

  it('a modification: the old entity-tag still holds, and there is one publication', async () => {
    await openHouseWithLevers();
    const alice = house.peer('alice');
    const etag = (await alice.publish({ body: pidf('alice', 'open', 'first') })).header('SIP-ETag');
    levers.publications.after = outcomeUnknown('replace');
    expect((await alice.publish({ etag, body: pidf('alice', 'open', 'ghost') })).status).toBe(503);
    expect(await bodies()).toEqual(['ghost']);
    levers.publications.after = undefined;
    expect((await alice.publish({ etag, body: pidf('alice', 'open', 'second') })).status).toBe(200);
    expect(await bodies()).toEqual(['second']);
  });

  it('a modification, then a removal with the old entity-tag: answered 200, and nothing is left', async () => {
    await openHouseWithLevers();
    const alice = house.peer('alice');
    const etag = (await alice.publish({ body: pidf('alice', 'open', 'first') })).header('SIP-ETag');
    levers.publications.after = outcomeUnknown('replace');
    expect((await alice.publish({ etag, body: pidf('alice', 'open', 'ghost') })).status).toBe(503);
    levers.publications.after = undefined;
    expect((await alice.publish({ etag, expires: 0 })).status).toBe(200);
    expect(await rows()).toEqual([]);
  });

  it('a removal: the publication is there as before, with its entity-tag, also after a restart', async () => {
    await openHouseWithLevers();
    const alice = house.peer('alice');
    const watch = await house.peer('bob').subscribe({ to: uri('alice') });
    const etag = (await alice.publish({ body: pidf('alice', 'open', 'still here') })).header('SIP-ETag');
    levers.publications.after = outcomeUnknown('remove');
    expect((await alice.publish({ etag, expires: 0 })).status).toBe(503);
    expect(await rows()).toEqual([]);
    levers.publications.after = undefined;
    await house.clock.advance(6_000);
    expect(await bodies()).toEqual(['still here']);
    expect(watch.last?.body).toContain('still here');

    await house.restart();
    expect((await alice.publish({ etag })).status).toBe(200);
    await house.clock.advance(10_000);
    expect(watch.last?.body).toContain('still here');
  });

  it('while what stands undone cannot be taken back either: 503, and nothing new is begun', async () => {
    await openHouseWithLevers();
    const alice = house.peer('alice');
    levers.publications.after = outcomeUnknown('insert');
    levers.publications.before = databaseAway('remove');
    expect((await alice.publish({ body: pidf('alice', 'open', 'ghost') })).status).toBe(503);
    levers.publications.after = undefined;
    expect((await alice.publish({ body: pidf('alice', 'open', 'real') })).status).toBe(503);
    expect(await bodies()).toEqual(['ghost']);
    levers.publications.before = undefined;
    expect((await alice.publish({ body: pidf('alice', 'open', 'real') })).status).toBe(200);
    expect(await bodies()).toEqual(['real']);
  });
});

describe('room for one more publication', () => {
  it('where none can be made, the new one is kept and answered 200: there is one too many for a while', async () => {
    await openHouseWithLevers();
    const alice = house.peer('alice');
    for (let n = 0; n < MAX_PUBLICATIONS; n += 1) await alice.publish({ body: pidf('alice', 'open', `n${n}`) });
    levers.publications.before = databaseAway('remove');
    const last = await alice.publish({ body: pidf('alice', 'open', 'one more') });
    expect(last.status).toBe(200);
    expect(await bodies()).toContain('one more');
    levers.publications.before = undefined;
    expect((await alice.publish({ etag: last.header('SIP-ETag') })).status).toBe(200);
  });

  it('where it can be made, the one that would end first goes', async () => {
    await openHouseWithLevers();
    const alice = house.peer('alice');
    await alice.publish({ body: pidf('alice', 'open', 'short'), expires: 120 });
    for (let n = 0; n < MAX_PUBLICATIONS; n += 1) await alice.publish({ body: pidf('alice', 'open', `n${n}`) });
    const kept = await bodies();
    expect(kept).toHaveLength(MAX_PUBLICATIONS);
    expect(kept).not.toContain('short');
  });
});

describe('what a watcher was told last', () => {
  it('a mark of before does not stand for what was told since: after a restart the watcher is told what is', async () => {
    await openHouseWithLevers();
    const alice = house.peer('alice');
    const watch = await house.peer('bob').subscribe({ to: uri('alice'), expires: 3600 });
    // Long enough for the mark «offline» to be written.
    await house.clock.advance(60_000);
    expect((await subscriptionRow())?.told).not.toBe('');
    await alice.publish({ body: pidf('alice', 'open', 'here'), expires: 60 });
    await watch.until(({ body }) => body.includes('here'));
    await house.clock.advance(1_000);
    await house.restart(() => house.clock.advance(120_000));
    await house.clock.advance(60_000);
    expect(watch.last?.body).toContain('<basic>closed</basic>');
  });

  it('a mark whose commit has an unknown outcome is taken back too', async () => {
    await openHouseWithLevers();
    const alice = house.peer('alice');
    const watch = await house.peer('bob').subscribe({ to: uri('alice'), expires: 3600 });
    await house.clock.advance(10_000);
    levers.subscriptions.after = outcomeUnknown('update');
    await house.clock.advance(50_000);
    expect((await subscriptionRow())?.told).not.toBe('');
    levers.subscriptions.after = undefined;
    await alice.publish({ body: pidf('alice', 'open', 'here'), expires: 60 });
    await watch.until(({ body }) => body.includes('here'));
    await house.restart(() => house.clock.advance(120_000));
    await house.clock.advance(60_000);
    expect(watch.last?.body).toContain('<basic>closed</basic>');
  });

  it('two decisions within one slow commit: the row says the later one, as the watcher was told', async () => {
    await openHouseWithLevers();
    const watch = await house.peer('bob').subscribe({ to: uri('alice') });
    await house.clock.advance(1_000);
    levers.subscriptions.before = slow(house.clock, 1_500, 'update');
    await house.rule('alice', 'bob', 'confirm');
    await house.clock.advance(500);
    expect(watch.last?.state).toBe('pending');
    await house.rule('alice', 'bob', 'allow');
    await house.clock.advance(60_000);
    expect(watch.last?.state).toBe('active');
    expect(await subscriptionRow()).toMatchObject({ state: 'active', permission: 'allow' });
  });

  it('a decision that could not be written is written at the next occasion', async () => {
    await openHouseWithLevers();
    const watch = await house.peer('bob').subscribe({ to: uri('alice') });
    await house.clock.advance(1_000);
    levers.subscriptions.before = databaseAway('update');
    await house.rule('alice', 'bob', 'confirm');
    await house.clock.advance(1_000);
    expect(watch.last?.state).toBe('pending');
    expect((await subscriptionRow())?.state).toBe('active');
    levers.subscriptions.before = undefined;
    await watch.refresh();
    await house.clock.advance(1_000);
    expect(await subscriptionRow()).toMatchObject({ state: 'pending', permission: 'confirm' });
  });
});

describe('a SUBSCRIBE whose commit has an outcome that nobody learnt', () => {
  it('503, and the row goes as soon as the database is back: no watcher whom nobody can tell anything', async () => {
    await openHouseWithLevers();
    levers.subscriptions.after = outcomeUnknown('insert');
    levers.subscriptions.before = databaseAway('remove');
    const watch = await house.peer('bob').subscribe({ to: uri('alice') });
    expect(watch.response.status).toBe(503);
    await house.clock.advance(25_000);
    expect(await subscriptionRow()).toMatchObject({ watcher: uri('bob') });
    levers.subscriptions.after = undefined;
    levers.subscriptions.before = undefined;
    await house.clock.advance(10_000);
    expect(await subscriptionRow()).toBeUndefined();
    expect(watch.notifies).toEqual([]);
  });
});

describe('RFC 6665 §4.2.1.4: after an unsubscribe whose outcome nobody learnt', () => {
  it('503; a refresh is 481, and that is the end of the dialog: no NOTIFY in it but the terminated one', async () => {
    await openHouseWithLevers();
    const watch = await house.peer('bob').subscribe({ to: uri('alice') });
    await house.clock.advance(1_000);
    levers.subscriptions.after = outcomeUnknown('remove');
    expect((await watch.unsubscribe()).status).toBe(503);
    levers.subscriptions.after = undefined;
    expect((await watch.refresh()).status).toBe(481);
    await house.clock.advance(1_000);
    expect(watch.last?.state).toBe('terminated');
    const heard = watch.notifies.length;
    await house.peer('alice').publish({ body: pidf('alice', 'open') });
    await house.clock.advance(60_000);
    expect(watch.notifies).toHaveLength(heard);
  });

  it('where it was not committed after all, the subscription goes on, and a refresh is 200', async () => {
    await openHouseWithLevers();
    const watch = await house.peer('bob').subscribe({ to: uri('alice') });
    await house.clock.advance(1_000);
    levers.subscriptions.before = databaseAway('remove');
    expect((await watch.unsubscribe()).status).toBe(503);
    levers.subscriptions.before = undefined;
    expect((await watch.refresh({ expires: 600 })).status).toBe(200);
    await house.peer('alice').publish({ body: pidf('alice', 'open', 'hello') });
    await watch.until(({ body }) => body.includes('hello'));
    expect(watch.last?.state).toBe('active');
  });
});
