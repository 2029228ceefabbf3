import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { USUAL_LIMITS } from '../../../services/packages/xml/index.ts';
import { readWholeXml, readXml } from '../../../services/packages/xml/read.ts';
import { readPlainXml } from '../../../services/packages/xml/read-plain.ts';
import fc from '../../support/properties.ts';

const CASES = new URL('../../cases/', import.meta.url);
const BODIES = readdirSync(new URL('client-bodies/', CASES))
  .filter((name) => name.endsWith('.xml'))
  .map((name) => readFileSync(new URL(`client-bodies/${name}`, CASES), 'utf8').replaceAll('\r\n', '\n'));

/** @returns whether it was read by the short way at all. */
function agree(text: string, limits = USUAL_LIMITS): boolean {
  const root = readPlainXml(text, limits);
  if (root !== undefined) expect({ kind: 'document', root }).toEqual(readWholeXml(text, limits));
  return root !== undefined;
}

const SPICE = [
  '<',
  '>',
  '/',
  '</',
  '/>',
  '&amp;',
  '&',
  '"',
  "'",
  '=',
  ' ',
  '\n',
  '\t',
  '\r',
  ':',
  'xmlns',
  'xmlns:',
  'xml:',
  ']]>',
];
const MORE = [
  '<!-- -->',
  '<![CDATA[x]]>',
  '<?x y?>',
  '<!DOCTYPE x>',
  '\0',
  '\u{1f600}',
  'é',
  '<x/>',
  '</x>',
  ' a="b"',
  ' xmlns="u"',
  ' xmlns:p=""',
];

describe('what is read by the short way is read as saxes reads it', () => {
  it('bodies of real clients, and nearly all of them go that way', () => {
    expect(BODIES.length).toBeGreaterThan(10);
    expect(BODIES.filter((body) => agree(body)).length).toBeGreaterThan(BODIES.length * 0.8);
  });

  it.each([
    ['"1.0" encoding="UTF-8"', true],
    ["'1.0' encoding='utf-8'", true],
    ['"1.0"', true],
    [`"1.0" encoding="UTF-8'`, false],
    [`'1.0" encoding="UTF-8"`, false],
    [`"1.0'`, false],
  ])('a declaration with version=%s', (rest, plain) => {
    expect(agree(`<?xml version=${rest}?><a/>`)).toBe(plain);
  });

  it('the same with pieces cut out and put in', () => {
    let short = 0;
    const edit = fc.tuple(fc.nat(1500), fc.nat(4), fc.constantFrom('', '', ...SPICE, ...MORE));
    fc.assert(
      fc.property(fc.constantFrom(...BODIES), fc.array(edit, { minLength: 1, maxLength: 3 }), (body, edits) => {
        const text = edits.reduce((before, [at, cut, piece]) => {
          const from = at % (before.length + 1);
          return before.slice(0, from) + piece + before.slice(from + cut);
        }, body);
        if (agree(text)) short += 1;
      }),
      { numRuns: 4000 },
    );
    expect(short).toBeGreaterThan(100);
  });

  it('documents made up of few names, so that prefixes and attributes meet', () => {
    let short = 0;
    const prefix = fc.constantFrom('', '', 'p:', 'q:', 'xml:', 'xmlns:');
    const name = fc.tuple(prefix, fc.constantFrom('a', 'b', 'lang', 'xmlns')).map((parts) => parts.join(''));
    const declaration = fc
      .tuple(
        fc.constantFrom('xmlns', 'xmlns:p', 'xmlns:q', 'xmlns:xml', 'xmlns:xmlns'),
        fc.constantFrom('u', 'v', '', ' u', 'http://www.w3.org/XML/1998/namespace'),
      )
      .map(([left, right]) => ` ${left}="${right}"`);
    const attribute = fc
      .tuple(name, fc.constantFrom('', 'x', ' x  y ', '>'))
      .map(([left, right]) => ` ${left}='${right}'`);
    const attributes = fc.array(fc.oneof(declaration, attribute), { maxLength: 3 }).map((all) => all.join(''));
    const { element } = fc.letrec<{ element: string; content: string }>((tie) => ({
      element: fc
        .tuple(fc.constantFrom('a', 'p:a', 'q:b', 'xmlns:c'), attributes, fc.array(tie('content'), { maxLength: 3 }))
        .map(([tag, written, inside]) =>
          inside.length === 0 ? `<${tag}${written} />` : `<${tag}${written}>${inside.join('')}</${tag}>`,
        ),
      content: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.constantFrom('text', ' ', '\n', 'é', ']', '>'),
        tie('element'),
      ),
    }));
    const head = fc.constantFrom(
      '',
      '\n',
      '<?xml version="1.0"?>',
      '<?xml version="1.0" encoding="utf-8"?>\n',
      '<?xml version="1.1"?>',
      '<?XML version="1.0"?>',
      ' <?xml version="1.0"?>',
    );
    fc.assert(
      fc.property(
        head,
        attributes,
        element,
        fc.constantFrom('', '\n', 'x', '<a/>'),
        (before, declared, inside, behind) => {
          if (agree(`${before}<p:r xmlns:p="u" xmlns:q="v"${declared}>${inside}</p:r>${behind}`)) short += 1;
        },
      ),
      { numRuns: 4000 },
    );
    expect(short).toBeGreaterThan(40);
  });

  it('what has many attributes or many prefixes is left to saxes: each is held against all others here', () => {
    const attributes = (count: number): string =>
      `<a ${Array.from({ length: count }, (_, index) => `b${index}="${index}"`).join(' ')}/>`;
    const prefixes = (count: number): string => {
      const half = Array.from({ length: count / 2 }, (_, index) => index);
      const declared = (letter: string): string =>
        half.map((index) => `xmlns:${letter}${index}="u:${index}"`).join(' ');
      return `<a ${declared('p')}><b ${declared('q')}/></a>`;
    };
    expect(agree(attributes(32))).toBe(true);
    expect(agree(attributes(33))).toBe(false);
    expect(agree(prefixes(62))).toBe(true);
    expect(agree(prefixes(64))).toBe(false);
    for (const many of [attributes(4000), prefixes(2000)])
      expect(readXml(new TextEncoder().encode(many)).kind).toBe('document');
  });

  it('what is too deep or has too many parts is left to saxes, which refuses it', () => {
    const limits = { bytes: 1000, depth: 3, nodes: 8 };
    for (const text of [
      '<a><a><a/></a></a>',
      '<a><a><a><a/></a></a></a>',
      '<a b="" c=""><a/>x<a/>y</a>',
      '<a b="" c=""><a/>x<a/>y<a/>z</a>',
    ])
      agree(text, limits);
    expect(readPlainXml('<a><a><a><a/></a></a></a>', limits)).toBeUndefined();
    expect(readPlainXml('<a b="" c=""><a/>x<a/>y<a/>z</a>', limits)).toBeUndefined();
  });
});
