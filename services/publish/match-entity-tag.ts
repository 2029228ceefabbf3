import type { PublicationBook } from '#compositor';
import type { PackageFound, ResourceNamed } from '#gate';
import { type Publication, readEntityTag } from '#model';
import { type Incoming, type Refusal, refuse } from '#sip';

/** The publication that the request goes on with; undefined for an initial one. */
export interface EntityTagMatched {
  readonly previous: Publication | undefined;
}

/**
 * RFC 3903 §6 step 3: without SIP-If-Match the request is initial; more than one value is malformed; an entity-tag that
 * names nothing in the scope of this presentity and package, or something expired, is answered 412.
 */
export function makeMatchEntityTag(book: PublicationBook) {
  return function matchEntityTag(known: Incoming & ResourceNamed & PackageFound): EntityTagMatched | Refusal {
    if (known.request.headers.get('sip-if-match') === undefined) return { previous: undefined };
    const values = known.request.headers.list('sip-if-match');
    if (values.length === 0) return refuse(400, [], 'Empty SIP-If-Match');
    if (values.length > 1) return refuse(400, [], 'More Than One SIP-If-Match');
    const etag = readEntityTag(values[0] ?? '');
    const previous =
      etag === undefined ? undefined : book.find(known.presentity, known.eventPackage.name, etag, known.receivedAt);
    return previous === undefined ? refuse(412) : { previous };
  };
}
