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
  /** Never throws. A failure that becomes known is told once, in a later turn; silence is no proof of arrival. */
  send(bytes: Uint8Array, flow: Flow, onFailure?: (why: string) => void): void;
  /** Our side of the route to that peer, `192.0.2.1:5060` or `[2001:db8::1]:5060`. Exact for whoever has sent to us. */
  localAddress(flow: Flow): string;
  /** What was sent before goes out; nothing is received any more. */
  close(): Promise<void>;
}

/** One whole message and where it came from. */
export type Receive = (bytes: Uint8Array, flow: Flow) => void;

/** `192.0.2.1:5060`, `[2001:db8::1]:5060`. */
export function hostPort(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
