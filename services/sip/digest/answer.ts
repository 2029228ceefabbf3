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
  const written = params.get('response');
  if (username === undefined || realm === undefined || nonce === undefined || uri === undefined) return undefined;
  if (written === undefined || !/^[0-9a-f]+$/i.test(written)) return undefined;

  const response = /[A-F]/.test(written) ? written.toLowerCase() : written;
  const named = params.get('algorithm') ?? 'MD5';
  const algorithm = named === 'MD5' ? named : named.toUpperCase();
  const opaque = params.get('opaque');
  const qop = readQop(params.get('qop'));
  // RFC 7616 §3.4: nc and cnonce must not be there without qop; old clients that send them hash without them.
  if (qop === 'none')
    return {
      username,
      realm,
      nonce,
      uri,
      response,
      algorithm,
      qop: undefined,
      nc: undefined,
      ncWritten: '',
      cnonce: '',
      opaque,
    };
  const ncWritten = params.get('nc') ?? '';
  const cnonce = params.get('cnonce');
  if (qop === 'unknown' || cnonce === undefined || !/^[0-9a-fA-F]{8}$/.test(ncWritten)) return undefined;
  const nc = Number.parseInt(ncWritten, 16);
  return { username, realm, nonce, uri, response, algorithm, qop, nc, ncWritten, cnonce, opaque };
}

function readQop(written: string | undefined): 'auth' | 'auth-int' | 'none' | 'unknown' {
  if (written === undefined) return 'none';
  const qop = written.toLowerCase();
  return qop === 'auth' || qop === 'auth-int' ? qop : 'unknown';
}
