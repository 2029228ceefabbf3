/** A small immutable XML tree: what is left of a document once namespaces are resolved and comments are gone. */

export interface XmlAttribute {
  /** Namespace URI; '' for an attribute without a prefix (it is in no namespace). */
  readonly namespace: string;
  /** Local name. */
  readonly name: string;
  readonly value: string;
  /** The prefix it was read with: a wish when it is written. */
  readonly prefix: string;
}

export interface XmlElement {
  /** Namespace URI; '' for none. */
  readonly namespace: string;
  /** Local name. */
  readonly name: string;
  /** The prefix it was read with: a wish when it is written. */
  readonly prefix: string;
  /** Without namespace declarations. */
  readonly attributes: readonly XmlAttribute[];
  /** Elements and text, in document order. */
  readonly children: readonly XmlNode[];
}

export type XmlNode = XmlElement | string;

export const XML_NAMESPACE = 'http://www.w3.org/XML/1998/namespace';

/** Builds an element; attributes given by name are in no namespace, undefined values are left out. */
export function element(
  namespace: string,
  name: string,
  attributes: Readonly<Record<string, string | undefined>> = {},
  children: readonly XmlNode[] = [],
): XmlElement {
  const given: XmlAttribute[] = [];
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) given.push({ namespace: '', name: key, value, prefix: '' });
  }
  return { namespace, name, prefix: '', attributes: given, children };
}

/** The value of one attribute; undefined when the element has none of that name. */
export function attributeOf(parent: XmlElement, name: string, namespace = ''): string | undefined {
  for (const attribute of parent.attributes) {
    if (attribute.name === name && attribute.namespace === namespace) return attribute.value;
  }
  return undefined;
}

export function isElement(node: XmlNode): node is XmlElement {
  return typeof node !== 'string';
}

/** The child elements, in document order. */
export function elementsOf(parent: XmlElement): readonly XmlElement[] {
  return parent.children.filter(isElement);
}

/** The element's own text, without that of its children. */
export function textOf(parent: XmlElement): string {
  let text = '';
  for (const child of parent.children) if (!isElement(child)) text += child;
  return text;
}
