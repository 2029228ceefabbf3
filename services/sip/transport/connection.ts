import type { Socket } from 'node:net';
import type { Clock } from '#runtime';
import type { Flow } from '../message.ts';
import { makeFraming } from './framing.ts';
import type { StreamLimits } from './stream-limits.ts';
import type { OnFailure, StreamFault } from './transport.ts';

/** One connection from its first byte to its last: framing, keep-alives, what is queued, and how long it may stay. */
export interface Connection {
  readonly flow: Flow;
  /** Who opened it. */
  readonly isOurs: boolean;
  /** Whether the handshake is over. */
  readonly isConnected: boolean;
  /** Whether it was ever over; never rejects. */
  readonly connected: Promise<boolean>;
  /** Whether an answer can go out; for a request the peer must be able to answer, too. */
  takes(what: 'request' | 'answer'): boolean;
  /** `onFailure` is told when the connection ends, whenever that is, unless `forget` comes first. */
  send(bytes: Uint8Array, onFailure?: OnFailure): void;
  forget(onFailure: OnFailure): void;
  /** Bytes of a message that is not complete. */
  readonly held: number;
  /** When it must be looked at; after that, `look` ends it or it has got more time. */
  readonly dueAt: number;
  look(): void;
  /** What was sent goes out, nothing is taken any more, and it ends when the peer has ended its side, or soon. */
  finish(): void;
  /** At once. */
  destroy(why: string): void;
}

export interface ConnectionOptions {
  readonly socket: Socket;
  readonly flow: Flow;
  readonly isOurs: boolean;
  readonly clock: Clock;
  readonly limits: StreamLimits;
  onMessage(bytes: Uint8Array, connection: Connection, fault?: StreamFault): void;
  /** `dueAt` has become earlier. */
  onSooner(connection: Connection): void;
  /** After each segment, when `held` may have grown. */
  onHeld(connection: Connection): void;
  /** Once; everybody who waits has been told. */
  onClosed(connection: Connection, why: string): void;
}

const NEVER = Number.POSITIVE_INFINITY;
/** `SIP/`, as a status line begins. */
const isResponse = (bytes: Uint8Array): boolean =>
  bytes[3] === 0x2f && bytes[0] === 0x53 && bytes[1] === 0x49 && bytes[2] === 0x50;
const PONG = Buffer.from('\r\n');

export function makeConnection(options: ConnectionOptions): Connection {
  const { socket, flow, isOurs, clock, limits } = options;
  const framing = makeFraming(limits);
  const waiting = new Set<OnFailure>();
  const openedAt = clock.now();
  let activeAt = openedAt;
  /** When the last whole message came; -Infinity before the first. */
  let messageAt = Number.NEGATIVE_INFINITY;
  /** When the message began that is not complete. */
  let begunAt: number | undefined;
  /** Since when more than a little is queued, and nothing is read. */
  let blockedAt: number | undefined;
  /** The peer has ended its side. */
  let isHalf = false;
  /** Requests of the peer that no answer has been sent for; some never get one. */
  let unanswered = 0;
  let finishedAt: number | undefined;
  let isCorked = false;
  let why = 'the peer has closed the connection';

  const connection: Connection = {
    flow,
    isOurs,
    get isConnected() {
      return !socket.connecting;
    },
    connected: new Promise((resolve) => {
      if (!socket.connecting) resolve(true);
      socket.once('connect', () => resolve(true));
      socket.once('close', () => resolve(false));
    }),
    takes: (what) => socket.writable && finishedAt === undefined && (what === 'answer' || !isHalf),
    send(bytes, onFailure) {
      if (onFailure !== undefined) waiting.add(onFailure);
      else if (unanswered > 0) unanswered -= 1;
      write(bytes);
      if (isHalf && unanswered === 0) finish();
    },
    forget: (onFailure) => void waiting.delete(onFailure),
    get held() {
      return framing.held;
    },
    get dueAt() {
      return due();
    },
    look() {
      if (clock.now() < due()) return;
      // A peer that has ended its side and has nothing more to hear is let go in the usual way.
      if (socket.connecting || finishedAt !== undefined || blockedAt !== undefined) destroy(overdue());
      else if (isHalf) finish();
      else if (begunAt !== undefined && clock.now() >= begunAt + limits.messageMs) giveUpMessage();
      else destroy(overdue());
    },
    finish,
    destroy,
  };

  function due(): number {
    if (socket.connecting) return openedAt + limits.connectMs;
    if (finishedAt !== undefined) return finishedAt + limits.lingerMs;
    return Math.min(
      activeAt + (isOurs ? limits.ownIdleMs : limits.idleMs),
      messageAt > 0 || isOurs ? NEVER : openedAt + limits.firstMessageMs,
      begunAt === undefined ? NEVER : begunAt + limits.messageMs,
      blockedAt === undefined ? NEVER : blockedAt + limits.blockedMs,
      isHalf ? messageAt + limits.halfClosedMs : NEVER,
    );
  }

  function overdue(): string {
    if (socket.connecting) return 'no connection in time';
    return blockedAt === undefined ? 'the connection was idle' : 'the peer does not read';
  }

  function fail(reason: string): void {
    const told = [...waiting];
    waiting.clear();
    for (const onFailure of told) onFailure(reason);
  }

  function destroy(reason: string): void {
    if (socket.destroyed) return;
    why = reason;
    socket.destroy();
  }

  function finish(): void {
    if (finishedAt !== undefined) return;
    finishedAt = clock.now();
    why = 'the connection was closed';
    socket.end();
    // What still comes is read over: closing on unread bytes would reset the connection and take our last words along.
    socket.resume();
    options.onSooner(connection);
  }

  /** What is written in one turn leaves together. */
  function write(bytes: Uint8Array): void {
    if (socket.destroyed) return;
    if (socket.writableLength + bytes.length > limits.queued) {
      destroy('the peer does not read');
      return;
    }
    if (!isCorked) {
      isCorked = true;
      socket.cork();
      process.nextTick(uncork);
    }
    activeAt = clock.now();
    socket.write(bytes);
  }

  function uncork(): void {
    isCorked = false;
    socket.uncork();
    if (blockedAt !== undefined || socket.connecting || socket.writableLength <= limits.unread) return;
    // Who does not take its answers gets no more requests read.
    blockedAt = clock.now();
    socket.pause();
    options.onSooner(connection);
  }

  function take(segment: Buffer): void {
    if (finishedAt !== undefined) return;
    const now = clock.now();
    activeAt = now;
    let pongs = 0;
    let completed = false;
    for (const piece of framing.push(segment)) {
      if (socket.destroyed) return;
      switch (piece.kind) {
        case 'ping':
          pongs += 1;
          break;
        case 'message':
          completed = true;
          messageAt = now;
          if (!isResponse(piece.bytes)) unanswered += 1;
          options.onMessage(piece.bytes, connection);
          break;
        case 'fault':
          options.onMessage(piece.bytes, connection, piece.fault);
          finish();
          return;
      }
    }
    if (pongs > 0) write(pongs === 1 ? PONG : Buffer.alloc(2 * pongs, PONG));
    if (framing.held === 0) begunAt = undefined;
    else if (begunAt === undefined || completed) {
      begunAt = now;
      options.onSooner(connection);
    }
    options.onHeld(connection);
  }

  /** RFC 3261 §18.3: whoever sent half a message is told, if it says whom, and the connection ends. */
  function giveUpMessage(): void {
    const piece = framing.cutShort();
    if (piece?.kind === 'fault') options.onMessage(piece.bytes, connection, piece.fault);
    finish();
  }

  socket.on('data', take);
  socket.on('drain', () => {
    if (blockedAt === undefined) return;
    blockedAt = undefined;
    socket.resume();
  });
  // The peer has said all it will, no answers to us either. It may still wait for ours, unless it was cut short.
  socket.on('end', () => {
    isHalf = true;
    fail('the peer has ended its side');
    if (framing.held > 0) giveUpMessage();
    else if (unanswered === 0) finish();
    else options.onSooner(connection);
  });
  socket.on('error', (fault: NodeJS.ErrnoException) => {
    why = fault.code ?? fault.message;
  });
  socket.on('close', () => {
    fail(why);
    options.onClosed(connection, why);
  });
  return connection;
}
