import { COMMAND_LINE, issuePasswordLink, noteAct, turnAccount, turnAdmin } from '#store';
import { type CliDeps, type Outcome, refused } from './outcome.ts';
import { readAccount, withoutScheme } from './read-account.ts';
import { passwordRefusal } from './user-add.ts';

/** From then on it neither logs in nor authenticates; its subscriptions and publications end within a second. */
export function disableUser(deps: CliDeps, name: string): Promise<Outcome> {
  return turn(deps, name, true);
}

export function enableUser(deps: CliDeps, name: string): Promise<Outcome> {
  return turn(deps, name, false);
}

async function turn(deps: CliDeps, name: string, disabled: boolean): Promise<Outcome> {
  const account = readAccount(name, deps.domains);
  if (account.kind === 'refused') return account;
  const shown = withoutScheme(account.aor);
  if (!(await turnAccount(deps, COMMAND_LINE, account.aor, disabled))) return refused(`there is no account ${shown}`);
  return {
    kind: 'done',
    lines: [`${disabled ? 'Disabled' : 'Enabled'} ${shown}`],
    value: { account: shown, disabled },
  };
}

/** Who may run the server by the portal: see and change accounts, event packages and who may register. */
export async function setAdmin(deps: CliDeps, name: string, admin: boolean): Promise<Outcome> {
  const account = readAccount(name, deps.domains);
  if (account.kind === 'refused') return account;
  const shown = withoutScheme(account.aor);
  if (!(await turnAdmin(deps, COMMAND_LINE, account.aor, admin))) return refused(`there is no account ${shown}`);
  const line = admin ? `${shown} may run this server by the portal` : `${shown} may not run this server by the portal`;
  return { kind: 'done', lines: [line], value: { account: shown, admin } };
}

/**
 * A link by which whoever gets it sets a new password, once, within a day. The password until now stays good meanwhile.
 * @param portal where the portal is found, `https://presence.example.com`; undefined leaves that to the reader.
 */
export async function resetLink(deps: CliDeps, name: string, portal: string | undefined): Promise<Outcome> {
  const account = readAccount(name, deps.domains);
  if (account.kind === 'refused') return account;
  const shown = withoutScheme(account.aor);
  const issued = await issuePasswordLink(deps, COMMAND_LINE, account.aor);
  if (issued === undefined) return refused(`there is no account ${shown}`);
  const until = new Date(issued.expiresAt).toISOString();
  const link = portal === undefined ? issued.path : `${portal.replace(/\/+$/, '')}${issued.path}`;
  return {
    kind: 'done',
    lines: [link, `It sets a new password for ${shown}, once, until ${until}: give it to nobody else`],
    value: { account: shown, link, expiresAt: until },
  };
}

/** Takes its rules, sessions, publications and subscriptions along; other people's rules about it stay. */
export async function deleteUser(deps: CliDeps, name: string): Promise<Outcome> {
  const account = readAccount(name, deps.domains);
  if (account.kind === 'refused') return account;
  const shown = withoutScheme(account.aor);
  if (!(await deps.store.accounts.remove(account.aor))) return refused(`there is no account ${shown}`);
  await noteAct(deps, COMMAND_LINE, 'account-deleted', account.aor);
  return { kind: 'done', lines: [`Deleted ${shown}`], value: { account: shown } };
}

/** Sets the password of portal and phones anew, ends the account's browser sessions and takes its passkeys away. */
export async function setPassword(deps: CliDeps, name: string, password: string): Promise<Outcome> {
  const account = readAccount(name, deps.domains);
  if (account.kind === 'refused') return account;
  const why = passwordRefusal(password);
  if (why !== undefined) return refused(`${why}; nothing was changed`);
  const { store, secrets, realms } = deps;
  const shown = withoutScheme(account.aor);
  const known = await store.accounts.find(account.aor);
  if (known === undefined) return refused(`there is no account ${shown}`);
  const isSet = await store.accounts.setSecrets(account.aor, {
    passwordHash: await secrets.hashPassword(password),
    credentials: secrets.credentialsFor(known.username, realms.of(known.domain), password),
  });
  if (!isSet) return refused(`there is no account ${shown}`);
  await store.tickets.forget(account.aor);
  const sessions = await store.sessions.endAll(account.aor);
  const passkeys = await store.passkeys.removeAll(account.aor);
  await noteAct(deps, COMMAND_LINE, 'password-set', account.aor);
  return {
    kind: 'done',
    lines: [`Set the password of ${shown}; ${sessions} browser sessions ended`],
    value: { account: shown, sessionsEnded: sessions, passkeysRemoved: passkeys },
  };
}
