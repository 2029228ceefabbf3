import { isIPv6 } from 'node:net';
import { crc32 } from 'node:zlib';
import { withoutZone } from '../ip-address.ts';

/**
 * The little of STUN (RFC 8489) that keeps flows alive (RFC 5626 §8): Binding requests are answered with the address they
 * came from, without authentication, by datagram only. Whoever forges a source gets little more out than was put in.
 */

const HEADER_LENGTH = 20;
const MAGIC_COOKIE = 0x2112a442;
const BINDING_REQUEST = 0x0001;
const BINDING_SUCCESS = 0x0101;
const BINDING_ERROR = 0x0111;

const ERROR_CODE = 0x0009;
const UNKNOWN_ATTRIBUTES = 0x000a;
const XOR_MAPPED_ADDRESS = 0x0020;
const FINGERPRINT = 0x8028;
const FINGERPRINT_XOR = 0x5354554e;
/** Of those that must be understood: MAPPED-ADDRESS, USERNAME, MESSAGE-INTEGRITY, REALM, NONCE. This usage needs none. */
const UNDERSTOOD: ReadonlySet<number> = new Set([0x0001, 0x0006, 0x0008, 0x0014, 0x0015]);
const COMPREHENSION_OPTIONAL = 0x8000;
/** An answer stays small, however many a request has. */
const MOST_NAMED = 4;

/** Whether a datagram is none of SIP's (RFC 5626 §8): a SIP message never begins with 0 or 1. */
export const looksLikeStun = (bytes: Uint8Array): boolean => (bytes[0] as number) < 2;

/**
 * @param address where the datagram came from; with `port`.
 * @returns what goes back there; undefined for all that is no well-formed Binding request, which is dropped (RFC 8489 §6.3).
 */
export function answerBinding(bytes: Uint8Array, address: string, port: number): Uint8Array | undefined {
  const request = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (request.length < HEADER_LENGTH || request.readUInt16BE(0) !== BINDING_REQUEST) return undefined;
  if (request.readUInt16BE(2) !== request.length - HEADER_LENGTH || request.length % 4 !== 0) return undefined;
  if (request.readUInt32BE(4) !== MAGIC_COOKIE) return undefined;
  const attributes = readAttributes(request);
  if (attributes === undefined) return undefined;
  const { unknown, hasFingerprint } = attributes;
  const answered = unknown.length === 0 ? mappedAddress(request, address, port) : unknownAttributes(unknown);
  return write(request, unknown.length === 0 ? BINDING_SUCCESS : BINDING_ERROR, answered, hasFingerprint);
}

interface Attributes {
  /** Those that must be understood and are not. */
  readonly unknown: readonly number[];
  readonly hasFingerprint: boolean;
}

/** undefined when they do not fill the message exactly, or a fingerprint is wrong. */
function readAttributes(request: Buffer): Attributes | undefined {
  const unknown: number[] = [];
  let offset = HEADER_LENGTH;
  while (offset < request.length) {
    if (offset + 4 > request.length) return undefined;
    const type = request.readUInt16BE(offset);
    const next = offset + 4 + padded(request.readUInt16BE(offset + 2));
    if (next > request.length) return undefined;
    // RFC 8489 §14.7: the last one, over all that stands before it.
    if (type === FINGERPRINT) {
      const isRight =
        next === request.length &&
        next - offset === 8 &&
        request.readUInt32BE(offset + 4) === fingerprint(request.subarray(0, offset));
      return isRight ? { unknown, hasFingerprint: true } : undefined;
    }
    if (type < COMPREHENSION_OPTIONAL && !UNDERSTOOD.has(type) && unknown.length < MOST_NAMED) unknown.push(type);
    offset = next;
  }
  return { unknown, hasFingerprint: false };
}

const padded = (length: number): number => (length + 3) & ~3;

const fingerprint = (before: Uint8Array): number => (crc32(before) ^ FINGERPRINT_XOR) >>> 0;

/** RFC 8489 §14.2: so written that no NAT on the way mistakes it for an address to be rewritten. */
function mappedAddress(request: Buffer, address: string, port: number): Buffer {
  const octets = addressOctets(address);
  const attribute = Buffer.alloc(8 + octets.length);
  attribute.writeUInt16BE(XOR_MAPPED_ADDRESS, 0);
  attribute.writeUInt16BE(4 + octets.length, 2);
  attribute.writeUInt8(octets.length === 4 ? 1 : 2, 5);
  attribute.writeUInt16BE(port ^ (MAGIC_COOKIE >>> 16), 6);
  // The magic cookie, and behind it the transaction id.
  for (const [index, octet] of octets.entries()) attribute[8 + index] = octet ^ (request[4 + index] as number);
  return attribute;
}

function addressOctets(address: string): readonly number[] {
  const plain = withoutZone(address);
  if (!isIPv6(plain)) return plain.split('.').map(Number);
  const [front = '', back = ''] = new URL(`http://[${plain}]/`).hostname.slice(1, -1).split('::');
  const groups = (text: string): readonly number[] =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
  const [before, behind] = [groups(front), groups(back)];
  const all = [...before, ...new Array<number>(8 - before.length - behind.length).fill(0), ...behind];
  return all.flatMap((group) => [group >> 8, group & 0xff]);
}

/** RFC 8489 §6.3.1: 420, and which. */
function unknownAttributes(types: readonly number[]): Buffer {
  const attributes = Buffer.alloc(8 + 4 + padded(2 * types.length));
  attributes.writeUInt16BE(ERROR_CODE, 0);
  attributes.writeUInt16BE(4, 2);
  attributes.writeUInt16BE((4 << 8) | 20, 6);
  attributes.writeUInt16BE(UNKNOWN_ATTRIBUTES, 8);
  attributes.writeUInt16BE(2 * types.length, 10);
  for (const [index, type] of types.entries()) attributes.writeUInt16BE(type, 12 + 2 * index);
  return attributes;
}

function write(request: Buffer, type: number, attributes: Buffer, withFingerprint: boolean): Uint8Array {
  const before = HEADER_LENGTH + attributes.length;
  const answer = Buffer.alloc(before + (withFingerprint ? 8 : 0));
  answer.writeUInt16BE(type, 0);
  answer.writeUInt16BE(answer.length - HEADER_LENGTH, 2);
  request.copy(answer, 4, 4, HEADER_LENGTH);
  attributes.copy(answer, HEADER_LENGTH);
  if (!withFingerprint) return answer;
  answer.writeUInt16BE(FINGERPRINT, before);
  answer.writeUInt16BE(4, before + 2);
  answer.writeUInt32BE(fingerprint(answer.subarray(0, before)), before + 4);
  return answer;
}
