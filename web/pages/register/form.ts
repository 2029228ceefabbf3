import type { Domains } from '#model';
import { isUsername } from '../../names.ts';
import { weaknessOf } from '../../passwords.ts';
import { type FormErrors, type FormReading, fieldOf } from '../../plugins/forms.ts';
import type { Words } from '../../words/index.ts';

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
export function readRegistration(
  body: unknown,
  { all, domain: first }: Domains,
  words: Words,
): FormReading<Registration> {
  const { username, domain } = { ...keptOf(body), ...(all.length === 1 ? { domain: first } : {}) };
  const password = fieldOf(body, 'password');
  const errors: FormErrors = {
    ...named('username', wrongWithName(username, words)),
    ...named('password', weaknessOf(password, username, words)),
    ...named('domain', all.includes(domain) ? undefined : words.register.chooseDomain),
  };
  return Object.keys(errors).length > 0
    ? { kind: 'wrong', errors }
    : { kind: 'good', values: { username, password, domain } };
}

const named = (field: string, error: string | undefined): FormErrors => (error === undefined ? {} : { [field]: error });

function wrongWithName(username: string, { register }: Words): string | undefined {
  if (username === '') return register.needName;
  if (isUsername(username)) return undefined;
  if (username.length > 64) return register.longName;
  return register.badName;
}
