/** RFC 4480 §3.1: elements that hold from one moment until another. */
import { attributeOf, type XmlElement } from '../xml/index.ts';
import { RPID } from './names.ts';
import type { Person, Pidf, Tuple } from './pidf.ts';
import { readInstant } from './values.ts';

type Parts = Omit<Pidf, 'turns'>;

/** Every moment at which some element of the document begins or ends to hold, epoch ms. */
export function turnsOf(parts: Parts): readonly number[] {
  const turns: number[] = [];
  const collect = (elements: readonly XmlElement[]): void => {
    for (const of of elements) {
      const { from, until } = windowOf(of);
      if (from !== undefined) turns.push(from);
      if (until !== undefined) turns.push(until);
    }
  };
  for (const tuple of parts.tuples) {
    collect(tuple.status);
    collect(tuple.extensions);
  }
  for (const part of [...parts.persons, ...parts.devices]) collect(part.extensions);
  collect(parts.others);
  return turns;
}

/** The document without what does not hold at `now`. `from` belongs to the span, `until` no longer does. */
export function holdingAt(document: Pidf, now: number): Pidf {
  if (document.turns.length === 0) return document;
  const holds = (of: XmlElement): boolean => {
    const { from, until } = windowOf(of);
    return (from === undefined || from <= now) && (until === undefined || now < until);
  };
  const part = <P extends Person>(of: P): P => ({ ...of, extensions: of.extensions.filter(holds) });
  return {
    ...document,
    tuples: document.tuples.map((tuple) => stillTuple(tuple, holds)),
    persons: document.persons.map(part),
    devices: document.devices.map(part),
    others: document.others.filter(holds),
  };
}

function stillTuple(tuple: Tuple, holds: (of: XmlElement) => boolean): Tuple {
  const status = tuple.status.filter(holds);
  // RFC 3863 §4.1.3: a status says at least one thing.
  const basic = tuple.basic === undefined && status.length === 0 ? 'closed' : tuple.basic;
  return { ...tuple, basic, status, extensions: tuple.extensions.filter(holds) };
}

/** The next moment after `now` at which one of the documents changes by itself; undefined when none does. */
export function nextTurn(documents: readonly Pidf[], now: number): number | undefined {
  let next: number | undefined;
  for (const { turns } of documents) {
    for (const turn of turns) if (turn > now && (next === undefined || turn < next)) next = turn;
  }
  return next;
}

/** The last moment up to `now` at which one of the elements began or ceased to hold; undefined when none has. */
export function lastTurn(elements: readonly XmlElement[], now: number): number | undefined {
  let last: number | undefined;
  for (const of of elements) {
    const { from, until } = windowOf(of);
    for (const turn of [from, until]) {
      if (turn !== undefined && turn <= now && (last === undefined || turn > last)) last = turn;
    }
  }
  return last;
}

/** Only RPID gives `from` and `until` this meaning; a window that cannot be read was taken off when the element was tidied. */
function windowOf(of: XmlElement): { readonly from: number | undefined; readonly until: number | undefined } {
  if (of.namespace !== RPID || of.attributes.length === 0) return ALWAYS;
  return { from: readInstant(attributeOf(of, 'from'))?.at, until: readInstant(attributeOf(of, 'until'))?.at };
}

const ALWAYS = { from: undefined, until: undefined };
