/**
 * Ids in composed documents. Each is an xs:ID and stands once. Phones make ids that are no xs:ID (kamailio: `0x7f…`) and
 * ids that are wired in (every baresip is `t4109`), so some are rewritten: in a way that depends on what was published and
 * on the publication's own id alone, never on when or in which order it came, so that a watcher finds a tuple again.
 */
import { attributeOf, type XmlElement, type XmlNode } from '../xml/index.ts';
import { RPID } from './names.ts';

/** A safe subset of xs:ID. */
const SAFE_ID = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

export interface Identifiers {
  /**
   * Takes an id for one part of the document.
   * @param wish as published; '' when the device gave none.
   * @param letter what it begins with where a letter must be put before: `t` for a tuple.
   */
  take(wish: string, letter: string, publicationId: string): string;
}

export function makeIdentifiers(): Identifiers {
  const taken = new Set<string>();
  /** By id, the next number to put behind it: all below it are taken. Hardly ever needed. */
  let numbers: Map<string, number> | undefined;

  return {
    take(wish, letter, publicationId) {
      let id = wish;
      if (!SAFE_ID.test(id)) id = `${letter}-${safe(wish === '' ? publicationId : wish)}`;
      if (taken.has(id)) {
        const mine = `${id}-${safe(publicationId)}`;
        id = mine;
        for (let number = numbers?.get(mine) ?? 2; taken.has(id); number += 1) {
          id = `${mine}-${number}`;
          numbers ??= new Map();
          numbers.set(mine, number + 1);
        }
      }
      taken.add(id);
      return id;
    },
  };
}

function safe(text: string): string {
  return text.replace(/[^A-Za-z0-9_.-]/g, '_');
}

/** RPID elements carry ids of the same kind (RFC 4480 §3.1): these are made unique too. Untouched elements are shared. */
export function identifyExtensions(
  extensions: readonly XmlElement[],
  identifiers: Identifiers,
  publicationId: string,
): readonly XmlElement[] {
  return extensions.some(carriesId) ? extensions.map((of) => identify(of, identifiers, publicationId)) : extensions;
}

function carriesId(of: XmlNode): boolean {
  if (typeof of === 'string') return false;
  return (of.namespace === RPID && attributeOf(of, 'id') !== undefined) || of.children.some(carriesId);
}

function identify(of: XmlElement, identifiers: Identifiers, publicationId: string): XmlElement {
  const attributes =
    of.namespace !== RPID
      ? of.attributes
      : of.attributes.map((attribute) =>
          attribute.name === 'id' && attribute.namespace === ''
            ? { ...attribute, value: identifiers.take(attribute.value.trim(), 'e', publicationId) }
            : attribute,
        );
  const children = of.children.map((child) =>
    typeof child === 'string' ? child : identify(child, identifiers, publicationId),
  );
  return { ...of, attributes, children };
}
