import type { Words } from './words/index.ts';

/**
 * What the registration form asks of a password: long enough, not the name, not one that everybody tries first.
 * Nothing about digits and signs: length is what counts (NIST SP 800-63B §3.1.1.2). The administrator is not bound.
 */

export const MIN_PASSWORD_LENGTH = 10;
/** argon2 would take more, but nobody types more, and hashing costs. */
export const MAX_PASSWORD_LENGTH = 256;

/** The commonest of published lists that are long enough to pass otherwise; compared in lower case, without signs at the ends. */
const COMMONEST: ReadonlySet<string> = new Set([
  '0123456789',
  '0987654321',
  '1111111111',
  '1122334455',
  '1234567890',
  '12345678910',
  '123456789a',
  '1234512345',
  '1q2w3e4r5t',
  '1q2w3e4r5t6y',
  '1qaz2wsx3edc',
  '9876543210',
  'abc1234567',
  'abcd123456',
  'abcdefghij',
  'administrator',
  'asdfghjkl1',
  'basketball',
  'changeme123',
  'correcthorsebatterystaple',
  'football123',
  'iloveyou123',
  'iloveyou12',
  'letmein123',
  'liverpool1',
  'manchester',
  'michelle123',
  'password',
  'password01',
  'password12',
  'password123',
  'password1234',
  'princess123',
  'q1w2e3r4t5',
  'q1w2e3r4t5y6',
  'qazwsxedc1',
  'qwerty12345',
  'qwerty123456',
  'qwertyuiop',
  'qwertyuiop1',
  'qwertzuiop',
  'superman123',
  'sunshine123',
  'welcome123',
  'zaq12wsxcde3',
]);

/** @returns what is wrong with it, for the person who chose it; undefined when it will do. */
export function weaknessOf(password: string, username: string, { passwords }: Words): string | undefined {
  const length = [...password].length;
  if (length < MIN_PASSWORD_LENGTH) return passwords.short(MIN_PASSWORD_LENGTH);
  if (length > MAX_PASSWORD_LENGTH) return passwords.long(MAX_PASSWORD_LENGTH);
  const bare = password.toLowerCase().replaceAll(/^[^a-z0-9]+|[^a-z0-9]+$/g, '');
  if (isMadeOf(bare, username.toLowerCase())) return passwords.name;
  if (COMMONEST.has(bare) || new Set(bare).size < 4) return passwords.common;
  return undefined;
}

/** True for the name itself, the name repeated, and the name with digits at its end. */
function isMadeOf(password: string, username: string): boolean {
  if (username === '') return false;
  const rest = password.replaceAll(username, '');
  return rest !== password && /^[0-9]*$/.test(rest);
}
