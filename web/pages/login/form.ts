import type { Aor, Domains } from '#model';
import { readLoginName } from '../../names.ts';
import { MAX_PASSWORD_LENGTH } from '../../passwords.ts';
import { type FormReading, fieldOf } from '../../plugins/forms.ts';

export interface Login {
  /** Undefined when nobody here can have that name; then the password is checked against nobody's. */
  readonly aor: Aor | undefined;
  readonly password: string;
}

export const keptOf = (body: unknown): { readonly username: string } => ({
  username: fieldOf(body, 'username').trim(),
});

export function readLogin(body: unknown, domains: Domains): FormReading<Login> {
  const { username } = keptOf(body);
  const password = fieldOf(body, 'password');
  const errors = {
    ...(username === '' ? { username: 'Please enter your user name.' } : {}),
    ...(password === '' ? { password: 'Please enter your password.' } : {}),
  };
  if (Object.keys(errors).length > 0) return { kind: 'wrong', errors };
  // Longer than any password we took (imports aside, which argon2 would bear): hashed all the same, cut, to no avail.
  return {
    kind: 'good',
    values: { aor: readLoginName(username, domains), password: password.slice(0, 4 * MAX_PASSWORD_LENGTH) },
  };
}

const RETURNS: ReadonlySet<string> = new Set(['/presence', '/rules', '/watchers']);

/** Where to go after log-in: one of our own pages, never what a link says. */
export const readReturn = (text: string): string => (RETURNS.has(text) ? text : '/presence');
