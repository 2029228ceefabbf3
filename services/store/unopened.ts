import type { Secrets } from './secrets.ts';
import type { SealedCredential, Store } from './store.ts';

/** So many are tried: while the key is being changed some are of the other key, which opens them too. */
const TRIED = 64;

/**
 * A credential that no key of ours opens, if there is one: the key was lost, or is another installation's. Nothing says
 * so by itself, since a phone is only told that its password is wrong. Looks at a few credentials of another key.
 * @throws StoreUnavailable
 */
export async function findUnopened(
  { accounts }: Pick<Store, 'accounts'>,
  secrets: Pick<Secrets, 'keyId' | 'openHa1'>,
): Promise<SealedCredential | undefined> {
  const page = await accounts.sealedOtherwise({ keyId: secrets.keyId, limit: TRIED });
  return page.map(({ credential }) => credential).find((credential) => secrets.openHa1(credential) === undefined);
}
