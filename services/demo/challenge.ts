import { type DigestAlgorithm, type DigestAnswer, expectedResponse, ha1, isDigestAlgorithm } from '#sip';

/** A challenge that we can answer (RFC 7616 §3.3). */
export interface Challenge {
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string | undefined;
  readonly algorithm: DigestAlgorithm;
  readonly qop: 'auth' | undefined;
}

const PARAM = /([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g;

/** RFC 8760 §2.4: the first of the WWW-Authenticate rows that can be answered; undefined when none can. */
export function readChallenge(rows: readonly string[]): Challenge | undefined {
  for (const row of rows) {
    if (!/^digest\s/i.test(row)) continue;
    const params = new Map<string, string>();
    for (const [, name = '', quoted, plain = ''] of row.matchAll(PARAM)) {
      params.set(name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? plain);
    }
    const realm = params.get('realm');
    const nonce = params.get('nonce');
    const algorithm = params.get('algorithm')?.toUpperCase() ?? 'MD5';
    const offered = params
      .get('qop')
      ?.toLowerCase()
      .split(/\s*,\s*/);
    if (realm === undefined || nonce === undefined || !isDigestAlgorithm(algorithm)) continue;
    if (offered !== undefined && !offered.includes('auth')) continue;
    return { realm, nonce, algorithm, opaque: params.get('opaque'), qop: offered === undefined ? undefined : 'auth' };
  }
  return undefined;
}

export interface Proof {
  readonly challenge: Challenge;
  readonly username: string;
  readonly password: string;
  readonly method: string;
  readonly uri: string;
  /** How often this nonce has been used, this time included. */
  readonly uses: number;
  readonly cnonce: string;
}

/** The value of Authorization (RFC 7616 §3.4). */
export function writeAuthorization({ challenge, username, password, method, uri, uses, cnonce }: Proof): string {
  const { realm, nonce, opaque, algorithm, qop } = challenge;
  const ncWritten = uses.toString(16).padStart(8, '0');
  const answer: DigestAnswer = {
    ...{ username, realm, nonce, uri, algorithm, qop, opaque, cnonce, ncWritten },
    nc: uses,
    response: '',
  };
  const response = expectedResponse(algorithm, ha1(algorithm, username, realm, password), method, answer);
  const params = [
    ...[`username="${username}"`, `realm="${escaped(realm)}"`, `nonce="${escaped(nonce)}"`, `uri="${uri}"`],
    ...[`response="${response}"`, `algorithm=${algorithm}`],
    ...(qop === undefined ? [] : [`qop=${qop}`, `nc=${ncWritten}`, `cnonce="${cnonce}"`]),
    ...(opaque === undefined ? [] : [`opaque="${escaped(opaque)}"`]),
  ];
  return `Digest ${params.join(', ')}`;
}

const escaped = (text: string): string => text.replace(/["\\]/g, '\\$&');
