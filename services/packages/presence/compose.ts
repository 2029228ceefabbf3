import type { Published } from '../contract.ts';
import { writeElement, type XmlElement } from '../xml/index.ts';
import { type Identifiers, identifyExtensions, makeIdentifiers } from './identifiers.ts';
import { PREFIXES } from './names.ts';
import type { Device, Person, Pidf, PresenceState, Tuple } from './pidf.ts';
import { makeStamp, type Stamp, stampTurns } from './timestamps.ts';
import { holdingAt } from './windows.ts';

/**
 * One document of many (RFC 3856 §6.11.1 leaves the policy to us; docs/event-packages.md tells it to people):
 * every device's tuples, open ones first, then the newest publication's first; the person of the newest publication that
 * has one; one device element for each deviceID, the newest. The same publications make the same document, in whatever
 * order they arrived and whenever it is drawn; only RPID windows look at `now`.
 */
export function compose(entity: string, published: readonly Published<Pidf>[], now: number): PresenceState {
  const newestFirst = published
    .map((of) => standing(of, now))
    .sort((one, other) => other.modifiedAt - one.modifiedAt || order(one.id, other.id));

  const kept = keep(newestFirst);
  const named = name(kept);
  return {
    entity,
    tuples: named.flatMap(({ tuples }) => tuples).sort((one, other) => rank(one) - rank(other)),
    notes: distinct(
      newestFirst.flatMap(({ document }) => document.notes),
      ({ text, language }) => `${language ?? ''} ${text}`,
    ),
    persons: named.flatMap(({ persons }) => persons),
    devices: named.flatMap(({ devices }) => devices),
    others: distinct(
      named.flatMap(({ others }) => others),
      (of) => writeElement(of, PREFIXES),
    ),
    turns: [],
  };
}

/** A publication as it stands now. */
interface Standing extends Published<Pidf> {
  readonly stamp: Stamp;
}

/** Nearly no document has windows: then it is as it was read, and is copied once, when its parts get their ids. */
function standing(of: Published<Pidf>, now: number): Standing {
  const { document, modifiedAt, id } = of;
  const stamp = makeStamp(of);
  if (document.turns.length === 0) return { document, modifiedAt, id, stamp };
  return { document: holdingAt(stampTurns(of, stamp, now), now), modifiedAt, id, stamp: asStamped };
}

const asStamped: Stamp = (given) => given ?? '';

/** What one publication gives to the composed document. */
interface Share {
  readonly id: string;
  readonly stamp: Stamp;
  readonly tuples: readonly Tuple[];
  readonly persons: readonly Person[];
  readonly devices: readonly Device[];
  readonly others: readonly XmlElement[];
}

/** Clients read the first person only, so there is one; and one statement about each device (RFC 4479 §3.4). */
function keep(newestFirst: readonly Standing[]): readonly Share[] {
  const devices = new Set<string>();
  let person: Person | undefined;
  return newestFirst.map(({ document, id, stamp }) => {
    const first = person === undefined ? document.persons[0] : undefined;
    person ??= first;
    return {
      id,
      stamp,
      tuples: document.tuples,
      persons: first === undefined ? [] : [first],
      devices: document.devices.filter(({ deviceId }) => !devices.has(deviceId) && devices.add(deviceId)),
      others: document.others,
    };
  });
}

/** Ids are given in the order of publication ids, which does not change while publications live. */
function name(shares: readonly Share[]): readonly Share[] {
  const identifiers = makeIdentifiers();
  const named = new Map<Share, Share>();
  for (const share of [...shares].sort((one, other) => order(one.id, other.id)))
    named.set(share, nameOne(share, identifiers));
  return shares.map((share) => named.get(share) ?? share);
}

function nameOne(share: Share, identifiers: Identifiers): Share {
  const { id: publicationId, stamp } = share;
  const extensions = (of: readonly XmlElement[]): readonly XmlElement[] =>
    identifyExtensions(of, identifiers, publicationId);
  // Written out, not spread: this is done for every part of every device with every change.
  return {
    id: publicationId,
    stamp,
    tuples: share.tuples.map((of) => ({
      id: identifiers.take(of.id, 't', publicationId),
      basic: of.basic,
      status: extensions(of.status),
      extensions: extensions(of.extensions),
      contact: of.contact,
      notes: of.notes,
      timestamp: stamp(of.timestamp),
    })),
    persons: share.persons.map((of) => ({
      id: identifiers.take(of.id, 'p', publicationId),
      extensions: extensions(of.extensions),
      notes: of.notes,
      timestamp: stamp(of.timestamp),
    })),
    devices: share.devices.map((of) => ({
      id: identifiers.take(of.id, 'd', publicationId),
      extensions: extensions(of.extensions),
      notes: of.notes,
      timestamp: stamp(of.timestamp),
      deviceId: of.deviceId,
    })),
    others: extensions(share.others),
  };
}

/** pjsua shows the first tuple and no other. */
function rank(tuple: Tuple): number {
  return tuple.basic === 'open' ? 0 : tuple.basic === undefined ? 1 : 2;
}

function order(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function distinct<T>(all: readonly T[], key: (of: T) => string): readonly T[] {
  if (all.length < 2) return all;
  const seen = new Set<string>();
  return all.filter((of) => {
    const mine = key(of);
    return !seen.has(mine) && seen.add(mine);
  });
}
