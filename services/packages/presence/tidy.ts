import { attributeOf, element, isElement, textOf, type XmlElement, type XmlNode } from '../xml/index.ts';
import { mustBeUnderstood, tidyAttributes } from './attributes.ts';
import { CIPID, DATA_MODEL, PIDF, RPID } from './names.ts';
import { tidyRpid } from './rpid.ts';
import { readUri } from './values.ts';

/**
 * Makes an extension element fit to be sent on. What no schema of ours describes is left as it is (RFC 3863 §4.2.3);
 * RPID, CIPID and data model elements are brought into the form of their schemas, since a watcher that validates would
 * otherwise refuse everybody's state for one device's slip.
 * @returns undefined when nothing valid is left of it.
 */
export function tidy(extension: XmlElement): XmlElement | undefined {
  switch (extension.namespace) {
    case RPID:
      return tidyRpid(extension, tidy, tidyForeign);
    case CIPID:
      return tidyCipid(extension);
    case DATA_MODEL:
      if (extension.name === 'deviceID') return uriOnly(extension);
      // These stand at the top and nowhere else.
      return extension.name === 'person' || extension.name === 'device' ? undefined : tidyForeign(extension);
    case PIDF:
      return extension.name === 'presence' ? undefined : tidyForeign(extension);
    default:
      return tidyForeign(extension);
  }
}

/** Keeps the tidied ones of a list that stand where a schema allows elements of other namespaces than `own`. */
export function tidyAll(children: readonly XmlElement[], own: string): readonly XmlElement[] {
  const kept: XmlElement[] = [];
  for (const child of children) {
    if (child.namespace === own || child.namespace === '') continue;
    const tidied = tidy(child);
    if (tidied !== undefined) kept.push(tidied);
  }
  return kept;
}

/** RFC 4480 §3.1: several elements of a kind are for several spans of time; of those without one the first counts. */
export function oncePerSpan(extensions: readonly XmlElement[]): readonly XmlElement[] {
  if (extensions.length < 2) return extensions;
  const seen = new Set<string>();
  return extensions.filter((of) => {
    if (of.namespace !== RPID || !ONCE.has(of.name) || hasWindow(of)) return true;
    return !seen.has(of.name) && seen.add(of.name);
  });
}

const ONCE = new Set([
  'activities',
  'class',
  'mood',
  'place-is',
  'place-type',
  'privacy',
  'sphere',
  'time-offset',
  'user-input',
]);

function hasWindow(of: XmlElement): boolean {
  return attributeOf(of, 'from') !== undefined || attributeOf(of, 'until') !== undefined;
}

function tidyForeign(of: XmlElement): XmlElement | undefined {
  const children: XmlNode[] = [];
  for (const child of of.children) {
    if (!isElement(child)) {
      children.push(child);
      continue;
    }
    const tidied = tidy(child);
    if (tidied !== undefined) children.push(tidied);
    else if (mustBeUnderstood(child)) return undefined;
  }
  return { ...of, attributes: tidyAttributes(of.attributes), children };
}

const CIPID_URIS = new Set(['card', 'homepage', 'icon', 'map', 'sound']);

function tidyCipid(of: XmlElement): XmlElement | undefined {
  if (CIPID_URIS.has(of.name)) return uriOnly(of);
  return of.name === 'display-name' ? element(CIPID, of.name, {}, [textOf(of)]) : tidyForeign(of);
}

function uriOnly(of: XmlElement): XmlElement | undefined {
  const uri = readUri(textOf(of));
  return uri === undefined ? undefined : element(of.namespace, of.name, {}, [uri]);
}
