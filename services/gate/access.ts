import type { Aor, Rule } from '#model';
import type { Algorithm } from '#store';

/**
 * What the gate asks of the memory. Answers come at once when they are cached and as a promise when they are not; they
 * throw StoreUnavailable while the database, or news of changes, cannot be had.
 */
export interface AccountAccess {
  credentials(aor: Aor): KnownAccount | undefined | Promise<KnownAccount | undefined>;
  rules(owner: Aor): readonly Rule[] | Promise<readonly Rule[]>;
}

export interface KnownAccount {
  readonly disabled: boolean;
  /** HA1 of the account's own password in lower-case hex; undefined when none is kept for this user name, realm and algorithm. */
  ha1(username: string, realm: string, algorithm: Algorithm): string | undefined;
  /** Those of devices that have a password of their own, by the device's label. */
  ofDevices(username: string, realm: string, algorithm: Algorithm): ReadonlyMap<string, string>;
}
