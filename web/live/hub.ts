import type { Aor } from '#model';
import { type Clock, every, type Log, type Timer } from '#runtime';
import type { Store } from '#store';

/** What changed: each page knows which of these it shows. */
export const TOPICS = ['home', 'watchers', 'rules', 'phones', 'trace', 'server'] as const;
export type Topic = (typeof TOPICS)[number];

export interface News {
  readonly topics: readonly Topic[];
  /** How many ask now. */
  readonly asking: number;
}

/** One open page. */
export interface Listener {
  readonly owner: Aor;
  /** The browser session it was opened in: when that ends, so does the page's news. */
  readonly idHash: string;
  /** Whether the page shows what was seen of phones, which is written only while somebody looks. */
  readonly phones: boolean;
  /** Whether the page shows the SIP messages of a trace. */
  readonly trace: boolean;
  /** Whether the page shows how the SIP services are doing; of administrators alone. */
  readonly server: boolean;
  tell(news: News): void;
  /** Something that keeps the connection awake. */
  beat(): void;
  end(): void;
}

export interface Hub {
  /** @returns how to leave; undefined when there are too many already, of this account or in all. */
  join(listener: Listener): (() => void) | undefined;
  readonly size: number;
  close(): void;
}

export interface HubNeeds {
  readonly store: Pick<Store, 'glances' | 'journal' | 'nodes'>;
  readonly clock: Clock;
  readonly log: Log;
}

export const MAX_PAGES = 2000;
export const MAX_PAGES_OF_ONE = 12;
const POLL_MS = 1000;
const BEAT_EVERY = 20;
const SESSIONS_EVERY = 5;
/** The SIP service goes on writing down what it sees of phones for two minutes after each of these. */
const ASK_FOR_SIGHTINGS_EVERY = 60;
const JOURNAL_PAGE = 500;

interface Pulses {
  readonly home: string;
  readonly watchers: string;
  readonly phones: string;
  readonly trace: string;
  readonly server: string;
}

/**
 * Looks for what changed, for all open pages of this process together: a statement or two a second for everybody, whether
 * ten pages are open or two thousand, and none when no page is. It tells pages to look again, never what there is to see.
 */
export function makeHub({ store, clock, log }: HubNeeds): Hub {
  const listeners = new Map<Aor, Set<Listener>>();
  const known = new Map<Aor, Pulses>();
  /** Joined since the last poll: what changed between the drawing of their page and that poll, nobody else tells them. */
  const fresh = new Set<Listener>();
  let size = 0;
  let turn = 0;
  let position: number | undefined;
  let timer: Timer | undefined;

  const all = (): readonly Listener[] => [...listeners.values()].flatMap((theirs) => [...theirs]);

  async function poll(): Promise<void> {
    turn += 1;
    const owners = [...listeners.keys()];
    const joined = [...fresh];
    const having = (shown: (listener: Listener) => boolean): readonly Aor[] =>
      owners.filter((owner) => [...(listeners.get(owner) ?? [])].some(shown));
    const phoning = having(({ phones }) => phones);
    const tracing = having(({ trace }) => trace);
    const serving = new Set(having(({ server }) => server));
    const now = clock.now();
    if (turn % BEAT_EVERY === 0) for (const listener of all()) listener.beat();
    if (turn % SESSIONS_EVERY === 0) await dismiss(now);
    if (turn % ASK_FOR_SIGHTINGS_EVERY === 1) await askForSightings(phoning);
    const [home, watchers, sightings, traces, server, ruled] = await Promise.all([
      store.glances.publications(owners, now),
      store.glances.watchers(owners, now),
      store.glances.sightings(phoning),
      store.glances.traces(tracing),
      serving.size > 0 ? store.nodes.pulse() : '',
      ruledSince(),
    ]);
    for (const owner of owners) {
      const glance = watchers.get(owner);
      const pulses: Pulses = {
        home: home.get(owner) ?? '',
        watchers: glance?.pulse ?? '',
        phones: sightings.get(owner) ?? '',
        trace: traces.get(owner) ?? '',
        server: serving.has(owner) ? server : '',
      };
      const before = known.get(owner);
      if (listeners.has(owner)) known.set(owner, pulses);
      if (before === undefined) continue;
      const topics: Topic[] = (['home', 'watchers', 'phones', 'trace', 'server'] as const).filter(
        (of) => before[of] !== pulses[of],
      );
      if (ruled.has(owner)) topics.push('rules');
      if (topics.length > 0) tell(owner, { topics, asking: glance?.asking ?? 0 });
    }
    for (const listener of joined) {
      if (fresh.delete(listener)) listener.tell({ topics: TOPICS, asking: watchers.get(listener.owner)?.asking ?? 0 });
    }
  }

  function tell(owner: Aor, news: News): void {
    for (const listener of listeners.get(owner) ?? []) listener.tell(news);
  }

  /** Ids may become visible out of order: a rule that is missed here costs a page one look, and nobody anything else. */
  async function ruledSince(): Promise<ReadonlySet<Aor>> {
    position ??= (await store.journal.span())?.newest ?? 0;
    const rows = await store.journal.after(position, JOURNAL_PAGE);
    position = rows.at(-1)?.id ?? position;
    return new Set(rows.flatMap(({ change }) => (change.kind === 'rules' ? [change.subject as Aor] : [])));
  }

  async function dismiss(now: number): Promise<void> {
    const open = await store.glances.sessions([...new Set(all().map(({ idHash }) => idHash))], now);
    for (const listener of all()) if (!open.has(listener.idHash)) listener.end();
  }

  async function askForSightings(owners: readonly Aor[]): Promise<void> {
    await store.journal.append(
      owners.map((subject) => ({ kind: 'sightings', subject })),
      clock.now(),
    );
  }

  function leave(listener: Listener): void {
    const theirs = listeners.get(listener.owner);
    if (theirs?.delete(listener) !== true) return;
    fresh.delete(listener);
    size -= 1;
    if (theirs.size === 0) {
      listeners.delete(listener.owner);
      known.delete(listener.owner);
    }
    if (size > 0) return;
    timer?.cancel();
    timer = undefined;
    position = undefined;
  }

  return {
    join(listener) {
      const theirs = listeners.get(listener.owner) ?? new Set();
      if (size >= MAX_PAGES || theirs.size >= MAX_PAGES_OF_ONE) return undefined;
      listeners.set(listener.owner, theirs.add(listener));
      fresh.add(listener);
      size += 1;
      timer ??= every(clock, POLL_MS, poll, (fault) => log.warn({ fault: String(fault) }, 'no news for open pages'));
      if (listener.phones) {
        askForSightings([listener.owner]).catch((fault) => log.warn({ fault: String(fault) }, 'no news of phones'));
      }
      return () => leave(listener);
    },
    get size() {
      return size;
    },
    close() {
      for (const listener of all()) listener.end();
      timer?.cancel();
    },
  };
}
