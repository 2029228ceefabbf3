/** What is committed of a PUBLISH, and who hears of it, in order. */
import { beforeEach, describe, expect, it } from 'vitest';
import { MAX_BODY_BYTES, type Publication } from '#model';
import { type Log, silentLog } from '#runtime';
import { isRefusal, refuse } from '#sip';
import { type PublicationWrite, StoreUnavailable, type WriteOutcome } from '#store';
import { makeAnswerPublish } from '../../../services/publish/answer.ts';
import { MAX_PUBLICATIONS, makeKeep } from '../../../services/publish/keep.ts';
import { type FakeClock, makeFakeClock } from '../../support/fake-clock.ts';
import { makeSeededRandom } from '../../support/network.ts';
import { aor, makePublication, tag } from '../../support/stores.ts';

const ALICE = aor('alice');
const STATE = { kind: 'state', subject: ALICE, event: 'presence' };

let clock: FakeClock;
/** In order: writes, and what the others heard. */
let done: string[];
let writes: PublicationWrite[];
let kept: Publication[];
let rung: unknown[];
let said: object[];
let outcome: WriteOutcome;
let removalFails: boolean;

beforeEach(() => {
  clock = makeFakeClock();
  [done, writes, kept, rung, said] = [[], [], [], [], []];
  outcome = 'written';
  removalFails = false;
});

function keep(given: {
  readonly previous?: Publication;
  readonly body?: string;
  readonly expires?: number;
  readonly contentType?: string;
  readonly origin?: string;
  readonly userAgent?: string;
  readonly etagGrace?: number;
}) {
  const { previous, body, expires = 600, contentType = 'a/b', origin, userAgent, etagGrace = 0 } = given;
  const log: Log = { ...silentLog, warn: (fields) => void said.push(fields) };
  const step = makeKeep({
    whole: {
      async write(write: PublicationWrite) {
        if (write.kind === 'remove' && removalFails) throw new StoreUnavailable('away');
        writes.push(write);
        done.push(write.kind);
        return outcome;
      },
    },
    book: {
      keep(publication: Publication) {
        kept.push(publication);
        done.push('kept');
      },
      drop: ({ id }: Publication) => void done.push(`dropped ${id}`),
      of: () => [...kept],
    },
    replaced: {
      note: ({ id }: Publication, callId: string, graceMs: number) => void done.push(`${id} ${callId} ${graceMs}`),
    },
    compositor: {
      remember: (_of: unknown, document: unknown) => void done.push(`remembered ${document}`),
      changed: (who: string, event: string) => void done.push(`changed ${who} ${event}`),
    },
    sweep: { watch: () => void done.push('watched') },
    bell: { ring: (change: unknown) => void rung.push(change) },
    ...{ clock, random: makeSeededRandom(1), log },
  } as never);
  return step({
    request: { callId: 'call-1', headers: { get: () => userAgent } },
    ...{ identity: ALICE, presentity: ALICE, eventPackage: { name: 'presence' }, previous, origin, expires },
    body: Buffer.from(body ?? ''),
    published: body === undefined ? undefined : { contentType, document: 'read' },
    clientNeeds: { etagGrace },
  } as never);
}

const standing = (given: Partial<Publication> = {}) =>
  makePublication('p1', {
    ...{ etag: tag('before'), contentType: 'a/b', body: Buffer.from('text'), modifiedAt: clock.now() - 10 },
    ...given,
  });
const changed = `changed ${ALICE} presence`;

describe('RFC 3903 §6 step 5: what is kept', () => {
  it('the body alone is kept, first and later ones, not all that a connection brought with it', async () => {
    await keep({ body: 'text' });
    await keep({ previous: standing(), body: 'other' });
    expect(kept.map(({ body }) => [Buffer.from(body).toString(), body.buffer.byteLength])).toEqual([
      ['text', 4],
      ['other', 5],
    ]);
  });

  it('an initial publication: the row first, then what is made of it', async () => {
    const outcomeOf = await keep({ body: 'text', origin: 'call:1', userAgent: 'x'.repeat(200) });
    expect(done).toEqual(['insert', 'kept', 'watched', 'remembered read', changed]);
    const [write] = writes;
    const publication = write?.kind === 'insert' ? write.publication : undefined;
    expect(publication).toMatchObject({
      ...{ presentity: ALICE, event: 'presence', contentType: 'a/b', body: Buffer.from('text'), publisher: ALICE },
      ...{ modifiedAt: clock.now(), createdAt: clock.now(), expiresAt: clock.now() + 600_000, origin: 'call:1' },
      userAgent: 'x'.repeat(128),
    });
    expect(outcomeOf).toEqual({ etag: publication?.etag, changed: true });
    expect(rung).toEqual([]);
    await keep({ body: 'text' });
    const [, next] = writes;
    expect(next?.kind === 'insert' && ['origin' in next.publication, next.publication.userAgent]).toEqual([false, '']);
  });

  it.each<[string, Parameters<typeof keep>[0], string, boolean]>([
    ['a refresh', {}, 'refresh', false],
    ['the same body again', { body: 'text' }, 'refresh', false],
    ['another body', { body: 'other' }, 'replace', true],
    ['the same bytes as another type', { body: 'text', contentType: 'c/d' }, 'replace', true],
  ])('%s: under a new entity-tag, and watchers hear only of what is new', async (_what, given, kind, isNew) => {
    const previous = standing();
    const result = await keep({ ...given, previous });
    if (isRefusal(result)) throw new Error('refused');
    const [write] = writes;
    if (write === undefined || write.kind === 'remove') throw new Error('nothing was written');
    const { publication } = write;
    expect(write).toMatchObject({ kind, expected: 'before' });
    expect(result).toEqual({ etag: publication.etag, changed: isNew });
    expect(result.etag).not.toBe('before');
    expect(publication).toEqual({
      ...{ ...previous, etag: result.etag, expiresAt: clock.now() + 600_000 },
      ...(isNew && { contentType: given.contentType ?? 'a/b', body: Buffer.from(given.body ?? '') }),
      modifiedAt: isNew ? clock.now() : previous.modifiedAt,
    });
    expect(done).toEqual([...[kind, 'kept', 'watched'], ...(isNew ? ['remembered read'] : []), changed]);
  });

  it('for clients that need it the entity-tag of before is remembered for a while, where there was one', async () => {
    await keep({ body: 'text', etagGrace: 5 });
    await keep({ previous: standing(), etagGrace: 5 });
    await keep({ previous: standing() });
    expect(done.filter((one) => one.includes('call-1'))).toEqual(['p1 call-1 5000']);
  });

  it('Expires 0 removes, and where there is nothing to remove keeps nothing', async () => {
    expect(await keep({ previous: standing(), expires: 0 })).toMatchObject({ changed: true });
    expect(writes).toEqual([{ kind: 'remove', expected: 'before', id: 'p1' }]);
    expect(done).toEqual(['remove', 'dropped p1', changed]);
    expect(await keep({ body: 'text', expires: 0 })).toMatchObject({ changed: false });
    expect(writes).toHaveLength(1);
  });
});

describe('RFC 3903 §6: what could not be committed', () => {
  it.each<[string, Parameters<typeof keep>[0]]>([
    ['a modification', { body: 'other' }],
    ['a removal', { expires: 0 }],
  ])('%s of a row that is gone or another’s is 412, and watchers are shown what is true', async (_what, given) => {
    outcome = 'stale';
    expect(await keep({ ...given, previous: standing() })).toEqual(refuse(412));
    expect(done.slice(1)).toEqual(['dropped p1', changed]);
    expect(rung).toEqual([STATE]);
  });

  it('a row that the database does not take is 413, and nobody hears of it', async () => {
    outcome = 'refused';
    expect(await keep({ body: 'x'.repeat(MAX_BODY_BYTES) })).toEqual(refuse(413));
    expect([done, rung]).toEqual([['insert'], []]);
  });
});

describe('room for one more publication', () => {
  /** Of other devices; all end later than what is published here. */
  const others = (count: number) =>
    Array.from({ length: count }, (_, n) =>
      makePublication(`p${n}`, { expiresAt: clock.now() + 1_000_000 + ((n * 7 + 5) % count) }),
    );

  it('is made by the one that would end first, of more than may be, and never by the new one', async () => {
    kept = others(MAX_PUBLICATIONS - 1);
    await keep({ body: 'text' });
    expect(writes.map(({ kind }) => kind)).toEqual(['insert']);
    kept = others(MAX_PUBLICATIONS);
    await keep({ body: 'text' });
    const first = kept.slice(0, -1).sort((one, other) => one.expiresAt - other.expiresAt)[0]?.id;
    expect(first).not.toBe('p0');
    expect(writes.slice(1)).toMatchObject([{ kind: 'insert' }, { kind: 'remove', id: first }]);
    expect(said).toEqual([]);
  });

  it('where it cannot be made, there is one too many for a while, and it is said', async () => {
    kept = others(MAX_PUBLICATIONS);
    removalFails = true;
    expect(await keep({ body: 'text' })).toMatchObject({ changed: true });
    expect(said).toEqual([{ fault: 'StoreUnavailable: away' }]);
  });
});

describe('RFC 3903 §6 step 6: the answer', () => {
  it.each([true, false])('has Expires and the entity-tag; the bell follows it where something changed: %s', (isNew) => {
    const answer = makeAnswerPublish({ ring: (change: unknown) => void rung.push(change) } as never);
    const { answer: sent, afterwards } = answer({
      ...{ presentity: ALICE, eventPackage: { name: 'presence' }, expires: 600, etag: tag('new'), changed: isNew },
    } as never);
    expect(sent).toMatchObject({
      status: 200,
      headers: [
        ['Expires', '600'],
        ['SIP-ETag', 'new'],
      ],
    });
    expect(rung).toEqual([]);
    afterwards?.();
    expect(rung).toEqual(isNew ? [STATE] : []);
  });
});
