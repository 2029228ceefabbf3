/** The part of the port about event packages: which are served, and by which module. */

/** A row of Eventloader: this event package is served by this module. */
export interface LoaderRow {
  readonly event: string;
  /** `builtin:presence`, an npm package name, or an absolute path or file URL of a module. */
  readonly module: string;
  readonly enabled: boolean;
}

export interface EventLoader {
  /** Ordered by event. */
  list(): Promise<readonly LoaderRow[]>;
  /** Adds or replaces the row (and the Events row it names), with a Change `packages`. */
  set(row: LoaderRow): Promise<void>;
}
