/**
 * The port, continued: what SIP services say of themselves and what they count, for administrators to read. Each writes
 * its own rows, every few seconds; nobody waits for them, and nothing here is ever read on the hot path.
 */
import type { PackageStanding } from '#packages';

/** A SIP service, as it says itself. */
export interface NodeReport {
  /** As in the lease: unique per run of a process. */
  readonly id: string;
  readonly role: string;
  /** `waiting`: another one holds the lease. */
  readonly state: 'waiting' | 'serving';
  readonly host: string;
  readonly pid: number;
  readonly version: string;
  readonly startedAt: number;
  /** When it came into this state. */
  readonly since: number;
  /** By its own clock. */
  readonly seenAt: number;
  /** Listening points: `udp:0.0.0.0:5060`. */
  readonly listens: readonly string[];
  readonly packages: readonly PackageStanding[];
}

/** What one service counted in the `spanMs` before `at`. */
export interface Figures {
  readonly node: string;
  readonly at: number;
  readonly spanMs: number;
  /** How many there are at `at`. */
  readonly publications: number;
  readonly subscriptions: number;
  /** NOTIFYs that were sent. */
  readonly notifies: number;
  /** The longest that a watcher waited for what was due, ms. */
  readonly lagMs: number;
  /** How many, by direction and code: `in 403` was answered by the server, `out 481` or `out timeout` by a watcher. */
  readonly failures: Readonly<Record<string, number>>;
}

/** So many services are listed. */
export const MAX_NODES = 50;
/** So many rows of figures are read: an hour's of six services that count every ten seconds. */
export const MAX_FIGURES = 2160;
/** What is kept of event packages is read by people: so many, and so much of a reason. */
export const MAX_STANDINGS = 60;
const MAX_WHY = 300;
const MAX_FAILURES = 24;

export interface Nodes {
  /** In the place of what this service said before. */
  report(node: NodeReport): Promise<void>;
  /** It ended in order. */
  leave(id: string): Promise<void>;
  /** Those that were heard of last come first; at most {@link MAX_NODES}. */
  list(): Promise<readonly NodeReport[]>;
  write(figures: Figures): Promise<void>;
  /** Those after `since`, oldest first; of more than {@link MAX_FIGURES} the newest. */
  figures(since: number): Promise<readonly Figures[]>;
  /** Equal while nobody reported or counted anything new. */
  pulse(): Promise<string>;
  /** Removes services not heard of since `seenBefore`, and figures of before `countedBefore`. @returns how many rows. */
  purge(seenBefore: number, countedBefore: number): Promise<number>;
}

/** What is there to be read is cut, not refused. */
export function cutNode(node: NodeReport): NodeReport {
  const cut = (text: string, longest: number): string => text.slice(0, longest);
  return {
    ...node,
    host: cut(node.host, 255),
    version: cut(node.version, 32),
    listens: node.listens.slice(0, 64).map((point) => cut(point, 128)),
    packages: node.packages.slice(0, MAX_STANDINGS).map((one) => ({ ...one, why: cut(one.why, MAX_WHY) })),
  };
}

/** The most frequent ones. */
export function cutFigures(figures: Figures): Figures {
  const most = Object.entries(figures.failures)
    .sort(([, one], [, other]) => other - one)
    .slice(0, MAX_FAILURES);
  return { ...figures, failures: Object.fromEntries(most) };
}
