/** The part of the port about back-ups: everything, as it stood at one moment, and everything put back. */
import type { Aor, Group, Publication, Rule, Subscription, WaitingSubscription } from '#model';
import type { Account, SealedCredential } from './accounts.ts';
import type { LoaderRow } from './event-loader.ts';
import type { Passkey, SecondFactor } from './identity.ts';

export type ArchivedFactor = Omit<SecondFactor, 'recoveryLeft'> & { readonly recoveryHashes: readonly string[] };

/**
 * One row as a back-up carries it, whatever database it came from. Journal, leases, nodes, browser sessions, links, invitations,
 * and what was seen of phones, availability and past watchers are of the moment, the audit log is of the place: not kept.
 */
export type ArchiveRow =
  | { readonly table: 'setting'; readonly name: string; readonly value: string }
  | { readonly table: 'package'; readonly row: LoaderRow }
  | {
      readonly table: 'account';
      readonly account: Account;
      readonly passwordHash: string | undefined;
      readonly credentials: readonly SealedCredential[];
    }
  | { readonly table: 'second-factor'; readonly aor: Aor; readonly factor: ArchivedFactor }
  | { readonly table: 'passkey'; readonly passkey: Passkey }
  | { readonly table: 'group'; readonly group: Group }
  | { readonly table: 'preference'; readonly owner: Aor; readonly name: string; readonly value: string }
  | { readonly table: 'rule'; readonly rule: Rule }
  | { readonly table: 'publication'; readonly publication: Publication }
  | { readonly table: 'subscription'; readonly subscription: Subscription }
  | { readonly table: 'waiting'; readonly waiting: WaitingSubscription };

export interface Archive {
  /** Whether there is no account, no publication and no subscription. */
  isEmpty(): Promise<boolean>;
  /**
   * Hands over everything as it stood at one moment, a page at a time, without keeping writers waiting: settings, packages,
   * accounts and what belongs to them, rules, publications, subscriptions, those who wait, so that a row comes after what
   * it needs.
   */
  read(take: (rows: readonly ArchiveRow[]) => Promise<void>): Promise<void>;
  /**
   * Puts these rows, in the order of {@link read}, in the place of everything there is, and ends all sessions: all of them or, when a row cannot
   * be kept or `rows` throws, none. With a Change `everything`. `rows` may be asked for more than once.
   * @throws RangeError naming what cannot be kept.
   */
  replace(rows: () => AsyncIterable<readonly ArchiveRow[]>): Promise<void>;
}
