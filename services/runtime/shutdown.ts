import type { Log } from './log.ts';

/** Runs the given steps once, in order, at the first SIGINT or SIGTERM; a step that fails does not keep the next from running. */
export function onShutdown(log: Log, steps: readonly (() => void | Promise<void>)[]): () => Promise<void> {
  let ending: Promise<void> | undefined;
  const end = (): Promise<void> => {
    ending ??= (async () => {
      for (const step of steps) {
        try {
          await step();
        } catch (fault) {
          log.error({ fault: String(fault) }, 'a step of the shutdown failed');
        }
      }
    })();
    return ending;
  };
  const signalled = (): void => {
    void end().then(() => process.exit(0));
  };
  process.on('SIGINT', signalled);
  process.on('SIGTERM', signalled);
  return end;
}
