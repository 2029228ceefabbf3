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

/** How it stands with one event package that is to be served. */
export interface PackageStanding {
  readonly event: string;
  readonly module: string;
  /** `given-up`: loaded, and taken out of service for failing too often. */
  readonly state: 'loaded' | 'broken' | 'given-up';
  /** Why it is broken; '' otherwise. */
  readonly why: string;
  /** Epoch ms. */
  readonly since: number;
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
  /** As {@link sync}, but this event's module is imported anew, whatever became of it; a file is read again. */
  reload(rows: readonly PackageRow[], event: string): Promise<SyncReport>;
  /** How it stands with each that is to be served, sorted by event. */
  standings(): readonly PackageStanding[];
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
  const standings = new Map<string, PackageStanding>();
  let turn: Promise<unknown> = Promise.resolve();

  function isThere(event: string): boolean {
    const parent = parentEvent(event);
    return served.has(event) && (parent === undefined || isThere(parent));
  }

  function stands(event: string, module: string, state: PackageStanding['state'], why = ''): void {
    standings.set(event, { event, module, state, why, since: clock.now() });
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
      standings.delete(event);
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
        stands(event, module, 'broken', check.why);
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
          stands(name, module, 'given-up');
          parts.onQuarantine?.(name);
        },
      });
      served.set(event, hosted);
      loaded.push(event);
      stands(event, module, 'loaded');
      log.info({ event, module }, 'event package loaded');
    }
    return {
      loaded: loaded.sort(),
      unloaded: [...before].filter((event) => !served.has(event)).sort(),
      broken,
    };
  }

  function inTurn(work: () => Promise<SyncReport>): Promise<SyncReport> {
    const mine = turn.then(work);
    turn = mine.catch(() => undefined);
    return mine;
  }

  return {
    sync: (rows) => inTurn(() => follow(rows)),
    reload: (rows, event) =>
      inTurn(() => {
        // No module has this name: the row, where it is still there, is new to us.
        if (known.has(event)) known.set(event, '');
        return follow(rows);
      }),
    standings: () => [...standings.values()].sort((one, other) => (one.event < other.event ? -1 : 1)),
    find: (event) => (isThere(event) ? served.get(event) : undefined),
    names: () => [...served.keys()].filter(isThere).sort(),
  };
}
