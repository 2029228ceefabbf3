/**
 * WHAT IS WRITTEN DOWN FOR PEOPLE TO READ: what the service saw of somebody's phones, who watched them before, how
 * available they were, what is counted. Only the SIP service can know these, and the portal shows them. Rows go to the database in batches,
 * capped and purged; nobody waits for them, and a row that is lost costs a line on a page. Entered by the composition root
 * alone; this room decides nothing and never sends.
 */
export * from './availability.ts';
export * from './figures.ts';
export * from './password-uses.ts';
export * from './past-watchers.ts';
export * from './sightings.ts';
export * from './trace.ts';
