import type { Writable } from 'node:stream';
import { ALGORITHMS, type Algorithm } from '#store';
import { csvLine } from './csv.ts';
import { type CliDeps, type Outcome, type Progress, refused } from './outcome.ts';
import { writeTo } from './stream.ts';
import { pagesOfAccounts } from './user-list.ts';

const COLUMNS = ['username', 'domain', 'realm', 'algorithm', 'ha1', 'disabled', 'created'];

/**
 * Writes all accounts as CSV that `user import` takes, here or elsewhere: phones go on with their passwords where the realm
 * is the same. Passwords of single devices are not part of it. Whoever has the file can authenticate as everybody in it.
 */
export async function exportUsers(
  deps: CliDeps,
  file: Writable,
  algorithmName: string,
  progress: Progress,
): Promise<Outcome> {
  const algorithm = ALGORITHMS.find((known) => known === algorithmName.toUpperCase());
  if (algorithm === undefined) return refused(`'${algorithmName}' is not one of ${ALGORITHMS.join(', ')}`);
  let exported = 0;
  let without = 0;
  await writeTo(file, `${csvLine(COLUMNS)}\r\n`);
  for await (const page of pagesOfAccounts(deps)) {
    const credentials = await deps.store.accounts.credentials(page.map(({ aor }) => aor));
    let text = '';
    for (const { aor, username, domain, disabled, createdAt } of page) {
      const { realm, ha1 } = ha1Of(deps, deps.realms.of(domain), credentials.get(aor)?.credentials ?? [], algorithm);
      if (ha1 === '') without += 1;
      const created = new Date(createdAt).toISOString();
      text += `${csvLine([username, domain, realm, algorithm, ha1, String(disabled), created])}\r\n`;
    }
    await writeTo(file, text);
    exported += page.length;
    progress.done(exported);
  }
  const lines = [`Exported ${exported} accounts`];
  if (without > 0) lines.push(`${without} of them have no ${algorithm} credential that can be opened`);
  return { kind: without > 0 ? 'partly' : 'done', lines, value: { exported, without, algorithm } };
}

function ha1Of(
  { secrets }: CliDeps,
  realm: string,
  credentials: readonly Parameters<CliDeps['secrets']['openHa1']>[0][],
  algorithm: Algorithm,
): { readonly realm: string; readonly ha1: string } {
  const fitting = credentials.filter(({ algorithm: made, device }) => made === algorithm && device === undefined);
  const best = fitting.find((credential) => credential.realm === realm) ?? fitting[0];
  return { realm: best?.realm ?? realm, ha1: best === undefined ? '' : (secrets.openHa1(best) ?? '') };
}
