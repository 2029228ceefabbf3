/** A publication's row is gone, or another's, or is not taken: what the device is told, and what its watchers see. */
import { afterEach, describe, expect, it } from 'vitest';
import { MAX_BODY_BYTES } from '#model';
import type { Store } from '#store';
import { MAX_PUBLICATIONS } from '../../../services/publish/keep.ts';
import { aor, type House, openHouse, pidf, uri } from '../../support/house.ts';
import type { Peer, Watch } from '../../support/sip-peer.ts';

let house: House;
afterEach(() => house.close());

async function start(wrap?: (store: Store) => Store): Promise<{ alice: Peer; watch: Watch }> {
  house = await openHouse({ paceMs: 0, ...(wrap === undefined ? {} : { wrap }) });
  await house.rule('alice', 'bob', 'allow');
  const watch = await house.peer('bob').subscribe({ to: uri('alice') });
  await watch.next();
  return { alice: house.peer('alice'), watch };
}

const rows = () => house.store.publications.of(aor('alice'), house.clock.now());
const notes = async (): Promise<readonly string[]> =>
  (await rows()).map(({ body }) => /<note>(.*)<\/note>/.exec(Buffer.from(body).toString())?.[1] ?? '');

describe('a row that somebody else took away', () => {
  it.each([
    ['a modification', { body: pidf('alice', 'open', 'later') }],
    ['a refresh', {}],
    ['a removal', { expires: 0 }],
  ])('%s is 412, its watchers see that it is gone, and the device begins anew', async (_what, request) => {
    const { alice, watch } = await start();
    const first = await alice.publish({ body: pidf('alice', 'open', 'there') });
    expect((await watch.next()).body).toContain('there');
    const [row] = await rows();
    if (row === undefined) throw new Error('nothing was kept');
    await house.store.publications.write({ kind: 'remove', expected: row.etag, id: row.id });

    const refused = await alice.publish({ etag: first.header('SIP-ETag'), ...request });
    expect(refused.status).toBe(412);
    expect((await watch.next()).body).not.toContain('there');
    expect(await rows()).toEqual([]);
    expect((await alice.publish({ body: pidf('alice', 'open', 'anew') })).status).toBe(200);
    expect((await watch.next()).body).toContain('anew');
  });
});

describe('a row that the database does not take', () => {
  it('is 413, and nothing is published', async () => {
    const { alice, watch } = await start((store) => ({
      ...store,
      publications: { ...store.publications, write: async () => 'refused' },
    }));
    expect((await alice.publish({ body: pidf('alice', 'open', 'too much') })).status).toBe(413);
    await house.clock.advance(10_000);
    expect(watch.notifies).toHaveLength(1);
  });
});

describe('what is kept of a publication', () => {
  it('a body of the longest length; one byte more is 413', async () => {
    const { alice } = await start();
    const short = Buffer.byteLength(pidf('alice', 'open', 'x'));
    const longest = pidf('alice', 'open', 'x'.repeat(MAX_BODY_BYTES - short + 1));
    expect(Buffer.byteLength(longest)).toBe(MAX_BODY_BYTES);
    expect((await alice.publish({ body: longest })).status).toBe(200);
    expect((await alice.publish({ body: longest.replace('<note>x', '<note>xx') })).status).toBe(413);
  });

  it('who sent it by what program, and nothing where the program does not say', async () => {
    const { alice } = await start();
    await alice.publish({ body: pidf('alice', 'open'), headers: { 'User-Agent': 'Porch/1.0' } });
    await house.clock.advance(10);
    await alice.publish({ body: pidf('alice', 'closed') });
    expect((await rows()).map(({ userAgent }) => userAgent)).toEqual(['Porch/1.0', '']);
  });

  it('when it last changed: a modification is later than what it modifies, within one millisecond too', async () => {
    const { alice } = await start();
    const first = await alice.publish({ body: pidf('alice', 'open', 'one') });
    const [before] = await rows();
    const row = before as NonNullable<typeof before>;
    // As a clock that was set back leaves it.
    const ahead = { ...row, etag: 'ahead' as never, modifiedAt: house.clock.now() + 50_000 };
    await house.store.publications.write({ kind: 'replace', expected: row.etag, publication: ahead });
    await house.restart();
    expect(first.status).toBe(200);
    const second = await alice.publish({ etag: 'ahead', body: pidf('alice', 'open', 'two') });
    expect(second.status).toBe(200);
    expect((await rows())[0]?.modifiedAt).toBe(ahead.modifiedAt + 1);
    await alice.publish({ etag: second.header('SIP-ETag') });
    expect((await rows())[0]?.modifiedAt).toBe(ahead.modifiedAt + 1);
  });
});

describe('room for one more publication', () => {
  it('is made by the one that would end first, wherever it stands, and never by the new one', async () => {
    const { alice } = await start();
    const half = MAX_PUBLICATIONS / 2;
    for (let n = 0; n < half; n += 1) await alice.publish({ body: pidf('alice', 'open', `a${n}`), expires: 1_000 + n });
    await alice.publish({ body: pidf('alice', 'open', 'short'), expires: 300 });
    for (let n = 1; n < half; n += 1) await alice.publish({ body: pidf('alice', 'open', `b${n}`), expires: 900 + n });
    expect(await notes()).toHaveLength(MAX_PUBLICATIONS);
    await alice.publish({ body: pidf('alice', 'open', 'newest'), expires: 60 });
    expect(await notes()).not.toContain('short');
    expect(await notes()).toContain('newest');
    expect(await notes()).toHaveLength(MAX_PUBLICATIONS);
  });
});
