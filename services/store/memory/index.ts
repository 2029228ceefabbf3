/**
 * The reference implementation of the port: everything in maps, nothing survives the process. For tests, and the place
 * to read what the port promises without SQL in between. It starts as a database does after its first migration.
 */
import type { Clock } from '#runtime';
import type { Store } from '../store.ts';
import { makeMemoryAccounts } from './accounts.ts';
import { makeMemoryArchive } from './archive.ts';
import { makeMemoryDevicePasswords } from './device-passwords.ts';
import { makeMemoryAudit, makeMemoryInvitations, makeMemoryPasskeys, makeMemorySecondFactors } from './identity.ts';
import { makeMemoryJournal } from './journal.ts';
import { makeMemoryLeases, makeMemorySettings } from './leases.ts';
import { makeMemoryNodes } from './nodes.ts';
import { makeMemoryPersonal } from './personal.ts';
import { makeMemoryPublications } from './publications.ts';
import { makeMemoryRows } from './rows.ts';
import { makeMemoryEventLoader, makeMemoryRules } from './rules.ts';
import { makeMemorySessions } from './sessions.ts';
import { makeMemorySubscriptions } from './subscriptions.ts';
import { makeMemoryWaiting } from './waiting.ts';

export function makeMemoryStore({ clock }: { readonly clock: Clock }): Store {
  const rows = makeMemoryRows();
  const { journal, note } = makeMemoryJournal(clock);
  const { leases, mustHoldRole } = makeMemoryLeases();
  return {
    accounts: makeMemoryAccounts(rows, note),
    devicePasswords: makeMemoryDevicePasswords(rows, note),
    rules: makeMemoryRules(rows, note),
    eventLoader: makeMemoryEventLoader(rows, note),
    publications: makeMemoryPublications(rows, note, mustHoldRole),
    subscriptions: makeMemorySubscriptions(rows, mustHoldRole),
    waiting: makeMemoryWaiting(rows, mustHoldRole),
    sessions: makeMemorySessions(rows),
    secondFactors: makeMemorySecondFactors(rows),
    passkeys: makeMemoryPasskeys(rows),
    invitations: makeMemoryInvitations(rows),
    audit: makeMemoryAudit(),
    nodes: makeMemoryNodes(),
    journal,
    leases,
    settings: makeMemorySettings(rows),
    archive: makeMemoryArchive(rows, note),
    ...makeMemoryPersonal(rows, note),
    close: async () => undefined,
  };
}
