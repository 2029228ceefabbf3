/** What SIP services counted, put together for people: pure. */
import type { Figures } from '#store';

export const MINUTE_MS = 60_000;
/** The last hour, a minute a piece. */
const MINUTES = 60;

/** One minute, or several, of all services together; undefined is not known: no service counted then. */
export interface Span {
  /** When it began, epoch ms. */
  readonly from: number;
  /** How many there were at its end. Only one service works at a time, so that its last word counts. */
  readonly publications: number | undefined;
  readonly subscriptions: number | undefined;
  readonly notifiesPerSecond: number | undefined;
  /** The longest, ms. */
  readonly lagMs: number | undefined;
  /** Refused by the server, and by watchers. */
  readonly refusedIn: number | undefined;
  readonly refusedOut: number | undefined;
}

export interface Failure {
  readonly direction: 'in' | 'out';
  /** A status code, `timeout` or `unreachable`. */
  readonly code: string;
  readonly count: number;
}

/** The last hour by minutes, oldest first; the last one has only begun. */
export const byMinute = (rows: readonly Figures[], now: number): readonly Span[] =>
  spansOf(rows, now, MINUTE_MS, MINUTES);

/** The last hour by pieces of five minutes, oldest first. */
export const byFiveMinutes = (rows: readonly Figures[], now: number): readonly Span[] =>
  spansOf(rows, now, 5 * MINUTE_MS, MINUTES / 5);

function spansOf(rows: readonly Figures[], now: number, lengthMs: number, count: number): readonly Span[] {
  const begins = Math.floor(now / lengthMs) * lengthMs - (count - 1) * lengthMs;
  const pieces = Array.from({ length: count }, (): Figures[] => []);
  for (const row of rows) pieces[Math.floor((row.at - begins) / lengthMs)]?.push(row);
  return pieces.map((piece, index) => spanOf(piece, begins + index * lengthMs));
}

const NOTHING: Omit<Span, 'from'> = {
  publications: undefined,
  subscriptions: undefined,
  notifiesPerSecond: undefined,
  lagMs: undefined,
  refusedIn: undefined,
  refusedOut: undefined,
};

function spanOf(rows: readonly Figures[], from: number): Span {
  const last = rows.at(-1);
  if (last === undefined) {
    return { ...NOTHING, from };
  }
  const failures = failuresOf(rows);
  const countOf = (of: Failure['direction']): number =>
    sum(failures.flatMap(({ direction, count }) => (direction === of ? [count] : [])));
  const seconds = sum(rows.map(({ spanMs }) => spanMs)) / 1000;
  return {
    from,
    publications: last.publications,
    subscriptions: last.subscriptions,
    notifiesPerSecond: seconds > 0 ? sum(rows.map(({ notifies }) => notifies)) / seconds : 0,
    lagMs: Math.max(...rows.map(({ lagMs }) => lagMs)),
    refusedIn: countOf('in'),
    refusedOut: countOf('out'),
  };
}

/** By direction and code, the most frequent first. */
export function failuresOf(rows: readonly Figures[]): readonly Failure[] {
  const counts = new Map<string, number>();
  for (const { failures } of rows) {
    for (const [key, count] of Object.entries(failures)) counts.set(key, (counts.get(key) ?? 0) + count);
  }
  return [...counts]
    .map(([key, count]): Failure => {
      const [direction, code = ''] = key.split(' ', 2);
      return { direction: direction === 'out' ? 'out' : 'in', code, count };
    })
    .sort((one, other) => other.count - one.count || (one.code < other.code ? -1 : 1));
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
