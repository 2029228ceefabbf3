import type { Clock, Log } from '#runtime';
import { makePrismaStore, openDatabase } from './prisma/index.ts';
import type { Store } from './store.ts';

/**
 * Opens the store of `file:/path/to/porchlight.db` (SQLite) or `mysql://user:password@host:port/database` (MySQL,
 * MariaDB; query parameters are the driver's options). Makes no tables: see `migrate`.
 *
 * A MySQL server need not be up: operations throw StoreUnavailable until it is.
 * @throws StoreUnavailable when a SQLite file cannot be opened.
 */
export async function openStore(
  databaseUrl: string,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Promise<Store> {
  return makePrismaStore(await openDatabase(databaseUrl, log), { clock, log });
}
