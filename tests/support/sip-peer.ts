/**
 * A user agent for stories: publishes, subscribes, takes NOTIFYs, over a network that loses and reorders. It has its own
 * reader, digest and timers, so that the server is not proved with itself. Its promises move a fake clock while they wait.
 *
 *     const alice = makePeer({ network, clock, address: '192.0.2.10:5060', user: 'alice', password: 'secret' });
 *     const watch = await bob.subscribe({ to: 'sip:alice@example.com' });
 *     const first = await alice.publish({ body: pidf });
 *     await watch.next();
 */
import { createHash } from 'node:crypto';
import type { Clock } from '#runtime';
import type { DigestAlgorithm, Flow, Transport } from '#sip';
import { drive } from './drive.ts';
import type { Network } from './network.ts';
import { parameter, readWire, uriOf, type Wire, writeWire } from './wire.ts';

export interface PeerOptions {
  /** Where it is plugged in; or a transport of another kind. */
  readonly network?: Network;
  readonly transport?: Transport;
  readonly clock: Clock;
  /** `192.0.2.10:5060`, ours. */
  readonly address: string;
  /** The server's; `192.0.2.1:5060` unless told otherwise. */
  readonly server?: string;
  readonly user?: string;
  readonly domain?: string;
  readonly password?: string;
  /** Its Contact URI, where that is not the address: behind a NAT. */
  readonly contact?: string;
  /** What it knows of digest algorithms; MD5 unless told otherwise. It answers the first challenge that it understands. */
  readonly algorithms?: readonly DigestAlgorithm[];
}

export interface Identity {
  readonly user?: string;
  readonly password?: string;
  /** From URI; `sip:user@domain` unless told otherwise. */
  readonly from?: string;
  /** The whole Contact header's value, where it is not the plain one. */
  readonly contact?: string;
}

export interface AskOptions extends Identity {
  readonly method: string;
  readonly uri: string;
  /** To URI; the Request-URI unless told otherwise. */
  readonly to?: string;
  readonly toTag?: string;
  readonly fromTag?: string;
  readonly callId?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Whether a 401 is answered with credentials; true unless told otherwise. */
  readonly authenticate?: boolean;
}

export interface PublishOptions extends Identity {
  /** Whose state; the own address-of-record unless told otherwise. */
  readonly to?: string;
  readonly event?: string;
  readonly body?: string;
  readonly contentType?: string;
  readonly etag?: string;
  readonly expires?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface SubscribeOptions extends Identity {
  readonly to: string;
  readonly event?: string;
  readonly expires?: number;
  readonly accept?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** How a NOTIFY is answered. */
export type NotifyAnswer = number | 'silence';

export interface Notify {
  readonly at: number;
  readonly cseq: number;
  /** Of Subscription-State. */
  readonly state: string;
  readonly reason: string | undefined;
  readonly expires: number | undefined;
  readonly contentType: string;
  readonly body: string;
  readonly wire: Wire;
}

/** A subscription as its watcher sees it. */
export interface Watch {
  /** The last final answer to a SUBSCRIBE. */
  readonly response: Wire;
  readonly callId: string;
  /** In order of arrival, each once however often it came. */
  readonly notifies: readonly Notify[];
  /** NOTIFYs that came after one with a higher CSeq; answered 500 (RFC 3261 §12.2.2). */
  readonly late: readonly Notify[];
  readonly last: Notify | undefined;
  /** The next NOTIFY that nobody has waited for yet. */
  next(): Promise<Notify>;
  /** The first NOTIFY, of those that came or come, that this is true of. */
  until(wanted: (notify: Notify) => boolean): Promise<Notify>;
  refresh(options?: { expires?: number; headers?: Readonly<Record<string, string>>; contact?: string }): Promise<Wire>;
  unsubscribe(): Promise<Wire>;
  /** For this dialog's NOTIFYs from now on; 200 at first. */
  answerWith(answer: NotifyAnswer): void;
}

export interface Peer {
  readonly address: string;
  /** Puts bytes or text on the wire as they are. */
  raw(message: string | Uint8Array, to?: string): void;
  /** A request in a transaction of its own; with the status 408 and no text when nothing came (timer F). */
  ask(options: AskOptions): Promise<Wire>;
  publish(options?: PublishOptions): Promise<Wire>;
  subscribe(options: SubscribeOptions): Promise<Watch>;
  /** Everything that came in, in order, retransmissions too. */
  readonly received: readonly Wire[];
  close(): Promise<void>;
}

const T1_MS = 500;
const T2_MS = 4_000;
const GIVE_UP_MS = 64 * T1_MS;

const HASHES: Readonly<Record<string, string>> = { MD5: 'md5', 'SHA-256': 'sha256', 'SHA-512-256': 'sha512-256' };
const hashBy = (algorithm: string, text: string): string =>
  createHash(HASHES[algorithm] ?? 'md5')
    .update(text)
    .digest('hex');

/** What a timeout looks like to the user (RFC 3261 §8.1.3.1). */
const TIMEOUT: Wire = {
  method: undefined,
  uri: '',
  status: 408,
  reason: 'Request Timeout',
  header: () => '',
  headers: () => [],
  body: '',
  text: '',
};

interface Challenge {
  /** Where credentials for it go: a proxy asks with 407 (RFC 3261 §22.3). */
  readonly header: 'Authorization' | 'Proxy-Authorization';
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string | undefined;
  readonly qop: string | undefined;
  readonly algorithm: string;
  uses: number;
}

export function makePeer(options: PeerOptions): Peer {
  const { clock, address, server = '192.0.2.1:5060', domain = 'example.com' } = options;
  const transport = options.transport ?? options.network?.plug(address);
  if (transport === undefined) throw new Error('a peer needs a network or a transport');
  const { transport: kind, reliable } = transport;
  const received: Wire[] = [];
  const waiting = new Map<string, (response: Wire) => void>();
  const watches = new Map<string, (notify: Wire) => NotifyAnswer>();
  /** The last challenge of each user: used again until the server wants a new one. */
  const challenges = new Map<string, Challenge>();
  let counter = 0;
  let cseq = 0;
  const unique = (what: string): string => {
    counter += 1;
    return `${what}${counter}-${address.replace(/[^0-9a-f]/g, '')}`;
  };

  const flowTo = (to: string): Flow => {
    const match = /^\[?(.*?)\]?:(\d+)$/.exec(to);
    return { transport: kind, via: transport.name, address: match?.[1] ?? '', port: Number(match?.[2]) };
  };
  const raw: Peer['raw'] = (message, to = server) =>
    transport.send(typeof message === 'string' ? Buffer.from(message, 'utf8') : message, flowTo(to));

  transport.start((bytes, flow) => {
    const wire = readWire(bytes);
    received.push(wire);
    if (wire.method === undefined) {
      waiting.get(parameter(wire.header('Via'), 'branch') ?? '')?.(wire);
      return;
    }
    const key = `${wire.header('Call-ID')} ${parameter(wire.header('To'), 'tag')}`;
    const answer = wire.method === 'NOTIFY' ? (watches.get(key)?.(wire) ?? 481) : 405;
    if (answer === 'silence') return;
    const copied = (name: string): readonly string[] => wire.headers(name).map((value) => `${name}: ${value}`);
    const lines = ['Via', 'From', 'To', 'Call-ID', 'CSeq'].flatMap(copied);
    transport.send(writeWire([`SIP/2.0 ${answer} Answer`, ...lines]), flow);
  });

  /** RFC 3261 §17.1.2, from the client's side. */
  function transact(bytes: Uint8Array, branch: string): Promise<Wire> {
    return new Promise((resolve) => {
      const beganAt = clock.now();
      let intervalMs = T1_MS;
      const again = (): void => {
        if (clock.now() - beganAt >= GIVE_UP_MS) {
          end(TIMEOUT);
          return;
        }
        if (!reliable) raw(bytes);
        intervalMs = Math.min(2 * intervalMs, T2_MS);
        timer = clock.after(Math.min(intervalMs, beganAt + GIVE_UP_MS - clock.now()), again);
      };
      const end = (outcome: Wire): void => {
        timer.cancel();
        waiting.delete(branch);
        resolve(outcome);
      };
      waiting.set(branch, (response) => {
        if (response.status >= 200) end(response);
      });
      let timer = clock.after(T1_MS, again);
      raw(bytes);
    });
  }

  function credentials(challenge: Challenge, asked: AskOptions, user: string, password: string): string {
    const { realm, nonce, opaque, algorithm } = challenge;
    const offered = challenge.qop?.split(',') ?? [];
    const qop = offered.find((one) => one === 'auth-int') ?? offered[0];
    challenge.uses += 1;
    const nc = challenge.uses.toString(16).padStart(8, '0');
    const cnonce = hashBy('MD5', unique('cnonce')).slice(0, 16);
    const ha1 = hashBy(algorithm, `${user}:${realm}:${password}`);
    const body = qop === 'auth-int' ? `:${hashBy(algorithm, asked.body ?? '')}` : '';
    const ha2 = hashBy(algorithm, `${asked.method}:${asked.uri}${body}`);
    const withQop = qop === undefined ? `${ha1}:${nonce}:${ha2}` : `${ha1}:${nonce}:${nc}:${cnonce}:${qop}:${ha2}`;
    const parts = [
      `username="${user}"`,
      `realm="${realm}"`,
      `nonce="${nonce}"`,
      `uri="${asked.uri}"`,
      `response="${hashBy(algorithm, withQop)}"`,
      `algorithm=${algorithm}`,
      ...(qop === undefined ? [] : [`qop=${qop}`, `nc=${nc}`, `cnonce="${cnonce}"`]),
      ...(opaque === undefined ? [] : [`opaque="${opaque}"`]),
    ];
    return `Digest ${parts.join(', ')}`;
  }

  async function once(asked: Required<Pick<AskOptions, 'callId' | 'fromTag'>> & AskOptions): Promise<Wire> {
    const user = asked.user ?? options.user ?? 'nobody';
    const password = asked.password ?? options.password ?? '';
    const challenge = asked.authenticate === false ? undefined : challenges.get(`${user} ${password}`);
    const branch = `z9hG4bK${unique('peer')}`;
    cseq += 1;
    const lines = [
      `${asked.method} ${asked.uri} SIP/2.0`,
      `Via: SIP/2.0/${kind.toUpperCase()} ${address};branch=${branch};rport`,
      'Max-Forwards: 70',
      `From: <${asked.from ?? `sip:${user}@${domain}`}>;tag=${asked.fromTag}`,
      `To: <${asked.to ?? asked.uri}>${asked.toTag === undefined ? '' : `;tag=${asked.toTag}`}`,
      `Call-ID: ${asked.callId}`,
      `CSeq: ${cseq} ${asked.method}`,
      `Contact: ${asked.contact ?? `<${options.contact ?? `sip:${user}@${address}${kind === 'udp' ? '' : `;transport=${kind}`}`}>`}`,
      ...(challenge === undefined ? [] : [`${challenge.header}: ${credentials(challenge, asked, user, password)}`]),
      ...Object.entries(asked.headers ?? {}).map(([name, value]) => `${name}: ${value}`),
    ];
    return transact(writeWire(lines, asked.body), branch);
  }

  async function askInTurn(options_: AskOptions): Promise<Wire> {
    const asked = {
      ...options_,
      callId: options_.callId ?? `${unique('call')}@peer`,
      fromTag: options_.fromTag ?? unique('from'),
    };
    const user = asked.user ?? options.user ?? 'nobody';
    const password = asked.password ?? options.password ?? '';
    const response = await once(asked);
    const isProxy = response.status === 407;
    const known = options.algorithms ?? ['MD5'];
    const asks = response
      .headers(isProxy ? 'Proxy-Authenticate' : 'WWW-Authenticate')
      .find((one) => known.some((name) => name === (parameter(one, 'algorithm') ?? 'MD5')));
    if ((response.status !== 401 && !isProxy) || asked.authenticate === false || password === '' || asks === undefined)
      return response;
    challenges.set(`${user} ${password}`, {
      header: isProxy ? 'Proxy-Authorization' : 'Authorization',
      realm: parameter(asks, 'realm') ?? '',
      nonce: parameter(asks, 'nonce') ?? '',
      opaque: parameter(asks, 'opaque'),
      qop: parameter(asks, 'qop'),
      algorithm: parameter(asks, 'algorithm') ?? 'MD5',
      uses: 0,
    });
    const second = await once(asked);
    // Credentials that were refused are not offered again.
    if (second.status === response.status) challenges.delete(`${user} ${password}`);
    return second;
  }

  const ask: Peer['ask'] = (asked) => drive(clock, askInTurn(asked));
  const ownUri = (identity: Identity): string => `sip:${identity.user ?? options.user ?? 'nobody'}@${domain}`;

  return {
    address,
    received,
    raw,
    ask,
    publish(publish = {}) {
      const { to = ownUri(publish), event = 'presence', body, etag, expires } = publish;
      return ask({
        ...publish,
        method: 'PUBLISH',
        uri: to,
        to,
        headers: {
          Event: event,
          ...(expires === undefined ? {} : { Expires: String(expires) }),
          ...(etag === undefined ? {} : { 'SIP-If-Match': etag }),
          ...(body === undefined ? {} : { 'Content-Type': publish.contentType ?? 'application/pidf+xml' }),
          ...publish.headers,
        },
      });
    },
    async subscribe(subscribe) {
      const { to, event = 'presence' } = subscribe;
      const callId = `${unique('watch')}@peer`;
      const fromTag = unique('watcher');
      const notifies: Notify[] = [];
      const late: Notify[] = [];
      const seen = new Map<number, NotifyAnswer>();
      const listeners = new Set<() => void>();
      let answer: NotifyAnswer = 200;
      let taken = 0;

      watches.set(`${callId} ${fromTag}`, (wire) => {
        const notify = readNotify(wire, clock.now());
        const before = seen.get(notify.cseq);
        if (before !== undefined) return answer === 'silence' ? 'silence' : before;
        const highest = notifies.at(-1)?.cseq ?? 0;
        const given = notify.cseq < highest ? 500 : answer;
        seen.set(notify.cseq, given === 'silence' ? 200 : given);
        (notify.cseq < highest ? late : notifies).push(notify);
        for (const listener of [...listeners]) listener();
        return given;
      });

      const found = (look: () => Notify | undefined): Promise<Notify> =>
        drive(
          clock,
          new Promise((resolve) => {
            const listener = (): void => {
              const notify = look();
              if (notify === undefined) return;
              listeners.delete(listener);
              resolve(notify);
            };
            listeners.add(listener);
            listener();
          }),
        );

      let response = TIMEOUT;
      let toTag: string | undefined;
      let target = to;
      const send = async (
        expires: number | undefined,
        headers: Readonly<Record<string, string>> | undefined,
        contact = subscribe.contact,
      ): Promise<Wire> => {
        response = await ask({
          ...subscribe,
          method: 'SUBSCRIBE',
          uri: target,
          to,
          callId,
          fromTag,
          ...(contact === undefined ? {} : { contact }),
          ...(toTag === undefined ? {} : { toTag }),
          headers: {
            Event: event,
            ...(subscribe.accept === undefined ? {} : { Accept: subscribe.accept }),
            ...(expires === undefined ? {} : { Expires: String(expires) }),
            ...headers,
          },
        });
        if (response.status === 200) {
          toTag ??= parameter(response.header('To'), 'tag');
          target = uriOf(response.header('Contact'));
        }
        return response;
      };
      await send(subscribe.expires, subscribe.headers);

      return {
        get response() {
          return response;
        },
        callId,
        notifies,
        late,
        get last() {
          return notifies.at(-1);
        },
        next: () =>
          found(() => {
            const notify = notifies[taken];
            if (notify !== undefined) taken += 1;
            return notify;
          }),
        until: (wanted) => found(() => notifies.find(wanted)),
        refresh: (again = {}) =>
          send(again.expires ?? subscribe.expires, again.headers ?? subscribe.headers, again.contact),
        unsubscribe: () => send(0, subscribe.headers),
        answerWith(next) {
          answer = next;
        },
      };
    },
    close: () => transport.close(),
  };
}

function readNotify(wire: Wire, at: number): Notify {
  const stated = wire.header('Subscription-State');
  const expires = parameter(stated, 'expires');
  return {
    at,
    cseq: Number.parseInt(wire.header('CSeq'), 10),
    state: stated.replace(/;.*$/, '').trim(),
    reason: parameter(stated, 'reason'),
    expires: expires === undefined ? undefined : Number(expires),
    contentType: wire.header('Content-Type'),
    body: wire.body,
    wire,
  };
}
