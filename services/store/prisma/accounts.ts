/** Login and Credential: accounts and what they authenticate with. */
import type { Aor } from '#model';
import type { Clock } from '#runtime';
import { DatabaseFault } from '../database-fault.ts';
import { checkCredentials, checkNewAccount, couldBeAor } from '../limits.ts';
import type { Account, AccountCredentials, Accounts, Algorithm, SealedCredential } from '../store.ts';
import { makeAccountChanges } from './account-changes.ts';
import { insertAccounts, insertCredentials } from './account-import.ts';
import { lockAccount } from './account-row.ts';
import { noteChanges } from './changes.ts';
import type { Attempt, Database } from './database.ts';
import { toBytes, toNumber, toText } from './decode.ts';
import type { Row, Value } from './executor.ts';
import { makeSeals } from './seals.ts';
import { inBatches, marks, padded } from './statements.ts';

const SELECT_ACCOUNT = 'SELECT `aor`, `username`, `domain`, `createdAt`, `disabled`, `admin` FROM `Login`';

export function makeAccounts({ client, executor }: Database, attempt: Attempt, clock: Clock): Accounts {
  return {
    ...makeAccountChanges(executor, attempt, clock),
    ...makeSeals(executor, attempt),

    async create(account) {
      checkNewAccount(account);
      const { aor, username, domain, createdAt, passwordHash, credentials } = account;
      const login = {
        aor,
        username,
        domain,
        createdAt: BigInt(createdAt),
        passwordHash: passwordHash ?? null,
        credentials: { create: credentials.map(credentialRow) },
      };
      const change = { at: BigInt(clock.now()), kind: 'account', subject: aor };
      try {
        await attempt(() =>
          client.$transaction([
            client.login.create({ data: login, select: { id: true } }),
            client.change.create({ data: change, select: { id: true } }),
          ]),
        );
        return 'created';
      } catch (fault) {
        if (fault instanceof DatabaseFault && fault.kind === 'taken') return 'taken';
        throw fault;
      }
    },

    async createMany(accounts) {
      for (const account of accounts) checkNewAccount(account);
      return insertAccounts(executor, attempt, clock, accounts);
    },

    async find(aor) {
      if (!couldBeAor(aor)) return undefined;
      const [row] = await attempt(() => executor.query(`${SELECT_ACCOUNT} WHERE \`aor\` = ?`, [aor]));
      return row && readAccount(row);
    },

    async passwordHash(aor) {
      if (!couldBeAor(aor)) return undefined;
      const where = { where: { aor }, select: { passwordHash: true } };
      const row = await attempt(() => client.login.findUnique(where));
      return row === null ? undefined : { hash: row.passwordHash ?? undefined };
    },

    async list({ after, limit, search }) {
      const sql = `${SELECT_ACCOUNT} WHERE \`aor\` > ? AND INSTR(LOWER(\`aor\`), ?) > 0 ORDER BY \`aor\` LIMIT ${Math.trunc(limit)}`;
      const values = [after ?? '', search?.toLowerCase() ?? ''];
      return (await attempt(() => executor.query(sql, values))).map(readAccount);
    },

    async credentials(aors, algorithm) {
      const found = new Map<Aor, AccountCredentials & { readonly credentials: SealedCredential[] }>();
      for (const batch of inBatches([...new Set(aors.filter(couldBeAor))], 1024)) {
        for (const row of await attempt(() => executor.query(...credentialsQuery(batch, algorithm)))) {
          const aor = toText(row[0]) as Aor;
          const account = found.get(aor) ?? { disabled: toNumber(row[1]) !== 0, credentials: [] };
          found.set(aor, account);
          if (row[2] !== null) account.credentials.push(readCredential(row));
        }
      }
      return found;
    },

    async setSecrets(aor, { passwordHash, credentials }) {
      if (credentials !== undefined) checkCredentials(credentials);
      if (!couldBeAor(aor)) return false;
      return attempt(() =>
        executor.transaction(async (statements) => {
          const id = await lockAccount(executor, statements, aor);
          if (id === undefined) return false;
          if (passwordHash !== undefined) {
            await statements.execute('UPDATE `Login` SET `passwordHash` = ? WHERE `id` = ?', [passwordHash, id]);
          }
          if (credentials !== undefined) {
            await statements.execute("DELETE FROM `Credential` WHERE `loginId` = ? AND `label` = ''", [id]);
            await insertCredentials(
              statements,
              credentials.map((credential) => ({ ...credential, loginId: id })),
            );
          }
          await noteChanges(statements, [{ kind: 'account', subject: aor }], clock.now());
          return true;
        }),
      );
    },
  };
}

/** One query for many accounts: what the SIP side asks when its cache does not know. */
function credentialsQuery(aors: readonly Aor[], algorithm?: Algorithm): readonly [string, readonly Value[]] {
  const values = padded(aors);
  const [only, those] = algorithm === undefined ? ['', values] : [' AND c.`algorithm` = ?', [algorithm, ...values]];
  const sql =
    'SELECT l.`aor`, l.`disabled`, c.`username`, c.`realm`, c.`algorithm`, c.`sealedHa1`, c.`keyId`, c.`label`, c.`createdAt`' +
    ' FROM `Login` l LEFT JOIN `Credential` c ON c.`loginId` = l.`id` AND c.`revokedAt` IS NULL' +
    `${only} WHERE l.\`aor\` IN (${marks(values.length)}) ORDER BY c.\`id\``;
  return [sql, those];
}

function credentialRow({ username, realm, algorithm, sealedHa1, keyId, device }: SealedCredential): {
  username: string;
  realm: string;
  algorithm: string;
  sealedHa1: Uint8Array<ArrayBuffer>;
  keyId: string;
  label: string;
  createdAt: bigint;
} {
  const { label, createdAt } = device ?? { label: '', createdAt: 0 };
  return {
    username,
    realm,
    algorithm,
    sealedHa1: Uint8Array.from(sealedHa1),
    keyId,
    label,
    createdAt: BigInt(createdAt),
  };
}

export function readAccount([aor, username, domain, createdAt, disabled, admin]: Row): Account {
  const account = {
    aor: toText(aor) as Aor,
    username: toText(username),
    domain: toText(domain),
    createdAt: toNumber(createdAt),
    disabled: toNumber(disabled) !== 0,
  };
  return toNumber(admin) === 0 ? account : { ...account, admin: true };
}

export function readCredential([
  ,
  ,
  username,
  realm,
  algorithm,
  sealedHa1,
  keyId,
  label,
  createdAt,
]: Row): SealedCredential {
  const credential = {
    username: toText(username),
    realm: toText(realm),
    algorithm: toText(algorithm) as Algorithm,
    sealedHa1: toBytes(sealedHa1),
    keyId: toText(keyId),
  };
  const name = toText(label);
  return name === '' ? credential : { ...credential, device: { label: name, createdAt: toNumber(createdAt) } };
}
