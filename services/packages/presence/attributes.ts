import { attributeOf, XML_NAMESPACE, type XmlAttribute, type XmlElement } from '../xml/index.ts';
import { PIDF } from './names.ts';
import { isLanguage, readUri } from './values.ts';

const SCHEMA_INSTANCE = 'http://www.w3.org/2001/XMLSchema-instance';

/** RFC 3863 §4.2.3: who cannot make sense of this element must ignore the one around it. */
export function mustBeUnderstood(of: XmlElement): boolean {
  const value = attributeOf(of, 'mustUnderstand', PIDF)?.trim();
  return value === 'true' || value === '1';
}

/** Drops what would be checked against a schema and fail there, or (xml:id) could clash between publishers. */
export function tidyAttributes(attributes: readonly XmlAttribute[]): readonly XmlAttribute[] {
  if (attributes.length === 0) return attributes;
  return attributes.filter(({ namespace, name, value }) => {
    switch (namespace) {
      case SCHEMA_INSTANCE:
        return false;
      case XML_NAMESPACE:
        return name === 'lang' ? isLanguage(value) : name === 'base' ? readUri(value) !== undefined : name === 'space';
      case PIDF:
        return name !== 'mustUnderstand' || /^\s*(true|false|0|1)\s*$/.test(value);
      default:
        return true;
    }
  });
}
