/** The store over Prisma: SQLite (embedded) and MySQL or MariaDB. The only folder that knows Prisma. */
import type { Clock, Log } from '#runtime';
import type { Store } from '../store.ts';
import { makeAccounts } from './accounts.ts';
import { makeArchive } from './archive.ts';
import { makeAudit } from './audit.ts';
import { type Database, makeAttempt } from './database.ts';
import { makeDevicePasswords } from './device-passwords.ts';
import { makeInvitations } from './invitations.ts';
import { makeJournal } from './journal.ts';
import { makeLeases, makeSettings } from './leases.ts';
import { makeNodes } from './nodes.ts';
import { makeOutsidePublications } from './outside-publications.ts';
import { makePasskeys } from './passkeys.ts';
import { makePersonal } from './personal/index.ts';
import { makePublications } from './publications.ts';
import { makeEventLoader, makeRules } from './rules.ts';
import { makeSecondFactors } from './second-factors.ts';
import { makeSessions } from './sessions.ts';
import { makeSubscriptions } from './subscriptions.ts';
import { makeWaiting } from './waiting.ts';
import type { WriteGuard } from './write-group.ts';

export { openDatabase } from './database.ts';
export { type DatabaseReport, inspectDatabase } from './inspect.ts';
export { migrate } from './migrate.ts';

export function makePrismaStore(
  database: Database,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Store {
  const { executor } = database;
  let closing: Promise<void> | undefined;
  const { attempt, end } = makeAttempt(log);
  const guard: WriteGuard = { onlyWhile: undefined };
  return {
    accounts: makeAccounts(database, attempt, clock),
    devicePasswords: makeDevicePasswords(executor, attempt, clock),
    rules: makeRules(executor, attempt, clock),
    eventLoader: makeEventLoader(database, attempt, clock),
    publications: {
      ...makePublications(executor, attempt, guard),
      ...makeOutsidePublications(executor, attempt, clock.now),
    },
    subscriptions: makeSubscriptions(executor, attempt, guard),
    waiting: makeWaiting(executor, attempt, guard),
    sessions: makeSessions(database, attempt),
    secondFactors: makeSecondFactors(executor, attempt),
    passkeys: makePasskeys(executor, attempt),
    invitations: makeInvitations(executor, attempt),
    audit: makeAudit(executor, attempt),
    nodes: makeNodes(executor, attempt),
    journal: makeJournal(database, attempt),
    leases: makeLeases(database, attempt, guard),
    settings: makeSettings(database, attempt),
    archive: makeArchive(database, attempt, clock),
    ...makePersonal(executor, attempt, clock),
    close() {
      closing ??= end().then(() => database.disconnect());
      return closing;
    },
  };
}
