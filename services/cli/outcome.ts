import type { Domains } from '#model';
import type { Clock } from '#runtime';
import type { Secrets, Store } from '#store';

/** What every command stands on. */
export interface CliDeps {
  readonly store: Store;
  readonly secrets: Secrets;
  readonly domains: Domains;
  /** The digest realm that stands in the database. */
  readonly realm: string;
  readonly clock: Clock;
}

/** How a command ended; a refusal is one line for the administrator. */
export type Outcome =
  /** Status 0. `lines` is for people, `value` is what --json prints. */
  | { readonly kind: 'done'; readonly lines: readonly string[]; readonly value: unknown }
  /** Status 1: some of it was done, the rest was told as it came. */
  | { readonly kind: 'partly'; readonly lines: readonly string[]; readonly value: unknown }
  /** Status 1: nothing was changed. */
  | { readonly kind: 'refused'; readonly why: string };

/** The exit statuses, as --help and docs/command-line.md tell them. */
export const STATUS = { done: 0, partly: 1, refused: 1, misused: 2 } as const;

export function refused(why: string): Outcome {
  return { kind: 'refused', why };
}
