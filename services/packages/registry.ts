import { canonicalEvent, parentEvent } from '#model';
import type { Clock, Log } from '#runtime';
import { type HostedPackage, hostPackage } from './host.ts';
import { type ImportModule, importModule, loadPackage } from './load.ts';

/** A row of Eventloader, as far as it matters here. */
export interface PackageRow {
  readonly event: string;
  /** See {@link loadPackage}. */
  readonly module: string;
  readonly enabled: boolean;
}

/** What one sync changed; names are canonical and sorted. */
export interface SyncReport {
  /** Loaded, or loaded anew from another module. */
  readonly loaded: readonly string[];
  /** Served before and no longer: row removed, disabled, or its new module broken. */
  readonly unloaded: readonly string[];
  readonly broken: readonly { readonly event: string; readonly why: string }[];
}

export interface Registry {
  /**
   * Makes what is loaded follow the rows. A row that did not change is left alone, also when its package could not be
   * loaded or was quarantined: change the row (disable it, then enable it) to have it tried again. Calls take turns; a
   * package that loads is served before the others are looked at. Never rejects because of a package.
   */
  sync(rows: readonly PackageRow[]): Promise<SyncReport>;
  /** @param event canonical name. A package of watchers is there only while the one whose watchers it tells of is. */
  find(event: string): HostedPackage | undefined;
  /** Names of the packages served now, sorted: what Allow-Events says. */
  names(): readonly string[];
}

export interface RegistryParts {
  readonly log: Log;
  readonly clock: Clock;
  /** Called when a package is given up for failing too often; it is no longer found by then. */
  readonly onQuarantine?: (event: string) => void;
  readonly importModule?: ImportModule;
}

/** Which event packages are served now. Starts with none. */
export function makeRegistry(parts: RegistryParts): Registry {
  const { log, clock } = parts;
  const load = parts.importModule ?? importModule;
  const served = new Map<string, HostedPackage>();
  /** The enabled rows as last seen, event → module, whether or not they could be loaded. */
  const known = new Map<string, string>();
  /** How often each module was imported. */
  const imports = new Map<string, number>();
  let turn: Promise<unknown> = Promise.resolve();

  function isThere(event: string): boolean {
    const parent = parentEvent(event);
    return served.has(event) && (parent === undefined || isThere(parent));
  }

  async function follow(rows: readonly PackageRow[]): Promise<SyncReport> {
    const before = new Set(served.keys());
    const loaded: string[] = [];
    const broken: { event: string; why: string }[] = [];
    const wanted = new Map<string, string>();
    for (const { event, module, enabled } of rows) if (enabled) wanted.set(canonicalEvent(event) ?? event, module);

    for (const event of [...known.keys()]) {
      if (wanted.has(event)) continue;
      known.delete(event);
      if (served.delete(event)) log.info({ event }, 'event package unloaded');
    }
    for (const [event, module] of wanted) {
      if (known.get(event) === module) continue;
      known.set(event, module);
      const generation = imports.get(module) ?? 0;
      imports.set(module, generation + 1);
      const check = await loadPackage(event, module, generation, load);
      if (check.kind === 'broken') {
        served.delete(event);
        broken.push({ event, why: check.why });
        log.error({ event, module, why: check.why }, 'event package not loaded');
        continue;
      }
      const hosted: HostedPackage = hostPackage(check.package, {
        log,
        clock,
        onQuarantine: (name) => {
          // A package replaced meanwhile takes nothing down with it.
          if (served.get(name) !== hosted) return;
          served.delete(name);
          parts.onQuarantine?.(name);
        },
      });
      served.set(event, hosted);
      loaded.push(event);
      log.info({ event, module }, 'event package loaded');
    }
    return {
      loaded: loaded.sort(),
      unloaded: [...before].filter((event) => !served.has(event)).sort(),
      broken,
    };
  }

  return {
    sync(rows) {
      const mine = turn.then(() => follow(rows));
      turn = mine.catch(() => undefined);
      return mine;
    },
    find: (event) => (isThere(event) ? served.get(event) : undefined),
    names: () => [...served.keys()].filter(isThere).sort(),
  };
}
