import { SaxesParser } from 'saxes';
import type { XmlAttribute, XmlElement, XmlNode } from './element.ts';
import { readPlainXml } from './read-plain.ts';

/** What a document may cost us; the defaults are many times what any phone sends. */
export interface XmlLimits {
  readonly bytes: number;
  readonly depth: number;
  /** Elements, attributes and pieces of text together. */
  readonly nodes: number;
}

export const USUAL_LIMITS: XmlLimits = { bytes: 65_536, depth: 32, nodes: 8_192 };

export type ReadXml =
  | { readonly kind: 'document'; readonly root: XmlElement }
  /** `why` is short, in English, and quotes nothing of the document: it may go into a reason phrase. */
  | { readonly kind: 'refused'; readonly why: string };

const XMLNS = 'http://www.w3.org/2000/xmlns/';

const decoder = new TextDecoder('utf-8', { fatal: true });

class Refused extends Error {}

interface Open {
  readonly namespace: string;
  readonly name: string;
  readonly prefix: string;
  readonly attributes: readonly XmlAttribute[];
  readonly children: XmlNode[];
}

/**
 * Reads one XML 1.0 document with namespaces, strictly: anything not well-formed is refused, and so is every DTD, so that
 * there are no entities to expand and nothing external to fetch. Comments and processing instructions are dropped.
 */
export function readXml(bytes: Uint8Array, limits: XmlLimits = USUAL_LIMITS): ReadXml {
  if (bytes.length > limits.bytes) return refused('the document is too large');
  const text = decode(bytes);
  if (text === undefined) return refused('not UTF-8');
  const plain = readPlainXml(text, limits);
  return plain === undefined ? readWholeXml(text, limits) : { kind: 'document', root: plain };
}

/** The same by the whole parser, whatever the document looks like. */
export function readWholeXml(text: string, limits: XmlLimits = USUAL_LIMITS): ReadXml {
  try {
    const root = parse(text, limits);
    return root === undefined ? refused('not well-formed XML') : { kind: 'document', root };
  } catch (fault) {
    if (fault instanceof Refused) return refused(fault.message);
    // saxes says `line:column: what`; the rest of its message quotes the document and stays here.
    const place = fault instanceof Error ? /^(\d+):(\d+): /.exec(fault.message) : null;
    if (place === null) throw fault;
    return refused(`not well-formed XML at line ${place[1]}, column ${place[2]}`);
  }
}

function refused(why: string): ReadXml {
  return { kind: 'refused', why };
}

/** UTF-8 with or without a byte order mark; UTF-16 in either order is not UTF-8 and ends here too. */
function decode(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

function parse(text: string, limits: XmlLimits): XmlElement | undefined {
  const parser = new SaxesParser({ xmlns: true, position: true });
  const stack: Open[] = [];
  let root: XmlElement | undefined;
  let nodes = 0;

  function count(): void {
    nodes += 1;
    if (nodes > limits.nodes) throw new Refused('the document has too many parts');
  }

  // Few handlers on purpose: each is a property added to the parser, and beyond six V8 keeps the object as a dictionary,
  // which makes reading five times slower (bench/micro/presence.ts).
  parser.on('doctype', () => {
    throw new Refused('a DTD is not allowed');
  });
  parser.on('opentag', (tag) => {
    if (stack.length === 0) checkEncoding(parser.xmlDecl.encoding, text);
    if (stack.length >= limits.depth) throw new Refused('elements are nested too deeply');
    count();
    const attributes: XmlAttribute[] = [];
    for (const key in tag.attributes) {
      count();
      const { uri, local, prefix, value } = tag.attributes[key] as (typeof tag.attributes)[string];
      if (uri !== XMLNS) attributes.push({ namespace: uri, name: local, value, prefix });
    }
    stack.push({ namespace: tag.uri, name: tag.local, prefix: tag.prefix, attributes, children: [] });
  });
  parser.on('closetag', () => {
    const closed = stack.pop();
    const parent = stack.at(-1);
    if (parent === undefined) root = closed;
    else if (closed !== undefined) parent.children.push(closed);
  });
  const onText = (piece: string): void => {
    const children = stack.at(-1)?.children;
    if (children === undefined || piece === '') return;
    const last = children.length - 1;
    const before = children[last];
    if (typeof before === 'string') children[last] = before + piece;
    else {
      count();
      children.push(piece);
    }
  };
  parser.on('text', onText);
  parser.on('cdata', onText);
  parser.write(text).close();
  return root;
}

/** A declared encoding is believed only where it makes no difference. */
function checkEncoding(encoding: string | undefined, text: string): void {
  if (encoding === undefined || /^(utf-?8|us-ascii)$/i.test(encoding) || isAscii(text)) return;
  throw new Refused('only UTF-8 is read');
}

function isAscii(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range is the point
  return /^[\x00-\x7f]*$/.test(text);
}
