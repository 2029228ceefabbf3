import { element } from '../xml/index.ts';
import { RPID } from './names.ts';
import type { Note } from './pidf.ts';
import { writePidf } from './write.ts';

/** What somebody says of themselves without a phone. */
export interface OwnStatus {
  readonly open: boolean;
  /** RPID activities (RFC 4480 §3.2) in the RFC's words. */
  readonly activities: readonly string[];
  /** An activity that the RFC has no word for (`rpid:other`); '' for none. */
  readonly other: string;
  /** '' for none. */
  readonly note: string;
}

/**
 * The presence document that says it: one tuple, and one person for the activities, each with the note, because some
 * phones read the one and some the other.
 */
export function writeStatus(entity: string, { open, activities, other, note }: OwnStatus): Uint8Array {
  const notes: readonly Note[] = note === '' ? [] : [{ text: note, language: undefined }];
  const doing = [
    ...activities.map((name) => element(RPID, name)),
    ...(other === '' ? [] : [element(RPID, 'other', {}, [other])]),
  ];
  return writePidf({
    entity,
    tuples: [
      {
        id: 'status',
        basic: open ? 'open' : 'closed',
        status: [],
        extensions: [],
        contact: undefined,
        notes,
        timestamp: undefined,
      },
    ],
    notes: [],
    persons: [
      {
        id: 'person',
        extensions: doing.length === 0 ? [] : [element(RPID, 'activities', {}, doing)],
        notes,
        timestamp: undefined,
      },
    ],
    devices: [],
    others: [],
    turns: [],
  });
}
