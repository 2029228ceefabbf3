/**
 * RFC 3261 §12: dialogs of which we are the UAS, and the requests we send in them. Pure: a dialog is a value, kept by
 * whoever needs it. Never sends, never remembers.
 */
export * from './dialog.ts';
export * from './find-way.ts';
export * from './request-head.ts';
export * from './send-along.ts';
export * from './where-to.ts';
