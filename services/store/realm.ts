import { ConfigError } from '#runtime';
import type { Settings } from './store.ts';

/**
 * The digest realm that stands: fixed at the first start, because every stored HA1 was made with it (RFC 7616 §3.4.2).
 * @param configured SIP_REALM, or undefined to take what stands, at first the domain.
 * @throws ConfigError when another one is configured than stands.
 */
export async function settleRealm(
  settings: Pick<Settings, 'fix'>,
  configured: string | undefined,
  domain: string,
): Promise<string> {
  const realm = await settings.fix('realm', configured ?? domain);
  if (configured !== undefined && configured !== realm) {
    throw new ConfigError(`SIP_REALM: '${configured}' is not the realm this database was set up with, '${realm}'`);
  }
  return realm;
}
