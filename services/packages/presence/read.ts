import { attributeOf, elementsOf, readXml, textOf, XML_NAMESPACE, type XmlElement } from '../xml/index.ts';
import { DATA_MODEL, PIDF } from './names.ts';
import type { Contact, Device, Note, Person, Pidf, Tuple } from './pidf.ts';
import { oncePerSpan, tidyAll } from './tidy.ts';
import { isLanguage, readInstant, readPriority, readUri } from './values.ts';
import { turnsOf } from './windows.ts';

export type ReadPidf =
  | { readonly kind: 'document'; readonly document: Pidf }
  | { readonly kind: 'malformed'; readonly why: string };

/**
 * Reads a presence document. Strict about what RFC 3863 says of its own elements, liberal with everything around them:
 * what a phone got wrong in an extension is mended or left out, never a reason to refuse its state.
 *
 * The entity must be there and may say anything: `pres:`, `sip:` and `sips:` mean the same person, and a publication is for
 * the presentity it was sent to (RFC 3903 §4). What we write carries the presentity.
 */
export function readPidf(body: Uint8Array): ReadPidf {
  const read = readXml(body);
  if (read.kind === 'refused') return malformed(read.why);
  const { root } = read;
  if (root.namespace !== PIDF || root.name !== 'presence') return malformed('the root is not a PIDF presence element');
  if (attributeOf(root, 'entity') === undefined) return malformed('presence without entity');

  const tuples: Tuple[] = [];
  const persons: Person[] = [];
  const devices: Device[] = [];
  const others: XmlElement[] = [];
  for (const child of elementsOf(root)) {
    if (child.namespace === PIDF) {
      if (child.name !== 'tuple') continue;
      const tuple = readTuple(child);
      if (typeof tuple === 'string') return malformed(tuple);
      tuples.push(tuple);
    } else if (child.namespace === DATA_MODEL && child.name === 'person') {
      persons.push(readPart(child));
    } else if (child.namespace === DATA_MODEL && child.name === 'device') {
      const device = readDevice(child);
      if (device !== undefined) devices.push(device);
    } else {
      others.push(child);
    }
  }
  const parts = {
    tuples,
    notes: readNotes(root, PIDF),
    persons,
    devices,
    others: tidyAll(others, PIDF),
  };
  return { kind: 'document', document: { ...parts, turns: turnsOf(parts) } };
}

function malformed(why: string): ReadPidf {
  return { kind: 'malformed', why };
}

/** @returns what is wrong, when it cannot be a tuple (RFC 3863 §4.1.2 to §4.1.4). */
function readTuple(of: XmlElement): Tuple | string {
  const id = attributeOf(of, 'id')?.trim() ?? '';
  if (id === '') return 'a tuple without id';
  const status = child(of, PIDF, 'status');
  if (status === undefined) return 'a tuple without status';
  const extensions = tidyAll(elementsOf(status), PIDF);
  const basic = readBasic(status);
  if (basic === 'wrong') return 'basic is neither open nor closed';
  return {
    id,
    // A status must say something, and one that says nothing of being open is not open.
    basic: basic === 'absent' ? (extensions.length === 0 ? 'closed' : undefined) : basic,
    status: extensions,
    extensions: oncePerSpan(tidyAll(elementsOf(of), PIDF)),
    contact: readContact(of),
    notes: readNotes(of, PIDF),
    timestamp: readInstant(textOfChild(of, PIDF, 'timestamp'))?.text,
  };
}

/** Beyond the RFC, baresip says `unknown` before its user has said anything: not open, hence closed. */
function readBasic(status: XmlElement): 'open' | 'closed' | 'absent' | 'wrong' {
  const text = textOfChild(status, PIDF, 'basic')?.trim();
  switch (text) {
    case undefined:
      return 'absent';
    case 'open':
    case 'closed':
      return text;
    case 'unknown':
      return 'closed';
    default:
      return 'wrong';
  }
}

function readContact(of: XmlElement): Contact | undefined {
  const contact = child(of, PIDF, 'contact');
  const uri = contact === undefined ? undefined : readUri(textOf(contact));
  if (contact === undefined || uri === undefined) return undefined;
  return { uri, priority: readPriority(attributeOf(contact, 'priority')) };
}

/** Person and device have the same build (RFC 4479 §3.2, §3.4). */
function readPart(of: XmlElement): Person {
  return {
    id: attributeOf(of, 'id')?.trim() ?? '',
    extensions: oncePerSpan(tidyAll(elementsOf(of), DATA_MODEL)),
    notes: readNotes(of, DATA_MODEL),
    timestamp: readInstant(textOfChild(of, DATA_MODEL, 'timestamp'))?.text,
  };
}

/** A device is the thing its deviceID names; one without is about nothing. */
function readDevice(of: XmlElement): Device | undefined {
  const deviceId = readUri(textOfChild(of, DATA_MODEL, 'deviceID'));
  return deviceId === undefined ? undefined : { ...readPart(of), deviceId };
}

function readNotes(of: XmlElement, namespace: string): readonly Note[] {
  const notes: Note[] = [];
  for (const note of elementsOf(of)) {
    if (note.namespace !== namespace || note.name !== 'note') continue;
    const language = attributeOf(note, 'lang', XML_NAMESPACE);
    notes.push({ text: textOf(note), language: language !== undefined && isLanguage(language) ? language : undefined });
  }
  return notes;
}

function child(of: XmlElement, namespace: string, name: string): XmlElement | undefined {
  for (const node of of.children) {
    if (typeof node !== 'string' && node.name === name && node.namespace === namespace) return node;
  }
  return undefined;
}

function textOfChild(of: XmlElement, namespace: string, name: string): string | undefined {
  const found = child(of, namespace, name);
  return found === undefined ? undefined : textOf(found);
}
