/** What a SIP message is to the rest of the house, once the grammar has read it (RFC 3261 §7, §20). */

/** Parameter names in lower case → value without quotes, or null for a flag (`;lr`). A Map: hostile names stay harmless. */
export type Params = ReadonlyMap<string, string | null>;

/** `"Alice" <sip:alice@example.com>;tag=1` (RFC 3261 §20.10, §20.20, §20.39). */
export interface NameAddr {
  readonly displayName: string;
  /** The URI as written, without angle brackets. */
  readonly uri: string;
  readonly params: Params;
}

/** RFC 3261 §20.42, with RFC 3581's rport. IPv6 hosts without brackets. */
export interface Via {
  readonly transport: string;
  readonly host: string;
  readonly port: number | undefined;
  readonly params: Params;
}

/** A URI taken apart (RFC 3261 §19.1). IPv6 hosts without brackets, host in lower case. */
export interface SipUri {
  readonly scheme: 'sip' | 'sips';
  /** As written, escapes kept; '' when absent. */
  readonly user: string;
  readonly host: string;
  readonly port: number | undefined;
  readonly params: Params;
}

/** `Digest username="alice", realm="…"`: scheme in lower case, parameter names in lower case, values without quotes. */
export interface Credentials {
  readonly scheme: string;
  readonly params: ReadonlyMap<string, string>;
}

/** Header fields as they came, in order; names are looked up case-insensitively and with compact forms expanded. */
export interface Headers {
  /** The first value, unfolded and trimmed, UTF-8 decoded; undefined when absent. */
  get(name: string): string | undefined;
  /** Every field's value, not split at commas. */
  all(name: string): readonly string[];
  /** Every element of a comma-separated header (`Accept`, `Supported`), split outside quotes and angle brackets. */
  list(name: string): readonly string[];
}

interface Message {
  readonly headers: Headers;
  /** Top-most first; never empty. */
  readonly via: readonly Via[];
  readonly from: NameAddr;
  readonly to: NameAddr;
  readonly callId: string;
  readonly cseq: { readonly seq: number; readonly method: string };
  readonly body: Uint8Array;
}

export interface SipRequest extends Message {
  readonly kind: 'request';
  readonly method: string;
  /** The Request-URI as written. */
  readonly uri: string;
  /** Contact header's elements; `*` is an empty list. */
  readonly contact: readonly NameAddr[];
  readonly route: readonly NameAddr[];
  readonly recordRoute: readonly NameAddr[];
  readonly authorization: readonly Credentials[];
}

export interface SipResponse extends Message {
  readonly kind: 'response';
  readonly status: number;
  readonly reason: string;
}

/**
 * A request that cannot be taken as one, but whose sender can be answered (RFC 3261 §8.2, §21.4.1): what could be read of
 * it is in `request`. `undefined` there means nobody can be answered: silence.
 */
export interface Malformed {
  readonly kind: 'malformed';
  /** What is wrong, for the reason phrase and the log; no text of the sender's. */
  readonly why: string;
  /** The status that the sender deserves: 400, 413, 505 … */
  readonly status: number;
  readonly request: SipRequest | undefined;
}

export type Reading = SipRequest | SipResponse | Malformed;

/** Where a message came from and where an answer or a NOTIFY can go back to. */
export interface Flow {
  readonly transport: 'udp' | 'tcp' | 'tls' | 'ws' | 'wss';
  /** Name of our listening point, as configured: `udp:0.0.0.0:5060`. */
  readonly via: string;
  /** The peer. IPv6 without brackets. */
  readonly address: string;
  readonly port: number;
  /**
   * Streams: the very connection, by a name that no other ever has. Only it is this flow: behind a NAT somebody else may have
   * the same address and port next. Absent: any connection that we open there.
   */
  readonly connection?: string;
  /** Streams: the peer's port that a connection may be opened to when that one is gone; absent: none may. */
  readonly reopen?: number;
}

/**
 * `udp:192.0.2.1:5060|udp:0.0.0.0:5060`, `tcp:[2001:db8::1]:40112|tcp:[::]:5060|Tq3Wx9Za1`, the form kept in the database.
 * Not `reopen`, which is of one message.
 */
export function writeFlow(flow: Flow): string {
  const host = flow.address.includes(':') ? `[${flow.address}]` : flow.address;
  const text = `${flow.transport}:${host}:${flow.port}|${flow.via}`;
  return flow.connection === undefined ? text : `${text}|${flow.connection}`;
}

export function readFlow(text: string): Flow | undefined {
  const match = /^(udp|tcp|tls|wss?):(?:\[([^\]]+)\]|([^:|]+)):(\d+)\|([^|]*)(?:\|([\w-]+))?$/.exec(text);
  if (match === null) return undefined;
  const address = match[2] ?? match[3] ?? '';
  const flow: Flow = { transport: match[1] as Flow['transport'], address, port: Number(match[4]), via: match[5] ?? '' };
  return match[6] === undefined ? flow : { ...flow, connection: match[6] };
}

/** A header field to be written: name as on the wire, value without line ends. */
export type Field = readonly [name: string, value: string];

/** An answer to a request: what the endpoint adds is Via, From, To, Call-ID, CSeq, Content-Length. */
export interface Answer {
  readonly status: number;
  /** Defaults to the status code's phrase in RFC 3261 §21. */
  readonly reason?: string;
  readonly headers?: readonly Field[];
  readonly body?: Uint8Array;
  readonly contentType?: string;
  /** Our tag for the To header when the request has none; the endpoint makes one up otherwise. */
  readonly toTag?: string;
  /**
   * Answer and forget (RFC 3261 §8.2.7): for refusals that cost a stranger nothing to provoke. A retransmission is
   * treated as a new request; the To tag is derived from the request, so every copy of the answer carries the same.
   */
  readonly stateless?: boolean;
}

/** A request that has come in and waits for its one final answer. */
export interface Incoming {
  readonly request: SipRequest;
  readonly flow: Flow;
  /** When it was received, epoch ms. */
  readonly receivedAt: number;
  /** Sends the answer. A second final answer is a fault. */
  respond(answer: Answer): void;
}

/** A request of ours, all but Via and Content-Length, which the endpoint adds. */
export interface OutgoingRequest {
  readonly method: string;
  readonly uri: string;
  /** Header lines, each ended by CRLF: Max-Forwards, Route, From, To, Call-ID, CSeq, Contact, Event … */
  readonly head: string;
  readonly body: Uint8Array | undefined;
}

/** How a request of ours ended. */
export type Outcome =
  | { readonly kind: 'response'; readonly response: SipResponse }
  /** Timer F (RFC 3261 §17.1.2.2). */
  | { readonly kind: 'timeout' }
  /** The transport could not send (RFC 3261 §17.1.4). */
  | { readonly kind: 'unreachable'; readonly why: string };

export interface SentRequest {
  /** No further retransmission of this request; its outcome is not told any more. */
  abandon(): void;
}

export interface Endpoint {
  /** Sends a request over a flow in a client transaction; `onOutcome` is called once, never in this turn. */
  send(request: OutgoingRequest, flow: Flow, onOutcome: (outcome: Outcome) => void): SentRequest;
  /** The host:port of ours that a peer on this flow can reach (SIP_ADVERTISE, else the local address on the route to it). */
  advertised(flow: Flow): string;
  /** Our Contact URI for that peer: the above, and the transport where it is not the usual one (RFC 3263 §4.1). */
  contact(flow: Flow): string;
  /** Stops taking requests, lets answers under way go out, closes the sockets. */
  close(): Promise<void>;
}
