import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ALGORITHMS, isHa1, openSecrets, type SealedCredential, StoreUnavailable } from '#store';

const key = Uint8Array.from({ length: 32 }, (_, index) => index);
const otherKey = key.map((byte) => byte ^ 0xff);
const secrets = openSecrets(key);

const alice = (password = 'wonderland'): readonly SealedCredential[] =>
  secrets.credentialsFor('alice', 'example.com', password);
const first = (): SealedCredential => alice()[0] as SealedCredential;

describe('sealed HA1 values', () => {
  it('RFC 8760 §2.2, RFC 7616 §3.4.2: one for each algorithm, H(username:realm:password) in lower hex', () => {
    const names = { MD5: 'md5', 'SHA-256': 'sha256', 'SHA-512-256': 'sha512-256' };
    const sealed = alice('pä:ss wörd');
    expect(sealed.map((credential) => credential.algorithm)).toEqual([...ALGORITHMS]);
    for (const credential of sealed) {
      expect(credential).toMatchObject({ username: 'alice', realm: 'example.com', keyId: secrets.keyId });
      expect(secrets.openHa1(credential)).toBe(
        createHash(names[credential.algorithm]).update('alice:example.com:pä:ss wörd', 'utf8').digest('hex'),
      );
    }
  });

  it('RFC 2617 §3.5: the HA1 of the example is the known one', () => {
    const [md5] = secrets.credentialsFor('Mufasa', 'testrealm@host.com', 'Circle Of Life');
    expect(secrets.openHa1(md5 as SealedCredential)).toBe('939e7578ed9e3c518a452acee763bce9');
  });

  it('RFC 7616 §4: a password typed decomposed is the same password', () => {
    expect(secrets.passwordMatches(alice('caf\u00e9')[0] as SealedCredential, 'cafe\u0301')).toBe(true);
  });

  it('hold neither the HA1 nor the password, and no two seals are alike', () => {
    const one = first();
    const two = first();
    const ha1 = secrets.openHa1(one) ?? '';
    expect(Buffer.from(one.sealedHa1).includes(Buffer.from(ha1, 'hex'))).toBe(false);
    expect(Buffer.from(one.sealedHa1).includes(Buffer.from(ha1))).toBe(false);
    expect(Buffer.from(one.sealedHa1).equals(Buffer.from(two.sealedHa1))).toBe(false);
    expect(one.sealedHa1.length).toBeLessThanOrEqual(255);
  });

  it('cannot be moved to another user name, realm or algorithm', () => {
    const sealed = first();
    expect(secrets.openHa1({ ...sealed, username: 'mallory' })).toBeUndefined();
    expect(secrets.openHa1({ ...sealed, realm: 'example.org' })).toBeUndefined();
    const sha256 = alice()[1] as SealedCredential;
    expect(secrets.openHa1({ ...sha256, algorithm: 'SHA-512-256' })).toBeUndefined();
    expect(secrets.openHa1({ ...sealed, algorithm: 'SHA-256' })).toBeUndefined();
    // The parts of the name are kept apart.
    const ha1 = 'a'.repeat(32);
    const joined = secrets.sealHa1('a', 'b","c', 'MD5', ha1);
    expect(secrets.openHa1({ ...joined, username: 'a","b', realm: 'c' })).toBeUndefined();
  });

  it('damaged anywhere they do not open, and nothing is thrown', () => {
    const sealed = first();
    for (let index = 0; index < sealed.sealedHa1.length; index += 1) {
      const damaged = Uint8Array.from(sealed.sealedHa1);
      damaged[index] = (damaged[index] as number) ^ 1;
      expect(secrets.openHa1({ ...sealed, sealedHa1: damaged })).toBeUndefined();
    }
    for (const length of [0, 1, 13, 29, 30, sealed.sealedHa1.length - 1])
      expect(secrets.openHa1({ ...sealed, sealedHa1: sealed.sealedHa1.slice(0, length) })).toBeUndefined();
  });

  it('do not open with another key, also when its name is forged', () => {
    const other = openSecrets(otherKey);
    expect(other.keyId).not.toBe(secrets.keyId);
    expect(other.openHa1(first())).toBeUndefined();
    expect(other.openHa1({ ...first(), keyId: other.keyId })).toBeUndefined();
    expect(openSecrets(key).openHa1(first())).toBe(secrets.openHa1(first()));
  });

  it('a ready HA1 of an import is sealed in lower case; what is none is refused', () => {
    const upper = '939E7578ED9E3C518A452ACEE763BCE9';
    expect(secrets.openHa1(secrets.sealHa1('Mufasa', 'r', 'MD5', upper))).toBe(upper.toLowerCase());
    for (const bad of ['', 'zz'.repeat(16), 'a'.repeat(31), 'a'.repeat(64)]) {
      expect(isHa1('MD5', bad)).toBe(false);
      expect(() => secrets.sealHa1('Mufasa', 'r', 'MD5', bad)).toThrow(RangeError);
    }
    expect(isHa1('SHA-256', 'a'.repeat(64))).toBe(true);
  });

  it('an imported account’s first log-in: its password matches, another does not, nor does an unreadable seal', () => {
    for (const credential of alice()) {
      expect(secrets.passwordMatches(credential, 'wonderland')).toBe(true);
      expect(secrets.passwordMatches(credential, 'Wonderland')).toBe(false);
      expect(openSecrets(otherKey).passwordMatches(credential, 'wonderland')).toBe(false);
    }
  });
});

describe('keys', () => {
  it('a key for each purpose: the same for the same, another for another, never the key itself', () => {
    const nonce = secrets.deriveKey('nonce');
    expect(nonce).toHaveLength(32);
    expect(openSecrets(key).deriveKey('nonce')).toEqual(nonce);
    expect(secrets.deriveKey('csrf')).not.toEqual(nonce);
    expect(openSecrets(otherKey).deriveKey('nonce')).not.toEqual(nonce);
    expect(nonce).not.toEqual(key);
  });

  it('the key’s name fits its column and a key of another length is refused', () => {
    expect(secrets.keyId).toMatch(/^[0-9a-f]{16}$/);
    expect(() => openSecrets(key.slice(1))).toThrow(RangeError);
  });
});

describe('portal passwords', () => {
  it('are argon2id with at least 19 MiB and two passes, each with its own salt', async () => {
    const [one, two] = await Promise.all([secrets.hashPassword('wonderland'), secrets.hashPassword('wonderland')]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[^$]{22}\$[^$]{43}$/);
    expect(one.length).toBeLessThanOrEqual(255);
    expect(one).not.toBe(two);
    expect(await secrets.verifyPassword(one, 'wonderland')).toBe(true);
    expect(await secrets.verifyPassword(one, 'Wonderland')).toBe(false);
  });

  it('a hash that cannot be read opens nothing and throws nothing', async () => {
    for (const bad of ['', 'x', '$2b$12$abcdefghijklmnopqrstuu', '$argon2id$', '$argon2id$v=19$m=19456,t=2,p=1$short'])
      expect(await secrets.verifyPassword(bad, 'wonderland')).toBe(false);
  });

  it('a name that has no account is never opened', async () => {
    expect(await secrets.verifyNobody('wonderland')).toBe(false);
    expect(await secrets.verifyNobody('')).toBe(false);
  });

  it('a flood of log-ins is bounded: who comes too late is told to try again, the others get their answer', async () => {
    const flooded = openSecrets(key);
    const asked = Array.from({ length: 110 }, () => flooded.verifyNobody('x'));
    const late = await Promise.all(asked.slice(102).map((one) => one.catch((fault: unknown) => fault)));
    expect(late).toHaveLength(8);
    for (const fault of late) expect(fault).toBeInstanceOf(StoreUnavailable);
    expect(await Promise.all(asked.slice(0, 4))).toEqual([false, false, false, false]);
  });
});
