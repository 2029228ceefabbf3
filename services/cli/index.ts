/**
 * THE ADMINISTRATOR'S COMMAND LINE, `porchlight …`: a third composition root over the same store as the SIP service and
 * the portal, which learn what it changed from the journal, as they do of each other. Each command is a function of what
 * it stands on and its arguments; program.ts gives them words, main.ts the real store. It asks no argon2 of an import and
 * never takes a password on the command line, where every user of the machine could read it.
 */
export type { CliDeps, Outcome } from './outcome.ts';
export { disablePackage, enablePackage, listPackages } from './packages.ts';
export { deleteRule, listRules, setRule } from './rules.ts';
export { addUser } from './user-add.ts';
export { importUsers } from './user-import.ts';
export { listUsers } from './user-list.ts';
