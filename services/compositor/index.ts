/**
 * ONE STATE OUT OF MANY PUBLICATIONS (RFC 3856 §3, RFC 3903 §4). Keeps what is published now, per presentity and event
 * package, and what it composes to for each permission: one body per change and view, shared by all its watchers.
 * Written to by `publish` and the sweep, read by `notify`. Never decides who may see what, never sends.
 */
export * from './book.ts';
export * from './compositor.ts';
export * from './restore.ts';
export * from './sweep.ts';
export * from './take-up.ts';
export * from './view.ts';
export * from './withdraw.ts';
