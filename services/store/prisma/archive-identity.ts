/** SecondFactor, RecoveryCode, Passkey: how a back-up reads them. */
import type { Aor } from '#model';
import type { ArchiveRow } from '../store.ts';
import { toBytes, toNumber, toText } from './decode.ts';
import { pages, type Queries } from './pages.ts';
import { marks, padded } from './statements.ts';

export const FACTOR = ['loginId', 'sealed', 'keyId', 'since', 'lastStep'] as const;
export const PASSKEY = [
  'id',
  'loginId',
  'publicKey',
  'counter',
  'transports',
  'label',
  'createdAt',
  'lastUsedAt',
] as const;

export async function readIdentity(
  queries: Queries,
  take: (rows: readonly ArchiveRow[]) => Promise<void>,
): Promise<void> {
  for await (const page of pages(
    queries,
    'SELECT f.`loginId`, l.`aor`, f.`sealed`, f.`keyId`, f.`since`, f.`lastStep` FROM `SecondFactor` f JOIN `Login` l ON l.`id` = f.`loginId`',
    'f.`loginId`',
    0,
  )) {
    const ids = padded(page.map(([id]) => toNumber(id)));
    const sql = `SELECT \`loginId\`, \`hash\` FROM \`RecoveryCode\` WHERE \`loginId\` IN (${marks(ids.length)}) ORDER BY \`hash\``;
    const codes = new Map<number, string[]>(ids.map((id) => [id, []]));
    for (const [id, hash] of await queries.query(sql, ids)) codes.get(toNumber(id))?.push(toText(hash));
    await take(
      page.map(([id, aor, sealed, keyId, since, lastStep]) => ({
        table: 'second-factor',
        aor: toText(aor) as Aor,
        factor: {
          sealed: toBytes(sealed),
          keyId: toText(keyId),
          since: toNumber(since),
          lastStep: toNumber(lastStep),
          recoveryHashes: codes.get(toNumber(id)) ?? [],
        },
      })),
    );
  }
  for await (const page of pages(
    queries,
    'SELECT p.`id`, l.`aor`, p.`publicKey`, p.`counter`, p.`transports`, p.`label`, p.`createdAt`, p.`lastUsedAt` FROM `Passkey` p JOIN `Login` l ON l.`id` = p.`loginId`',
    'p.`id`',
    '',
  )) {
    await take(
      page.map(([id, aor, publicKey, counter, transports, label, createdAt, lastUsedAt]) => ({
        table: 'passkey',
        passkey: {
          id: toText(id),
          aor: toText(aor) as Aor,
          publicKey: toBytes(publicKey),
          counter: toNumber(counter),
          transports: toText(transports),
          label: toText(label),
          createdAt: toNumber(createdAt),
          lastUsedAt: lastUsedAt === null ? undefined : toNumber(lastUsedAt),
        },
      })),
    );
  }
}
