import { gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';
import type { SipRequest } from './message.ts';
import { type Refusal, refuse } from './refusal.ts';

/** For Accept-Encoding (RFC 3261 §20.2): what `decodeContent` reads. */
export const CONTENT_ENCODINGS = 'gzip, deflate, identity';

/**
 * The body as Content-Type means it (RFC 3261 §20.12). One coding is undone and no more: who packs twice means harm, or gains
 * nothing. For after authentication, and bounded: what unpacks to more than `most` bytes is given up at that point (413).
 * @returns the request's own body where no coding is named; 415 with Accept-Encoding for one that is not known (§8.2.3), 400
 * for what is no such thing.
 */
export function decodeContent(
  { headers, body }: Pick<SipRequest, 'headers' | 'body'>,
  most: number,
): Uint8Array | Refusal {
  if (headers.get('content-encoding') === undefined) return body;
  const codings = headers.list('content-encoding').map((coding) => coding.toLowerCase());
  const applied = codings.filter((coding) => coding !== 'identity');
  const [coding, another] = applied;
  if (coding === undefined || body.length === 0) return body;
  const decode = another === undefined ? DECODERS.get(coding) : undefined;
  if (decode === undefined) return refuse(415, [['Accept-Encoding', CONTENT_ENCODINGS]]);
  if (body.length > most) return refuse(413);
  try {
    return decode(body, { maxOutputLength: most });
  } catch (fault) {
    return (fault as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
      ? refuse(413)
      : refuse(400, [], 'Bad Content-Encoding');
  }
}

type Decode = (bytes: Uint8Array, options: { readonly maxOutputLength: number }) => Uint8Array;

const DECODERS: ReadonlyMap<string, Decode> = new Map<string, Decode>([
  ['gzip', gunzipSync],
  // RFC 2616 §3.5: the same thing.
  ['x-gzip', gunzipSync],
  [
    'deflate',
    (bytes, options) => (hasZlibHeader(bytes) ? inflateSync(bytes, options) : inflateRawSync(bytes, options)),
  ],
]);

/** RFC 2616 §3.5 means zlib's format (RFC 1950) by `deflate`; some send what is inside of it alone (RFC 1951). */
function hasZlibHeader([method = 0, flags = 0]: Uint8Array): boolean {
  return (method & 0x0f) === 8 && (method * 256 + flags) % 31 === 0;
}
