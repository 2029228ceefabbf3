import type { PublicationBook } from '#compositor';
import type { ClientNeeds, FindNeeds, PackageFound, ResourceNamed } from '#gate';
import { type EntityTag, type Publication, readEntityTag } from '#model';
import { type Incoming, type Refusal, refuse } from '#sip';
import { originOf } from './origin.ts';
import type { ReplacedTags } from './replaced-tags.ts';

/** The publication that the request goes on with; undefined where it begins one. */
export interface EntityTagMatched {
  readonly previous: Publication | undefined;
  /** No SIP-If-Match: it must carry a body, also where it goes on with what its device left behind. */
  readonly isInitial: boolean;
  readonly origin: string | undefined;
  readonly clientNeeds: ClientNeeds;
}

type Known = Incoming & ResourceNamed & PackageFound;

/**
 * RFC 3903 §6 step 3: without SIP-If-Match the request is initial; more than one value is malformed; an entity-tag that
 * names nothing in the scope of this presentity and package, or something expired, is answered 412.
 *
 * An initial one from a device that has a publication here goes on with that: it has lost the entity-tag, and what it
 * published before would stand beside the new state until it expires.
 */
export function makeMatchEntityTag(needs: {
  readonly book: PublicationBook;
  readonly replaced: ReplacedTags;
  readonly needsOf: FindNeeds;
}) {
  const { book, replaced } = needs;

  return function matchEntityTag(known: Known): EntityTagMatched | Refusal {
    const { headers } = known.request;
    const clientNeeds = needs.needsOf(headers.get('user-agent') ?? '');
    const origin = originOf(known.request, clientNeeds);
    const values = headers.list('sip-if-match');
    if (headers.get('sip-if-match') === undefined) {
      return { previous: leftBehind(known, origin), isInitial: true, origin, clientNeeds };
    }
    if (values.length === 0) return refuse(400, [], 'Empty SIP-If-Match');
    if (values.length > 1) return refuse(400, [], 'More Than One SIP-If-Match');
    const etag = readEntityTag(values[0] ?? '');
    const previous = etag === undefined ? undefined : named(known, etag, clientNeeds);
    return previous === undefined ? refuse(412) : { previous, isInitial: false, origin, clientNeeds };
  };

  function named({ presentity, eventPackage, request, receivedAt }: Known, etag: EntityTag, clientNeeds: ClientNeeds) {
    const found = book.find(presentity, eventPackage.name, etag, receivedAt);
    if (found !== undefined || clientNeeds.etagGrace === 0) return found;
    const id = replaced.find(etag, request.callId);
    return book.of(presentity, eventPackage.name, receivedAt).find((publication) => publication.id === id);
  }

  function leftBehind({ presentity, eventPackage, receivedAt }: Known, origin: string | undefined) {
    if (origin === undefined) return undefined;
    return book.of(presentity, eventPackage.name, receivedAt).find((publication) => publication.origin === origin);
  }
}
