/** RFC 3261 §17, table 4: the estimates that every timer is made of. */

/** Round-trip time. */
export const T1_MS = 500;
/** The longest interval between retransmissions of a non-INVITE request. */
export const T2_MS = 4_000;
/** How long a message stays in the network. */
export const T4_MS = 5_000;

/** Timer F: how long a non-INVITE request of ours may stay unanswered (§17.1.2.2). */
export const TIMER_F_MS = 64 * T1_MS;

/** Timer J: how long a final answer is kept for retransmissions of its request (§17.2.2). */
export const timerJMs = (reliable: boolean): number => (reliable ? 0 : 64 * T1_MS);

/** Timer K: how long retransmissions of a final response are expected (§17.1.2.2). */
export const timerKMs = (reliable: boolean): number => (reliable ? 0 : T4_MS);
