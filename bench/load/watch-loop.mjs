/**
 * Loaded before a service (`node --import`): says each second, on standard error, how late its event loop was at the most, and
 * how long the longest garbage collection held it, of the young and of the old part of the heap.
 */
import { constants, monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';

const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
const gc = { youngMs: 0, oldMs: 0 };
new PerformanceObserver((list) => {
  for (const { duration, detail } of list.getEntries()) {
    const kind = detail.kind === constants.NODE_PERFORMANCE_GC_MINOR ? 'youngMs' : 'oldMs';
    gc[kind] = Math.max(gc[kind], Math.round(duration * 10) / 10);
  }
}).observe({ entryTypes: ['gc'] });
setInterval(() => {
  const ms = (nanoseconds) => Math.round(nanoseconds / 1e5) / 10;
  const heapMb = Math.round(process.memoryUsage().heapUsed / 1e6);
  const said = { at: Date.now(), maxMs: ms(delay.max), p99Ms: ms(delay.percentile(99)), ...gc, heapMb };
  process.stderr.write(`loop ${JSON.stringify(said)}\n`);
  delay.reset();
  gc.youngMs = 0;
  gc.oldMs = 0;
}, 1000).unref();
