import { beforeEach, describe, expect, it } from 'vitest';
import type { Publication } from '#model';
import { type Lanes, makeLanes, silentLog } from '#runtime';
import { makeMemoryStore, type PublicationWrite, type Store, StoreUnavailable } from '#store';
import { makeWholeWrite, type WholeWrite } from '../../../services/publish/whole-write.ts';
import { type FakeClock, makeFakeClock } from '../../support/fake-clock.ts';
import { aor, makePublication, newTag } from '../../support/stores.ts';

const ALICE = aor('alice');
/** Longer than it takes until what is in doubt is looked at again. */
const A_WHILE_MS = 6_000;

let clock: FakeClock;
let lanes: Lanes;
let store: Store;
let whole: WholeWrite;
/** What reached the database, in order. */
let asked: PublicationWrite[];
/** What becomes of the next writes: done, lost before the commit, or done and nobody learns of it; then all are done. */
let fates: ('done' | 'away' | 'unknown' | Error)[];

beforeEach(() => {
  clock = makeFakeClock();
  lanes = makeLanes();
  store = makeMemoryStore({ clock });
  asked = [];
  fates = [];
  const publications = {
    async write(write: PublicationWrite) {
      asked.push(write);
      const fate = fates.shift() ?? 'done';
      if (fate === 'away') throw new StoreUnavailable('away');
      if (fate instanceof Error) throw fate;
      const outcome = await store.publications.write(write);
      if (fate === 'unknown') throw new StoreUnavailable('the outcome is not known');
      return outcome;
    },
  };
  whole = makeWholeWrite({ publications, lanes, clock, log: silentLog });
});

const stored = (id = 'p1'): Promise<Publication | undefined> => store.publications.find(id);
const goesOn = (publication: Publication): Publication => ({
  ...publication,
  etag: newTag(),
  body: new TextEncoder().encode('<presence id="other"/>'),
  modifiedAt: publication.modifiedAt + 1,
});

async function begun(id = 'p1'): Promise<Publication> {
  const publication = makePublication(id);
  await whole.write({ kind: 'insert', publication }, undefined);
  return publication;
}

/** The kinds of writes on a publication that is there, or not yet. */
const kinds = {
  insert: { prepare: async () => undefined, write: () => ({ kind: 'insert', publication: makePublication('p1') }) },
  replace: {
    prepare: () => begun(),
    write: (before) => ({ kind: 'replace', expected: before.etag, publication: goesOn(before) }),
  },
  refresh: {
    prepare: () => begun(),
    write: (before) => ({
      kind: 'refresh',
      expected: before.etag,
      publication: { ...before, etag: newTag(), expiresAt: before.expiresAt + 1 },
    }),
  },
  remove: { prepare: () => begun(), write: (before) => ({ kind: 'remove', expected: before.etag, id: before.id }) },
} satisfies Record<
  PublicationWrite['kind'],
  { prepare: () => Promise<Publication | undefined>; write: (before: Publication) => PublicationWrite }
>;

describe('a write whose outcome nobody learnt', () => {
  it('the look after a while comes while another one goes wrong: that is taken back, too', async () => {
    const [first, second] = [makePublication('p1'), makePublication('p2')];
    fates = ['unknown'];
    await expect(whole.write({ kind: 'insert', publication: first }, undefined)).rejects.toThrow(StoreUnavailable);
    let goOn: () => void = () => undefined;
    const request = lanes.run(ALICE, async () => {
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
      await whole.settle(ALICE);
      fates = ['unknown'];
      await whole.write({ kind: 'insert', publication: second }, undefined);
    });
    // The look waits behind the request, whose own doubt is another one.
    await clock.advance(A_WHILE_MS);
    goOn();
    await expect(request).rejects.toThrow(StoreUnavailable);
    await clock.advance(A_WHILE_MS);
    expect([await stored('p1'), await stored('p2')]).toEqual([undefined, undefined]);
  });

  for (const [kind, { prepare, write }] of Object.entries(kinds)) {
    for (const fate of ['unknown', 'away'] as const) {
      const what = fate === 'unknown' ? 'that was committed' : 'that never happened';

      it(`${kind} ${what}: the row is as before when the next one settles`, async () => {
        const before = await prepare();
        fates = [fate];
        await expect(whole.write(write(before as Publication), before)).rejects.toThrow(StoreUnavailable);
        await whole.settle(ALICE);
        expect(await stored()).toEqual(before);
        expect(asked.at(-1)?.kind).toBe(
          { insert: 'remove', replace: 'replace', refresh: 'refresh', remove: 'insert' }[kind],
        );
      });

      it(`${kind} ${what}: without a further request, in the background`, async () => {
        const before = await prepare();
        fates = [fate];
        await expect(whole.write(write(before as Publication), before)).rejects.toThrow(StoreUnavailable);
        await clock.advance(A_WHILE_MS);
        expect(await stored()).toEqual(before);
        expect(whole.settle(ALICE)).toBeUndefined();
      });
    }
  }

  it('a reversal that fails is tried again in the background until it succeeds', async () => {
    fates = ['unknown', 'away', 'away'];
    await expect(begun()).rejects.toThrow(StoreUnavailable);
    await clock.advance(A_WHILE_MS);
    await clock.advance(A_WHILE_MS);
    expect(await stored()).toBeDefined();
    await clock.advance(A_WHILE_MS);
    expect(await stored()).toBeUndefined();
    expect(clock.armed).toBe(0);
  });

  it('while a reversal fails nothing is settled: StoreUnavailable', async () => {
    fates = ['unknown', 'away'];
    await expect(begun()).rejects.toThrow(StoreUnavailable);
    await expect(whole.settle(ALICE)).rejects.toThrow(StoreUnavailable);
    await whole.settle(ALICE);
    expect(await stored()).toBeUndefined();
  });

  it('a reversal whose own outcome nobody learnt is tried again, harmlessly', async () => {
    const before = await begun();
    fates = ['unknown', 'unknown'];
    const next = goesOn(before);
    await expect(whole.write({ kind: 'replace', expected: before.etag, publication: next }, before)).rejects.toThrow(
      StoreUnavailable,
    );
    await expect(whole.settle(ALICE)).rejects.toThrow(StoreUnavailable);
    await whole.settle(ALICE);
    expect(await stored()).toEqual(before);
  });

  it('several of one presentity are taken back in reverse order', async () => {
    const first = await begun();
    const second = goesOn(first);
    const third = goesOn(second);
    fates = ['unknown', 'unknown'];
    const replace = (before: Publication, publication: Publication) =>
      whole.write({ kind: 'replace', expected: before.etag, publication }, before);
    await expect(replace(first, second)).rejects.toThrow(StoreUnavailable);
    await expect(replace(second, third)).rejects.toThrow(StoreUnavailable);
    expect(await stored()).toEqual(third);
    await whole.settle(ALICE);
    expect(await stored()).toEqual(first);
    expect(asked.slice(-2)).toMatchObject([{ publication: second }, { publication: first }]);
  });

  it('after a reversal that failed in the middle, the rest follows, and none is done twice', async () => {
    fates = ['unknown', 'unknown', 'done', 'away'];
    await expect(begun('p1')).rejects.toThrow(StoreUnavailable);
    await expect(begun('p2')).rejects.toThrow(StoreUnavailable);
    await expect(whole.settle(ALICE)).rejects.toThrow(StoreUnavailable);
    await whole.settle(ALICE);
    expect(asked.slice(2)).toMatchObject([{ id: 'p2' }, { id: 'p1' }, { id: 'p1' }]);
    expect([await stored('p1'), await stored('p2')]).toEqual([undefined, undefined]);
  });

  it("is looked at again in the presentity's lane: behind the work that is under way", async () => {
    fates = ['unknown'];
    await expect(begun()).rejects.toThrow(StoreUnavailable);
    let open = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      open = resolve;
    });
    const underWay = lanes.run(ALICE, () => held);
    await clock.advance(A_WHILE_MS);
    expect(asked).toHaveLength(1);
    open();
    await underWay;
    await clock.settle();
    expect(asked).toHaveLength(2);
    expect(await stored()).toBeUndefined();
  });

  it('another presentity is in no doubt', async () => {
    fates = ['unknown'];
    await expect(begun()).rejects.toThrow(StoreUnavailable);
    expect(whole.settle(aor('bob'))).toBeUndefined();
  });
});

describe('a write whose outcome is known', () => {
  it('is told as the database told it, and nothing is in doubt', async () => {
    const publication = makePublication('p1');
    expect(await whole.write({ kind: 'insert', publication }, undefined)).toBe('written');
    expect(await whole.write({ kind: 'insert', publication }, undefined)).toBe('stale');
    expect(await whole.write({ kind: 'remove', expected: newTag(), id: 'p1' }, publication)).toBe('stale');
    expect(whole.settle(ALICE)).toBeUndefined();
    expect(clock.armed).toBe(0);
  });

  it('a fault that is none of the database being away is no doubt: it goes to the caller alone', async () => {
    fates = [new TypeError('a defect')];
    await expect(begun()).rejects.toThrow(TypeError);
    expect(whole.settle(ALICE)).toBeUndefined();
    expect(clock.armed).toBe(0);
  });
});
