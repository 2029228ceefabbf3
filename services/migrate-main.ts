/** The migration's process, for containers: brings the tables up to this version and ends. `npm start` does it by itself. */
import { ConfigError, makeLog, readConfig, systemClock } from '#runtime';
import { migrate, StoreUnavailable, whenAvailable } from '#store';

/** How long the database may take to start. */
const PATIENCE_MS = 60_000;

async function main(): Promise<void> {
  const config = readConfig();
  const log = makeLog('migrate', config.logLevel);
  const { applied } = await whenAvailable(() => migrate(config.databaseUrl, { log }), {
    clock: systemClock,
    log,
    withinMs: PATIENCE_MS,
  });
  log.info({ applied }, 'the tables are those of this version');
}

main().catch((fault: unknown) => {
  const why = fault instanceof Error ? fault.message : String(fault);
  const line = fault instanceof StoreUnavailable ? `the database cannot be reached: ${why.split('\n', 1)[0]}` : why;
  process.stderr.write(`porchlight migrate: ${line}\n`);
  process.exit(fault instanceof ConfigError ? 2 : 1);
});
