import type { Domains, Realms } from '#model';
import type { Clock, Random } from '#runtime';
import { type Act, COMMAND_LINE, noteAct, type Registration, type Secrets, type Store } from '#store';
import type { KeyPlace } from './key-place.ts';

/** What commands about the whole installation stand on; its settings may not be settled yet. */
export interface UpkeepDeps {
  readonly store: Store;
  readonly secrets: Secrets;
  readonly keys: KeyPlace;
  readonly clock: Clock;
  readonly random: Random;
  /** Whether the SIP service that holds this lease is known to be gone: a process of this host that ended. */
  readonly isGone: (lease: { readonly host: string; readonly pid: number }) => boolean;
}

/** What every other command stands on. */
export interface CliDeps extends UpkeepDeps {
  readonly domains: Domains;
  /** The digest realm of each domain; that of the first stands in the database. */
  readonly realms: Realms;
  /** Who may make an account in the portal, unless it was set otherwise. */
  readonly defaultRegistration: Registration;
}

/** How a command ended; a refusal is one line for the administrator. */
export type Outcome =
  /** Status 0. `lines` is for people, `value` is what --json prints. */
  | { readonly kind: 'done'; readonly lines: readonly string[]; readonly value: unknown }
  /** Status 1: some of it was done, the rest was told as it came. */
  | { readonly kind: 'partly'; readonly lines: readonly string[]; readonly value: unknown }
  | Refused;

/** Status 1: nothing was changed. */
export interface Refused {
  readonly kind: 'refused';
  readonly why: string;
}

/** What is told while long work goes on. */
export interface Progress {
  /** So many are done by now. */
  done(count: number): void;
}

/** What is told while an import runs. */
export interface ImportProgress extends Progress {
  /** A row was passed over. */
  bad(line: number, why: string): void;
}

/** The exit statuses, as --help and docs/command-line.md tell them. */
export const STATUS = { done: 0, partly: 1, refused: 1, misused: 2 } as const;

export function refused(why: string): Refused {
  return { kind: 'refused', why };
}

/** Writes what was done into the audit log, with the first line that the administrator reads; a refusal was nothing. */
export async function noted(
  deps: Pick<UpkeepDeps, 'store' | 'clock'>,
  act: Act,
  subject: string,
  working: Promise<Outcome>,
): Promise<Outcome> {
  const outcome = await working;
  if (outcome.kind !== 'refused') await noteAct(deps, COMMAND_LINE, act, subject, outcome.lines[0] ?? '');
  return outcome;
}
