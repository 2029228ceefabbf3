import type { Aor } from '#model';
import { ALGORITHMS, type SealedCredential } from '#store';
import type { PortalDeps } from '../../deps.ts';
import type { Login } from './form.ts';

export type Check =
  | { readonly kind: 'welcome'; readonly aor: Aor }
  /** Wrong name or wrong password: nobody may learn which. */
  | { readonly kind: 'unknown' }
  /** The right password of an account that the administrator closed. */
  | { readonly kind: 'disabled' };

/**
 * Checks a password, in the same time whether or not there is such an account. After a right one, what the account lacks
 * is made good: imported accounts get their argon2id, and phone credentials follow the realm and the algorithms of today.
 */
export async function checkLogin({ aor, password }: Login, deps: PortalDeps): Promise<Check> {
  const { store, secrets } = deps;
  if (aor === undefined) return refuseSlowly(password, deps);
  // All is asked at once, also for a name without an account: it takes no other time.
  const [account, stored, found] = await Promise.all([
    store.accounts.find(aor),
    store.accounts.passwordHash(aor),
    store.accounts.credentials([aor]),
  ]);
  if (account === undefined) return refuseSlowly(password, deps);
  const all = found.get(aor)?.credentials ?? [];
  // The password of a single device opens no portal.
  const credentials = all.filter(({ device }) => device === undefined);
  const hash = stored?.hash;
  if (hash === undefined) {
    if (!credentials.some((credential) => secrets.passwordMatches(credential, password)))
      return refuseSlowly(password, deps);
  } else if (!(await secrets.verifyPassword(hash, password))) {
    return { kind: 'unknown' };
  }
  if (account.disabled) return { kind: 'disabled' };
  const realm = deps.realms.of(account.domain);
  const current = isCurrent(credentials, account.username, realm, secrets.keyId);
  if (hash === undefined || !current)
    await store.accounts.setSecrets(account.aor, {
      ...(hash === undefined ? { passwordHash: await secrets.hashPassword(password) } : {}),
      ...(current ? {} : { credentials: secrets.credentialsFor(account.username, realm, password) }),
    });
  return { kind: 'welcome', aor: account.aor };
}

async function refuseSlowly(password: string, { secrets }: PortalDeps): Promise<Check> {
  await secrets.verifyNobody(password);
  return { kind: 'unknown' };
}

/** True when there is a credential for each algorithm, in the realm that stands, under the key in use. */
function isCurrent(credentials: readonly SealedCredential[], username: string, realm: string, keyId: string): boolean {
  return ALGORITHMS.every((algorithm) =>
    credentials.some(
      (credential) =>
        credential.algorithm === algorithm &&
        credential.realm === realm &&
        credential.username === username &&
        credential.keyId === keyId,
    ),
  );
}
