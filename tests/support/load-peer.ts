/**
 * Many phones on one socket, in real time: each publishes, modifies, refreshes and removes its state, and watches another's,
 * at a rate that does not wait for answers. It remembers what was acknowledged, what was refused, and everything that a
 * server must never do (`faults`), so that what stands afterwards can be compared with what was promised.
 */
import { type LoadRequest, openLoadClient } from './load-client.ts';
import { pidf, uri } from './processes.ts';
import { parameter, uriOf, type Wire } from './wire.ts';

export interface LoadOptions {
  /** `127.0.0.1:20123`. */
  readonly server: string;
  /** Accounts that there are; each watches the next. */
  readonly users: readonly string[];
  /** Operations that are begun in a second, as long as there are phones that are not busy. */
  readonly perSecond: number;
}

/** One device's publication. */
export interface Device {
  readonly user: string;
  /** Of the last operation that was acknowledged; undefined when there is no publication. */
  readonly etag: string | undefined;
  /** Its note, as acknowledged last; '' when there is no publication. */
  readonly note: string;
}

/** One watcher's subscription. */
export interface LoadWatch {
  readonly user: string;
  readonly owner: string;
  readonly callId: string;
  /** Acknowledged and not ended. */
  readonly isLive: boolean;
  /** Its end was refused, and may have happened all the same: wholly, or not at all. */
  readonly mayHaveEnded: boolean;
  /** The note in the last NOTIFY; '' when there was none in it. */
  readonly note: string;
  /** Of the last NOTIFY's Subscription-State, as it is written. */
  readonly state: string;
}

export interface LoadCounts {
  /** Final answers by operation and status: `modify 200`. */
  readonly answers: Readonly<Record<string, number>>;
  readonly notifies: number;
  readonly retransmissions: number;
  readonly longestAnswerMs: number;
}

export interface Load {
  start(): void;
  /** Nothing new is begun; resolves when everything that was is answered, or given up. */
  pause(): Promise<void>;
  /** From now on these users begin nothing any more. */
  rest(users: readonly string[]): void;
  readonly devices: readonly Device[];
  readonly watches: readonly LoadWatch[];
  readonly counts: LoadCounts;
  /** When an answer with this status came first after that moment, `performance.now()`; undefined if none did. */
  firstAfter(moment: number, status: number): number | undefined;
  /** What a server must never do, in words. */
  readonly faults: readonly string[];
  close(): Promise<void>;
}

const TICK_MS = 10;
const EXPIRES = 600;

interface Request extends LoadRequest {
  /** In the counts: `modify`. */
  readonly what: string;
}

interface OwnDevice {
  readonly user: string;
  etag: string | undefined;
  note: string;
  busy: boolean;
}

interface OwnWatch {
  readonly user: string;
  readonly owner: string;
  callId: string;
  fromTag: string;
  toTag: string;
  target: string;
  isLive: boolean;
  /** An end that was refused may have happened all the same: the row is gone, and the next request learns it. */
  mayHaveEnded: boolean;
  note: string;
  state: string;
  /** CSeq → branch, of every NOTIFY of the dialog. */
  seen: Map<number, string>;
  highest: number;
  busy: boolean;
}

export async function openLoad(options: LoadOptions): Promise<Load> {
  const { server, users, perSecond } = options;
  const faults: string[] = [];
  const answers: Record<string, number> = {};
  /** When each status came. */
  const moments = new Map<number, number[]>();
  const resting = new Set<string>();
  const devices = users.map((user): OwnDevice => ({ user, etag: undefined, note: '', busy: false }));
  const watches = users.map((user, index): OwnWatch => {
    const owner = users[(index + 1) % users.length] ?? user;
    const blank = { callId: '', fromTag: '', toTag: '', target: '', isLive: false, mayHaveEnded: false };
    return { user, owner, ...blank, note: '', state: '', seen: new Map(), highest: 0, busy: false };
  });
  const byCallId = new Map<string, OwnWatch>();
  let notifies = 0;
  let underWay = 0;
  let ticking: NodeJS.Timeout | undefined;
  let whenIdle: (() => void) | undefined;
  let random = 1;

  /** The same numbers in each run (xorshift32). */
  function draw(below: number): number {
    random ^= random << 13;
    random ^= random >>> 17;
    random ^= random << 5;
    return (random >>> 0) % below;
  }

  const fault = (text: string): void => void faults.push(text);

  const client = await openLoadClient(server, takeNotify);
  const { unique } = client;

  function takeNotify(wire: Wire): number | 'again' {
    const watch = byCallId.get(wire.header('Call-ID'));
    if (watch === undefined || parameter(wire.header('To'), 'tag') !== watch.fromTag) return 481;
    const number = Number.parseInt(wire.header('CSeq'), 10);
    const branch = parameter(wire.header('Via'), 'branch') ?? '';
    const before = watch.seen.get(number);
    if (before === branch) return 'again';
    if (before !== undefined) fault(`${watch.callId}: CSeq ${number} came twice`);
    else if (number < watch.highest) fault(`${watch.callId}: CSeq ${number} came after ${watch.highest}`);
    watch.seen.set(number, branch);
    watch.highest = Math.max(watch.highest, number);
    watch.note = /<note>([^<]*)<\/note>/.exec(wire.body)?.[1] ?? '';
    watch.state = wire.header('Subscription-State');
    notifies += 1;
    return 200;
  }

  async function ask({ what, ...request }: Request): Promise<Wire | undefined> {
    const answer = await client.ask(request);
    note(what, answer);
    return answer;
  }

  function note(what: string, answer: Wire | undefined): void {
    const status = answer?.status ?? 0;
    const key = `${what} ${answer === undefined ? 'unanswered' : status}`;
    answers[key] = (answers[key] ?? 0) + 1;
    const when = moments.get(status);
    if (when === undefined) moments.set(status, [performance.now()]);
    else when.push(performance.now());
    if (answer === undefined) fault(`${what}: no answer within 32 s`);
    else if (status === 503 && !/^[1-9]\d*$/.test(answer.header('Retry-After')))
      fault(`${what}: 503 without Retry-After`);
    else if (status !== 200 && status !== 503 && status !== 481) fault(`${what}: ${status} ${answer.reason}`);
  }

  async function publish(device: OwnDevice): Promise<void> {
    const { user, etag } = device;
    const chance = draw(10);
    const what = etag === undefined ? 'initial' : chance < 6 ? 'modify' : chance < 9 ? 'refresh' : 'remove';
    const says = `${user}-${unique()}`;
    const hasBody = what === 'initial' || what === 'modify';
    const answer = await ask({
      what,
      method: 'PUBLISH',
      user,
      target: uri(user),
      to: `<${uri(user)}>`,
      callId: `p${unique()}`,
      fromTag: unique(),
      lines: [
        `Expires: ${what === 'remove' ? 0 : EXPIRES}`,
        ...(etag === undefined ? [] : [`SIP-If-Match: ${etag}`]),
        ...(hasBody ? ['Content-Type: application/pidf+xml'] : []),
      ],
      ...(hasBody ? { body: pidf(user, 'open', says) } : {}),
    });
    if (answer?.status !== 200) return;
    device.etag = what === 'remove' ? undefined : answer.header('SIP-ETag');
    if (what === 'remove') device.note = '';
    else if (hasBody) device.note = says;
  }

  async function subscribe(watch: OwnWatch): Promise<void> {
    const isNew = !watch.isLive;
    const what = isNew ? 'subscribe' : draw(10) < 9 ? 'resubscribe' : 'unsubscribe';
    if (isNew) {
      byCallId.delete(watch.callId);
      const blank = { toTag: '', target: uri(watch.owner), mayHaveEnded: false, note: '', state: '' };
      Object.assign(watch, blank, { callId: `w${unique()}`, fromTag: unique(), seen: new Map(), highest: 0 });
      byCallId.set(watch.callId, watch);
    }
    const answer = await ask({
      what,
      method: 'SUBSCRIBE',
      user: watch.user,
      target: watch.target,
      to: `<${uri(watch.owner)}>${watch.toTag === '' ? '' : `;tag=${watch.toTag}`}`,
      callId: watch.callId,
      fromTag: watch.fromTag,
      lines: [`Expires: ${what === 'unsubscribe' ? 0 : EXPIRES}`, 'Accept: application/pidf+xml'],
    });
    if (answer?.status === 200) {
      watch.isLive = what !== 'unsubscribe';
      watch.toTag = parameter(answer.header('To'), 'tag') ?? '';
      watch.target = uriOf(answer.header('Contact'));
    } else if (answer?.status === 481) {
      if (!watch.mayHaveEnded) fault(`${what}: 481, and nobody had ended it`);
      watch.isLive = false;
    } else if (what === 'unsubscribe') watch.mayHaveEnded = true;
  }

  /** One operation of some phone that is not busy. */
  function begin(): void {
    const index = draw(users.length);
    const isPublish = draw(10) < 7;
    const phone = isPublish ? devices[index] : watches[index];
    if (phone === undefined || phone.busy || resting.has(phone.user)) return;
    phone.busy = true;
    underWay += 1;
    const work = 'etag' in phone ? publish(phone) : subscribe(phone);
    void work
      .catch((problem: unknown) => fault(String(problem)))
      .finally(() => {
        phone.busy = false;
        underWay -= 1;
        if (underWay === 0) whenIdle?.();
      });
  }

  return {
    devices,
    watches,
    faults,
    start() {
      const startedAt = performance.now();
      let begun = 0;
      ticking ??= setInterval(() => {
        for (const due = ((performance.now() - startedAt) * perSecond) / 1000; begun < due; begun += 1) begin();
      }, TICK_MS);
    },
    async pause() {
      clearInterval(ticking);
      ticking = undefined;
      if (underWay === 0) return;
      await new Promise<void>((resolve) => {
        whenIdle = resolve;
      });
      whenIdle = undefined;
    },
    rest: (some) => some.forEach((user) => void resting.add(user)),
    get counts() {
      const { retransmissions, longestAnswerMs } = client;
      return { answers: { ...answers }, notifies, retransmissions, longestAnswerMs };
    },
    firstAfter: (moment, status) => moments.get(status)?.find((at) => at >= moment),
    close: () => client.close(),
  };
}
