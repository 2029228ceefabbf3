import { canonicalEvent } from '#model';
import type { HostedPackage, Registry } from '#packages';
import { type Field, isToken, type Refusal, readEvent, refuse, type SipRequest } from '#sip';

/** The event package that the request is about, and the Event header's `id` parameter, '' when absent (RFC 6665 §8.2.1). */
export interface PackageFound {
  readonly eventPackage: HostedPackage;
  readonly eventId: string;
}

/** Allow-Events, naming what is loaded now (RFC 6665 §8.2.2); empty when nothing is. */
export function allowEvents(registry: Registry): readonly Field[] {
  const names = registry.names();
  return names.length === 0 ? [] : [['Allow-Events', names.join(', ')]];
}

/** RFC 6665 §4.2.1.1, RFC 3903 §6 step 2: no Event, or a package that is not loaded, is 489; two are malformed. */
export function makeFindPackage(registry: Registry) {
  return function findPackage({ request }: { readonly request: SipRequest }): PackageFound | Refusal {
    const values = request.headers.all('event');
    if (values.length > 1 || values[0]?.includes(',')) return refuse(400, [], 'More Than One Event');
    const event = values[0] === undefined ? undefined : readEvent(values[0]);
    const name = event === undefined ? undefined : canonicalEvent(event.name);
    const eventPackage = name === undefined ? undefined : registry.find(name);
    if (eventPackage === undefined || event === undefined) return refuse(489, allowEvents(registry));
    const id = event.params.get('id') ?? '';
    if (event.params.has('id') && !isToken(id)) return refuse(400, [], 'Bad Event Id');
    return { eventPackage, eventId: id };
  };
}
