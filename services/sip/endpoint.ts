import { isIPv6 } from 'node:net';
import { type Clock, type ListeningPoint, type Log, pause, type Random } from '#runtime';
import { readMessage } from './grammar/index.ts';
import type { Endpoint, Flow, Incoming } from './message.ts';
import { type Tap, tapped } from './tap.ts';
import { makeClientSide } from './transaction/client-side.ts';
import { makeServerSide } from './transaction/server-side.ts';
import { openTcp, openUdp, type StreamFault, type Transport } from './transport/index.ts';

export interface EndpointOptions {
  readonly transports: readonly Transport[];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** `host` or `host:port` that peers are told to send to; undefined: our side of the route to each. */
  readonly advertise?: string | undefined;
  /**
   * Takes every request that is new: never ACK, CANCEL, a retransmission or a merged copy. Must answer once, and not
   * provisionally. What it throws, or rejects with, is logged and answered 500.
   */
  readonly handle: (incoming: Incoming) => void | Promise<void>;
  /** Sees what goes in and out; nobody does when absent. */
  readonly tap?: Tap | undefined;
}

export interface OpenEndpointOptions extends Omit<EndpointOptions, 'transports'> {
  readonly listen: readonly ListeningPoint[];
}

/** `udp:192.0.2.1:5060` → `192.0.2.1:5060`. */
const pointAddress = (name: string): string => name.replace(/^[a-z]+:/, '');

const isOfIPv6 = ({ name }: Transport): boolean => name.includes('[');

/** The longest that `close` waits for answers under way. */
const CLOSING_MS = 3_000;
const CLOSING_STEP_MS = 50;

/** A user agent that lives as long as its sockets: reads, matches (RFC 3261 §17), hands over, answers, asks. */
export function makeEndpoint(options: EndpointOptions): Endpoint {
  const { clock, log, random, advertise, tap } = options;
  const opened = tap === undefined ? options.transports : options.transports.map((one) => tapped(one, tap));
  const transports = new Map(opened.map((transport) => [transport.name, transport]));
  const server = makeServerSide({ clock, log, random, handle: options.handle });
  const client = makeClientSide({ clock, log, random, transportOf, streamBeside, advertised });
  let closing: Promise<void> | undefined;

  /** A flow of before a restart may name a listening point that is configured otherwise now: then one of the same kind. */
  function transportOf(flow: Flow): Transport | undefined {
    const named = transports.get(flow.via);
    if (named !== undefined) return named;
    return another(flow.transport, flow);
  }

  function another(kind: Flow['transport'], { address }: Flow): Transport | undefined {
    const family = isIPv6(address);
    return opened.find((transport) => transport.transport === kind && isOfIPv6(transport) === family);
  }

  function streamBeside(flow: Flow): Transport | undefined {
    return another('tcp', flow);
  }

  function advertised(flow: Flow): string {
    if (advertise !== undefined && /:\d+$/.test(advertise)) return advertise;
    const transport = transportOf(flow);
    if (advertise === undefined) return transport?.localAddress(flow) ?? pointAddress(flow.via);
    return `${advertise}:${/\d+$/.exec(transport?.name ?? flow.via)?.[0] ?? '5060'}`;
  }

  function contact(flow: Flow): string {
    const uri = `sip:${advertised(flow)}`;
    // Without it peers fall back to UDP, whatever the request came by.
    return flow.transport === 'udp' ? uri : `${uri};transport=${flow.transport}`;
  }

  /** RFC 3261 §18.3: a request that a stream was given up for is refused; a response is dropped. */
  function refuseStream(bytes: Uint8Array, flow: Flow, transport: Transport, { status, why }: StreamFault): void {
    const reading = readMessage(bytes);
    log.debug({ flow, why }, 'a stream that cannot be cut into messages');
    if (closing !== undefined || reading.kind === 'response') return;
    const request = reading.kind === 'request' ? reading : reading.request;
    server.refuse({ kind: 'malformed', why, status, request }, flow, transport);
  }

  function receive(bytes: Uint8Array, flow: Flow, transport: Transport): void {
    if (client.receivePlain(bytes)) return;
    const reading = readMessage(bytes);
    switch (reading.kind) {
      case 'request':
        if (closing === undefined) server.receive(reading, flow, transport);
        return;
      case 'response':
        client.receive(reading);
        return;
      case 'malformed':
        log.debug({ flow, why: reading.why }, 'a malformed message');
        if (closing === undefined) server.refuse(reading, flow, transport);
        return;
    }
  }

  for (const transport of transports.values()) {
    transport.start((bytes, flow, fault) => {
      try {
        if (fault === undefined) receive(bytes, flow, transport);
        else refuseStream(bytes, flow, transport, fault);
      } catch (fault) {
        log.error({ flow, fault: String(fault), stack: (fault as Error).stack }, 'a message could not be taken');
      }
    });
  }

  async function end(): Promise<void> {
    const until = clock.now() + CLOSING_MS;
    while (server.waiting > 0 && clock.now() < until) await pause(clock, CLOSING_STEP_MS);
    server.close();
    client.close();
    await Promise.all([...transports.values()].map((transport) => transport.close()));
  }

  return {
    advertised,
    contact,
    send: client.send,
    close() {
      closing ??= end();
      return closing;
    },
  };
}

/** Opens every listening point, or none. @throws ConfigError with one line that says which and why. */
export async function openEndpoint({ listen, ...options }: OpenEndpointOptions): Promise<Endpoint> {
  const { clock, log } = options;
  const needsLocalAddress = options.advertise === undefined;
  const transports: Transport[] = [];
  try {
    for (const point of listen) {
      const open = point.transport === 'udp' ? openUdp : openTcp;
      transports.push(await open(point, { clock, log, needsLocalAddress }));
    }
  } catch (fault) {
    await Promise.all(transports.map((transport) => transport.close()));
    throw fault;
  }
  return makeEndpoint({ ...options, transports });
}
