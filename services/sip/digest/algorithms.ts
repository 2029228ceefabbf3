import { hash } from 'node:crypto';

/** RFC 7616 §6.1, RFC 8760 §2.1, in the order of RFC 8760's strength, weakest first. The -sess forms are never offered. */
export const DIGEST_ALGORITHMS = ['MD5', 'SHA-256', 'SHA-512-256'] as const;
export type DigestAlgorithm = (typeof DIGEST_ALGORITHMS)[number];

const NAMES_IN_OPENSSL: Readonly<Record<DigestAlgorithm, string>> = {
  MD5: 'md5',
  'SHA-256': 'sha256',
  'SHA-512-256': 'sha512-256',
};

export function isDigestAlgorithm(name: string): name is DigestAlgorithm {
  return (DIGEST_ALGORITHMS as readonly string[]).includes(name);
}

/** H() of RFC 7616 §3.3: lower-case hexadecimal. Text is hashed as UTF-8. */
export function digestHash(algorithm: DigestAlgorithm, content: string | Uint8Array): string {
  return hash(NAMES_IN_OPENSSL[algorithm], content, 'hex');
}
