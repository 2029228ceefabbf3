import { textOf } from '../xml/index.ts';
import { RPID } from './names.ts';
import type { Pidf } from './pidf.ts';

/** What a person wants to know of a presence document. */
export interface PresenceSummary {
  /** Some tuple is open. */
  readonly open: boolean;
  /** RPID activities in the RFC's words (`away`, `on-the-phone`), without repeats. */
  readonly activities: readonly string[];
  /** Notes of tuples, person and document, without repeats. */
  readonly notes: readonly string[];
}

/** For pages that show a device or the composed state to people. */
export function summarise(document: Pidf): PresenceSummary {
  const activities = new Set<string>();
  const notes = new Set<string>();
  const read = (extensions: Pidf['others']): void => {
    for (const { namespace, name, children } of extensions) {
      if (namespace !== RPID || name !== 'activities') continue;
      for (const value of children) {
        if (typeof value === 'string') continue;
        if (value.name === 'note') notes.add(textOf(value).trim());
        else activities.add(value.name === 'other' ? textOf(value).trim() : value.name);
      }
    }
  };
  for (const person of document.persons) {
    read(person.extensions);
    for (const { text } of person.notes) notes.add(text.trim());
  }
  for (const tuple of document.tuples) {
    read(tuple.status);
    read(tuple.extensions);
    for (const { text } of tuple.notes) notes.add(text.trim());
  }
  for (const { text } of document.notes) notes.add(text.trim());
  notes.delete('');
  return {
    open: document.tuples.some(({ basic }) => basic === 'open'),
    activities: [...activities],
    notes: [...notes],
  };
}
