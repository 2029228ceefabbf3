import type { XmlElement } from '../xml/index.ts';

/**
 * A presence document (RFC 3863, with the data model of RFC 4479): one publication, read, or many made one. All parts are
 * tidy: put in the order of the schemas they make a valid document, but for ids, which are made unique in composition.
 */
export interface Pidf {
  readonly tuples: readonly Tuple[];
  readonly notes: readonly Note[];
  readonly persons: readonly Person[];
  readonly devices: readonly Device[];
  /** Extensions at the top, from namespaces that are not ours. */
  readonly others: readonly XmlElement[];
  /** Every `from` and `until` in it (RFC 4480 §3.1), epoch ms, unsorted. Mostly empty. */
  readonly turns: readonly number[];
}

/** Composed, and whose it is. */
export interface PresenceState extends Pidf {
  /** The presentity's AOR, `sip:alice@example.com`. */
  readonly entity: string;
}

export interface Tuple {
  /** As published; in a composed state an xs:ID, unique in the document. */
  readonly id: string;
  /** Undefined when only extensions say what the status is. */
  readonly basic: 'open' | 'closed' | undefined;
  /** What `<status>` holds besides `<basic>`. */
  readonly status: readonly XmlElement[];
  readonly extensions: readonly XmlElement[];
  readonly contact: Contact | undefined;
  readonly notes: readonly Note[];
  /** RFC 3339; undefined when the device gave none. */
  readonly timestamp: string | undefined;
}

export interface Contact {
  readonly uri: string;
  /** `0` to `1` with at most three decimals, as written. */
  readonly priority: string | undefined;
}

export interface Note {
  readonly text: string;
  /** xml:lang. */
  readonly language: string | undefined;
}

export interface Person {
  /** '' when the device gave none; as with tuples otherwise. */
  readonly id: string;
  readonly extensions: readonly XmlElement[];
  readonly notes: readonly Note[];
  readonly timestamp: string | undefined;
}

export interface Device extends Person {
  /** A URN that names the device (RFC 4479 §3.4). */
  readonly deviceId: string;
}
