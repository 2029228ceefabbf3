import { XML_NAMESPACE, type XmlAttribute, type XmlElement, type XmlNode } from './element.ts';

/**
 * Documents as phones write them: elements, attributes, text and namespaces, nothing escaped, no comments, no sections. They are
 * read by a few patterns in one pass, at a fraction of what a whole XML parser costs. What is read here is read exactly as
 * saxes reads it, which tests hold against each other; at the first thing that is out of the ordinary, be it wrong or only rare,
 * nothing is said and saxes reads the document from its beginning.
 */

const SPACE = '[ \\t\\n]';
const NCNAME = '[A-Za-z_][A-Za-z0-9_.-]*';
const NAME = `${NCNAME}(?::${NCNAME})?`;
/** Without white space but blanks: the rest would have to be made blanks of. */
const VALUE = `"[^"<&\\t\\n]*"|'[^'<&\\t\\n]*'`;

/** Printable, and of one code unit; no CR, which would have to be made a line feed of. No reference, no end of a section. */
const PLAIN = /^[\t\n\x20-%'-~\xa0-\ud7ff\ue000-\ufffd]*$/;
const DECLARATION = new RegExp(`^<\\?xml version=(["'])1\\.0\\1(?: encoding=(["'])[Uu][Tt][Ff]-?8\\2)?${SPACE}*\\?>`);
const BLANK = new RegExp(`^${SPACE}*$`);
const OPENING = new RegExp(`<(${NAME})((?:${SPACE}+${NAME}=(?:${VALUE}))*)${SPACE}*(/?)>`, 'y');
const ATTRIBUTE = new RegExp(`${SPACE}+(${NAME})=["']`, 'y');

/**
 * Of one element, and of prefixes in force. Each attribute is held against those before it, and a scope is copied where something is
 * declared: that is cheapest for the few that phones write, and would not do for thousands.
 */
const MOST_ATTRIBUTES = 32;
const MOST_PREFIXES = 64;

/** Prefix → namespace; the default namespace has the prefix ''. */
type Scope = ReadonlyMap<string, string>;

const OUTSIDE: Scope = new Map([
  ['', ''],
  ['xml', XML_NAMESPACE],
]);

interface Open {
  readonly element: XmlElement & { readonly children: XmlNode[] };
  /** As written, for its end to match. */
  readonly tag: string;
  readonly scope: Scope;
}

/** @returns undefined for whatever is not such a document: then nothing is known of it yet. */
export function readPlainXml(
  text: string,
  limits: { readonly depth: number; readonly nodes: number },
): XmlElement | undefined {
  if (!PLAIN.test(text) || text.includes(']]>')) return undefined;
  const start = DECLARATION.exec(text)?.[0].length ?? 0;
  const stack: Open[] = [];
  let root: XmlElement | undefined;
  let nodes = 0;
  for (let index = start; ; ) {
    const next = text.indexOf('<', index);
    const top = stack.at(-1);
    if (next !== index) {
      const piece = text.slice(index, next < 0 ? text.length : next);
      if (top !== undefined) {
        top.element.children.push(piece);
        nodes += 1;
        if (nodes > limits.nodes) return undefined;
      } else if (!BLANK.test(piece)) return undefined;
    }
    if (next < 0) return stack.length === 0 ? root : undefined;
    if (text.charCodeAt(next + 1) === 0x2f) {
      if (top === undefined || !text.startsWith(`${top.tag}>`, next + 2)) return undefined;
      stack.pop();
      index = next + 3 + top.tag.length;
      continue;
    }
    OPENING.lastIndex = next;
    const match = OPENING.exec(text);
    if (match === null || (top === undefined && root !== undefined)) return undefined;
    const [, tag = '', written = '', ending] = match;
    const attributes = readAttributes(written);
    if (attributes === undefined) return undefined;
    nodes += 1 + attributes.length;
    if (nodes > limits.nodes || stack.length >= limits.depth) return undefined;
    const opened = open(tag, attributes, top?.scope ?? OUTSIDE);
    if (opened === undefined) return undefined;
    if (top === undefined) root = opened.element;
    else top.element.children.push(opened.element);
    if (ending === '') stack.push(opened);
    index = OPENING.lastIndex;
  }
}

type Written = readonly [name: string, value: string];

/** undefined when a name is there twice, or there are many. */
function readAttributes(text: string): readonly Written[] | undefined {
  if (text === '') return NONE;
  const attributes: Written[] = [];
  for (let index = 0; index < text.length; ) {
    ATTRIBUTE.lastIndex = index;
    const name = ATTRIBUTE.exec(text)?.[1];
    if (name === undefined) break;
    const from = ATTRIBUTE.lastIndex;
    const to = text.indexOf(text.charAt(from - 1), from);
    for (const [other] of attributes) if (other === name) return undefined;
    if (attributes.length === MOST_ATTRIBUTES) return undefined;
    attributes.push([name, text.slice(from, to)]);
    index = to + 1;
  }
  return attributes;
}

const NONE: readonly never[] = [];

/** undefined when a prefix means nothing, or a declaration is a peculiar one, or one too many. */
function open(tag: string, written: readonly Written[], around: Scope): Open | undefined {
  const scope = declare(written, around);
  const [prefix, name] = split(tag);
  const namespace = scope?.get(prefix);
  if (scope === undefined || namespace === undefined) return undefined;
  if (written.length === 0) return { element: { namespace, name, prefix, attributes: NONE, children: [] }, tag, scope };
  const attributes: XmlAttribute[] = [];
  for (const [full, value] of written) {
    if (isDeclaration(full)) continue;
    const [own, local] = split(full);
    const meant = own === '' ? '' : scope.get(own);
    if (meant === undefined) return undefined;
    for (const other of attributes) if (other.name === local && other.namespace === meant) return undefined;
    attributes.push({ namespace: meant, name: local, value, prefix: own });
  }
  return { element: { namespace, name, prefix, attributes, children: [] }, tag, scope };
}

const isDeclaration = (name: string): boolean => name.startsWith('xmlns') && (name.length === 5 || name[5] === ':');

function declare(written: readonly Written[], around: Scope): Scope | undefined {
  let scope: Map<string, string> | undefined;
  for (const [name, value] of written) {
    if (!isDeclaration(name)) continue;
    const prefix = name.slice(6);
    // Taking a prefix back, and what the names `xml` and `xmlns` may not mean, are left to others.
    if (prefix.startsWith('xml') || value.includes('www.w3.org/XML/') || value.includes('www.w3.org/2000/xmlns'))
      return undefined;
    if (value !== value.trim() || (value === '' && prefix !== '')) return undefined;
    scope ??= new Map(around);
    scope.set(prefix, value);
    if (scope.size > MOST_PREFIXES) return undefined;
  }
  return scope ?? around;
}

function split(name: string): readonly [prefix: string, local: string] {
  const colon = name.indexOf(':');
  return colon < 0 ? ['', name] : [name.slice(0, colon), name.slice(colon + 1)];
}
