import { allowEvents, type PackageFound } from '#gate';
import type { HostedPublications, Registry } from '#packages';
import { type Refusal, refuse } from '#sip';

/** The package, known to be one of what devices publish. */
export interface PublishableFound {
  readonly eventPackage: HostedPublications;
}

/** RFC 3903 §6 step 2: to publish, a package that takes no PUBLISH (such as watcher information) is none: 489. */
export function makeFindPublishable(registry: Registry) {
  return function findPublishable({ eventPackage }: PackageFound): PublishableFound | Refusal {
    return eventPackage.feed === 'publications' && eventPackage.publishes.length > 0
      ? { eventPackage }
      : refuse(489, allowEvents(registry));
  };
}
