import type { ResourceNamed } from '#gate';
import type { WholeWrite } from './whole-write.ts';

/** Before anything is decided for a presentity, nothing of it may be in doubt: what stands undone is taken back first. */
export function makeSettle(whole: WholeWrite) {
  return async function settle({ presentity }: ResourceNamed): Promise<object> {
    await whole.settle(presentity);
    return {};
  };
}
