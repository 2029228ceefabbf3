import type { PackageFound } from '#gate';
import { type Refusal, readAccept, refuse, type SipRequest } from '#sip';

/** The MIME type of the NOTIFYs (RFC 6665 §3.1.3, §3.2.1). */
export interface BodyChosen {
  /** Undefined in a refresh without Accept: the subscription keeps what it has. */
  readonly contentType: string | undefined;
}

/** RFC 3261 §21.4.7: none of the types that the watcher takes is one that the package writes. */
export function chooseBody({
  request,
  eventPackage,
}: PackageFound & { readonly request: SipRequest }): BodyChosen | Refusal {
  const values = request.headers.all('accept');
  if (values.length === 0) return { contentType: undefined };
  const contentType = eventPackage.chooseFormat(readAccept(values));
  return contentType === undefined ? refuse(406, [['Accept', eventPackage.formats.join(', ')]]) : { contentType };
}
