import { type CliDeps, type Outcome, refused } from './outcome.ts';
import { readAccount, withoutScheme } from './read-account.ts';

/** Everything the administrator may know of one account; no secret, and no presence. */
export async function showUser(deps: CliDeps, name: string): Promise<Outcome> {
  const { store, secrets, clock } = deps;
  const read = readAccount(name, deps.domains);
  if (read.kind === 'refused') return read;
  const { aor } = read;
  const account = await store.accounts.find(aor);
  if (account === undefined) return refused(`there is no account ${withoutScheme(aor)}`);
  const realm = deps.realms.of(account.domain);
  const all = (await store.accounts.credentials([aor])).get(aor)?.credentials ?? [];
  const credentials = all.filter(({ device }) => device === undefined);
  const devices = await store.devicePasswords.of(aor);
  const now = clock.now();
  const value = {
    account: withoutScheme(aor),
    disabled: account.disabled,
    createdAt: new Date(account.createdAt).toISOString(),
    portalPassword: (await store.accounts.passwordHash(aor))?.hash !== undefined,
    credentials: credentials.map((credential) => ({
      algorithm: credential.algorithm,
      realm: credential.realm,
      // Of another realm, or under a key that is not here: no phone gets in with it.
      usable: credential.realm === realm && secrets.openHa1(credential) !== undefined,
    })),
    devices: devices.map(({ label, createdAt, lastUsedAt, lastAddress }) => ({
      label,
      createdAt: new Date(createdAt).toISOString(),
      lastUsedAt: lastUsedAt === undefined ? undefined : new Date(lastUsedAt).toISOString(),
      lastAddress,
    })),
    rules: (await store.rules.of(aor)).length,
    publications: (await store.publications.of(aor, now)).length,
    watchers: (await store.subscriptions.of(aor, now)).length,
  };
  const phones = value.credentials.filter(({ usable }) => usable).map(({ algorithm }) => algorithm);
  const unusable = value.credentials.length - phones.length;
  return {
    kind: 'done',
    value,
    lines: [
      `${value.account}${value.disabled ? '  (disabled)' : ''}`,
      `  created       ${value.createdAt}`,
      `  portal        ${value.portalPassword ? 'has a password' : 'no password yet: the first log-in is checked like a phone'}`,
      `  phones        ${phones.length === 0 ? 'none can authenticate' : phones.join(', ')}${unusable > 0 ? ` (${unusable} unusable)` : ''}`,
      ...(devices.length === 0 ? [] : [`  devices       ${devices.map(({ label }) => label).join(', ')}`]),
      `  rules         ${value.rules}`,
      `  publications  ${value.publications}`,
      `  watchers      ${value.watchers}`,
    ],
  };
}
