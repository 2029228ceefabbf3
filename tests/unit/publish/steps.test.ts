/** The small steps of a PUBLISH, one by one; the conformance suite has them together. */
import { describe, expect, it } from 'vitest';
import type { ClientNeeds } from '#gate';
import { MAX_BODY_BYTES, MAX_ORIGIN_LENGTH, type Publication } from '#model';
import { refuse } from '#sip';
import { authorizePublisher } from '../../../services/publish/authorize-publisher.ts';
import { makeFindPublishable } from '../../../services/publish/find-publishable.ts';
import { makeMatchEntityTag } from '../../../services/publish/match-entity-tag.ts';
import { originOf } from '../../../services/publish/origin.ts';
import { readBody } from '../../../services/publish/read-body.ts';
import { makeReplacedTags } from '../../../services/publish/replaced-tags.ts';
import { makeFakeClock } from '../../support/fake-clock.ts';
import { aor, makePublication, tag } from '../../support/stores.ts';

const ALICE = aor('alice');
const BY_THE_BOOK = { etagGrace: 0, onePublicationPerCallId: false } as ClientNeeds;
const BY_CALL_ID = { etagGrace: 5, onePublicationPerCallId: true } as ClientNeeds;

const contactOf = (instance: string | null | undefined) =>
  instance === undefined ? [] : [{ params: new Map([['+sip.instance', instance]]) }];

describe('RFC 5626 §4.1: which device a PUBLISH comes from', () => {
  const origin = (instance: string | null | undefined, callId = 'call-1', needs = BY_THE_BOOK) =>
    originOf({ contact: contactOf(instance), callId } as never, needs);

  it('its instance, whatever its Call-ID; of clients that keep one publication a Call-ID, that', () => {
    expect(origin('<urn:uuid:1>')).toBe('instance:<urn:uuid:1>');
    expect(origin('<urn:uuid:1>', 'call-1', BY_CALL_ID)).toBe('instance:<urn:uuid:1>');
    expect(origin(undefined, 'call-1', BY_CALL_ID)).toBe('call:call-1');
    expect(origin(null, 'call-1', BY_CALL_ID)).toBe('call:call-1');
    expect(origin(undefined)).toBeUndefined();
    expect(origin(null)).toBeUndefined();
    expect(originOf({ contact: [{ params: new Map() }], callId: 'call-1' } as never, BY_THE_BOOK)).toBeUndefined();
  });

  it('of the longest that is kept; one character more, white space or other scripts are no device', () => {
    const longest = 'x'.repeat(MAX_ORIGIN_LENGTH - 'instance:'.length);
    expect(origin(longest)).toBe(`instance:${longest}`);
    for (const strange of [`${longest}x`, 'a b', ' a', 'a ', 'ä', 'a\n']) expect(origin(strange)).toBeUndefined();
    expect(origin(undefined, 'a b', BY_CALL_ID)).toBeUndefined();
  });
});

describe('the entity-tag of a moment ago', () => {
  it('is known for its grace, under the Call-ID that replaced it', async () => {
    const clock = makeFakeClock();
    const tags = makeReplacedTags(clock);
    const before = makePublication('p1', { etag: tag('one') });
    tags.note(before, 'call-1', 5_000);
    expect(tags.find(tag('one'), 'call-1')).toBe('p1');
    expect(tags.find(tag('one'), 'call-2')).toBeUndefined();
    expect(tags.find(tag('two'), 'call-1')).toBeUndefined();
    await clock.advance(4_999);
    expect(tags.find(tag('one'), 'call-1')).toBe('p1');
    await clock.advance(1);
    expect(tags.find(tag('one'), 'call-1')).toBeUndefined();
  });
});

describe('RFC 3903 §6 step 3: which publication', () => {
  const one = makePublication('p1', { etag: tag('now'), origin: 'instance:a' });
  const other = makePublication('p2', { etag: tag('other'), origin: 'call:call-1' });
  const asked: unknown[] = [];
  function match(given: { ifMatch?: readonly string[]; instance?: string; callId?: string; isPjsip?: boolean }) {
    const { ifMatch, instance, callId = 'call-1', isPjsip = false } = given;
    const step = makeMatchEntityTag({
      book: {
        find: (...words: unknown[]) => {
          asked.push(words);
          return [one, other].find(({ etag }) => etag === words[2]);
        },
        of: () => [one, other],
      } as never,
      replaced: { note: () => undefined, find: (etag) => (etag === 'before' ? 'p2' : undefined) },
      needsOf: (userAgent) => (userAgent === 'pjsip' ? BY_CALL_ID : BY_THE_BOOK),
    });
    const values = new Map<string, string>();
    if (ifMatch !== undefined) values.set('sip-if-match', ifMatch.join(', '));
    if (isPjsip) values.set('user-agent', 'pjsip');
    const headers = { get: (name: string) => values.get(name), list: () => ifMatch ?? [] };
    return step({
      request: { headers, contact: contactOf(instance), callId },
      ...{ presentity: ALICE, eventPackage: { name: 'presence' }, receivedAt: 7 },
    } as never);
  }
  const begins = (previous?: Publication) => expect.objectContaining({ previous, isInitial: true });

  it('none where nothing tells whose it is; what the same device left behind otherwise', () => {
    expect(match({})).toEqual({ previous: undefined, isInitial: true, origin: undefined, clientNeeds: BY_THE_BOOK });
    expect(match({ instance: 'a' })).toEqual(begins(one));
    expect(match({ instance: 'b' })).toEqual(begins());
    expect(match({ isPjsip: true })).toEqual(begins(other));
    expect(match({ isPjsip: true, callId: 'call-2' })).toEqual(begins());
  });

  it('the one that the entity-tag names, at the moment when the request came', () => {
    expect(match({ ifMatch: ['now'] })).toEqual(expect.objectContaining({ previous: one, isInitial: false }));
    expect(asked.at(-1)).toEqual([ALICE, 'presence', 'now', 7]);
    expect(match({ ifMatch: ['now'], isPjsip: true })).toMatchObject({ previous: one });
    expect(match({ ifMatch: ['before'], isPjsip: true })).toMatchObject({ previous: other });
    for (const given of [{ ifMatch: ['before'] }, { ifMatch: ['never'], isPjsip: true }, { ifMatch: ['no token'] }]) {
      expect(match(given)).toEqual(refuse(412));
    }
  });

  it('none or several named are 400, each by its own words', () => {
    expect(match({ ifMatch: [] })).toEqual(refuse(400, [], 'Empty SIP-If-Match'));
    expect(match({ ifMatch: ['now', 'other'] })).toEqual(refuse(400, [], 'More Than One SIP-If-Match'));
  });
});

describe('RFC 3903 §6 steps 1, 2 and 5: who, which package, which body', () => {
  it('only the account itself publishes', () => {
    expect(authorizePublisher({ identity: ALICE, presentity: ALICE } as never)).toEqual({});
    expect(authorizePublisher({ identity: aor('bob'), presentity: ALICE } as never)).toEqual(refuse(403));
  });

  it.each([
    ['publications', ['a/b'], true],
    ['publications', [], false],
    ['watchers', ['a/b'], false],
  ])('a package of %s that reads %j is published: %s', (feed, publishes, isPublished) => {
    const eventPackage = { feed, publishes };
    const find = makeFindPublishable({ names: () => ['presence', 'mood'] } as never);
    expect(find({ eventPackage } as never)).toEqual(
      isPublished ? { eventPackage } : refuse(489, [['Allow-Events', 'presence, mood']]),
    );
  });

  const read: unknown[] = [];
  const eventPackage = {
    publishes: ['a/b', 'c/d'],
    readPublication(...words: readonly unknown[]) {
      read.push(words);
      if (words[0] === 'a/b') return { kind: 'document', document: 'read' };
      return words[0] === 'c/d' ? { kind: 'malformed', why: 'so' } : { kind: 'unsupported' };
    },
  };
  const bodyOf = (type: string | undefined, length: number, isInitial = true) =>
    readBody({
      request: { headers: { get: (name: string) => (name === 'content-type' ? type : undefined) } },
      ...{ body: new Uint8Array(length), eventPackage, presentity: ALICE, isInitial },
    } as never);
  const unsupported = refuse(415, [['Accept', 'a/b, c/d']]);

  it.each([
    ['a/b', 1, { published: { contentType: 'a/b', document: 'read' } }],
    ['A/B;charset=x', MAX_BODY_BYTES, { published: { contentType: 'a/b', document: 'read' } }],
    ['a/b', MAX_BODY_BYTES + 1, refuse(413)],
    ['a/b', 0, refuse(400, [], 'Missing Body')],
    ['c/d', 1, refuse(400, [], 'Bad Body: so')],
    ['e/f', 1, unsupported],
    ['none', 1, unsupported],
    [undefined, 1, unsupported],
  ])('%s of %i bytes', (type, length, outcome) => {
    expect(bodyOf(type, length)).toEqual(outcome);
    if (outcome !== unsupported && length === 1) expect(read.at(-1)).toEqual([type, new Uint8Array(1), ALICE]);
  });

  it('what goes on without a body is a refresh', () => {
    expect(bodyOf(undefined, 0, false)).toEqual({ published: undefined });
  });
});
