import { type Clock, every, type Log } from '#runtime';

/** Values that wait to be written together, the last one of each key. */
export interface Batch<V> {
  /** Past the capacity new keys are passed over: what waits is a convenience, and memory is not. */
  put(key: string, value: V): void;
  flush(): Promise<void>;
  close(): void;
}

export interface BatchOptions<V> {
  readonly everyMs: number;
  readonly capacity: number;
  /** Called with at least one value. When it throws, the values wait for the next time, unless newer ones came. */
  readonly write: (values: readonly V[]) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
}

const AT_ONCE = 1000;

export function makeBatch<V>({ everyMs, capacity, write, clock, log }: BatchOptions<V>): Batch<V> {
  const waiting = new Map<string, V>();
  const timer = every(clock, everyMs, flush, (fault) =>
    log.warn({ fault: String(fault) }, 'what was seen is kept back'),
  );

  async function flush(): Promise<void> {
    while (waiting.size > 0) {
      const taken = [...waiting].slice(0, AT_ONCE);
      for (const [key] of taken) waiting.delete(key);
      try {
        await write(taken.map(([, value]) => value));
      } catch (fault) {
        for (const [key, value] of taken) if (!waiting.has(key) && waiting.size < capacity) waiting.set(key, value);
        throw fault;
      }
    }
  }

  return {
    put(key, value) {
      if (waiting.size < capacity || waiting.has(key)) waiting.set(key, value);
    },
    flush,
    close: () => timer.cancel(),
  };
}
