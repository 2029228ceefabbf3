import { element, writeXml, XML_NAMESPACE, type XmlElement } from '../xml/index.ts';
import { DATA_MODEL, PIDF, PREFIXES } from './names.ts';
import type { Device, Note, Person, PresenceState, Tuple } from './pidf.ts';

/** Writes a composed state as application/pidf+xml, its parts in the order the schemas ask for. Equal states, equal bytes. */
export function writePidf(state: PresenceState): Uint8Array {
  const root = element(PIDF, 'presence', { entity: state.entity }, [
    ...state.tuples.map(tuple),
    ...state.notes.map((of) => note(of, PIDF)),
    ...state.persons.map((of) => part('person', of, [])),
    ...state.devices.map(device),
    ...state.others,
  ]);
  return writeXml(root, PREFIXES);
}

function tuple(of: Tuple): XmlElement {
  const children: XmlElement[] = [
    element(PIDF, 'status', {}, [
      ...(of.basic === undefined ? [] : [element(PIDF, 'basic', {}, [of.basic])]),
      ...of.status,
    ]),
    ...of.extensions,
  ];
  if (of.contact !== undefined) {
    children.push(element(PIDF, 'contact', { priority: of.contact.priority }, [of.contact.uri]));
  }
  for (const each of of.notes) children.push(note(each, PIDF));
  if (of.timestamp !== undefined) children.push(element(PIDF, 'timestamp', {}, [of.timestamp]));
  return element(PIDF, 'tuple', { id: of.id }, children);
}

function device(of: Device): XmlElement {
  return part('device', of, [element(DATA_MODEL, 'deviceID', {}, [of.deviceId])]);
}

function part(name: string, of: Person, after: readonly XmlElement[]): XmlElement {
  const children = [...of.extensions, ...after, ...of.notes.map((each) => note(each, DATA_MODEL))];
  if (of.timestamp !== undefined) children.push(element(DATA_MODEL, 'timestamp', {}, [of.timestamp]));
  return element(DATA_MODEL, name, { id: of.id }, children);
}

function note(of: Note, namespace: string): XmlElement {
  const written = element(namespace, 'note', {}, [of.text]);
  if (of.language === undefined) return written;
  return { ...written, attributes: [{ namespace: XML_NAMESPACE, name: 'lang', prefix: 'xml', value: of.language }] };
}
