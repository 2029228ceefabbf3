import { nothing, type ResourceNamed } from '#gate';
import type { WholeWrite } from './whole-write.ts';

/** Before anything is decided for a presentity, nothing of it may be in doubt: what stands undone is taken back first. */
export function makeSettle(whole: WholeWrite) {
  return function settle({ presentity }: ResourceNamed): object | Promise<object> {
    return whole.settle(presentity)?.then(() => nothing) ?? nothing;
  };
}
