import type { Readable, Writable } from 'node:stream';
import { type ArchiveRow, factorOwner, openSecrets, type SealedCredential, StoreUnavailable } from '#store';
import { BadArchive, FORMAT, readRows, VERSION, verifyArchive, writeArchive } from './archive-file.ts';
import { type Outcome, type Progress, refused, type UpkeepDeps } from './outcome.ts';
import { serviceIsAlive } from './service-alive.ts';

const PAGE = 500;
/**
 * Phones that went on while the back-up lay in a drawer were sent NOTIFYs of higher numbers than it knows: those sent
 * from it begin far above them, for a number that is skipped is legal and one that is repeated is not (RFC 3261 §12.2.1.1).
 */
const CSEQ_AHEAD = 1_000_000;
const HIGHEST_CSEQ = 2 ** 31 - 1;

/**
 * Writes everything that must not be lost, database and key together, as it stood at one moment, while the services go on.
 * Whoever has the file can authenticate as everybody in it.
 */
export async function backUp(deps: UpkeepDeps, file: Writable, progress: Progress): Promise<Outcome> {
  const { store, keys, clock } = deps;
  const writer = await writeArchive(file, {
    format: FORMAT,
    version: VERSION,
    madeAt: new Date(clock.now()).toISOString(),
    keys: keys.all().map((key) => Buffer.from(key).toString('base64')),
  });
  const counts = new Map<string, number>();
  let rows = 0;
  await store.archive.read(async (page) => {
    await writer.rows(page);
    for (const { table } of page) counts.set(table, (counts.get(table) ?? 0) + 1);
    rows += page.length;
    progress.done(rows);
  });
  await writer.end();
  return { kind: 'done', lines: [`Backed up ${worded(counts)}`], value: { rows, ...Object.fromEntries(counts) } };
}

/**
 * Puts a back-up in the place of what the database holds: all of it or nothing. The key that is here stays; credentials
 * are sealed with it anew, so that phones go on with the passwords they have.
 * @param open gives the file from its beginning, each time.
 */
export async function restore(
  deps: UpkeepDeps,
  open: () => Readable,
  options: { readonly replace: boolean },
  progress: Progress,
): Promise<Outcome> {
  const { store, secrets } = deps;
  if (await serviceIsAlive(deps)) {
    return refused('the SIP service is running: stop it and the portal, restore, and start them again');
  }
  if (!options.replace && !(await store.archive.isEmpty())) {
    return refused('the database is not empty; add --replace to put the back-up in the place of all that it holds');
  }
  try {
    const { head, rows } = await verifyArchive(open());
    const keys = head.keys.map((key) => new Uint8Array(Buffer.from(key, 'base64')));
    const theirs = openSecrets(() => keys);
    const counts = new Map<string, number>();
    const lost = new Set<string>();
    const fit = (row: ArchiveRow): ArchiveRow => {
      counts.set(row.table, (counts.get(row.table) ?? 0) + 1);
      if (row.table === 'subscription') return { ...row, subscription: ahead(row.subscription) };
      if (row.table === 'second-factor') {
        const { aor, factor } = row;
        const secret = theirs.open(factorOwner(aor), factor);
        if (secret === undefined) lost.add(aor);
        return secret === undefined
          ? row
          : { ...row, factor: { ...factor, ...secrets.seal(factorOwner(aor), secret) } };
      }
      if (row.table !== 'account') return row;
      const credentials = row.credentials.map((credential): SealedCredential => {
        const ha1 = theirs.openHa1(credential);
        if (ha1 === undefined) lost.add(row.account.aor);
        const { username, realm, algorithm } = credential;
        return ha1 === undefined ? credential : { ...credential, ...secrets.sealHa1(username, realm, algorithm, ha1) };
      });
      return { ...row, credentials };
    };
    await store.archive.replace(async function* pages() {
      counts.clear();
      let done = 0;
      for await (const page of readRows(open(), PAGE)) {
        yield page.map(fit);
        done += page.length;
        progress.done(done);
      }
    });
    const lines = [`Restored ${worded(counts)}, backed up at ${head.madeAt}`];
    if (lost.size > 0) lines.push(`${lost.size} accounts have credentials that no key of the back-up opens`);
    const value = { rows, madeAt: head.madeAt, ...Object.fromEntries(counts), unopened: lost.size };
    return { kind: lost.size > 0 ? 'partly' : 'done', lines, value };
  } catch (fault) {
    if (fault instanceof StoreUnavailable) return refused(`the database is away (${fault.message}); it is as it was`);
    if (fault instanceof BadArchive || fault instanceof RangeError)
      return refused(`${fault.message}; nothing was changed`);
    throw fault;
  }
}

function ahead<S extends { readonly reservedCseq: number; readonly told: string }>(subscription: S): S {
  // What the watcher was told since is not known: it is told anew.
  const reservedCseq = Math.min(HIGHEST_CSEQ - CSEQ_AHEAD, subscription.reservedCseq + CSEQ_AHEAD);
  return { ...subscription, reservedCseq, told: '' };
}

function worded(counts: ReadonlyMap<string, number>): string {
  const of = (table: string, word: string): string => `${counts.get(table) ?? 0} ${word}`;
  return [
    of('account', 'accounts'),
    of('rule', 'rules'),
    of('publication', 'publications'),
    of('subscription', 'subscriptions'),
    of('waiting', 'waiting'),
  ].join(', ');
}
