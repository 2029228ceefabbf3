/**
 * An authenticator in software (WebAuthn Level 3 §6): makes P-256 keys and signs with them as browsers and keys in pockets
 * do, and lies where a test wants it to.
 */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

export interface Ceremony {
  readonly challenge: string;
  readonly origin: string;
  readonly rpId: string;
  /** Whether its user was verified; true unless told otherwise. */
  readonly verified?: boolean;
  readonly counter?: number;
}

export interface Authenticator {
  readonly id: string;
  /** `none`, or `packed` signed with the new key itself (§8.2). JSON as the page sends it. */
  create(ceremony: Ceremony, format?: 'none' | 'packed'): string;
  get(ceremony: Ceremony): string;
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
const sha256 = (bytes: string | Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

export function makeAuthenticator(): Authenticator {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const rawId = randomBytes(32);
  const id = base64(rawId);

  const clientData = (type: string, { challenge, origin }: Ceremony): Buffer =>
    Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
  const answer = (response: object): string =>
    JSON.stringify({ id, rawId: id, type: 'public-key', response, clientExtensionResults: {} });

  function authenticatorData({ rpId, verified = true, counter = 0 }: Ceremony, attested?: Buffer): Buffer {
    const flags = 0x01 | (verified ? 0x04 : 0) | (attested === undefined ? 0 : 0x40);
    const count = Buffer.alloc(4);
    count.writeUInt32BE(counter);
    return Buffer.concat([sha256(rpId), Buffer.from([flags]), count, attested ?? Buffer.alloc(0)]);
  }

  return {
    id,
    create(ceremony, format = 'none') {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(rawId.length);
      const attested = Buffer.concat([Buffer.alloc(16), length, rawId, coseKey(publicKey)]);
      const authData = authenticatorData(ceremony, attested);
      const clientDataJSON = clientData('webauthn.create', ceremony);
      const signature = sign('sha256', Buffer.concat([authData, sha256(clientDataJSON)]), privateKey);
      const statement =
        format === 'none'
          ? new Map()
          : new Map<string, unknown>([
              ['alg', -7],
              ['sig', signature],
            ]);
      const object = new Map<string, unknown>([
        ['fmt', format],
        ['attStmt', statement],
        ['authData', authData],
      ]);
      return answer({
        clientDataJSON: base64(clientDataJSON),
        attestationObject: base64(cbor(object)),
        transports: ['internal', 'hybrid'],
      });
    },
    get(ceremony) {
      const clientDataJSON = clientData('webauthn.get', ceremony);
      const data = authenticatorData(ceremony);
      return answer({
        clientDataJSON: base64(clientDataJSON),
        authenticatorData: base64(data),
        signature: base64(sign('sha256', Buffer.concat([data, sha256(clientDataJSON)]), privateKey)),
      });
    },
  };
}

/** RFC 9053 §7.1.1: EC2, ES256, P-256, x, y. */
function coseKey(key: KeyObject): Buffer {
  const { x = '', y = '' } = key.export({ format: 'jwk' });
  const point = (text: string): Buffer => Buffer.from(text, 'base64url');
  return cbor(
    new Map<number, unknown>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, point(x)],
      [-3, point(y)],
    ]),
  );
}

/** As much of RFC 8949 as is needed: integers, byte and text strings, maps. */
function cbor(value: unknown): Buffer {
  if (typeof value === 'number') return value >= 0 ? head(0, value) : head(1, -1 - value);
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value]);
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  const entries = [...(value as ReadonlyMap<unknown, unknown>)];
  return Buffer.concat([head(5, entries.length), ...entries.flat().map(cbor)]);
}

function head(major: number, length: number): Buffer {
  if (length < 24) return Buffer.from([(major << 5) | length]);
  return length < 256
    ? Buffer.from([(major << 5) | 24, length])
    : Buffer.from([(major << 5) | 25, length >> 8, length & 0xff]);
}
