import type { Aor } from '#model';

/** What is watched: a presentity's state of one event package. */
export interface Watched {
  readonly presentity: Aor;
  readonly event: string;
}
