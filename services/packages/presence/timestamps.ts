/**
 * When each part of a document changed last (RFC 3863 §4.1.7). Successive documents must not carry the same timestamp, and
 * watchers may drop one that is older than what they have; so the device's own word counts only where it can do no harm.
 */
import type { Published } from '../contract.ts';
import type { XmlElement } from '../xml/index.ts';
import type { Person, Pidf } from './pidf.ts';
import { readInstant, writeInstant } from './values.ts';
import { lastTurn } from './windows.ts';

/** The timestamp of a part of one publication, from the one that the device gave it. */
export type Stamp = (given: string | undefined) => string;

/**
 * In a publication's first body the device's own counts, unless its clock is ahead of ours; in a body that replaced another,
 * when we got it, which is later than all before. For parts in which nothing turned since: see {@link stampTurns}.
 */
export function makeStamp({ modifiedAt, createdAt }: Omit<Published<Pidf>, 'document'>): Stamp {
  const isFirst = createdAt === undefined || createdAt === modifiedAt;
  let got: string | undefined;
  return (given) => {
    got ??= writeInstant(modifiedAt);
    if (!isFirst || given === undefined) return got;
    // Nearly all write as we do, and such texts are in the order of their instants: then none is read.
    const isOurForm = given.length === got.length && given.endsWith('Z');
    const isAhead = isOurForm ? given > got : (readInstant(given)?.at ?? Number.POSITIVE_INFINITY) > modifiedAt;
    return isAhead ? got : given;
  };
}

/** The document with a timestamp in every part: an element that began or ceased to hold since the body came changed its part then. */
export function stampTurns({ document, modifiedAt }: Published<Pidf>, stamp: Stamp, now: number): Pidf {
  const stampOf = (given: string | undefined, elements: readonly XmlElement[]): string => {
    const turn = lastTurn(elements, now);
    return turn !== undefined && turn > modifiedAt ? writeInstant(turn) : stamp(given);
  };
  const part = <P extends Person>(of: P): P => ({ ...of, timestamp: stampOf(of.timestamp, of.extensions) });
  return {
    ...document,
    tuples: document.tuples.map((tuple) => ({
      ...tuple,
      timestamp: stampOf(tuple.timestamp, [...tuple.status, ...tuple.extensions]),
    })),
    persons: document.persons.map(part),
    devices: document.devices.map(part),
  };
}
