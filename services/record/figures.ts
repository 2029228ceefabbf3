import { type Clock, every, type Log } from '#runtime';
import type { Answer, Outcome, SipRequest } from '#sip';
import type { Nodes } from '#store';
import { kindOfAnswer } from './kind-of-answer.ts';

/**
 * What this process counts, for administrators to look at: one small row every few seconds, of which an hour and a little
 * is kept. Counting costs the hot path an addition.
 */
export interface FigureBook {
  /** A request was answered: a refusal is counted, a challenge is none. */
  answered(request: SipRequest, answer: Answer): void;
  /** A NOTIFY was sent. @param lagMs how long its watcher waited for what was due. */
  notified(lagMs: number): void;
  /** What became of a NOTIFY. */
  ended(outcome: Outcome): void;
  close(): void;
}

export interface FigureNeeds {
  readonly nodes: Pick<Nodes, 'write' | 'purge'>;
  /** The name of this process. */
  readonly node: string;
  readonly publications: () => number;
  readonly subscriptions: () => number;
  readonly clock: Clock;
  readonly log: Log;
}

export const COUNTED_EVERY_MS = 5_000;
export const FIGURES_KEPT_MS = 65 * 60_000;
/** A service that was not heard of for a day is history. */
export const NODES_KEPT_MS = 86_400_000;
const PURGE_EVERY_MS = 600_000;

export function makeFigureBook(needs: FigureNeeds): FigureBook {
  const { nodes, node, clock, log } = needs;
  let failures = new Map<string, number>();
  let notifies = 0;
  let lagMs = 0;
  let since = clock.now();

  function fail(code: string): void {
    failures.set(code, (failures.get(code) ?? 0) + 1);
  }

  async function write(): Promise<void> {
    const at = clock.now();
    const taken = { notifies, lagMs, failures };
    const counts = { publications: needs.publications(), subscriptions: needs.subscriptions() };
    [notifies, lagMs, failures] = [0, 0, new Map()];
    try {
      const spanMs = at - since;
      await nodes.write({ node, at, spanMs, ...counts, ...taken, failures: Object.fromEntries(taken.failures) });
      since = at;
    } catch (fault) {
      // Counted on: the next row stands for this span as well.
      notifies += taken.notifies;
      lagMs = Math.max(lagMs, taken.lagMs);
      for (const [code, count] of taken.failures) failures.set(code, (failures.get(code) ?? 0) + count);
      throw fault;
    }
  }

  const writing = every(clock, COUNTED_EVERY_MS, write, (fault) =>
    log.debug({ fault: String(fault) }, 'what was counted is kept back'),
  );
  const purging = every(
    clock,
    PURGE_EVERY_MS,
    async () => void (await nodes.purge(clock.now() - NODES_KEPT_MS, clock.now() - FIGURES_KEPT_MS)),
    (fault) => log.warn({ fault: String(fault) }, 'old figures stay'),
  );

  return {
    answered(request, answer) {
      const kind = kindOfAnswer(request, answer);
      if (kind === 'refused' || kind === 'wrong-password') fail(`in ${answer.status}`);
    },
    notified(waitedMs) {
      notifies += 1;
      if (waitedMs > lagMs) lagMs = waitedMs;
    },
    ended(outcome) {
      if (outcome.kind !== 'response') fail(`out ${outcome.kind}`);
      else if (outcome.response.status >= 300) fail(`out ${outcome.response.status}`);
    },
    close() {
      writing.cancel();
      purging.cancel();
    },
  };
}
