/** The portal's process: reads the configuration, opens the real things, builds the portal, listens. */
import { makeDomains, makeRealms } from '#model';
import { ConfigError, makeLog, makeRandom, onShutdown, openKeyRing, systemClock } from '#runtime';
import { openSecrets, openStore, settleRealm, whenAvailable } from '#store';
import { buildApp } from './app.ts';
import { readWebConfig, type WebConfig } from './config.ts';
import type { PhoneAddress } from './deps.ts';
import { makeMailer } from './mail/mailer.ts';
import { transportsBeside } from './pages/phones/server.ts';

async function main(): Promise<void> {
  const config = readWebConfig();
  const log = makeLog('web', config.logLevel);
  const clock = systemClock;
  const secrets = openSecrets(openKeyRing(config, clock));
  const store = await openStore(config.databaseUrl, { clock, log });
  const closing: (() => Promise<void>)[] = [() => store.close()];
  onShutdown(log, closing);

  const domains = makeDomains(config.domains, config.aliases);
  const realm = await whenAvailable(() => settleRealm(store.settings, config.realm, config.domain), { clock, log });
  const mailer = config.mail && makeMailer({ ...config.mail, clock, log });
  const app = buildApp({
    store,
    secrets,
    clock,
    random: makeRandom(),
    log,
    domains,
    realms: makeRealms(domains, realm),
    defaultPermission: config.defaultPermission,
    defaultRegistration: config.defaultRegistration,
    phone: phoneAddress(config),
    proxies: config.proxies,
    url: config.web.url,
    mailer,
  });
  closing.unshift(
    () => app.close(),
    async () => mailer?.close(),
  );
  const { address, port } = config.web;
  await app.listen({ host: address, port }).catch((fault: NodeJS.ErrnoException) => {
    throw cannotListen(fault, address, port);
  });
  log.info({ pid: process.pid, address, port }, 'portal ready');
}

function phoneAddress({ advertise, aliases, listen }: WebConfig): PhoneAddress {
  const [point] = listen;
  return {
    advertised: advertise,
    listens: point?.address ?? '0.0.0.0',
    candidates: aliases,
    port: point?.port ?? 5060,
    transport: transportsBeside(listen),
  };
}

function cannotListen(fault: NodeJS.ErrnoException, address: string, port: number): Error {
  switch (fault.code) {
    case 'EADDRINUSE':
      return new ConfigError(`WEB_LISTEN: port ${port} of ${address} is taken by another program`);
    case 'EACCES':
      return new ConfigError(`WEB_LISTEN: port ${port} may not be opened by this user`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new ConfigError(`WEB_LISTEN: this machine has no address ${address}`);
    default:
      return fault;
  }
}

main().catch((fault: unknown) => {
  if (fault instanceof ConfigError) {
    process.stderr.write(`porchlight web: ${fault.message}\n`);
    process.exit(2);
  }
  process.stderr.write(`porchlight web: ${fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)}\n`);
  process.exit(1);
});
