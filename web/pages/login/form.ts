import type { Aor, Domains } from '#model';
import { readLoginName } from '../../names.ts';
import { MAX_PASSWORD_LENGTH } from '../../passwords.ts';
import { type FormReading, fieldOf } from '../../plugins/forms.ts';
import type { Words } from '../../words/index.ts';

export interface Login {
  /** Undefined when nobody here can have that name; then the password is checked against nobody's. */
  readonly aor: Aor | undefined;
  readonly password: string;
}

export const keptOf = (body: unknown): { readonly username: string } => ({
  username: fieldOf(body, 'username').trim(),
});

export function readLogin(body: unknown, domains: Domains, { login }: Words): FormReading<Login> {
  const { username } = keptOf(body);
  const password = fieldOf(body, 'password');
  const errors = {
    ...(username === '' ? { username: login.needName } : {}),
    ...(password === '' ? { password: login.needPassword } : {}),
  };
  if (Object.keys(errors).length > 0) return { kind: 'wrong', errors };
  // Longer than any password we took (imports aside, which argon2 would bear): hashed all the same, cut, to no avail.
  return {
    kind: 'good',
    values: { aor: readLoginName(username, domains), password: password.slice(0, 4 * MAX_PASSWORD_LENGTH) },
  };
}
