import type { BodyDecoded, ExpiryGranted, ResourceNamed } from '#gate';
import { MAX_BODY_BYTES } from '#model';
import { type Incoming, type Refusal, readMediaType, refuse } from '#sip';
import type { PublishableFound } from './find-publishable.ts';
import type { EntityTagMatched } from './match-entity-tag.ts';

/** What the body says; undefined for a refresh or a removal, which carry none. */
export interface BodyRead {
  readonly published: { readonly contentType: string; readonly document: unknown } | undefined;
}

type Known = Incoming & ResourceNamed & PublishableFound & EntityTagMatched & ExpiryGranted & BodyDecoded;

/**
 * RFC 3903 §6 step 5: a type that the package does not read is 415 with Accept, an initial publication without a
 * body and a body that is not what its type says are 400.
 */
export function readBody(known: Known): BodyRead | Refusal {
  const { request, body, eventPackage, presentity, isInitial } = known;
  if (body.length === 0) {
    return isInitial ? refuse(400, [], 'Missing Body') : { published: undefined };
  }
  if (body.length > MAX_BODY_BYTES) return refuse(413);
  const type = readMediaType(request.headers.get('content-type') ?? '')?.type;
  const reading = type === undefined ? undefined : eventPackage.readPublication(type, body, presentity);
  if (type === undefined || reading === undefined || reading.kind === 'unsupported') {
    return refuse(415, [['Accept', eventPackage.publishes.join(', ')]]);
  }
  if (reading.kind === 'malformed') return refuse(400, [], `Bad Body: ${reading.why}`);
  return { published: { contentType: type, document: reading.document } };
}
