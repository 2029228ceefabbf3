import { describe, expect, test } from 'vitest';
import { presencePackage, summarise } from '#packages';
import { readXml } from '../../../services/packages/xml/index.ts';
import {
  clientBody,
  compose,
  composeBytes,
  idsOf,
  NOON,
  OPEN,
  pidf,
  publish,
  readBody,
} from '../../support/presence.ts';
import fc from '../../support/properties.ts';
import { describeWithXmllint, validateXml } from '../../support/validate-xml.ts';

/** Bodies as phones might send them: half of what they say is slightly wrong. */
const id = fc.constantFrom('a', 'b', 't4109', '0x7f', '7', 'a b', 'é', '-x', 'a-pubB');
const maybe = (of: fc.Arbitrary<string>): fc.Arbitrary<string> => fc.oneof(fc.constant(''), of);
const join = (...of: fc.Arbitrary<string>[]): fc.Arbitrary<string> => fc.tuple(...of).map((parts) => parts.join(''));
const shuffled = (of: fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
  fc.tuple(...of).chain((parts) => fc.shuffledSubarray(parts, { minLength: parts.length }).map((all) => all.join('')));
const time = fc.constantFrom('2026-11-22T11:00:00Z', '2026-11-22T13:00:00.5+01:00', '2026-11-22T12:30:00Z', 'now', '');
const uri = fc.oneof(fc.constantFrom('sip:a@b', 'tel:+1', 'urn:uuid:1', '%zz', 'a b', ''), fc.webUrl());
const note = (prefix: string): fc.Arbitrary<string> =>
  fc.constantFrom('en', 'x y', '').map((lang) => `<${prefix}note xml:lang="${lang}">n &amp; ü</${prefix}note>`);
const value = fc.constantFrom(
  'busy',
  'away',
  'happy',
  'unknown',
  'audio',
  'work',
  'self',
  'other',
  'nonsense',
  'note',
  'ok',
);
const rpid = fc
  .tuple(
    fc.constantFrom(
      'activities',
      'mood',
      'place-is',
      'place-type',
      'privacy',
      'relationship',
      'service-class',
      'sphere',
      'status-icon',
      'time-offset',
      'user-input',
      'class',
      'tomorrow',
    ),
    fc.constantFrom(
      '',
      ` id="a"`,
      ` from="2026-11-22T11:00:00Z"`,
      ` until="2026-11-22T12:30:00Z"`,
      ` until="x" p:mustUnderstand="1"`,
      ' odd="1" x:y="2"',
    ),
    fc.oneof(
      fc
        .array(value, { maxLength: 3 })
        .map((all) => all.map((name) => `<r:${name} p:mustUnderstand="0">t</r:${name}>`).join('')),
      fc.constantFrom(
        '<x:y/>',
        '60',
        'idle',
        'http://x.test/',
        '<nothing xmlns=""/>',
        '<dm:note>n</dm:note>',
        '<r:mood/>',
      ),
    ),
  )
  .map(([name, attributes, inside]) => `<r:${name}${attributes}>${inside}</r:${name}>`);
const foreign = fc.oneof(
  rpid,
  rpid,
  rpid.map((inside) => `<x:e a="1">${inside}</x:e>`),
  fc.constantFrom(
    '<odd/>',
    '<odd xmlns=""/>',
    '<x:f/>',
    '<y:e xmlns:y="urn:y"/>',
    '<x:e xmlns:x="urn:other-x"/>',
    '<p:presence/>',
  ),
  uri.map((text) => `<c:icon xmlns:c="urn:ietf:params:xml:ns:pidf:cipid">${text.replaceAll('&', '&amp;')}</c:icon>`),
);
const extensions = fc.array(foreign, { maxLength: 3 }).map((all) => all.join(''));
const element = (tag: string, text: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  text.map((inside) => `<${tag}>${inside.replaceAll('&', '&amp;')}</${tag}>`);
const wrapped = (tag: string, inside: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.tuple(id, inside).map(([given, all]) => `<${tag} id="${given}">${all}</${tag}>`);
const status = join(
  maybe(fc.constantFrom('open', 'closed', 'unknown').map((basic) => `<basic>${basic}</basic>`)),
  extensions,
).map((inside) => `<status>${inside}</status>`);
const tuple = wrapped(
  'tuple',
  shuffled([status, extensions, maybe(element('contact', uri)), maybe(note('')), maybe(element('timestamp', time))]),
);
const person = wrapped('dm:person', shuffled([extensions, maybe(note('dm:')), maybe(element('dm:timestamp', time))]));
const device = wrapped('dm:device', shuffled([extensions, maybe(element('dm:deviceID', uri)), maybe(note('dm:'))]));
const body = fc
  .array(fc.oneof(tuple, tuple, person, device, note(''), foreign), { maxLength: 6 })
  .map((parts) => pidf(parts.join('')));
const publications = fc
  .array(fc.tuple(body, fc.integer({ min: 0, max: 3 })), { minLength: 1, maxLength: 4 })
  .map((all) => all.map(([text, age], index) => publish(text, `pub${'BADC'[index]}`, NOON - age * 1000)));

describe('composition, whatever phones publish', () => {
  test('the document is well-formed, has the presentity as entity, and no id twice', () => {
    fc.assert(
      fc.property(publications, (published) => {
        const document = composeBytes(published);
        const read = readXml(document);
        expect(read.kind).toBe('document');
        const text = new TextDecoder().decode(document);
        expect(text).toContain('entity="sip:alice@example.test"');
        expect(new Set(idsOf(text)).size).toBe(idsOf(text).length);
        expect((text.match(/<dm:person /g) ?? []).length).toBeLessThanOrEqual(1);
        expect((text.match(/<tuple /g) ?? []).length).toBe(published.flatMap((each) => each.document.tuples).length);
      }),
      { numRuns: 200 },
    );
  });

  test('tuples that share an id are told apart by their publication, then by numbers, past those that others took', () => {
    const tuples = (...ids: readonly string[]): string =>
      pidf(ids.map((id) => `<tuple id="${id}">${OPEN}</tuple>`).join(''));
    const document = compose([publish(tuples('a', 'a', 'a-p1-3', 'a', 'a'), 'p1'), publish(tuples('a', 'a'), 'p2')]);
    expect([...document.matchAll(/<tuple id="([^"]+)"/g)].map(([, id]) => id).toSorted()).toEqual(
      ['a', 'a-p1', 'a-p1-2', 'a-p1-3', 'a-p1-4', 'a-p2', 'a-p2-2'].toSorted(),
    );
  });

  test('open tuples stand before closed ones', () => {
    fc.assert(
      fc.property(publications, (published) => {
        const basics = [...compose(published).matchAll(/<basic>(\w+)</g)].map(([, basic]) => basic);
        expect(basics).toEqual([...basics].sort().reverse());
      }),
      { numRuns: 200 },
    );
  });

  test('what was composed, published again, composes to the same bytes', () => {
    fc.assert(
      fc.property(publications, (published) => {
        const once = composeBytes(published);
        expect(compose([publish(once, 'other', NOON + 99_000)])).toBe(new TextDecoder().decode(once));
      }),
      { numRuns: 200 },
    );
  });

  test('the order of arrival leaves no trace', () => {
    fc.assert(
      fc.property(
        publications.chain((published) =>
          fc.tuple(fc.constant(published), fc.shuffledSubarray(published, { minLength: published.length })),
        ),
        ([published, other]) => {
          expect(compose(other)).toBe(compose(published));
        },
      ),
      { numRuns: 100 },
    );
  });

  test('between now and nextChange the document stays the same', () => {
    fc.assert(
      fc.property(publications, fc.integer({ min: -7_200_000, max: 7_200_000 }), (published, shift) => {
        const now = NOON + shift;
        const next = presencePackage.nextChange?.(published, now);
        expect(compose(published, next === undefined ? now + 9e9 : next - 1)).toBe(compose(published, now));
      }),
      { numRuns: 200 },
    );
  });
});

describeWithXmllint('composition, whatever phones publish', () => {
  test('every document is valid by the schemas', () => {
    const documents = fc.sample(publications, { numRuns: 300, seed: 3863 }).map((published) => composeBytes(published));
    expect(validateXml(documents)).toBe('');
  });
});

describe('a summary for people', () => {
  test('says who is open, what they do and what they note', () => {
    const { document } = publish(clientBody('pjsua-udp-010'));
    expect(summarise(document)).toEqual({ open: true, activities: ['busy'], notes: ['On the phone'] });
    const read = readBody(clientBody('baresip-noreg-008'));
    expect(read.kind === 'document' && summarise(read.document)).toEqual({ open: false, activities: [], notes: [] });
  });
});
