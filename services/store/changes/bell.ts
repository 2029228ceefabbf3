import type { Change } from '#model';
import { type Log, silentLog } from '#runtime';

/** A Change as a value inside one process. */
export interface Bell {
  /** Returns at once; listeners hear it when the caller's synchronous step has ended. */
  ring(change: Change): void;
  /** @returns a function that ends the listening; nothing is delivered after it was called. */
  listen(listener: (change: Change) => void): () => void;
}

/**
 * Changes are delivered one after the other in the order they were rung, each to all listeners in the order they came,
 * in a microtask after the caller's synchronous step: whoever rings never runs listeners' code inside its own, and what
 * it does next in the same step is done before they look. What a listener rings comes after what is already waiting.
 *
 * @param log where a listener's fault goes; the other listeners hear the Change all the same.
 */
export function makeBell(log: Log = silentLog): Bell {
  const listeners = new Set<(change: Change) => void>();
  let waiting: Change[] = [];
  let delivering = false;

  function deliver(): void {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      for (const change of batch) for (const listener of [...listeners]) tell(listener, change);
    }
    delivering = false;
  }

  function tell(listener: (change: Change) => void, change: Change): void {
    if (!listeners.has(listener)) return;
    try {
      listener(change);
    } catch (fault) {
      log.error({ fault: String(fault), change }, 'a listener of the bell failed');
    }
  }

  return {
    ring(change) {
      waiting.push(change);
      if (delivering) return;
      delivering = true;
      queueMicrotask(deliver);
    },
    listen(listener) {
      // Wrapped, so that the same function may listen twice and each can be ended by itself.
      const own = (change: Change): void => listener(change);
      listeners.add(own);
      return () => void listeners.delete(own);
    },
  };
}
