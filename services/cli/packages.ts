import { canonicalEvent } from '#model';
import type { LoaderRow } from '#store';
import { type CliDeps, type Outcome, refused } from './outcome.ts';

/** Which event packages are known, from which module, and whether they are on. */
export async function listPackages(deps: CliDeps): Promise<Outcome> {
  const rows = await deps.store.eventLoader.list();
  return { kind: 'done', lines: rows.map(lineOf), value: rows };
}

export function enablePackage(deps: CliDeps, event: string): Promise<Outcome> {
  return turn(deps, event, true);
}

/** From then on the service answers 489 for the event (RFC 6665 §4.2.1.1); what is stored is kept. */
export function disablePackage(deps: CliDeps, event: string): Promise<Outcome> {
  return turn(deps, event, false);
}

async function turn({ store }: CliDeps, eventName: string, enabled: boolean): Promise<Outcome> {
  const rows = await store.eventLoader.list();
  const event = canonicalEvent(eventName);
  const row = rows.find((candidate) => candidate.event === event);
  if (row === undefined) {
    const known = rows.map((candidate) => candidate.event).join(', ');
    return refused(`there is no event package '${eventName}'; known: ${known === '' ? 'none' : known}`);
  }
  const turned: LoaderRow = { ...row, enabled };
  if (row.enabled !== enabled) await store.eventLoader.set(turned);
  return { kind: 'done', lines: [lineOf(turned)], value: turned };
}

function lineOf({ event, module, enabled }: LoaderRow): string {
  return `${event}  ${module}  ${enabled ? 'on' : 'off'}`;
}
