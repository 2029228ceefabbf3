/**
 * When each part of a document changed last (RFC 3863 §4.1.7). Successive documents must not carry the same timestamp, and
 * watchers may drop one that is older than what they have; so the device's own word counts only where it can do no harm.
 */
import type { Published } from '../contract.ts';
import type { XmlElement } from '../xml/index.ts';
import type { Person, Pidf } from './pidf.ts';
import { readInstant, writeInstant } from './values.ts';
import { lastTurn } from './windows.ts';

/**
 * The document with a timestamp in every part. In a publication's first body the device's counts, unless its clock is
 * ahead of ours; in a body that replaced another, when we got it, which is later than all before. An element that began
 * or ceased to hold since changed its part then.
 */
export function stamped({ document, modifiedAt, createdAt }: Published<Pidf>, now: number): Pidf {
  const isFirst = createdAt === undefined || createdAt === modifiedAt;
  const mayTurn = document.turns.length > 0;
  const stamp = (given: string | undefined, ...elements: readonly (readonly XmlElement[])[]): string => {
    const own = isFirst ? readInstant(given) : undefined;
    const turn = mayTurn ? lastTurn(elements.flat(), now) : undefined;
    if (turn !== undefined && turn > modifiedAt) return writeInstant(turn);
    return own !== undefined && own.at <= modifiedAt ? own.text : writeInstant(modifiedAt);
  };
  const part = <P extends Person>(of: P): P => ({ ...of, timestamp: stamp(of.timestamp, of.extensions) });
  return {
    ...document,
    tuples: document.tuples.map((tuple) => ({
      ...tuple,
      timestamp: stamp(tuple.timestamp, tuple.status, tuple.extensions),
    })),
    persons: document.persons.map(part),
    devices: document.devices.map(part),
  };
}
