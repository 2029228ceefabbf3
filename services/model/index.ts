/**
 * THE WORDS. What everything is called and which values it may take. Pure: imports nothing, not even `node:`.
 * Everybody may enter; this room enters nobody's.
 */
export * from './aor.ts';
export * from './change.ts';
export * from './domains.ts';
export * from './entity-tag.ts';
export * from './event.ts';
export * from './expiry.ts';
export * from './permission.ts';
export * from './publication.ts';
export * from './rule.ts';
export * from './subscription.ts';
export * from './text.ts';
export * from './waiting.ts';
export * from './watcher.ts';
