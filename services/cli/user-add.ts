import { COMMAND_LINE, noteAct } from '#store';
import { type CliDeps, type Outcome, refused } from './outcome.ts';
import { readAccount, withoutScheme } from './read-account.ts';

/** The longest password taken, in characters: hashing a longer one would only cost time. */
const MAX_PASSWORD = 1024;

/**
 * Makes an account with a portal password and the digest credentials that phones need. Only the empty password is
 * refused: strength is asked for by the web form, not of the administrator.
 */
export async function addUser(deps: CliDeps, name: string, password: string): Promise<Outcome> {
  const account = readAccount(name, deps.domains);
  if (account.kind === 'refused') return account;
  const why = passwordRefusal(password);
  if (why !== undefined) return refused(`${why}; nothing was added`);
  const { aor, username, domain } = account;
  const made = await deps.store.accounts.create({
    aor,
    username,
    domain,
    passwordHash: await deps.secrets.hashPassword(password),
    credentials: deps.secrets.credentialsFor(username, deps.realms.of(domain), password),
    createdAt: deps.clock.now(),
  });
  if (made === 'taken') return refused(`${withoutScheme(aor)} exists already`);
  await noteAct(deps, COMMAND_LINE, 'account-added', aor);
  return { kind: 'done', lines: [`Added ${withoutScheme(aor)}`], value: { account: withoutScheme(aor) } };
}

/** @returns what is wrong with it; the strength is the administrator's own matter. */
export function passwordRefusal(password: string): string | undefined {
  if (password === '') return 'the password is empty';
  return password.length > MAX_PASSWORD ? `the password is longer than ${MAX_PASSWORD} characters` : undefined;
}
