import type { Credentials } from '../message.ts';

/** What a client answered to a challenge (RFC 7616 §3.4), as far as it matters here. */
export interface DigestAnswer {
  readonly username: string;
  readonly realm: string;
  readonly nonce: string;
  readonly uri: string;
  /** Hexadecimal, lower case. */
  readonly response: string;
  /** Upper case; `MD5` when nothing was said. Not necessarily one that we know. */
  readonly algorithm: string;
  /** undefined: the client does not know RFC 2617 yet, and answers as RFC 2069 has it. */
  readonly qop: 'auth' | 'auth-int' | undefined;
  /** How often the client has used the nonce; always with qop, never without. */
  readonly nc: number | undefined;
  /** nc as written, which is what the client hashed; '' without qop. */
  readonly ncWritten: string;
  readonly cnonce: string;
  readonly opaque: string | undefined;
}

/** undefined when the scheme is another, or something that the answer cannot do without is missing or malformed. */
export function readDigest(credentials: Credentials): DigestAnswer | undefined {
  if (credentials.scheme !== 'digest') return undefined;
  const { params } = credentials;
  const username = params.get('username');
  const realm = params.get('realm');
  const nonce = params.get('nonce');
  const uri = params.get('uri');
  const response = params.get('response')?.toLowerCase();
  if (username === undefined || realm === undefined || nonce === undefined || uri === undefined) return undefined;
  if (response === undefined || !/^[0-9a-f]+$/.test(response)) return undefined;

  const algorithm = params.get('algorithm')?.toUpperCase() ?? 'MD5';
  const opaque = params.get('opaque');
  const answer = { username, realm, nonce, uri, response, algorithm, opaque };
  const qop = params.get('qop')?.toLowerCase();
  // RFC 7616 §3.4: nc and cnonce must not be there without qop; old clients that send them hash without them.
  if (qop === undefined) return { ...answer, qop, nc: undefined, ncWritten: '', cnonce: '' };
  const ncWritten = params.get('nc') ?? '';
  const cnonce = params.get('cnonce');
  if (qop !== 'auth' && qop !== 'auth-int') return undefined;
  if (cnonce === undefined || !/^[0-9a-fA-F]{8}$/.test(ncWritten)) return undefined;
  return { ...answer, qop, nc: Number.parseInt(ncWritten, 16), ncWritten, cnonce };
}
