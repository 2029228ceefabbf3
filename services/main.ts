/** The SIP service's process: reads the configuration, opens the real things, hands them to the service. */
import { randomUUID } from 'node:crypto';
import { algorithmsByClient, makeTrustedPeers } from '#gate';
import { makeDomains, makeRealms } from '#model';
import { holdLease, isProcessAlive, startRollCall, thisHost, thisVersion } from '#node';
import { ConfigError, type Log, makeLog, makeRandom, onShutdown, openKeyRing, readConfig, systemClock } from '#runtime';
import { openEndpoint, pointName, systemNames } from '#sip';
import { findUnopened, openSecrets, openStore, type Secrets, type Store, settleRealm, whenAvailable } from '#store';
import { startService } from './service.ts';

/** What only one process is at a time. */
const ROLE = 'sip';

async function main(): Promise<void> {
  const config = readConfig();
  const log = makeLog('sip', config.logLevel);
  const clock = systemClock;
  const random = makeRandom();
  const secrets = openSecrets(openKeyRing(config, clock));
  const store = await openStore(config.databaseUrl, { clock, log });
  const holder = randomUUID();
  const rollCall = startRollCall({
    nodes: store.nodes,
    clock,
    log,
    id: holder,
    role: ROLE,
    host: thisHost(),
    pid: process.pid,
    version: thisVersion(),
    startedAt: clock.now(),
    listens: config.listen.map(pointName),
  });
  const lease = holdLease({
    leases: store.leases,
    clock,
    log,
    name: ROLE,
    holder,
    host: thisHost(),
    pid: process.pid,
    isAlive: isProcessAlive,
    onLost: (why) => {
      // Somebody else may be serving already: no farewell to watchers, no further write.
      log.error({ why }, 'the role of SIP service is lost: this process ends');
      process.exit(1);
    },
  });
  const closing: (() => void | Promise<void>)[] = [() => rollCall.close(), () => lease.release(), () => store.close()];
  onShutdown(log, closing);

  if ((await lease.held) === 'released') return;
  store.leases.writeAs(ROLE, holder);
  const domains = makeDomains(config.domains, config.aliases);
  const realm = await whenAvailable(() => settleRealm(store.settings, config.realm, config.domain), { clock, log });
  const { digestAlgorithms } = config;
  const service = await startService({
    store,
    secrets,
    domains,
    realms: makeRealms(domains, realm),
    byDefault: config.defaultPermission,
    trusted: makeTrustedPeers(config.trusted),
    ...(digestAlgorithms && {
      algorithms: digestAlgorithms === 'by-client' ? algorithmsByClient() : () => digestAlgorithms,
    }),
    ...(Array.isArray(digestAlgorithms) && { usualAlgorithm: digestAlgorithms[0] }),
    qop: config.digestQop,
    paceMs: config.notifyPaceMs,
    notifyTimeouts: config.notifyTimeouts,
    rateLimits: { account: config.accountRate, source: config.sourceRate },
    holdsRole: lease.isHeld,
    node: holder,
    onPackages: rollCall.say,
    names: systemNames(),
    clock,
    random,
    log,
    openEndpoint: (handle, tap) =>
      openEndpoint({ listen: config.listen, advertise: config.advertise, clock, random, log, handle, tap }),
  });
  closing.unshift(() => service.close());
  rollCall.serves(service.standings);
  sayReady(log);
  await warnOfUnopened(store, secrets, log).catch((fault: unknown) =>
    log.warn({ fault: String(fault) }, 'the key could not be tried'),
  );
}

/** A wrong key would otherwise look like so many wrong passwords. */
async function warnOfUnopened(store: Store, secrets: Secrets, log: Log): Promise<void> {
  const found = await findUnopened(store, secrets);
  if (found === undefined) return;
  const { username, realm } = found;
  log.error(
    { username, realm },
    'the key does not open what the database keeps of phones’ passwords: put the right key back, or set passwords anew',
  );
}

/** The parent process, where there is one, waits for OPTIONS to be answered; people read this line. */
function sayReady(log: Log): void {
  log.info({ pid: process.pid }, 'SIP service ready');
}

main().catch((fault: unknown) => {
  if (fault instanceof ConfigError) {
    process.stderr.write(`porchlight sip: ${fault.message}\n`);
    process.exit(2);
  }
  process.stderr.write(`porchlight sip: ${fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)}\n`);
  process.exit(1);
});
