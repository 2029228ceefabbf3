/**
 * RFC 3263: from a SIP URI to addresses. `dialog` asks where a hop's or a Contact's name leads, and decides whether anything
 * is sent there. The only place that asks the DNS. It never sends SIP, and never says that a place may be sent to.
 */
export type { Target } from './locate.ts';
export { type Locator, type LocatorOptions, makeLocator } from './locator.ts';
export { type Names, type NaptrRecord, type SrvRecord, systemNames } from './names.ts';
