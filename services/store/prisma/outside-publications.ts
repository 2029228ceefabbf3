/** Pdata, as another process than the SIP service writes it: one row at a time, with the Change that tells the service. */
import { fitsPublication, isId } from '../limits.ts';
import type { Publications } from '../store.ts';
import { noteChanges } from './changes.ts';
import type { Attempt } from './database.ts';
import type { Executor } from './executor.ts';
import { commitPublications } from './publications.ts';

export function makeOutsidePublications(
  executor: Executor,
  attempt: Attempt,
  now: () => number,
): Pick<Publications, 'writeFromOutside'> {
  return {
    async writeFromOutside(presentity, write) {
      const id = write.kind === 'remove' ? write.id : write.publication.id;
      if (write.kind === 'remove' ? !isId(id) : !fitsPublication(write.publication)) return 'refused';
      return attempt(() =>
        executor.transaction(async (statements) => {
          const [outcome = 'stale'] = await commitPublications(executor, statements, [write]);
          if (outcome === 'written')
            await noteChanges(statements, [{ kind: 'published', subject: presentity, id }], now());
          return outcome;
        }),
      );
    },
  };
}
