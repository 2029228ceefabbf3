/**
 * HOW A CHANGE IS HEARD. A Change says *look at X again*; seen twice, late or out of order it costs time, never truth. One
 * that is not seen would leak presence, so everything here errs on the side of looking again.
 *
 * - bell.ts: inside one process. A value, delivered in order after the step that rang it.
 * - tail.ts: between processes. Reads the journal behind the writers, remembers ids that are not visible yet, and says
 *   *everything* when it cannot be sure of having seen all. Its owner asks `isFresh()` before trusting what it cached.
 *
 * In the SIP service the tail's changes ring the bell (`onChange: bell.ring`), and what caches facts listens there. The
 * SIP service is also the one that purges the journal (`purges: true`); other readers only read.
 * A message bus would stand beside the tail and ring sooner; it would never carry facts.
 */
export * from './bell.ts';
export * from './tail.ts';
