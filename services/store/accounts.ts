/** The part of the port about accounts: who they are and what they authenticate with. */
import type { Aor } from '#model';

/** Digest algorithms that credentials are kept for (RFC 8760 §2.2). */
export const ALGORITHMS = ['MD5', 'SHA-256', 'SHA-512-256'] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

export interface Account {
  readonly aor: Aor;
  /** The user part as people type it, `alice`. */
  readonly username: string;
  readonly domain: string;
  readonly createdAt: number;
  readonly disabled: boolean;
  /** May run the server by the portal; absent for everybody else. */
  readonly admin?: true;
}

/** One sealed HA1 (see secrets.ts); useless without the key. */
export interface SealedCredential {
  /** What the phone sends as `username`. */
  readonly username: string;
  readonly realm: string;
  readonly algorithm: Algorithm;
  readonly sealedHa1: Uint8Array;
  /** Which key sealed it. */
  readonly keyId: string;
  /** The device whose own password it is made from; absent for the password of the account. */
  readonly device?: DeviceName;
}

/** A device with a password of its own. */
export interface DeviceName {
  /** As its owner calls it, 1 to 64 characters. */
  readonly label: string;
  readonly createdAt: number;
}

export interface NewAccount {
  readonly aor: Aor;
  readonly username: string;
  readonly domain: string;
  /** argon2id in PHC form; undefined for imported accounts until their first log-in. */
  readonly passwordHash: string | undefined;
  readonly credentials: readonly SealedCredential[];
  readonly createdAt: number;
}

export interface Accounts {
  /** With a Change `account`. The AOR is the key. */
  create(account: NewAccount): Promise<'created' | 'taken'>;
  /** Many at once, each row with its own outcome, in order; a taken name does not stop the others. */
  createMany(accounts: readonly NewAccount[]): Promise<readonly ('created' | 'taken')[]>;
  find(aor: Aor): Promise<Account | undefined>;
  /** Undefined when there is no such account; `undefined` hash when none was stored yet. */
  passwordHash(aor: Aor): Promise<{ readonly hash: string | undefined } | undefined>;
  /** Ordered by AOR, those after `after`. */
  list(page: { readonly after?: Aor; readonly limit: number; readonly search?: string }): Promise<readonly Account[]>;
  /** Of many AORs in one read, by this algorithm alone where one is named; an AOR without an account is absent. */
  credentials(aors: readonly Aor[], algorithm?: Algorithm): Promise<ReadonlyMap<Aor, AccountCredentials>>;
  /**
   * Replaces what is given, with a Change `account`; the passwords of single devices stay.
   * @returns false when there is no such account.
   */
  setSecrets(
    aor: Aor,
    secrets: { readonly passwordHash?: string; readonly credentials?: readonly SealedCredential[] },
  ): Promise<boolean>;
  /**
   * Whether it may run the server by the portal.
   * @param by the administrator who says so: at that very moment another account than this one, not disabled, and an
   * administrator's. So two who take the role from each other do not both succeed, and one is always left.
   * @returns false when there is no such account, or `by` may not.
   */
  setAdmin(aor: Aor, admin: boolean, by?: Aor): Promise<boolean>;
  /** With a Change `account`; disabling ends the account's browser sessions too. @param by see {@link setAdmin}. */
  setDisabled(aor: Aor, disabled: boolean, by?: Aor): Promise<boolean>;
  /**
   * Deletes the account and all that is its: rules, credentials, sessions, publications, and subscriptions of and to it, waiting
   * ones too.
   * With a Change `account` that says `gone`. @returns false when there is none.
   */
  remove(aor: Aor): Promise<boolean>;
  /** Credentials that another key than `keyId` sealed, those behind `after`, in order of `place`. */
  sealedOtherwise(page: {
    readonly keyId: string;
    readonly after?: number;
    readonly limit: number;
  }): Promise<readonly PlacedCredential[]>;
  /** Puts each in its place, where it still carries `expected`. No Change: what they open to is the same. */
  reseal(
    seals: readonly { readonly expected: Uint8Array; readonly sealed: PlacedCredential }[],
  ): Promise<{ readonly written: number }>;
}

/** A credential and where it is kept. */
export interface PlacedCredential {
  readonly place: number;
  readonly credential: SealedCredential;
}

export interface AccountCredentials {
  readonly disabled: boolean;
  readonly credentials: readonly SealedCredential[];
}

/** Most devices of one account that can have a password of their own: each costs a wrong answer one more comparison. */
export const MAX_DEVICE_PASSWORDS = 10;

export interface DevicePassword extends DeviceName {
  /** By which a device last authenticated; undefined when never. */
  readonly lastUsedAt: number | undefined;
  /** Where from; '' when never. */
  readonly lastAddress: string;
}

/** Somebody authenticated with a password: the account's own, or that of the device `label`. */
export interface PasswordUse {
  readonly aor: Aor;
  /** '' is the account's own password. */
  readonly label: string;
  readonly at: number;
  readonly address: string;
}

/** Passwords of single devices beside that of the account: each opens the account to phones, none the portal. */
export interface DevicePasswords {
  /** Oldest first. */
  of(aor: Aor): Promise<readonly DevicePassword[]>;
  /** When and where from phones last used the account's own password. */
  ownUse(aor: Aor): Promise<Pick<DevicePassword, 'lastUsedAt' | 'lastAddress'>>;
  /** With a Change `account`. @param credentials all of one `device`. */
  add(aor: Aor, credentials: readonly SealedCredential[]): Promise<'added' | 'taken' | 'too-many' | 'no-account'>;
  /** With a Change `account` when there was one. */
  revoke(aor: Aor, label: string): Promise<boolean>;
  /** Writes down when passwords were used; no Change. Devices that are gone are passed over. */
  noteUses(uses: readonly PasswordUse[]): Promise<void>;
}
