import type { Flow } from '../message.ts';

/** One listening point: bytes in, bytes out, whole messages both ways (RFC 3261 §18). */
export interface Transport {
  readonly transport: Flow['transport'];
  /** Whether the transport itself sees to it that messages arrive: no retransmission then (RFC 3261 §17). */
  readonly reliable: boolean;
  /** As configured, `udp:0.0.0.0:5060`; flows name their transport by it. */
  readonly name: string;
  /** Begins to hand over what comes in; until then it is dropped. Called once. */
  start(receive: Receive): void;
  /**
   * Never throws. A failure that becomes known is told once, in a later turn; silence is no proof of arrival. A stream can
   * fail long after the bytes have left, when the connection ends, and tells that too until `forget`.
   */
  send(bytes: Uint8Array, flow: Flow, onFailure?: OnFailure): void;
  /** Streams: what was sent with this has been answered or given up, its failure is of no interest any more. */
  readonly forget?: (onFailure: OnFailure) => void;
  /**
   * Streams: whether a connection to the flow's address and port is open, or opens. At once where that is known, else within
   * two seconds; never rejects.
   */
  readonly reach?: (flow: Flow) => boolean | Promise<boolean>;
  /** Our side of the route to that peer, `192.0.2.1:5060` or `[2001:db8::1]:5060`. Exact for whoever has sent to us. */
  localAddress(flow: Flow): string;
  /** What was sent before goes out; nothing is received any more. */
  close(): Promise<void>;
}

/**
 * One whole message and where it came from; or, with a fault, what there was of one when a stream could not be cut into
 * messages any more: its sender is told, if the head says whom, and the connection ends.
 */
export type Receive = (bytes: Uint8Array, flow: Flow, fault?: StreamFault) => void;

/** Why a stream was given up; for the reason phrase and the log, no text of the sender's. */
export interface StreamFault {
  readonly status: number;
  readonly why: string;
}

export type OnFailure = (why: string) => void;

/** `192.0.2.1:5060`, `[2001:db8::1]:5060`. */
export function hostPort(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
