import { describe, expect, test } from 'vitest';
import {
  element,
  readXml,
  USUAL_LIMITS,
  writeXml,
  type XmlElement,
  type XmlNode,
} from '../../../services/packages/xml/index.ts';
import fc from '../../support/properties.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const read = (text: string, limits = USUAL_LIMITS) => readXml(bytes(text), limits);
const why = (text: string, limits = USUAL_LIMITS): string => {
  const result = read(text, limits);
  return result.kind === 'refused' ? result.why : 'accepted';
};
const rewritten = (text: string, prefixes = new Map([['urn:main', '']])): string => {
  const result = read(text);
  if (result.kind === 'refused') throw new Error(result.why);
  return new TextDecoder().decode(writeXml(result.root, prefixes)).replace(/^.*\n/, '');
};

describe('reading XML is bounded', () => {
  test('size, depth and number of parts', () => {
    expect(why(`<a>${' '.repeat(70_000)}</a>`)).toBe('the document is too large');
    expect(why(`${'<a>'.repeat(33)}${'</a>'.repeat(33)}`)).toBe('elements are nested too deeply');
    expect(why(`${'<a>'.repeat(32)}${'</a>'.repeat(32)}`)).toBe('accepted');
    expect(why(`<a>${'<b/>'.repeat(9000)}</a>`)).toBe('the document has too many parts');
    expect(why('<a b="1" c="2"/>', { ...USUAL_LIMITS, nodes: 2 })).toBe('the document has too many parts');
  });

  test('a DTD is refused before anything in it counts', () => {
    const bomb =
      '<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;"><!ENTITY z SYSTEM "file:///etc/passwd">]><a>&y;&z;</a>';
    expect(why(bomb)).toBe('a DTD is not allowed');
  });

  test('a refusal quotes nothing of the document', () => {
    expect(why('<a secret="\r\nX-Evil: 1"><evil></a>')).toMatch(/^not well-formed XML at line \d+, column \d+$/);
    expect(why('<a b="1" b="2"/>')).toMatch(/^not well-formed XML/);
  });

  test('names that objects have by nature are names like others', () => {
    expect(rewritten('<a __proto__="1" constructor="2"><toString xmlns="urn:main"/></a>')).toContain('__proto__="1"');
  });

  test('any bytes are answered, never thrown at', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (some) => void readXml(some)));
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'<>/=&;!-[]"\' ab:?x'), maxLength: 60 }),
        (some) => void read(some),
      ),
    );
  });
});

describe('writing XML', () => {
  test('text and attributes are escaped so that they are read back as they were', () => {
    const root = element('urn:main', 'a', { b: '<"&\t\n\r>' }, ['<&>\r\n]]>']);
    const again = readXml(writeXml(root, new Map([['urn:main', '']])));
    expect(again).toMatchObject({ root: { attributes: [{ value: '<"&\t\n\r>' }], children: ['<&>\r\n]]>'] } });
  });

  test('CDATA and comments become text and nothing', () => {
    expect(rewritten('<a xmlns="urn:main">1<![CDATA[<2>]]><!-- 3 -->4<?five?></a>')).toBe(
      '<a xmlns="urn:main">1&lt;2&gt;4</a>',
    );
  });

  test('namespaces are declared once, on the root, in the order they are met', () => {
    expect(
      rewritten('<m:a xmlns:m="urn:main"><x:b xmlns:x="urn:x"/><x:b xmlns:x="urn:x"/><y xmlns="urn:y"/></m:a>'),
    ).toBe('<a xmlns="urn:main" xmlns:x="urn:x" xmlns:ns1="urn:y"><x:b/><x:b/><ns1:y/></a>');
  });

  test('a fixed prefix belongs to its namespace alone', () => {
    expect(rewritten('<m:a xmlns:m="urn:main"><f:b xmlns:f="urn:other"/></m:a>', new Map([['urn:main', 'f']]))).toBe(
      '<f:a xmlns:f="urn:main" xmlns:f1="urn:other"><f1:b/></f:a>',
    );
  });

  test('many namespaces that wish for the same prefix are numbered, past the numbers that others took', () => {
    const wishes = ['x', 'x', 'x2', 'x', 'x', 'xml1', '', 'ns', 'ns', 'ns2', '', ''];
    const children = wishes.map((prefix, index) => ({ ...element(`urn:${index}`, 'b'), prefix }));
    const written = new TextDecoder().decode(
      writeXml(element('urn:main', 'a', {}, children), new Map([['urn:main', '']])),
    );
    expect([...written.matchAll(/<(\w+):b\/>/g)].map(([, prefix]) => prefix)).toEqual([
      'x',
      'x1',
      'x2',
      'x3',
      'x4',
      'ns1',
      'ns2',
      'ns',
      'ns3',
      'ns21',
      'ns4',
      'ns5',
    ]);
  });

  test('an attribute of the default namespace gets a prefix, since a default does not reach attributes', () => {
    expect(rewritten('<m:a xmlns:m="urn:main" m:b="1"/>')).toBe('<a xmlns="urn:main" xmlns:m="urn:main" m:b="1"/>');
  });

  test('elements in no namespace stay there, and so do those below them', () => {
    const source = '<m:a xmlns:m="urn:main"><b><m:c><d/></m:c></b></m:a>';
    expect(rewritten(source)).toBe('<a xmlns="urn:main"><b xmlns=""><c xmlns="urn:main"><d xmlns=""/></c></b></a>');
    expect(rewritten('<b><m:c xmlns:m="urn:main"/></b>')).toBe('<b xmlns:m="urn:main"><m:c/></b>');
  });
});

describe('read and write', () => {
  const word = fc.stringMatching(/^[a-z][a-z0-9]{0,4}$/);
  const namespace = fc.constantFrom('', 'urn:main', 'urn:x', 'urn:y');
  const text = fc.string({ unit: fc.constantFrom(...'ab <>&"\'\n\t\rü€😀]'), minLength: 1, maxLength: 8 });
  const prefix = fc.constantFrom('', 'x', 'y', 'f', 'xml1', 'ns1', '9');
  const attributes = fc.uniqueArray(fc.record({ namespace, name: word, value: text, prefix }), {
    maxLength: 3,
    selector: ({ namespace: uri, name }) => `${uri} ${name}`,
  });
  const { tree } = fc.letrec<{ tree: XmlElement; node: XmlNode }>((tie) => ({
    tree: fc.record({ namespace, name: word, prefix, attributes, children: fc.array(tie('node'), { maxLength: 3 }) }),
    node: fc.oneof({ maxDepth: 4 }, text, tie('tree')),
  }));

  const plain = ({ namespace: uri, name, attributes: given, children }: XmlElement): unknown => {
    const joined: unknown[] = [];
    for (const child of children) {
      const before = joined.at(-1);
      if (typeof child !== 'string') joined.push(plain(child));
      else if (typeof before === 'string') joined[joined.length - 1] = before + child;
      else joined.push(child);
    }
    return { uri, name, given: given.map(({ prefix: _, ...rest }) => rest), joined };
  };

  test('any tree is read back as it was written, and then written the same', () => {
    const prefixes = new Map([
      ['urn:main', ''],
      ['urn:x', 'x'],
    ]);
    fc.assert(
      fc.property(tree, (root) => {
        const written = writeXml(root, prefixes);
        const again = readXml(written);
        if (again.kind === 'refused') throw new Error(`${again.why}: ${new TextDecoder().decode(written)}`);
        expect(plain(again.root)).toEqual(plain(root));
        expect(writeXml(again.root, prefixes)).toEqual(written);
      }),
      { numRuns: 300 },
    );
  });
});
