/**
 * What phones do while a server is killed under them, and what they may find afterwards. Each lane gives one request after
 * the other, as fast as it is answered, and remembers what was acknowledged last and what was asked since then without an
 * answer: of that each may be there wholly or not at all.
 */
import type { Publication, Subscription } from '#model';
import { type LoadClient, openLoadClient } from './load-client.ts';
import { pidf, uri } from './processes.ts';
import { parameter, uriOf, type Wire } from './wire.ts';

export interface CrashLanes {
  /** Goes on until {@link CrashLanes.stop}. */
  start(): void;
  /** Nothing new is begun. `abandon`: the server is dead, and what was not answered until now never will be. */
  stop(how: 'abandon' | 'wait'): Promise<void>;
  readonly lanes: readonly Lane[];
  /** Requests that were acknowledged. */
  readonly acknowledged: number;
  /** Requests without an answer, or answered with 503. */
  readonly inDoubt: number;
  readonly faults: readonly string[];
  close(): Promise<void>;
}

export interface Lane {
  readonly user: string;
  /** Whose rows these are. */
  readonly presentity: string;
  /** @returns what is wrong with the rows that stand, in words. */
  judgePublications?(rows: readonly Publication[]): string | undefined;
  judgeSubscriptions?(rows: readonly Subscription[]): string | undefined;
  /** The server has lost its memory: what stands in the database is how it goes on. */
  adopt(rows: readonly (Publication | Subscription)[]): void;
}

interface OwnLane extends Lane {
  step(): Promise<void>;
}

const EXPIRES = 3600;

export async function openCrashLanes(server: string, users: readonly string[], seed: number): Promise<CrashLanes> {
  const faults: string[] = [];
  let acknowledged = 0;
  let inDoubt = 0;
  let running: Promise<unknown> | undefined;
  let going = false;
  let random = seed | 1;
  const client = await openLoadClient(server, () => 200);

  /** The same numbers for the same seed (xorshift32). */
  function draw(below: number): number {
    random ^= random << 13;
    random ^= random >>> 17;
    random ^= random << 5;
    return (random >>> 0) % below;
  }

  /** @returns whether it was acknowledged. */
  function weigh(what: string, answer: Wire | undefined): answer is Wire {
    if (answer?.status === 200) {
      acknowledged += 1;
      return true;
    }
    inDoubt += 1;
    if (answer !== undefined && answer.status !== 503) faults.push(`${what}: ${answer.status} ${answer.reason}`);
    return false;
  }

  const needs: LaneNeeds = { client, draw, weigh };
  const lanes = users.flatMap((user, index): readonly OwnLane[] => [
    publisherLane(needs, user),
    watcherLane(needs, user, users[(index + 1) % users.length] ?? user),
  ]);

  async function run(lane: OwnLane): Promise<void> {
    while (going) {
      await lane.step();
      // A server that refuses is asked again, but not without end in the same moment.
      if (going) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  return {
    start() {
      going = true;
      running = Promise.all(lanes.map(run));
    },
    async stop(how) {
      going = false;
      if (how === 'abandon') {
        // What the server had sent before it died is in the socket by now.
        await new Promise((resolve) => setTimeout(resolve, 30));
        client.giveUp();
      }
      await running;
    },
    lanes,
    get acknowledged() {
      return acknowledged;
    },
    get inDoubt() {
      return inDoubt;
    },
    faults,
    close: () => client.close(),
  };
}

interface LaneNeeds {
  readonly client: LoadClient;
  readonly draw: (below: number) => number;
  readonly weigh: (what: string, answer: Wire | undefined) => answer is Wire;
}

const noteOf = (body: Uint8Array): string => /<note>([^<]*)</.exec(Buffer.from(body).toString())?.[1] ?? '';

/** One device's publication. */
function publisherLane({ client, draw, weigh }: LaneNeeds, user: string): OwnLane {
  interface State {
    /** Undefined: any; the answer that would have named it did not come. */
    readonly etag: string | undefined;
    readonly note: string;
    readonly endsAfter: number;
  }
  let last: State | undefined;
  /** After requests without an answer; undefined among them: removed. */
  let doubts: (State | undefined)[] = [];

  const isSo = (row: Publication, state: State): boolean =>
    (state.etag === undefined || row.etag === state.etag) &&
    noteOf(row.body) === state.note &&
    row.expiresAt >= state.endsAfter;

  return {
    user,
    presentity: user,
    async step() {
      const chance = draw(10);
      const what = last === undefined ? 'initial' : chance < 6 ? 'modify' : chance < 9 ? 'refresh' : 'remove';
      const hasBody = what === 'initial' || what === 'modify';
      const note = hasBody ? `${user}-${client.unique()}` : (last?.note ?? '');
      const next = { etag: undefined, note, endsAfter: Date.now() + EXPIRES * 1000 };
      doubts.push(what === 'remove' ? undefined : next);
      const answer = await client.ask({
        method: 'PUBLISH',
        user,
        target: uri(user),
        to: `<${uri(user)}>`,
        callId: `p${client.unique()}`,
        fromTag: client.unique(),
        lines: [
          `Expires: ${what === 'remove' ? 0 : EXPIRES}`,
          ...(last === undefined ? [] : [`SIP-If-Match: ${last.etag}`]),
          ...(hasBody ? ['Content-Type: application/pidf+xml'] : []),
        ],
        ...(hasBody ? { body: pidf(user, 'open', note) } : {}),
      });
      if (!weigh(what, answer)) return;
      last = what === 'remove' ? undefined : { ...next, etag: answer.header('SIP-ETag') };
      doubts = [];
    },
    judgePublications(rows) {
      const [row] = rows;
      const allowed = [last, ...doubts];
      const fits =
        row === undefined
          ? allowed.includes(undefined)
          : rows.length === 1 && allowed.some((state) => state !== undefined && isSo(row, state));
      if (fits) return undefined;
      const stands = rows.map(({ etag, body }) => `${etag} ${noteOf(body)}`).join(', ');
      return `${user}: acknowledged “${last?.etag ?? ''} ${last?.note ?? ''}”, in doubt ${doubts.length}, there is “${stands}”`;
    },
    adopt(rows) {
      const [row] = rows as readonly Publication[];
      last = row && { etag: row.etag, note: noteOf(row.body), endsAfter: row.expiresAt };
      doubts = [];
    },
  };
}

/** One watcher's subscriptions to one presentity, which nobody else watches. */
function watcherLane({ client, draw, weigh }: LaneNeeds, user: string, owner: string): OwnLane {
  interface Dialog {
    readonly callId: string;
    readonly fromTag: string;
    readonly toTag: string;
    readonly target: string;
    readonly endsAfter: number;
    readonly cseq: number;
  }
  let live: Dialog | undefined;
  let mayHaveEnded = false;
  /** Begun without an answer: there or not, until they expire or the phone's 481 ends them. */
  const strays = new Set<string>();

  return {
    user,
    presentity: owner,
    async step() {
      const what = live === undefined ? 'subscribe' : draw(10) < 7 ? 'resubscribe' : 'unsubscribe';
      const dialog = live ?? { callId: `w${client.unique()}`, fromTag: client.unique(), toTag: '', target: uri(owner) };
      if (what === 'subscribe') strays.add(dialog.callId);
      if (what === 'unsubscribe') mayHaveEnded = true;
      const endsAfter = Date.now() + EXPIRES * 1000;
      const answer = await client.ask({
        method: 'SUBSCRIBE',
        user,
        target: dialog.target,
        to: `<${uri(owner)}>${dialog.toTag === '' ? '' : `;tag=${dialog.toTag}`}`,
        callId: dialog.callId,
        fromTag: dialog.fromTag,
        lines: [`Expires: ${what === 'unsubscribe' ? 0 : EXPIRES}`, 'Accept: application/pidf+xml'],
      });
      // An end that was not acknowledged may have come: then the next request learns that there is no dialog.
      if (answer?.status === 481 && mayHaveEnded) {
        live = undefined;
        mayHaveEnded = false;
        return;
      }
      if (!weigh(what, answer)) return;
      strays.delete(dialog.callId);
      mayHaveEnded = false;
      const toTag = parameter(answer.header('To'), 'tag') ?? '';
      const cseq = Number.parseInt(answer.header('CSeq'), 10);
      live =
        what === 'unsubscribe'
          ? undefined
          : { ...dialog, toTag, target: uriOf(answer.header('Contact')), endsAfter, cseq };
    },
    judgeSubscriptions(rows) {
      const mine = rows.find(({ dialog }) => dialog.callId === live?.callId);
      const others = rows.filter((row) => row !== mine && !strays.has(row.dialog.callId));
      if (others.length > 0) return `${user} watches ${owner}: nobody asked for ${others[0]?.dialog.callId}`;
      if (live === undefined) return undefined;
      if (mine === undefined) return mayHaveEnded ? undefined : `${user} watches ${owner}: ${live.callId} is lost`;
      if (mine.expiresAt >= live.endsAfter && mine.dialog.remoteCseq >= live.cseq) return undefined;
      return `${user} watches ${owner}: a refresh of ${live.callId} is lost`;
    },
    adopt(rows) {
      const stands = (rows as readonly Subscription[]).some(({ dialog }) => dialog.callId === live?.callId);
      if (!stands) live = undefined;
      mayHaveEnded = false;
    },
  };
}
