import { XML_NAMESPACE, type XmlElement } from './element.ts';

/** Namespace URI → the prefix it is always written with; '' makes it the default namespace. */
export type Prefixes = ReadonlyMap<string, string>;

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';
const NCNAME = /^[A-Za-z_][A-Za-z0-9_.-]*$/;
const encoder = new TextEncoder();

/**
 * Writes a document in UTF-8 with an XML declaration. Every namespace is declared once, on the root: those in `prefixes`
 * under their fixed prefix, others under the prefix they were read with, renamed where two would collide. Equal trees
 * make equal bytes.
 */
export function writeXml(root: XmlElement, prefixes: Prefixes): Uint8Array {
  return encoder.encode(DECLARATION + writeElement(root, prefixes));
}

/** The same without declaration, as text: for comparing parts. */
export function writeElement(root: XmlElement, prefixes: Prefixes): string {
  // Declared on the root, the default namespace would swallow a root that is in none.
  const names = makeNames(root.namespace === '' ? withoutDefault(prefixes) : prefixes);
  const tag = names.ofElement(root);
  const attributes = writeAttributes(root, names);
  const inside = writeChildren(root, names, names.defaultNamespace);
  const head = `<${tag}${names.declarations()}${attributes}`;
  return inside === '' ? `${head}/>` : `${head}>${inside}</${tag}>`;
}

function withoutDefault(prefixes: Prefixes): Prefixes {
  return new Map([...prefixes].filter(([, prefix]) => prefix !== ''));
}

interface Names {
  ofElement(of: XmlElement): string;
  ofAttribute(of: XmlElement['attributes'][number]): string;
  /** Everything handed out so far. */
  declarations(): string;
  /** What a name without a prefix means below the root; '' for no namespace. */
  readonly defaultNamespace: string;
}

function makeNames(prefixes: Prefixes): Names {
  /** Two tables because a default namespace does not reach attributes. */
  const forElements = new Map<string, string>([
    ['', ''],
    [XML_NAMESPACE, 'xml'],
  ]);
  const forAttributes = new Map<string, string>([[XML_NAMESPACE, 'xml']]);
  const taken = new Set<string>(['xml', 'xmlns', ...prefixes.values()]);
  /** By wish, the last number that was tried: all below it are taken. Seldom needed. */
  let numbers: Map<string, number> | undefined;
  let declared = '';
  let defaultNamespace = '';
  for (const [namespace, prefix] of prefixes) if (prefix === '') defaultNamespace = namespace;

  function declare(namespace: string, prefix: string): string {
    declared += ` ${prefix === '' ? 'xmlns' : `xmlns:${prefix}`}="${escapeAttribute(namespace)}"`;
    return prefix;
  }

  function free(wish: string): string {
    const usable = NCNAME.test(wish) && !/^xml/i.test(wish);
    const stem = usable ? wish : 'ns';
    const key = usable ? wish : '';
    let number = numbers?.get(key) ?? (usable ? 0 : 1);
    const prefixed = (): string => (number === 0 ? stem : `${stem}${number}`);
    while (taken.has(prefixed())) number += 1;
    numbers ??= new Map();
    numbers.set(key, number);
    const prefix = prefixed();
    taken.add(prefix);
    return prefix;
  }

  function prefixOf(namespace: string, wish: string, forAttribute: boolean): string {
    const table = forAttribute ? forAttributes : forElements;
    const known = table.get(namespace);
    if (known !== undefined) return known;
    const fixed = prefixes.get(namespace);
    const other = (forAttribute ? forElements : forAttributes).get(namespace);
    let prefix: string;
    if (other !== undefined && !(forAttribute && other === '')) prefix = other;
    else if (fixed !== undefined && !(forAttribute && fixed === '')) prefix = declare(namespace, fixed);
    else prefix = declare(namespace, free(wish));
    table.set(namespace, prefix);
    return prefix;
  }

  return {
    ofElement({ namespace, prefix, name }) {
      const shown = prefixOf(namespace, prefix, false);
      return shown === '' ? name : `${shown}:${name}`;
    },
    ofAttribute({ namespace, prefix, name }) {
      return namespace === '' ? name : `${prefixOf(namespace, prefix, true)}:${name}`;
    },
    declarations: () => declared,
    defaultNamespace,
  };
}

/** @param inForce what a name without a prefix means here: differs from the root's below an element in no namespace. */
function writeChildren(parent: XmlElement, names: Names, inForce: string): string {
  let text = '';
  for (const child of parent.children) {
    if (typeof child === 'string') {
      text += escapeText(child);
      continue;
    }
    const tag = names.ofElement(child);
    let attributes = writeAttributes(child, names);
    let below = inForce;
    if (child.namespace !== inForce && !tag.includes(':')) {
      attributes = ` xmlns="${escapeAttribute(child.namespace)}"${attributes}`;
      below = child.namespace;
    }
    const inside = writeChildren(child, names, below);
    text += inside === '' ? `<${tag}${attributes}/>` : `<${tag}${attributes}>${inside}</${tag}>`;
  }
  return text;
}

function writeAttributes(of: XmlElement, names: Names): string {
  let text = '';
  for (const attribute of of.attributes)
    text += ` ${names.ofAttribute(attribute)}="${escapeAttribute(attribute.value)}"`;
  return text;
}

/** A bare CR would be read back as LF (XML 1.0 §2.11). */
function escapeText(text: string): string {
  return /[&<>\r]/.test(text)
    ? text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\r', '&#13;')
    : text;
}

/** Bare white space other than a blank would be read back as blanks (XML 1.0 §3.3.3). */
function escapeAttribute(text: string): string {
  return /[&<"\t\n\r]/.test(text)
    ? text
        .replaceAll('&', '&amp;')
        .replaceAll('<', '&lt;')
        .replaceAll('"', '&quot;')
        .replaceAll('\t', '&#9;')
        .replaceAll('\n', '&#10;')
        .replaceAll('\r', '&#13;')
    : text;
}
