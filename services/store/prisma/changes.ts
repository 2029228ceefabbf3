/** Journal rows that are written inside somebody else's transaction. */
import type { Aor, Change } from '#model';
import type { Statements, Value } from './executor.ts';
import { inPieces, insertSql } from './statements.ts';

const GONE = 'gone';
const EVERYTHING: Change = { kind: 'everything', subject: '' };
const COLUMNS = ['at', 'kind', 'subject', 'event'] as const;

export async function noteChanges(statements: Statements, changes: readonly Change[], at: number): Promise<void> {
  for (const piece of inPieces(changes)) {
    await statements.execute(
      insertSql('Change', COLUMNS, piece.length),
      piece.flatMap((change): readonly Value[] => [at, change.kind, change.subject, eventOf(change)]),
    );
  }
}

/** What the column `event` carries: the kinds need no more than one word beside their subject. */
export function eventOf(change: Change): string {
  switch (change.kind) {
    case 'state':
    case 'reload':
      return change.event;
    case 'account':
      return change.gone === true ? GONE : '';
    case 'subscription':
    case 'publication':
    case 'published':
      return change.id;
    case 'rules':
    case 'preferences':
    case 'sightings':
    case 'packages':
    case 'everything':
      return '';
  }
}

export function readChange(kind: string, subject: string, event: string): Change {
  switch (kind as Change['kind']) {
    case 'rules':
      return { kind: 'rules', subject };
    case 'account':
      return event === GONE ? { kind: 'account', subject, gone: true } : { kind: 'account', subject };
    case 'state':
      return { kind: 'state', subject, event };
    case 'subscription':
      return { kind: 'subscription', subject: subject as Aor, id: event };
    case 'publication':
      return { kind: 'publication', subject: subject as Aor, id: event };
    case 'published':
      return { kind: 'published', subject: subject as Aor, id: event };
    case 'preferences':
      return { kind: 'preferences', subject };
    case 'sightings':
      return { kind: 'sightings', subject };
    case 'packages':
      return { kind: 'packages', subject: '' };
    case 'reload':
      return { kind: 'reload', subject: '', event };
    case 'everything':
      return EVERYTHING;
  }
  // A row of a later version, whose kind is not known here, means that everything may have changed.
  return EVERYTHING;
}
