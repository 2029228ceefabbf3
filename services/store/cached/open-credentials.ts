import type { Aor } from '#model';
import { makeOnce } from '#runtime';
import type { Secrets } from '../secrets.ts';
import type { AccountCredentials, Algorithm, SealedCredential } from '../store.ts';

/** What digest authentication by one algorithm needs of an account. */
export interface OpenCredentials {
  readonly aor: Aor;
  readonly disabled: boolean;
  /**
   * Of the account's own password, lower case hexadecimal; undefined when there is none, or it was sealed under another
   * key. Opened once, then kept.
   */
  ha1(username: string, realm: string): string | undefined;
  /** Of the passwords of single devices, by the device's label. */
  ofDevices(username: string, realm: string): ReadonlyMap<string, string>;
}

/**
 * One credential, as small as can be: there is one for each phone that was ever heard of. A seal is kept as text, a byte a
 * character, which takes a third of what an array of bytes does, and goes when it has been opened.
 */
interface Kept {
  readonly username: string;
  readonly realm: string;
  readonly algorithm: Algorithm;
  readonly keyId: string;
  /** Whose own password it is; '' for that of the account. */
  readonly label: string;
  sealed: string;
  ha1: string | undefined;
}

/** A class, because its method must cost no memory. */
class Credentials implements OpenCredentials {
  readonly aor: Aor;
  readonly disabled: boolean;
  readonly #kept: readonly Kept[];
  readonly #secrets: Pick<Secrets, 'openHa1'>;

  constructor(aor: Aor, disabled: boolean, kept: readonly Kept[], secrets: Pick<Secrets, 'openHa1'>) {
    this.aor = aor;
    this.disabled = disabled;
    this.#kept = kept;
    this.#secrets = secrets;
  }

  ha1(username: string, realm: string): string | undefined {
    for (const one of this.#kept) {
      if (one.label !== '' || !isFor(one, username, realm)) continue;
      one.ha1 ??= this.#open(one);
      if (one.ha1 !== undefined) return one.ha1;
    }
    return undefined;
  }

  ofDevices(username: string, realm: string): ReadonlyMap<string, string> {
    const found = new Map<string, string>();
    for (const one of this.#kept) {
      if (one.label === '' || !isFor(one, username, realm)) continue;
      one.ha1 ??= this.#open(one);
      if (one.ha1 !== undefined) found.set(one.label, one.ha1);
    }
    return found;
  }

  #open(one: Kept): string | undefined {
    const opened = this.#secrets.openHa1({ ...one, sealedHa1: Buffer.from(one.sealed, 'latin1') });
    if (opened !== undefined) one.sealed = '';
    return opened;
  }
}

function isFor(one: Kept, username: string, realm: string): boolean {
  return one.realm === realm && one.username === username;
}

/** Makes what is kept of accounts. Opens a seal when it is first asked for: not every account has a phone that is on. */
export function makeOpen(secrets: Pick<Secrets, 'openHa1'>): (aor: Aor, found: AccountCredentials) => OpenCredentials {
  /** Realms and keys are few, and the database hands out a new text for each row. */
  const once = makeOnce(MOST_TEXTS);

  function keep(credential: SealedCredential, usual: string): Kept {
    const { username, realm, algorithm, keyId, sealedHa1, device } = credential;
    return {
      username: username === usual ? usual : username,
      realm: once(realm),
      algorithm: once(algorithm) as Algorithm,
      keyId: once(keyId),
      label: device?.label ?? '',
      sealed: Buffer.from(sealedHa1.buffer, sealedHa1.byteOffset, sealedHa1.byteLength).toString('latin1'),
      ha1: undefined,
    };
  }

  return (aor, { disabled, credentials }) => {
    const usual = credentials[0]?.username ?? '';
    return new Credentials(
      aor,
      disabled,
      credentials.map((credential) => keep(credential, usual)),
      secrets,
    );
  };
}

const MOST_TEXTS = 1000;
