/**
 * Many accounts at once: a thousand rows per transaction, each whole with its credentials. An import that is cut off can
 * be run again: what is there already is `taken`. Up to MANY_ACCOUNTS, each gets a Change of its own; a larger import
 * leaves one Change «everything» per transaction.
 */
import type { Aor, Change } from '#model';
import type { Clock } from '#runtime';
import { DatabaseFault } from '../database-fault.ts';
import { MANY_ACCOUNTS } from '../limits.ts';
import type { NewAccount, SealedCredential } from '../store.ts';
import { noteChanges } from './changes.ts';
import type { Attempt } from './database.ts';
import { toNumber, toText } from './decode.ts';
import type { Executor, Statements, Value } from './executor.ts';
import { inBatches, insertSql, marks } from './statements.ts';

type Outcome = 'created' | 'taken';

const ROWS = 1000;
const TRIES = 4;
const LOGIN = ['aor', 'username', 'domain', 'passwordHash', 'disabled', 'createdAt'] as const;
const CREDENTIAL = ['loginId', 'username', 'realm', 'algorithm', 'sealedHa1', 'keyId', 'label', 'createdAt'] as const;

export async function insertAccounts(
  executor: Executor,
  attempt: Attempt,
  clock: Clock,
  accounts: readonly NewAccount[],
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  const many = accounts.length > MANY_ACCOUNTS;
  for (const batch of inBatches(accounts, ROWS)) {
    outcomes.push(...(await insertBatch(executor, attempt, clock, batch, many)));
  }
  return outcomes;
}

/** A name that another process took between our reading and our writing shows as a fault: then all is read again. */
async function insertBatch(
  executor: Executor,
  attempt: Attempt,
  clock: Clock,
  batch: readonly NewAccount[],
  many: boolean,
): Promise<readonly Outcome[]> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt(() =>
        executor.transaction((statements) => insertFree(statements, batch, clock.now(), many)),
      );
    } catch (fault) {
      if (tries === TRIES || !(fault instanceof DatabaseFault && fault.kind === 'taken')) throw fault;
    }
  }
}

async function insertFree(
  statements: Statements,
  batch: readonly NewAccount[],
  at: number,
  many: boolean,
): Promise<readonly Outcome[]> {
  const names = batch.map(({ aor }) => aor);
  const taken = new Set((await readIds(statements, names)).keys());
  const outcomes = batch.map(({ aor }): Outcome => {
    if (taken.has(aor)) return 'taken';
    taken.add(aor);
    return 'created';
  });
  const created = batch.filter((_, index) => outcomes[index] === 'created');
  if (created.length === 0) return outcomes;
  await statements.execute(insertSql('Login', LOGIN, created.length), created.flatMap(loginValues));
  const ids = await readIds(
    statements,
    created.map(({ aor }) => aor),
  );
  await insertCredentials(
    statements,
    created.flatMap(({ aor, credentials }) => credentials.map((one) => ({ ...one, loginId: ids.get(aor) ?? 0 }))),
  );
  const changes: readonly Change[] = many
    ? [{ kind: 'everything', subject: '' }]
    : created.map(({ aor }) => ({ kind: 'account', subject: aor }));
  await noteChanges(statements, changes, at);
  return outcomes;
}

export async function insertCredentials(
  statements: Statements,
  rows: readonly (SealedCredential & { readonly loginId: number })[],
): Promise<void> {
  for (const batch of inBatches(rows, ROWS)) {
    await statements.execute(
      insertSql('Credential', CREDENTIAL, batch.length),
      batch.flatMap(({ loginId, username, realm, algorithm, sealedHa1, keyId, device }): readonly Value[] => [
        loginId,
        username,
        realm,
        algorithm,
        Buffer.from(sealedHa1),
        keyId,
        device?.label ?? '',
        device?.createdAt ?? 0,
      ]),
    );
  }
}

export async function readIds(statements: Statements, aors: readonly Aor[]): Promise<ReadonlyMap<Aor, number>> {
  const sql = `SELECT \`aor\`, \`id\` FROM \`Login\` WHERE \`aor\` IN (${marks(aors.length)})`;
  return new Map((await statements.query(sql, aors)).map(([aor, id]) => [toText(aor) as Aor, toNumber(id)]));
}

function loginValues({ aor, username, domain, passwordHash, createdAt }: NewAccount): readonly Value[] {
  return [aor, username, domain, passwordHash ?? null, 0, createdAt];
}
