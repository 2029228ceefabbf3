import { randomInt } from 'node:crypto';
import { type Aor, aorOf, EVERYBODY, type Subject } from '#model';
import type { Clock } from '#runtime';
import { type Secrets, type Store, settleRealm } from '#store';
import { type Name, PEOPLE, RULES } from './people.ts';

export interface HouseholdNeeds {
  readonly store: Store;
  readonly secrets: Secrets;
  readonly clock: Clock;
  /** The first domain of SIP_DOMAIN. */
  readonly domain: string;
  /** SIP_REALM, if set. */
  readonly realm: string | undefined;
}

export interface Person {
  readonly name: Name;
  /** In clear text: told once, on the terminal and to the phones, and kept nowhere. */
  readonly password: string;
}

export type Household =
  | { readonly kind: 'ready'; readonly people: readonly Person[] }
  /** One line; nothing was changed. */
  | { readonly kind: 'refused'; readonly why: string };

/** The setting that says: this database was made for the demo. */
const MARK = 'demo';
/** More than the demo ever leaves behind, in all the domains that its machine was ever called. */
const MOST_ACCOUNTS = 1_000;
/** Without what is easily taken for another: 75 bits in three groups of five. */
const LETTERS = 'abcdefghijkmnpqrstuvwxyz23456789';

/**
 * Makes the people of the demo anew, with new passwords and their rules of the first day; what they were before goes, with
 * its publications and subscriptions. No service may work on the database meanwhile.
 *
 * Only a database that has never been anything else will do: one that has served before, or where somebody registered, is
 * left alone.
 */
export async function settleHousehold(needs: HouseholdNeeds): Promise<Household> {
  const { store, secrets, clock, domain } = needs;
  const why = await demoRefusal(store);
  if (why !== undefined) return { kind: 'refused', why };
  await store.settings.fix(MARK, 'yes');
  const realm = await settleRealm(store.settings, needs.realm, domain);
  // A machine that is called otherwise today has people of another domain from yesterday.
  for (const { aor } of await store.accounts.list({ limit: MOST_ACCOUNTS })) await store.accounts.remove(aor);
  const people: Person[] = [];
  for (const name of PEOPLE) {
    const password = makePassword();
    await store.accounts.create({
      aor: aorFor(name, domain),
      username: name,
      domain,
      passwordHash: await secrets.hashPassword(password),
      credentials: secrets.credentialsFor(name, realm, password),
      createdAt: clock.now(),
    });
    people.push({ name, password });
  }
  for (const { owner, watcher, permission } of RULES) {
    const subject = watcher === '*' ? EVERYBODY : (aorFor(watcher, domain) as string as Subject);
    const outcome = await store.rules.set({ owner: aorFor(owner, domain), subject, event: 'presence', permission });
    if (outcome !== 'set') throw new Error(`a rule of the demo was not set: ${outcome}`);
  }
  return { kind: 'ready', people };
}

/** @returns why the demo may not have this database, in words; undefined when it may. Changes nothing. */
export async function demoRefusal(
  store: Pick<Store, 'settings' | 'archive' | 'accounts'>,
): Promise<string | undefined> {
  if ((await store.settings.get(MARK)) === undefined) {
    const isFresh = (await store.archive.isEmpty()) && (await store.settings.get('realm')) === undefined;
    return isFresh ? undefined : 'the database has served without the demo before, and the demo wants one of its own';
  }
  const names: readonly string[] = PEOPLE;
  const found = await store.accounts.list({ limit: MOST_ACCOUNTS });
  const other = found.find(({ username }) => !names.includes(username));
  return other === undefined ? undefined : `the database has another account, ${other.aor.replace(/^sip:/, '')}`;
}

function aorFor(name: Name, domain: string): Aor {
  const aor = aorOf(name, domain);
  if (aor === undefined) throw new Error(`'${domain}' is no domain`);
  return aor;
}

function makePassword(): string {
  const group = (): string => Array.from({ length: 5 }, () => LETTERS[randomInt(LETTERS.length)]).join('');
  return [group(), group(), group()].join('-');
}
