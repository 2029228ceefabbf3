/** Journal rows that are written inside somebody else's transaction. */
import type { Change } from '#model';
import type { Statements, Value } from './executor.ts';
import { inPieces, insertSql } from './statements.ts';

const COLUMNS = ['at', 'kind', 'subject', 'event'] as const;

export async function noteChanges(statements: Statements, changes: readonly Change[], at: number): Promise<void> {
  for (const piece of inPieces(changes)) {
    await statements.execute(
      insertSql('Change', COLUMNS, piece.length),
      piece.flatMap((change): readonly Value[] => [at, change.kind, change.subject, eventOf(change)]),
    );
  }
}

export function eventOf(change: Change): string {
  return change.kind === 'state' ? change.event : '';
}
