import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import argon2 from 'argon2';
import { makeTurns } from '#runtime';
import { ALGORITHMS, type Algorithm, type DeviceName, type SealedCredential, StoreUnavailable } from './store.ts';

/**
 * The only place where clear text is handled: portal passwords (argon2id) and the HA1 values that SIP digest needs
 * (RFC 7616 §3.4.2), which are sealed, so that a stolen database opens no account.
 */
export interface Secrets {
  /** Names the key that seals now, without telling it; kept beside what it sealed. */
  readonly keyId: string;
  /** A key of its own for another purpose, such as signing nonces: 32 bytes, the same for the same purpose. */
  deriveKey(purpose: string): Uint8Array;
  /** argon2id in PHC form. @throws StoreUnavailable when too many are waiting. */
  hashPassword(password: string): Promise<string>;
  /** False also for a hash that cannot be read. @throws StoreUnavailable when too many are waiting. */
  verifyPassword(hash: string, password: string): Promise<boolean>;
  /** For a name that has no account: costs what a real check costs. @throws StoreUnavailable when too many are waiting. */
  verifyNobody(password: string): Promise<false>;
  /** One for each of ALGORITHMS, HA1 = H(username:realm:password). @param device whose own password it is. */
  credentialsFor(username: string, realm: string, password: string, device?: DeviceName): readonly SealedCredential[];
  /** @param ha1Hex hexadecimal digits, as many as the algorithm makes. @throws RangeError for anything else. */
  sealHa1(username: string, realm: string, algorithm: Algorithm, ha1Hex: string): SealedCredential;
  /** Lower case hexadecimal; undefined when another key sealed it, or it is damaged or another row's. */
  openHa1(credential: SealedCredential): string | undefined;
  /** @param owner what the seal is bound to: opened for anything else it gives nothing. */
  seal(owner: string, bytes: Uint8Array): Sealed;
  /** Undefined when another key sealed it, or it is damaged or another owner's. */
  open(owner: string, sealed: Sealed): Uint8Array | undefined;
  /** Whether the credential was made from this password: the first log-in of an imported account. */
  passwordMatches(credential: SealedCredential, password: string): boolean;
}

/** Bytes that only the key opens. */
export interface Sealed {
  readonly sealed: Uint8Array;
  readonly keyId: string;
}

/**
 * OWASP Password Storage Cheat Sheet, argon2id: 19 MiB, two passes, one lane. About 30 ms a time; with two at once
 * (below) a flood of log-ins takes at most 38 MiB and two of the four threads that files and databases share.
 */
const ARGON2 = { type: argon2.argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
const SALT_BYTES = 16;
const HASH_BYTES = 32;
const AT_ONCE = 2;
/** Two seconds of waiting or so; who comes later is told to try again. */
const MOST_WAITING = 100;

const HASHES: Readonly<Record<Algorithm, { readonly name: string; readonly bytes: number }>> = {
  MD5: { name: 'md5', bytes: 16 },
  'SHA-256': { name: 'sha256', bytes: 32 },
  'SHA-512-256': { name: 'sha512-256', bytes: 32 },
};

/** A sealed HA1 is: format, nonce, tag, ciphertext. */
const FORMAT = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Whether the text can be an HA1 of the algorithm: so many hexadecimal digits. */
export function isHa1(algorithm: Algorithm, text: string): boolean {
  return text.length === 2 * HASHES[algorithm].bytes && /^[0-9a-f]+$/i.test(text);
}

/** One key at work. */
interface Sealing {
  readonly keyId: string;
  readonly sealKey: Buffer;
  derive(label: string): Buffer;
}

function sealingOf(key: Uint8Array): Sealing {
  if (key.length !== 32) throw new RangeError('the key must have 32 bytes');
  const derive = (label: string): Buffer => Buffer.from(hkdfSync('sha256', key, '', `porchlight/${label}`, 32));
  const keyId = createHmac('sha256', derive('key-id')).digest('hex').slice(0, 16);
  return { keyId, sealKey: derive('seal-ha1'), derive };
}

/**
 * @param given one key of 32 bytes, or what keys there are now, see runtime's openKeyRing: the first seals, all open, and
 * one that was seen once goes on opening. Asked whenever something is sealed, or was sealed under a key that is not known.
 * @throws RangeError for a key of another length.
 */
export function openSecrets(given: Uint8Array | (() => readonly Uint8Array[])): Secrets {
  const one = given instanceof Uint8Array ? [given] : undefined;
  const look = typeof given === 'function' ? given : (): readonly Uint8Array[] => one ?? [];
  const known = new Map<string, Sealing>();
  let seen = look();
  let newest = takeIn(seen);

  function takeIn(keys: readonly Uint8Array[]): Sealing {
    const sealings = keys.map(sealingOf);
    for (const sealing of sealings) known.set(sealing.keyId, sealing);
    const [first] = sealings;
    if (first === undefined) throw new RangeError('there is no key');
    return first;
  }

  function lookAgain(): Sealing {
    const keys = look();
    if (keys !== seen) {
      newest = takeIn(keys);
      seen = keys;
    }
    return newest;
  }

  function knownAs(keyId: string): Sealing | undefined {
    if (!known.has(keyId)) lookAgain();
    return known.get(keyId);
  }

  const turns = makeTurns(AT_ONCE, MOST_WAITING);
  // No password is known for it: the hash is drawn, not computed. Checking one against it costs the same all the same.
  const nobody = `$argon2id$v=19$m=${ARGON2.memoryCost},t=${ARGON2.timeCost},p=${ARGON2.parallelism}$${phcBytes(SALT_BYTES)}$${phcBytes(HASH_BYTES)}`;

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const answer = turns.run(work);
    if (answer === undefined) throw new StoreUnavailable('too many passwords are being checked');
    return answer;
  }

  async function verifyNobody(password: string): Promise<false> {
    await inTurn(() => argon2.verify(nobody, composed(password)));
    return false;
  }

  function seal(owner: Buffer, bytes: Uint8Array): Sealed {
    const { sealKey, keyId } = lookAgain();
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', sealKey, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(owner);
    const hidden = Buffer.concat([cipher.update(bytes), cipher.final()]);
    return {
      sealed: new Uint8Array(Buffer.concat([Uint8Array.of(FORMAT), nonce, cipher.getAuthTag(), hidden])),
      keyId,
    };
  }

  function open(owner: Buffer, { sealed, keyId }: Sealed): Buffer | undefined {
    const tagAt = 1 + NONCE_BYTES;
    const hiddenAt = tagAt + TAG_BYTES;
    const sealing = knownAs(keyId);
    if (sealing === undefined || sealed[0] !== FORMAT || sealed.length < hiddenAt) return undefined;
    const nonce = sealed.subarray(1, tagAt);
    const decipher = createDecipheriv('aes-256-gcm', sealing.sealKey, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(owner);
    decipher.setAuthTag(sealed.subarray(tagAt, hiddenAt));
    const bytes = decipher.update(sealed.subarray(hiddenAt));
    try {
      decipher.final();
    } catch {
      return undefined;
    }
    return bytes;
  }

  function sealHa1(username: string, realm: string, algorithm: Algorithm, ha1Hex: string): SealedCredential {
    if (!isHa1(algorithm, ha1Hex)) throw new RangeError(`not an HA1 of ${algorithm}`);
    const { sealed, keyId } = seal(rowName(username, realm, algorithm), Buffer.from(ha1Hex, 'hex'));
    return { username, realm, algorithm, sealedHa1: sealed, keyId };
  }

  function openHa1({ username, realm, algorithm, sealedHa1: sealed, keyId }: SealedCredential): string | undefined {
    const bytes = open(rowName(username, realm, algorithm), { sealed, keyId });
    return bytes?.length === HASHES[algorithm].bytes ? bytes.toString('hex') : undefined;
  }

  return {
    get keyId() {
      return lookAgain().keyId;
    },
    deriveKey: (purpose) => new Uint8Array(newest.derive(`derive/${purpose}`)),
    hashPassword: (password) => inTurn(() => argon2.hash(composed(password), ARGON2)),
    async verifyPassword(hash, password) {
      if (!hash.startsWith('$argon2id$')) return verifyNobody(password);
      return inTurn(() => argon2.verify(hash, composed(password)).catch(() => false));
    },
    verifyNobody,
    credentialsFor: (username, realm, password, device) =>
      ALGORITHMS.map((algorithm) => {
        const sealed = sealHa1(username, realm, algorithm, ha1(username, realm, algorithm, password));
        return device === undefined ? sealed : { ...sealed, device };
      }),
    sealHa1,
    openHa1,
    seal: (owner, bytes) => seal(Buffer.from(owner, 'utf8'), bytes),
    open: (owner, sealed) => open(Buffer.from(owner, 'utf8'), sealed),
    passwordMatches(credential, password) {
      const kept = openHa1(credential);
      if (kept === undefined) return false;
      const given = ha1(credential.username, credential.realm, credential.algorithm, password);
      return timingSafeEqual(Buffer.from(kept, 'hex'), Buffer.from(given, 'hex'));
    },
  };
}

/** RFC 7616 §3.4.2: A1 = username:realm:password, in UTF-8, composed as §4 wants it. */
function ha1(username: string, realm: string, algorithm: Algorithm, password: string): string {
  return createHash(HASHES[algorithm].name)
    .update(`${username}:${realm}:${composed(password)}`, 'utf8')
    .digest('hex');
}

/** The same letters typed on another keyboard may come decomposed: one form for all (RFC 7616 §4). */
function composed(password: string): string {
  return password.normalize('NFC');
}

/** What the seal is bound to, so that rows cannot be swapped in the database. */
function rowName(username: string, realm: string, algorithm: Algorithm): Buffer {
  return Buffer.from(JSON.stringify([username, realm, algorithm]), 'utf8');
}

function phcBytes(length: number): string {
  return randomBytes(length).toString('base64').replace(/=+$/, '');
}
