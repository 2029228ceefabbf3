/**
 * THE MEMORY. Accounts, rules, publications, subscriptions, sessions, the journal of changes. The port is store.ts;
 * implementations are memory/ (the reference) and prisma/ (SQLite, MySQL). Prisma and argon2 are entered only here.
 */

export * from './acts.ts';
export * from './cached/index.ts';
export * from './changes/index.ts';
export { makeMemoryStore } from './memory/index.ts';
export { openStore } from './open.ts';
export * from './personal.ts';
export { type DatabaseReport, inspectDatabase, migrate } from './prisma/index.ts';
export * from './realm.ts';
export * from './registration.ts';
export * from './secret-links.ts';
export * from './secrets.ts';
export * from './store.ts';
export * from './unopened.ts';
export * from './when-available.ts';
