import type { Domains } from '#model';
import { isUsername } from '../../names.ts';
import { weaknessOf } from '../../passwords.ts';
import { type FormErrors, type FormReading, fieldOf } from '../../plugins/forms.ts';

export interface Registration {
  readonly username: string;
  readonly password: string;
  /** One of ours. */
  readonly domain: string;
}

/** What the form is filled with when it comes back: never a password. */
export const keptOf = (body: unknown): { readonly username: string; readonly domain: string } => ({
  username: fieldOf(body, 'username').trim(),
  domain: fieldOf(body, 'domain'),
});

/** The form asks for the domain only where there are several. */
export function readRegistration(body: unknown, { all, domain: first }: Domains): FormReading<Registration> {
  const { username, domain } = { ...keptOf(body), ...(all.length === 1 ? { domain: first } : {}) };
  const password = fieldOf(body, 'password');
  const errors: FormErrors = {
    ...named('username', wrongWithName(username)),
    ...named('password', weaknessOf(password, username)),
    ...named('domain', all.includes(domain) ? undefined : 'Please choose one of these domains.'),
  };
  return Object.keys(errors).length > 0
    ? { kind: 'wrong', errors }
    : { kind: 'good', values: { username, password, domain } };
}

const named = (field: string, error: string | undefined): FormErrors => (error === undefined ? {} : { [field]: error });

function wrongWithName(username: string): string | undefined {
  if (username === '') return 'Please choose a user name.';
  if (isUsername(username)) return undefined;
  if (username.length > 64) return 'Please take at most 64 characters.';
  return 'Please use lower-case letters, digits, dots, hyphens and underscores, and begin with a letter or a digit.';
}
