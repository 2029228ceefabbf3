import { elementsOf, readXml, textOf, type XmlElement } from '#packages';

/** What a presence document says, for people to read. */
export interface Portrait {
  /** PIDF's <basic>, RFC 3863 §4.1.4: open when any way to reach them is open; unknown when nothing is said. */
  readonly basic: 'open' | 'closed' | 'unknown';
  /** RPID activities by their element names (RFC 4480 §3.2), or the words of <other>. */
  readonly activities: readonly string[];
  /** Notes of the person, the tuples and the document, each said once. */
  readonly notes: readonly string[];
}

const PIDF = 'urn:ietf:params:xml:ns:pidf';
const RPID = 'urn:ietf:params:xml:ns:pidf:rpid';

/** Reads a PIDF document as a watcher's phone would; undefined when it is none. */
export function readPortrait(pidf: Uint8Array): Portrait | undefined {
  const reading = readXml(pidf);
  if (reading.kind === 'refused' || reading.root.namespace !== PIDF) return undefined;
  const every = [...descendants(reading.root)];
  const basics = every.filter((element) => is(element, PIDF, 'basic')).map((element) => textOf(element).trim());
  return {
    basic: basics.includes('open') ? 'open' : basics.includes('closed') ? 'closed' : 'unknown',
    activities: unique(every.filter((element) => is(element, RPID, 'activities')).flatMap(activitiesIn)),
    notes: unique(every.filter(isNote).map((element) => textOf(element).trim())),
  };
}

function activitiesIn(activities: XmlElement): string[] {
  return elementsOf(activities)
    .filter((element) => element.name !== 'note' && element.name !== 'unknown')
    .map((element) => (element.name === 'other' ? textOf(element).trim() : element.name));
}

/** Notes hang below tuples (PIDF), persons (data model) and activities (RPID), each in the namespace of its own document. */
const isNote = (element: XmlElement): boolean => element.name === 'note';

const is = (element: XmlElement, namespace: string, name: string): boolean =>
  element.namespace === namespace && element.name === name;

const unique = (texts: readonly string[]): string[] => [...new Set(texts.filter((text) => text !== ''))];

function* descendants(parent: XmlElement): Iterable<XmlElement> {
  for (const child of elementsOf(parent)) {
    yield child;
    yield* descendants(child);
  }
}
