import type { Aor, Rule } from '#model';
import type { Algorithm } from '#store';

/**
 * What the gate asks of the memory. Answers come at once when they are cached and as a promise when they are not; they
 * throw StoreUnavailable while the database, or news of changes, cannot be had.
 */
export interface AccountAccess {
  /** Whether there is such an account, and whether it is in use. */
  account(aor: Aor): AccountState | undefined | Promise<AccountState | undefined>;
  /** The same account with what a password by this algorithm is compared with. */
  credentials(aor: Aor, algorithm: Algorithm): KnownAccount | undefined | Promise<KnownAccount | undefined>;
  rules(owner: Aor): readonly Rule[] | Promise<readonly Rule[]>;
}

export interface AccountState {
  /** As the account was read, equal to what was asked for: one text for many who keep it. */
  readonly aor: Aor;
  readonly disabled: boolean;
}

export interface KnownAccount extends AccountState {
  /** HA1 of the account's own password in lower-case hex; undefined when none is kept for this user name and realm. */
  ha1(username: string, realm: string): string | undefined;
  /** Those of devices that have a password of their own, by the device's label. */
  ofDevices(username: string, realm: string): ReadonlyMap<string, string>;
}
