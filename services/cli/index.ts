/**
 * THE ADMINISTRATOR'S COMMAND LINE, `porchlight …`: a third composition root over the same store as the SIP service and
 * the portal, which learn what it changed from the journal, as they do of each other. Each command is a function of what
 * it stands on and its arguments; program.ts gives them words, main.ts the real store. It asks no argon2 of an import and
 * never takes a password on the command line, where every user of the machine could read it. What the SIP service keeps
 * in memory it never touches: it asks by a row of the journal.
 */
export * from './audit-log.ts';
export * from './backup.ts';
export * from './check.ts';
export * from './key-rotate.ts';
export * from './live.ts';
export type { CliDeps, Outcome, UpkeepDeps } from './outcome.ts';
export * from './packages.ts';
export * from './registration.ts';
export * from './rule-import.ts';
export * from './rules.ts';
export * from './user-add.ts';
export * from './user-change.ts';
export * from './user-export.ts';
export * from './user-import.ts';
export * from './user-list.ts';
export * from './user-show.ts';
