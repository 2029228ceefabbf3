import { resolve } from 'node:path';
import { canonicalEvent } from '#model';
import { loadPackage } from '#packages';
import { COMMAND_LINE, type LoaderRow, reloadPackage, turnPackage } from '#store';
import { type CliDeps, type Outcome, refused } from './outcome.ts';

/** Which event packages are known, from which module, and whether they are on. */
export async function listPackages(deps: CliDeps): Promise<Outcome> {
  const rows = await deps.store.eventLoader.list();
  return { kind: 'done', lines: rows.map(lineOf), value: rows };
}

/**
 * Serves an event package from a module; a row that is there gets the new module. It is loaded here first, so that what
 * the service would refuse is refused at once.
 * @param module as in Eventloader, or the path of a file from the working directory, `./ping-state.mjs`.
 */
export async function addPackage({ store }: CliDeps, eventName: string, module: string): Promise<Outcome> {
  const event = canonicalEvent(eventName);
  if (event === undefined) return refused(`'${eventName}' is not the name of an event package`);
  const row: LoaderRow = { event, module: /^\.{1,2}\//.test(module) ? resolve(module) : module, enabled: true };
  const loaded = await loadPackage(event, row.module);
  if (loaded.kind === 'broken') return refused(`${row.module} cannot be loaded: ${loaded.why}`);
  await store.eventLoader.set(row);
  return { kind: 'done', lines: [lineOf(row)], value: row };
}

export function enablePackage(deps: CliDeps, event: string): Promise<Outcome> {
  return turn(deps, event, true);
}

/** From then on the service answers 489 for the event (RFC 6665 §4.2.1.1); what is stored is kept. */
export function disablePackage(deps: CliDeps, event: string): Promise<Outcome> {
  return turn(deps, event, false);
}

/** The SIP service imports its module anew: a file as it is now. Those of npm packages stay until the next start. */
export async function reloadPackageNow(deps: CliDeps, eventName: string): Promise<Outcome> {
  const row = await rowOf(deps, eventName);
  if (row.kind === 'refused') return row;
  if (!row.row.enabled) return refused(`${row.row.event} is off: porchlight package enable ${row.row.event}`);
  await reloadPackage(deps, COMMAND_LINE, row.row);
  return { kind: 'done', lines: [`${row.row.event} is being loaded anew`], value: row.row };
}

async function rowOf(
  { store }: CliDeps,
  eventName: string,
): Promise<{ readonly kind: 'row'; readonly row: LoaderRow } | (Outcome & { readonly kind: 'refused' })> {
  const rows = await store.eventLoader.list();
  const event = canonicalEvent(eventName);
  const row = rows.find((candidate) => candidate.event === event);
  if (row !== undefined) return { kind: 'row', row };
  const known = rows.map((candidate) => candidate.event).join(', ');
  return { kind: 'refused', why: `there is no event package '${eventName}'; known: ${known === '' ? 'none' : known}` };
}

async function turn(deps: CliDeps, eventName: string, enabled: boolean): Promise<Outcome> {
  const found = await rowOf(deps, eventName);
  if (found.kind === 'refused') return found;
  const { row } = found;
  const turned: LoaderRow = { ...row, enabled };
  if (row.enabled !== enabled) await turnPackage(deps, COMMAND_LINE, row, enabled);
  return { kind: 'done', lines: [lineOf(turned)], value: turned };
}

function lineOf({ event, module, enabled }: LoaderRow): string {
  return `${event}  ${module}  ${enabled ? 'on' : 'off'}`;
}
