/**
 * A network in memory: datagrams are lost, doubled, late and out of order, the same way for the same seed, on a clock that
 * the test moves. Stands under the real endpoint and the peers of a story alike.
 */
import { type Clock, makeRandom, type Random } from '#runtime';
import { type Flow, hostPort, type Receive, type Transport } from '#sip';

export interface Weather {
  /** Share of datagrams that are lost, 0 to 1. */
  readonly loss: number;
  /** Share of datagrams that arrive twice. */
  readonly duplicate: number;
  /** Shortest and longest time on the way; a spread lets them overtake each other. */
  readonly delayMs: readonly [shortest: number, longest: number];
}

/** One datagram that was put on the wire; addresses as `192.0.2.1:5060`. */
export interface Passage {
  readonly at: number;
  readonly from: string;
  readonly to: string;
  readonly text: string;
  readonly fate: 'delivered' | 'lost' | 'cut' | 'nobody';
}

export interface Network {
  /** A listening point at `192.0.2.1:5060` (or `[2001:db8::1]:5060`), named `udp:` and that. */
  plug(address: string): Transport;
  /** From now on; what is left out stays. */
  weather(change: Partial<Weather>): void;
  /** Nothing passes between the two any more; one alone is cut off from everybody. What is under way is lost too. */
  cut(one: string, other?: string): void;
  heal(): void;
  /** Every datagram, in order of sending; a doubled one is one passage. */
  readonly passages: readonly Passage[];
  readonly counts: {
    readonly sent: number;
    readonly delivered: number;
    readonly lost: number;
    readonly doubled: number;
  };
}

export interface NetworkOptions extends Partial<Weather> {
  readonly clock: Clock;
  readonly seed?: number;
}

/** Mulberry32: 32 bits of state, good enough to play weather. */
export function makeChance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Tokens that are the same in every run of a test. */
export function makeSeededRandom(seed: number): Random {
  const chance = makeChance(seed);
  return makeRandom((length) => Uint8Array.from({ length }, () => Math.floor(chance() * 256)));
}

export function makeNetwork({ clock, seed = 1, ...given }: NetworkOptions): Network {
  let weather: Weather = { loss: 0, duplicate: 0, delayMs: [1, 1], ...given };
  const chance = makeChance(seed);
  const plugged = new Map<string, Receive>();
  const cuts = new Set<string>();
  const passages: Passage[] = [];
  const counts = { sent: 0, delivered: 0, lost: 0, doubled: 0 };

  const isCut = (from: string, to: string): boolean =>
    cuts.has(from) || cuts.has(to) || cuts.has(`${from} ${to}`) || cuts.has(`${to} ${from}`);

  function pass(bytes: Uint8Array, from: string, to: string, flowBack: Flow): Passage['fate'] {
    if (isCut(from, to)) return 'cut';
    if (chance() < weather.loss) return 'lost';
    if (!plugged.has(to)) return 'nobody';
    const copies = chance() < weather.duplicate ? 2 : 1;
    counts.doubled += copies - 1;
    for (let copy = 0; copy < copies; copy += 1) {
      const [shortest, longest] = weather.delayMs;
      clock.after(shortest + Math.floor(chance() * (longest - shortest + 1)), () => {
        const receive = plugged.get(to);
        if (receive === undefined || isCut(from, to)) return;
        counts.delivered += 1;
        receive(bytes, flowBack);
      });
    }
    return 'delivered';
  }

  return {
    passages,
    counts,
    weather(change) {
      weather = { ...weather, ...change };
    },
    cut(one, other) {
      cuts.add(other === undefined ? one : `${one} ${other}`);
    },
    heal: () => cuts.clear(),
    plug(address) {
      const { host, port } = takeApart(address);
      const name = `udp:${address}`;
      let isClosed = false;
      return {
        transport: 'udp',
        reliable: false,
        name,
        start(receive) {
          if (plugged.has(address)) throw new Error(`${name} is taken`);
          plugged.set(address, receive);
        },
        send(bytes, flow) {
          // The dead say nothing, whatever they still had in mind.
          if (isClosed) return;
          const to = hostPort(flow.address, flow.port);
          // The sender may use its buffer again, so a copy travels.
          const copy = Uint8Array.from(bytes);
          const flowBack: Flow = { transport: 'udp', via: `udp:${to}`, address: host, port };
          counts.sent += 1;
          const fate = pass(copy, address, to, flowBack);
          if (fate !== 'delivered') counts.lost += 1;
          passages.push({ at: clock.now(), from: address, to, text: Buffer.from(copy).toString('utf8'), fate });
        },
        localAddress: () => address,
        async close() {
          isClosed = true;
          plugged.delete(address);
        },
      };
    },
  };
}

function takeApart(address: string): { readonly host: string; readonly port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(address);
  if (match === null) throw new Error(`'${address}' is not host:port`);
  return { host: match[1] ?? match[2] ?? '', port: Number(match[3]) };
}
