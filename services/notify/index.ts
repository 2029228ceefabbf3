/**
 * NOTIFY (RFC 6665 §4.2.2): the live subscriptions and everything that is sent to watchers. Hears of changes by the bell
 * (on-change), keeps one desk that decides what is sent and when, asks `policy` anew for each NOTIFY, takes the body from
 * `compositor`. `subscribe` begins, refreshes and ends subscriptions here. Never sends presence without permission.
 */
export type { Amend } from './amend.ts';
export type { Desk } from './desk.ts';
export type { SubscriptionExpiry } from './expire.ts';
export { type Live, makeLive } from './live.ts';
export { makeNotifier, type Notifier, type NotifierNeeds } from './notifier.ts';
export { CSEQ_BLOCK } from './prepare.ts';
export { eventHeader } from './send.ts';
export type { WatchBook } from './watch-book.ts';
