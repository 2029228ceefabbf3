/**
 * The process of the demo's phones. Who they belong to, passwords included, comes over the channel from the parent: neither
 * the environment nor the arguments of a process are a place for them.
 */
import { ConfigError, makeLog, makeRandom, onShutdown, readConfig, systemClock } from '#runtime';
import { openEndpoint } from '#sip';
import type { Person } from './household.ts';
import { playDays } from './play.ts';

async function main(): Promise<void> {
  const config = readConfig();
  const log = makeLog('demo', config.logLevel);
  const [clock, random] = [systemClock, makeRandom()];
  const closing: (() => Promise<void>)[] = [];
  onShutdown(log, closing);
  const point = config.listen.find(({ transport }) => transport === 'udp');
  if (point === undefined)
    throw new ConfigError("SIP_LISTEN: the demo's phones speak UDP; name a listening point for it");
  const address = reachable(point.address);
  const play = await playDays({
    people: await untilTold(),
    domain: config.domain,
    server: { address, port: point.port },
    clock,
    random,
    openEndpoint: (handle) =>
      openEndpoint({ listen: [{ transport: 'udp', address, port: 0 }], clock, random, log, handle }),
    say: (line) => void process.stdout.write(`${line}\n`),
  });
  closing.unshift(() => play.end());
}

/** A wildcard is reached on the loopback; the phones then live there, too, where nobody else can send to them. */
function reachable(address: string): string {
  if (address === '0.0.0.0') return '127.0.0.1';
  return address === '::' ? '::1' : address;
}

function untilTold(): Promise<readonly Person[]> {
  process.channel?.ref();
  return new Promise((resolve) => {
    process.once('message', (people) => {
      process.channel?.unref();
      resolve(people as readonly Person[]);
    });
  });
}

main().catch((fault: unknown) => {
  const isConfig = fault instanceof ConfigError;
  const words = fault instanceof Error ? (isConfig ? fault.message : (fault.stack ?? fault.message)) : String(fault);
  process.stderr.write(`porchlight demo: ${words}\n`);
  process.exit(isConfig ? 2 : 1);
});
