import type { Clock, Log } from '#runtime';
import type { Lease } from '#store';

/** A waiter's eye on the holder: may the role be taken, and if not, whom do we wait for and why. */
export interface Lookout {
  /** @param seen the lease as it was read just now. */
  mayTake(seen: Lease | undefined): boolean;
  cannotReach(fault: unknown): void;
}

export interface LookoutOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly host: string;
  readonly pid: number;
  readonly isAlive: (pid: number) => boolean;
  /** A beat that stands still for longer than this is a dead holder's. */
  readonly stillMs: number;
}

const SAY_EVERY_MS = 60_000;

export function makeLookout({ clock, log, host, pid, isAlive, stillMs }: LookoutOptions): Lookout {
  let watched: { readonly holder: string; readonly beat: number; readonly since: number } | undefined;
  let said: { readonly what: string; readonly at: number } | undefined;

  /** The same thing once, and then each minute. */
  function say(what: string, fields: object): void {
    if (said?.what === what && clock.now() - said.at < SAY_EVERY_MS) return;
    said = { what, at: clock.now() };
    log.warn(fields, what);
  }

  return {
    mayTake(seen) {
      if (seen === undefined) return true;
      // Our own pid is a process of this host that ended before we began, as in a container that was started anew; or it
      // is we, whose earlier try reached the database and whose answer did not reach us.
      if (seen.host === host && (seen.pid === pid || !isAlive(seen.pid))) return true;
      if (watched?.holder !== seen.holder || watched.beat !== seen.beat)
        watched = { holder: seen.holder, beat: seen.beat, since: clock.now() };
      // Also on this host: a pid may have gone to another program, and a process may hang.
      if (clock.now() - watched.since > stillMs) return true;
      const where = seen.host === host ? 'on this host' : 'on another host';
      say(`waiting: another process ${where} holds the lease`, { holder: seen.holder, host: seen.host, pid: seen.pid });
      return false;
    },
    cannotReach: (fault) => say('waiting: the lease cannot be reached', { fault: String(fault) }),
  };
}
