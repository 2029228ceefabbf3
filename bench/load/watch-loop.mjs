/** Loaded before a service (`node --import`): says each second, on standard error, how late its event loop was at the most. */
import { monitorEventLoopDelay } from 'node:perf_hooks';

const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
setInterval(() => {
  const ms = (nanoseconds) => Math.round(nanoseconds / 1e5) / 10;
  process.stderr.write(`loop ${JSON.stringify({ maxMs: ms(delay.max), p99Ms: ms(delay.percentile(99)) })}\n`);
  delay.reset();
}, 1000).unref();
