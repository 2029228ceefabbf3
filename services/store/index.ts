/**
 * THE MEMORY. Accounts, rules, publications, subscriptions, sessions, the journal of changes. The port is store.ts;
 * implementations are memory/ (the reference) and prisma/ (SQLite, MySQL). Prisma and argon2 are entered only here.
 */

export { makeMemoryStore } from './memory/index.ts';
export * from './store.ts';
