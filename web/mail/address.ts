import type { Aor } from '#model';
import type { Preferences } from '#store';
import type { PortalDeps } from '../deps.ts';
import { type Words, wordsFor } from '../words/index.ts';

/** A member's mail address, in their preferences: used once its owner has opened a link that was sent there. */
const ADDRESS = 'mail';
/** One whose link has not been opened yet. */
const NEW_ADDRESS = 'mail-new';
const LANGUAGE = 'mail-language';

const LONGEST = 254;
/** What people have; quoted local parts, comments and lists are left out on purpose. */
const IS_ADDRESS =
  /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;

/** Undefined for what is no mail address. */
export function readMailAddress(text: string): string | undefined {
  const trimmed = text.trim();
  return trimmed.length <= LONGEST && IS_ADDRESS.test(trimmed) ? trimmed : undefined;
}

export interface MailOf {
  readonly address: string | undefined;
  readonly unconfirmed: string | undefined;
  /** What letters to them are written in. */
  readonly words: Words;
}

/** From all preferences of one account. */
export function mailIn(preferences: ReadonlyMap<string, string>): MailOf {
  return {
    address: preferences.get(ADDRESS),
    unconfirmed: preferences.get(NEW_ADDRESS),
    words: wordsFor(preferences.get(LANGUAGE)),
  };
}

type Needs = { readonly store: { readonly preferences: Preferences } };

export async function keepUnconfirmed(
  owner: Aor,
  address: string,
  { language }: Words,
  { store }: Needs,
): Promise<void> {
  await store.preferences.set(owner, NEW_ADDRESS, address);
  await store.preferences.set(owner, LANGUAGE, language);
}

/** The unconfirmed address is the address now. @returns the one before it, and the new one; undefined when there was none. */
export async function confirmMail(
  owner: Aor,
  { store }: Needs,
): Promise<{ readonly before: string | undefined; readonly address: string; readonly words: Words } | undefined> {
  const { address: before, unconfirmed, words } = mailIn(await store.preferences.of(owner));
  if (unconfirmed === undefined) return undefined;
  await store.preferences.set(owner, ADDRESS, unconfirmed);
  await store.preferences.set(owner, NEW_ADDRESS, undefined);
  return { before, address: unconfirmed, words };
}

export async function forgetMail(owner: Aor, { store }: Pick<PortalDeps, 'store'>): Promise<void> {
  for (const name of [ADDRESS, NEW_ADDRESS, LANGUAGE]) await store.preferences.set(owner, name, undefined);
}
