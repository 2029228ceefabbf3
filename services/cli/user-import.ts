import type { Readable } from 'node:stream';
import { type Aor, canonicalDomain } from '#model';
import { ALGORITHMS, type Algorithm, type NewAccount, type SealedCredential, StoreUnavailable } from '#store';
import { type ImportRow, readImportRows, type Sheet } from './import-rows.ts';
import { type CliDeps, type ImportProgress, type Outcome, refused } from './outcome.ts';
import { readAccount, withoutScheme } from './read-account.ts';

const COLUMNS = ['username', 'password', 'ha1', 'realm', 'algorithm', 'domain', 'disabled'] as const;
type Column = (typeof COLUMNS)[number];

const SHEET: Sheet<Column> = {
  columns: COLUMNS,
  suffices: (has) => has('username') && (has('password') || has('ha1')),
  wanted: 'username,password or username,ha1 (and realm, algorithm, domain, disabled)',
};

const BATCH = 1000;
/** So many bad rows are listed in the outcome; all are told as they come. */
const LISTED = 1000;
const HA1_LENGTH: Readonly<Record<Algorithm, number>> = { MD5: 32, 'SHA-256': 64, 'SHA-512-256': 64 };
const MAX_REALM = 190;

interface Waiting {
  readonly line: number;
  readonly account: NewAccount;
  readonly disabled: boolean;
}

/**
 * Adds the accounts of a CSV file, a thousand a transaction. Rows that cannot be taken are told with their line and
 * passed over. No argon2 hash is made: the first log-in at the portal is checked against an HA1 and then stores one.
 */
export async function importUsers(deps: CliDeps, file: Readable, progress: ImportProgress): Promise<Outcome> {
  const listed: { readonly line: number; readonly why: string }[] = [];
  let bad = 0;
  let added = 0;
  let foreignRealms = 0;
  let waiting: Waiting[] = [];
  /** Whose accounts those are. */
  const names = new Set<Aor>();
  const tellBad = (line: number, why: string): void => {
    bad += 1;
    if (listed.length < LISTED) listed.push({ line, why });
    progress.bad(line, why);
  };
  const keep = async (): Promise<void> => {
    const batch = waiting;
    waiting = [];
    names.clear();
    const outcomes = await deps.store.accounts.createMany(batch.map(({ account }) => account));
    for (const [index, { line, account, disabled }] of batch.entries()) {
      if (outcomes[index] === 'created') {
        added += 1;
        if (account.credentials.some(({ realm }) => realm !== deps.realms.of(account.domain))) foreignRealms += 1;
        if (disabled) await deps.store.accounts.setDisabled(account.aor, true);
      } else tellBad(line, `${withoutScheme(account.aor)} exists already`);
    }
    progress.done(added);
  };
  try {
    for await (const row of readImportRows(file, SHEET)) {
      if (row.kind === 'end' && added + bad + waiting.length === 0) return refused(`line ${row.line}: ${row.why}`);
      const account = row.kind === 'row' ? accountOf(deps, row) : row.why;
      if (typeof account === 'string') tellBad(row.line, account);
      else if (names.has(account.aor)) tellBad(row.line, `${withoutScheme(account.aor)} is in the file twice`);
      else {
        names.add(account.aor);
        if (waiting.push({ line: row.line, account, disabled: isDisabled(row) }) >= BATCH) await keep();
      }
    }
    if (waiting.length > 0) await keep();
  } catch (fault) {
    if (!(fault instanceof StoreUnavailable)) throw fault;
    return refused(`the database is away (${fault.message}); ${added} accounts were added, run the import again later`);
  }
  const lines = [`Added ${added} accounts, passed over ${bad} lines`];
  if (foreignRealms > 0) {
    lines.push(
      `${foreignRealms} of them have an HA1 of another realm than '${deps.realms.of(deps.domains.domain)}': their phones are let in after their first log-in at the portal`,
    );
  }
  return { kind: bad > 0 ? 'partly' : 'done', lines, value: { added, passedOver: bad, foreignRealms, bad: listed } };
}

/** @returns the account, or what is wrong with the row. */
function accountOf(deps: CliDeps, { fields }: ImportRow<Column> & { readonly kind: 'row' }): NewAccount | string {
  const username = fields.get('username');
  if (username === undefined) return 'has no user name';
  const domain = fields.get('domain');
  const name = readAccount(domain === undefined ? username : `${username}@${domain}`, deps.domains);
  if (name.kind === 'refused') return name.why;
  if (domain !== undefined && (username.includes('@') || canonicalDomain(domain) === undefined)) {
    return `'${username}' and '${domain}' make no address`;
  }
  const credentials = credentialsOf(deps, name.username, deps.realms.of(name.domain), fields);
  if (typeof credentials === 'string') return credentials;
  return {
    aor: name.aor,
    username: name.username,
    domain: name.domain,
    passwordHash: undefined,
    credentials,
    createdAt: deps.clock.now(),
  };
}

function isDisabled(row: ImportRow<Column>): boolean {
  return row.kind === 'row' && /^(true|yes|1)$/i.test(row.fields.get('disabled') ?? '');
}

/** From a clear password in our own realm, or from a ready HA1 in the realm it was made for. */
function credentialsOf(
  { secrets }: CliDeps,
  username: string,
  ownRealm: string,
  fields: ReadonlyMap<Column, string>,
): readonly SealedCredential[] | string {
  const password = fields.get('password');
  const ha1 = fields.get('ha1');
  if (password === undefined && ha1 === undefined) return 'has neither a password nor an ha1';
  if (password !== undefined && ha1 !== undefined) return 'has both a password and an ha1';
  if (password !== undefined) return secrets.credentialsFor(username, ownRealm, password);
  const algorithm = ALGORITHMS.find((known) => known === (fields.get('algorithm') ?? 'MD5').toUpperCase());
  if (algorithm === undefined) return `'${fields.get('algorithm')}' is not one of ${ALGORITHMS.join(', ')}`;
  const realm = fields.get('realm') ?? ownRealm;
  if (realm.length > MAX_REALM || realm !== realm.trim()) return 'has a realm that cannot be kept';
  const hex = ha1?.toLowerCase() ?? '';
  if (!/^[0-9a-f]+$/.test(hex) || hex.length !== HA1_LENGTH[algorithm]) {
    return `the ha1 is not ${HA1_LENGTH[algorithm]} hexadecimal digits (${algorithm})`;
  }
  return [secrets.sealHa1(username, realm, algorithm, hex)];
}
