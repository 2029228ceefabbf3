/**
 * The port, continued: what the portal keeps of people beside their accounts. How they prove who they are (second factor,
 * passkeys), invitations, and what administrators did.
 */
import type { Aor } from '#model';

// --------------------------------------------------------------------------------------------------- second factor

/** Time-based one-time passwords (RFC 6238) of one account. */
export interface SecondFactor {
  /** The shared secret, sealed (see secrets.ts). */
  readonly sealed: Uint8Array;
  readonly keyId: string;
  readonly since: number;
  /** The newest time step whose code was taken: none is taken twice (RFC 6238 §5.2). */
  readonly lastStep: number;
  /** Recovery codes that are left. */
  readonly recoveryLeft: number;
}

/** What the seal of an account's second factor is bound to. */
export const factorOwner = (aor: Aor): string => `second-factor ${aor}`;

export interface SecondFactors {
  of(aor: Aor): Promise<SecondFactor | undefined>;
  /** Puts it in the place of whatever there was. @param recoveryHashes SHA-256, hex. @returns false when there is no account. */
  set(
    aor: Aor,
    factor: Pick<SecondFactor, 'sealed' | 'keyId' | 'since' | 'lastStep'>,
    recoveryHashes: readonly string[],
  ): Promise<boolean>;
  /** @returns false when this step or a later one was taken already. */
  useStep(aor: Aor, step: number): Promise<boolean>;
  /** Each recovery code opens once. */
  useRecovery(aor: Aor, hash: string): Promise<boolean>;
  remove(aor: Aor): Promise<boolean>;
  /** Those that another key than `keyId` sealed, in order of AOR, those after `after`. */
  sealedOtherwise(page: {
    readonly keyId: string;
    readonly after?: Aor;
    readonly limit: number;
  }): Promise<readonly { readonly aor: Aor; readonly sealed: Uint8Array; readonly keyId: string }[]>;
  /** Puts the seal in its place, where it still carries `expected`. */
  reseal(aor: Aor, expected: Uint8Array, sealed: Uint8Array, keyId: string): Promise<boolean>;
}

// -------------------------------------------------------------------------------------------------------- passkeys

/** A public key that a browser or a key in somebody's pocket signs with (WebAuthn Level 3). */
export interface Passkey {
  /** The credential id, base64url. */
  readonly id: string;
  readonly aor: Aor;
  readonly publicKey: Uint8Array;
  /** Of signatures; 0 where the authenticator does not count. */
  readonly counter: number;
  /** As the browser named them, comma-separated: `internal,hybrid`. */
  readonly transports: string;
  readonly label: string;
  readonly createdAt: number;
  readonly lastUsedAt: number | undefined;
}

export const MAX_PASSKEYS = 10;

export interface Passkeys {
  /** Oldest first. */
  of(aor: Aor): Promise<readonly Passkey[]>;
  find(id: string): Promise<Passkey | undefined>;
  add(passkey: Omit<Passkey, 'lastUsedAt'>): Promise<'added' | 'taken' | 'too-many' | 'no-account'>;
  noteUse(id: string, counter: number, at: number): Promise<void>;
  /** Only where it is the account's. */
  remove(aor: Aor, id: string): Promise<boolean>;
  /** All of an account. @returns how many there were. */
  removeAll(aor: Aor): Promise<number>;
}

// ----------------------------------------------------------------------------------------------------- invitations

/** A link by which people may make an account while registration is by invitation. */
export interface Invitation {
  /** SHA-256 of the link's secret, hex: a stolen table opens nothing. */
  readonly idHash: string;
  /** Whom it is for, in the words of whoever made it. At most 254 characters. */
  readonly note: string;
  /** Who made it: an AOR, or `command line`. */
  readonly madeBy: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly usesLeft: number;
}

export interface Invitations {
  create(invitation: Invitation): Promise<void>;
  /** One that still opens at `now`. */
  find(idHash: string, now: number): Promise<Invitation | undefined>;
  /** Takes one use of it; undefined when there is none left. */
  use(idHash: string, now: number): Promise<Invitation | undefined>;
  /** Gives one use back: the account that it was taken for was not made. */
  giveBack(idHash: string): Promise<void>;
  /** Newest first, at most 200, also those that are used up or over. */
  list(): Promise<readonly Invitation[]>;
  remove(idHash: string): Promise<boolean>;
  /** Removes those that are over since `before`. @returns how many. */
  purge(before: number): Promise<number>;
}

// ----------------------------------------------------------------------------------------------------------- audit

/** One act of an administrator, or one that changes how somebody gets in. */
export interface AuditEntry {
  readonly at: number;
  /** Who: an AOR, or `command line`. */
  readonly actor: string;
  /** What, in one word of our own: `account-disabled`. */
  readonly act: string;
  /** To whom or what: an AOR, the name of a package. */
  readonly subject: string;
  readonly detail: string;
  /** Where from; '' for the command line. */
  readonly address: string;
}

export interface Audit {
  note(entry: AuditEntry): Promise<void>;
  /** Whether it is written down that this was done to the subject. Looks through all that is kept: not for every request. */
  has(act: string, subject: string): Promise<boolean>;
  /** Newest first, those before the place. @returns also the place of the last. */
  list(page: {
    readonly before?: number;
    readonly limit: number;
  }): Promise<readonly (AuditEntry & { readonly place: number })[]>;
  /** @returns how many rows older than `before` (epoch ms) were removed. */
  purge(before: number): Promise<number>;
}
