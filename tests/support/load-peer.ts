/**
 * Many phones on one socket, in real time: each publishes, modifies, refreshes and removes its state, and watches another's,
 * at a rate that does not wait for answers. It remembers what was acknowledged, what was refused, and everything that a
 * server must never do (`faults`), so that what stands afterwards can be compared with what was promised.
 */
import { createHash } from 'node:crypto';
import { DOMAIN, passwordOf, pidf, uri } from './processes.ts';
import { openPeerPort } from './udp-port.ts';
import { parameter, readWire, uriOf, type Wire, writeWire } from './wire.ts';

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

const T1_MS = 500;
const T2_MS = 4_000;
const GIVE_UP_MS = 64 * T1_MS;
const TICK_MS = 10;
const EXPIRES = 600;

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

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

interface Nonce {
  readonly value: string;
  uses: number;
}

export async function openLoad(options: LoadOptions): Promise<Load> {
  const { server, users, perSecond } = options;
  const transport = await openPeerPort();
  const address = transport.name.replace(/^udp:/, '');
  const [host = '', port = ''] = server.split(':');
  const flow = { transport: 'udp', via: transport.name, address: host, port: Number(port) } as const;

  const faults: string[] = [];
  const answers: Record<string, number> = {};
  /** When each status came. */
  const moments = new Map<number, number[]>();
  const nonces = new Map<string, Nonce>();
  const waiting = new Map<string, (response: Wire | undefined) => void>();
  const resting = new Set<string>();
  const devices = users.map((user): OwnDevice => ({ user, etag: undefined, note: '', busy: false }));
  const watches = users.map((user, index): OwnWatch => {
    const owner = users[(index + 1) % users.length] ?? user;
    const blank = { callId: '', fromTag: '', toTag: '', target: '', isLive: false, mayHaveEnded: false };
    return { user, owner, ...blank, note: '', state: '', seen: new Map(), highest: 0, busy: false };
  });
  const byCallId = new Map<string, OwnWatch>();
  let counter = 0;
  let cseq = 0;
  let notifies = 0;
  let retransmissions = 0;
  let longestAnswerMs = 0;
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

  const unique = (): string => {
    counter += 1;
    return `${counter.toString(36)}-${port}`;
  };
  const fault = (text: string): void => void faults.push(text);

  transport.start((bytes, from) => {
    const wire = readWire(bytes);
    if (wire.method === undefined) {
      if (wire.status >= 200) waiting.get(parameter(wire.header('Via'), 'branch') ?? '')?.(wire);
      return;
    }
    const status = wire.method === 'NOTIFY' ? takeNotify(wire) : 405;
    const copied = (name: string): readonly string[] => wire.headers(name).map((value) => `${name}: ${value}`);
    transport.send(
      writeWire([`SIP/2.0 ${status} Answer`, ...['Via', 'From', 'To', 'Call-ID', 'CSeq'].flatMap(copied)]),
      from,
    );
  });

  function takeNotify(wire: Wire): number {
    const watch = byCallId.get(wire.header('Call-ID'));
    if (watch === undefined || parameter(wire.header('To'), 'tag') !== watch.fromTag) return 481;
    const number = Number.parseInt(wire.header('CSeq'), 10);
    const branch = parameter(wire.header('Via'), 'branch') ?? '';
    const before = watch.seen.get(number);
    if (before === branch) {
      retransmissions += 1;
      return 200;
    }
    if (before !== undefined) fault(`${watch.callId}: CSeq ${number} came twice`);
    else if (number < watch.highest) fault(`${watch.callId}: CSeq ${number} came after ${watch.highest}`);
    watch.seen.set(number, branch);
    watch.highest = Math.max(watch.highest, number);
    watch.note = /<note>([^<]*)<\/note>/.exec(wire.body)?.[1] ?? '';
    watch.state = wire.header('Subscription-State');
    notifies += 1;
    return 200;
  }

  /** RFC 3261 §17.1.2. @returns undefined when nothing came in the time of Timer F. */
  function transact(bytes: Uint8Array, branch: string): Promise<Wire | undefined> {
    return new Promise((resolve) => {
      const beganAt = performance.now();
      let intervalMs = T1_MS;
      const again = (): void => {
        if (performance.now() - beganAt >= GIVE_UP_MS) {
          end(undefined);
          return;
        }
        transport.send(bytes, flow);
        retransmissions += 1;
        intervalMs = Math.min(2 * intervalMs, T2_MS);
        timer = setTimeout(again, intervalMs);
      };
      const end = (response: Wire | undefined): void => {
        clearTimeout(timer);
        waiting.delete(branch);
        longestAnswerMs = Math.max(longestAnswerMs, performance.now() - beganAt);
        resolve(response);
      };
      waiting.set(branch, end);
      let timer = setTimeout(again, T1_MS);
      transport.send(bytes, flow);
    });
  }

  function authorization(user: string, method: string, target: string): readonly string[] {
    const nonce = nonces.get(user);
    if (nonce === undefined) return [];
    nonce.uses += 1;
    const nc = nonce.uses.toString(16).padStart(8, '0');
    const ha1 = md5(`${user}:${DOMAIN}:${passwordOf(user)}`);
    const response = md5(`${ha1}:${nonce.value}:${nc}:load:auth:${md5(`${method}:${target}`)}`);
    const parts = [`username="${user}"`, `realm="${DOMAIN}"`, `nonce="${nonce.value}"`, `uri="${target}"`];
    return [
      `Authorization: Digest ${[...parts, `response="${response}"`, 'algorithm=MD5', 'qop=auth', `nc=${nc}`, 'cnonce="load"'].join(', ')}`,
    ];
  }

  interface Request {
    readonly what: string;
    readonly method: 'PUBLISH' | 'SUBSCRIBE';
    readonly user: string;
    readonly target: string;
    readonly to: string;
    readonly callId: string;
    readonly fromTag: string;
    readonly lines: readonly string[];
    readonly body?: string;
  }

  /** Asks, with credentials as the server wants them; @returns the final answer, counted. */
  async function ask(request: Request): Promise<Wire | undefined> {
    const { what, method, user, target } = request;
    for (let tries = 0; ; tries += 1) {
      const branch = `z9hG4bK${unique()}`;
      cseq += 1;
      const lines = [
        `${method} ${target} SIP/2.0`,
        `Via: SIP/2.0/UDP ${address};branch=${branch};rport`,
        'Max-Forwards: 70',
        `From: <${uri(user)}>;tag=${request.fromTag}`,
        `To: ${request.to}`,
        `Call-ID: ${request.callId}`,
        `CSeq: ${cseq} ${method}`,
        `Contact: <sip:${user}@${address}>`,
        'Event: presence',
        ...authorization(user, method, target),
        ...request.lines,
      ];
      const answer = await transact(writeWire(lines, request.body), branch);
      if (answer?.status === 401 && tries < 2) {
        const value = parameter(answer.header('WWW-Authenticate'), 'nonce') ?? '';
        nonces.set(user, { value, uses: 0 });
        continue;
      }
      note(what, answer);
      return answer;
    }
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
      return { answers: { ...answers }, notifies, retransmissions, longestAnswerMs };
    },
    firstAfter: (moment, status) => moments.get(status)?.find((at) => at >= moment),
    close: () => transport.close(),
  };
}
