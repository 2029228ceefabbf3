/** Names of event packages (RFC 6665 §8.2.1): tokens, looked up case-insensitively, kept and sent in lower case. */

const EVENT_TYPE = /^[A-Za-z0-9\-!%*_+`'~]+(\.[A-Za-z0-9\-!%*_+`'~]+)*$/;

/** The longest package name we keep, in characters. */
export const MAX_EVENT_LENGTH = 64;

/** The canonical name, or undefined when the text is no event-type. */
export function canonicalEvent(text: string): string | undefined {
  return text.length <= MAX_EVENT_LENGTH && EVENT_TYPE.test(text) ? text.toLowerCase() : undefined;
}

/** Ends the name of watcher information about another package (RFC 3857 §4.1). */
const WINFO = '.winfo';

/** The package whose subscriptions this one tells of (RFC 3857 §4.7): `presence` for `presence.winfo`; undefined for all others. */
export function parentEvent(event: string): string | undefined {
  return event.endsWith(WINFO) && event.length > WINFO.length ? event.slice(0, -WINFO.length) : undefined;
}

/** Where those who watch this package are told of: `presence.winfo` for `presence`. */
export function winfoOf(event: string): string {
  return event + WINFO;
}
