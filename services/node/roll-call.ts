import { type Clock, every, type Log } from '#runtime';
import type { NodeReport, Nodes } from '#store';

/**
 * What this process says of itself while it runs, for administrators to read: that it waits or serves, where it listens,
 * which event packages it has. One row, written anew every few seconds; nobody decides anything by it.
 */
export interface RollCall {
  /** It waits no longer. @param packages asked each time. */
  serves(packages: () => NodeReport['packages']): void;
  /** Something of it has changed. */
  say(): void;
  /** Never rejects: a row that cannot be taken away is known by its age. */
  close(): Promise<void>;
}

export interface RollCallNeeds
  extends Pick<NodeReport, 'id' | 'role' | 'host' | 'pid' | 'version' | 'startedAt' | 'listens'> {
  readonly nodes: Pick<Nodes, 'report' | 'leave'>;
  readonly clock: Clock;
  readonly log: Log;
}

const SAY_EVERY_MS = 5_000;

export function startRollCall({ nodes, clock, log, ...self }: RollCallNeeds): RollCall {
  let state: NodeReport['state'] = 'waiting';
  let since = self.startedAt;
  let packages: () => NodeReport['packages'] = () => [];
  let closed = false;
  let failing = false;
  let saying = Promise.resolve();

  async function report(): Promise<void> {
    if (closed) return;
    try {
      await nodes.report({ ...self, state, since, seenAt: clock.now(), packages: packages() });
      failing = false;
    } catch (fault) {
      if (!failing) log.warn({ fault: String(fault) }, 'how this process is doing cannot be written down');
      failing = true;
    }
  }

  /** One after the other, so that what was said last stands. */
  function say(): Promise<void> {
    saying = saying.then(report);
    return saying;
  }

  void say();
  const timer = every(clock, SAY_EVERY_MS, say, () => undefined);

  return {
    serves(asked) {
      state = 'serving';
      since = clock.now();
      packages = asked;
      void say();
    },
    say: () => void say(),
    async close() {
      closed = true;
      timer.cancel();
      await saying;
      await nodes.leave(self.id).catch(() => undefined);
    },
  };
}
