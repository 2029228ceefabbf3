import type { Authenticated, PackageFound, ResourceNamed } from '#gate';
import type { WatchBook } from '#notify';
import { type Refusal, refuse } from '#sip';

/** How many phones of one account may follow who watches it, for each package. */
const MAX_FOLLOWERS = 32;

/**
 * Who watches somebody is that person's alone to know (RFC 3857 §4.6, §6.2): nobody else learns even whether there is such
 * a person. The rules would say the same; here it is said before anything is looked up.
 */
export function makeOwnerOnly(book: WatchBook) {
  return function ownerOnly(known: Authenticated & ResourceNamed & PackageFound): object | Refusal {
    const { identity, presentity, eventPackage } = known;
    if (eventPackage.feed !== 'watchers') return {};
    if (identity !== presentity) return refuse(403);
    const isFull = book.countFollowers(presentity, eventPackage.name) >= MAX_FOLLOWERS;
    return isFull ? refuse(403, [], 'Too Many Subscriptions') : {};
  };
}
