import type { Aor, Change, Domains } from '#model';
import { readAor } from '#model';
import { type Clock, every, type Log } from '#runtime';
import { peerUri, type Tap, withoutCredentials, writeFlow } from '#sip';
import {
  MAX_TRACED_LENGTH,
  type Preferences,
  RECORDS_TRACE,
  TRACE_KEPT_MS,
  type TracedMessage,
  type Traces,
} from '#store';

/**
 * The last SIP messages of who switched it on, for them to look at: what their phones say and what they are told, each
 * copy, without credentials. Whose a message is, it says itself, proved by nothing, because what is wrong with a phone is
 * often just that. Written once a second; what is more than can be written is left out, and its number lacks.
 */
export interface TraceBook {
  /** Off while nobody has switched it on: one look at an empty map for each message. */
  readonly tap: Tap;
  hear(change: Change): void;
  /** Reads who switched it on. */
  begin(): Promise<void>;
  flush(): Promise<void>;
  close(): void;
}

export interface TraceNeeds {
  readonly traces: Pick<Traces, 'write' | 'purge'>;
  readonly preferences: Pick<Preferences, 'of' | 'having'>;
  readonly domains: Domains;
  readonly clock: Clock;
  readonly log: Log;
}

/** At once; who comes later is not recorded. */
const MOST_RECORDED = 500;
const WRITE_EVERY_MS = 1000;
/** What waits to be written, of one account and of all. */
const MOST_WAITING_OF_ONE = 60;
const MOST_WAITING_CHARACTERS = 2_000_000;
const PURGE_EVERY_MS = 60_000;

interface Recording {
  readonly until: number;
  number: number;
  waiting: number;
}

export function makeTraceBook({ traces, preferences, domains, clock, log }: TraceNeeds): TraceBook {
  const recorded = new Map<Aor, Recording>();
  let waiting: TracedMessage[] = [];
  let characters = 0;
  const writing = every(clock, WRITE_EVERY_MS, flush, (fault) =>
    log.warn({ fault: String(fault) }, 'messages of a trace are lost'),
  );
  const purging = every(
    clock,
    PURGE_EVERY_MS,
    async () => void (await traces.purge(clock.now() - TRACE_KEPT_MS)),
    (fault) => log.warn({ fault: String(fault) }, 'old messages of traces stay'),
  );

  /** When a reading fails the next Change, or the next start, brings another. */
  const looking = (work: Promise<void>): void =>
    void work.catch((fault) => log.warn({ fault: String(fault) }, 'who is traced could not be read'));

  async function look(owner: Aor): Promise<void> {
    const until = Number((await preferences.of(owner)).get(RECORDS_TRACE) ?? 0);
    const known = recorded.get(owner);
    if (!(until > clock.now())) recorded.delete(owner);
    else if (known !== undefined) recorded.set(owner, { ...known, until });
    else if (recorded.size < MOST_RECORDED) recorded.set(owner, { until, number: 0, waiting: 0 });
    else log.warn({ most: MOST_RECORDED }, 'too many are traced: one more is not');
  }

  async function begin(): Promise<void> {
    const all = await preferences.having(RECORDS_TRACE);
    for (const owner of recorded.keys()) if (!all.has(owner)) recorded.delete(owner);
    for (const owner of all) await look(owner);
  }

  async function flush(): Promise<void> {
    const now = clock.now();
    for (const [owner, recording] of recorded) {
      recording.waiting = 0;
      if (recording.until <= now) recorded.delete(owner);
    }
    if (waiting.length === 0) return;
    const messages = waiting;
    waiting = [];
    characters = 0;
    await traces.write(messages);
  }

  const tap: Tap = {
    get isOn() {
      return recorded.size > 0;
    },
    saw(direction, bytes, flow) {
      const address = readAor(peerUri(direction, bytes) ?? '');
      const owner = address && domains.fold(address);
      const recording = owner && recorded.get(owner);
      if (owner === undefined || recording === undefined) return;
      const at = clock.now();
      if (recording.until <= at) return;
      const number = recording.number++;
      if (recording.waiting >= MOST_WAITING_OF_ONE || characters >= MOST_WAITING_CHARACTERS) return;
      const whole = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, MAX_TRACED_LENGTH));
      const text = withoutCredentials(whole.toString('utf8'));
      recording.waiting += 1;
      characters += text.length;
      waiting.push({ owner, number, at, direction, flow: writeFlow(flow), text });
    },
  };

  return {
    tap,
    hear(change) {
      if (change.kind === 'everything') looking(begin());
      else if (change.kind === 'preferences') looking(look(change.subject as Aor));
      else if (change.kind === 'account' && change.gone === true) recorded.delete(change.subject as Aor);
    },
    begin,
    flush,
    close() {
      writing.cancel();
      purging.cancel();
    },
  };
}
