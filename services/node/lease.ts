import type { Clock, Log, Timer } from '#runtime';
import type { Lease, Leases } from '#store';
import { makeLookout } from './lookout.ts';

export interface LeaseHold {
  /** `held` once the role is ours; `released` when it was given up before that. Never rejects: a database that is away delays it. */
  readonly held: Promise<'held' | 'released'>;
  /**
   * True from then on, while no other process can have taken the role. By the clock, so that it is right after a pause too.
   * False while the database is away for longer than {@link LEASE_MS}, and true again when it comes back and nobody else
   * took the role meanwhile.
   */
  isHeld(): boolean;
  /** Gives the role up, or the waiting for it; `onLost` is not called any more. Never rejects. */
  release(): Promise<void>;
}

export interface LeaseOptions {
  readonly leases: Leases;
  readonly clock: Clock;
  readonly log: Log;
  /** The role. */
  readonly name: string;
  /** Unique per run of a process. */
  readonly holder: string;
  /** Where `pid` means something, see thisHost. */
  readonly host: string;
  readonly pid: number;
  /** Of a pid of this host. */
  readonly isAlive: (pid: number) => boolean;
  /** Called once, when the role went to somebody else: stop at once. */
  readonly onLost: (why: string) => void;
}

const RENEW_MS = 1_000;
const SAY_EVERY_MS = 60_000;
/** How often a waiter looks. */
const LOOK_MS = 250;
/**
 * A holder that could not renew for so long, counted from the beginning of its last renewal, is no holder until a renewal
 * succeeds. A waiter counts the same time from when it saw that renewal, which is later, and looks for more than it: so the
 * first has stopped when the second takes over. A renewal succeeds only while nobody took over.
 */
export const LEASE_MS = 4_000;

/**
 * Waits until the role is free or its holder is dead, takes it and renews it. A holder of this host whose process is gone is
 * replaced at once; any other when its `beat` has stood still for more than {@link LEASE_MS}, by our own clock.
 */
export function holdLease(options: LeaseOptions): LeaseHold {
  const { leases, clock, log, name, holder, host, pid } = options;
  const lookout = makeLookout({ clock, log, host, pid, isAlive: options.isAlive, stillMs: LEASE_MS });
  let state: 'waiting' | 'held' | 'lost' | 'released' = 'waiting';
  let renewedAt = 0;
  let timer: Timer | undefined;
  let deadline: Timer | undefined;
  let complainedAt: number | undefined;
  let answer: (outcome: 'held' | 'released') => void = () => undefined;
  const held = new Promise<'held' | 'released'>((resolve) => {
    answer = resolve;
  });

  async function tryToTake(): Promise<void> {
    try {
      if (await take()) return;
    } catch (fault) {
      lookout.cannotReach(fault);
    }
    if (state === 'waiting') again(LOOK_MS, tryToTake);
  }

  async function take(): Promise<boolean> {
    const seen = await leases.read(name);
    if (state !== 'waiting') return true;
    const startedAt = clock.now();
    if (!lookout.mayTake(seen)) return false;
    if (!(await leases.take({ name, holder, host, pid }, seen))) return false;
    began(startedAt, seen);
    return true;
  }

  function began(startedAt: number, before: Lease | undefined): void {
    if (state !== 'waiting') return;
    state = 'held';
    renewed(startedAt);
    again(RENEW_MS, renew);
    log.info({ role: name, after: before }, 'this process holds the lease');
    answer('held');
  }

  async function renew(): Promise<void> {
    const startedAt = clock.now();
    try {
      const ours = await leases.renew(name, holder);
      if (state !== 'held') return;
      if (!ours) return lose('another process holds the lease');
      renewed(startedAt);
    } catch (fault) {
      if (state !== 'held') return;
      complain(fault);
    }
    again(RENEW_MS, renew);
  }

  function renewed(startedAt: number): void {
    if (complainedAt !== undefined) log.info({ role: name }, 'the lease is renewed again');
    complainedAt = undefined;
    renewedAt = startedAt;
    deadline?.cancel();
    deadline = clock.after(startedAt + LEASE_MS - clock.now(), () => {
      log.error({ role: name }, 'the lease could not be renewed in time: nothing is served until it can');
    });
  }

  /** Once, and then each minute. */
  function complain(fault: unknown): void {
    if (complainedAt !== undefined && clock.now() - complainedAt < SAY_EVERY_MS) return;
    complainedAt = clock.now();
    log.warn({ role: name, fault: String(fault) }, 'the lease could not be renewed');
  }

  function lose(why: string): void {
    if (state !== 'held') return;
    state = 'lost';
    stop();
    log.error({ role: name, why }, 'the lease is lost');
    options.onLost(why);
  }

  let step = Promise.resolve();
  function again(delayMs: number, work: () => Promise<void>): void {
    timer = clock.after(delayMs, () => {
      step = work();
    });
  }

  function stop(): void {
    timer?.cancel();
    deadline?.cancel();
  }

  step = tryToTake();

  return {
    held,
    isHeld: () => state === 'held' && clock.now() - renewedAt < LEASE_MS,
    async release() {
      if (state === 'released') return;
      state = 'released';
      stop();
      answer('released');
      // A take under way may still succeed; only after it is there nothing of ours left behind.
      await step;
      try {
        await leases.release(name, holder);
      } catch (fault) {
        log.warn({ role: name, fault: String(fault) }, 'the lease could not be released; it ends by itself');
      }
    },
  };
}
