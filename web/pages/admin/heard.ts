import type { NodeReport } from '#store';

/** They speak every five seconds; after this long one is no longer heard, ms. Longer than clocks of two hosts differ. */
const HEARD_MS = 20_000;

/** Whether this SIP service still says how it is doing. */
export const isHeard = ({ seenAt }: NodeReport, now: number): boolean => now - seenAt < HEARD_MS;

/** The name of its host, without what tells machines of one name apart. */
export const hostWords = ({ host }: NodeReport): string => host.split('#', 1)[0] ?? host;
