/**
 * The reference implementation of the port: everything in maps, nothing survives the process. For tests, and the place
 * to read what the port promises without SQL in between. It starts as a database does after its first migration.
 */
import type { Aor } from '#model';
import type { Clock } from '#runtime';
import type { Store } from '../store.ts';
import { makeMemoryAccounts, makeMemorySessions, type StoredAccount } from './accounts.ts';
import { makeMemoryJournal } from './journal.ts';
import { makeMemoryLeases, makeMemorySettings } from './leases.ts';
import { makeMemoryPublications } from './publications.ts';
import { makeMemoryEventLoader, makeMemoryRules } from './rules.ts';
import { makeMemorySubscriptions } from './subscriptions.ts';

export function makeMemoryStore({ clock }: { readonly clock: Clock }): Store {
  const accounts = new Map<Aor, StoredAccount>();
  const { journal, note } = makeMemoryJournal(clock);
  const { eventLoader, knows } = makeMemoryEventLoader(note);
  return {
    accounts: makeMemoryAccounts(accounts, note),
    rules: makeMemoryRules(accounts, knows, note),
    eventLoader,
    publications: makeMemoryPublications(),
    subscriptions: makeMemorySubscriptions(),
    sessions: makeMemorySessions(accounts),
    journal,
    leases: makeMemoryLeases(),
    settings: makeMemorySettings(),
    close: async () => undefined,
  };
}
