import type { Aor } from './aor.ts';

/** Where a subscription stands in RFC 3857 §4.7.1, figure 1. `init` is left at once and never told. */
export const WATCHER_STATUSES = ['pending', 'active', 'waiting', 'terminated'] as const;
export type WatcherStatus = (typeof WATCHER_STATUSES)[number];

/** What brought it there; verbatim on the wire (RFC 3858 §3). */
export const WATCHER_EVENTS = [
  'subscribe',
  'approved',
  'deactivated',
  'probation',
  'rejected',
  'timeout',
  'giveup',
  'noresource',
] as const;
export type WatcherEvent = (typeof WATCHER_EVENTS)[number];

/** One subscription as watcher information tells of it (RFC 3858 §3). */
export interface Watcher {
  /** A token, unique among the watchers of a resource, and the same from `pending` to `waiting` to the end. */
  readonly id: string;
  /** The authenticated identity. */
  readonly aor: Aor;
  readonly status: WatcherStatus;
  readonly event: WatcherEvent;
  /** When the SUBSCRIBE that began it came, epoch ms. */
  readonly since: number;
  /** When the subscription ends unless refreshed, epoch ms; undefined when there is none any more. */
  readonly expiresAt: number | undefined;
}

type Turns = Readonly<Partial<Record<WatcherEvent, WatcherStatus>>>;

/** RFC 3857 §4.7.1, figure 1. */
const FIGURE_1: Readonly<Record<WatcherStatus, Turns>> = {
  pending: {
    approved: 'active',
    timeout: 'waiting',
    rejected: 'terminated',
    deactivated: 'terminated',
    probation: 'terminated',
    giveup: 'terminated',
    noresource: 'terminated',
  },
  active: {
    rejected: 'terminated',
    deactivated: 'terminated',
    probation: 'terminated',
    timeout: 'terminated',
    noresource: 'terminated',
  },
  waiting: { approved: 'terminated', rejected: 'terminated', giveup: 'terminated', noresource: 'terminated' },
  terminated: {},
};

/** Where the event leads from here; undefined where the figure has no such arrow. */
export function statusAfter(status: WatcherStatus, event: WatcherEvent): WatcherStatus | undefined {
  return FIGURE_1[status][event];
}
