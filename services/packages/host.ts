import type { Aor, Duration, Permission, Watcher } from '#model';
import type { Clock, Log } from '#runtime';
import { type AcceptRange, chooseFormat } from './accept.ts';
import type {
  AnyPackage,
  EventPackage,
  Format,
  Published,
  ReadPublication,
  Telling,
  Told,
  WatcherPackage,
} from './contract.ts';

/** A package threw, or gave back what its contract does not allow. Costs the one request that asked (500). */
export class PackageFault extends Error {
  override readonly name = 'PackageFault';
  readonly event: string;

  constructor(event: string, what: string, cause?: unknown) {
    super(`event package ${event}: ${what}`, { cause });
    this.event = event;
  }
}

/**
 * An event package as the server sees it. Every function may throw {@link PackageFault} and nothing else that the package
 * caused. All are synchronous: packages run in this process today. One that will run in a worker gets an interface of its
 * own beside this one, with promises, so that nobody on the hot path awaits what is there already.
 */
export type HostedPackage = HostedPublications | HostedWatchers;

interface Hosted {
  /** Event package name, canonical. */
  readonly name: string;
  /** RFCs, for people. */
  readonly implements: readonly string[];
  readonly duration: Duration;
  /** The package's own shortest time between two NOTIFYs to one watcher. */
  readonly paceMs: number;
  /** MIME types of NOTIFY bodies, the default first. */
  readonly formats: readonly [string, ...string[]];
  /** See accept.ts. */
  chooseFormat(accept: readonly AcceptRange[] | undefined): string | undefined;
}

/** Tells of what devices publish. */
export interface HostedPublications extends Hosted {
  readonly feed: 'publications';
  /** MIME types that PUBLISH may carry; empty when the package takes none. */
  readonly publishes: readonly string[];
  /** @param contentType the header's value; its type decides, parameters are the package's business. */
  readPublication(contentType: string, body: Uint8Array, presentity: Aor): ReadPublication<unknown>;
  /**
   * The body for a watcher with this permission: composed, concealed, written. Whoever is neither allowed nor politely
   * blocked gets the neutral state, whatever the package says.
   * @param published documents of this package's own readPublication, unexpired, the newest last.
   * @param contentType one of `formats`.
   * @param now epoch ms.
   */
  render(
    presentity: Aor,
    published: readonly Published<unknown>[],
    permission: Permission,
    contentType: string,
    now: number,
  ): Uint8Array;
  /** The body that tells nothing. */
  neutral(presentity: Aor, contentType: string): Uint8Array;
  /** When the composed state changes by itself next, epoch ms; undefined when never. */
  nextChange(published: readonly Published<unknown>[], now: number): number | undefined;
}

/** Tells a presentity who watches it, each of its phones in documents that follow on each other. */
export interface HostedWatchers extends Hosted {
  readonly feed: 'watchers';
  /** @param contentType one of `formats`. */
  tell(
    presentity: Aor,
    watchers: readonly Watcher[],
    contentType: string,
    telling: Telling<unknown>,
  ): Told<unknown> & { readonly essence: string };
}

/** So many faults within this span, and the package is given up. */
export const FAULTS_TO_QUARANTINE = 5;
export const FAULT_SPAN_MS = 60_000;

export interface HostParts {
  readonly log: Log;
  readonly clock: Clock;
  /** Called once, when the package has failed too often; from then on every call is a fault without calling it. */
  readonly onQuarantine: (event: string) => void;
}

export function hostPackage(hosted: EventPackage, parts: HostParts): HostedPublications;
export function hostPackage(hosted: WatcherPackage, parts: HostParts): HostedWatchers;
export function hostPackage(hosted: AnyPackage, parts: HostParts): HostedPackage;
export function hostPackage(hosted: AnyPackage, parts: HostParts): HostedPackage {
  const guard = makeGuard(hosted.name, parts);
  return hosted.feed === 'watchers' ? hostWatchers(hosted, guard) : hostPublications(hosted, guard);
}

/** Runs a call of the package; whatever it throws is counted, and thrown as a {@link PackageFault}. */
type Guard = <T>(what: string, call: () => T) => T;

function makeGuard(name: string, { log, clock, onQuarantine }: HostParts): Guard {
  let faultTimes: readonly number[] = [];
  let quarantined = false;

  function count(fault: PackageFault): void {
    const now = clock.now();
    faultTimes = [...faultTimes.filter((at) => at > now - FAULT_SPAN_MS), now];
    log.error({ event: name, fault: fault.message }, 'an event package failed');
    if (faultTimes.length < FAULTS_TO_QUARANTINE) return;
    quarantined = true;
    log.error({ event: name, faults: faultTimes.length }, 'event package quarantined: it failed too often');
    onQuarantine(name);
  }

  return function guard(what, call) {
    if (quarantined) throw new PackageFault(name, 'quarantined');
    try {
      return call();
    } catch (cause) {
      const fault = cause instanceof PackageFault ? cause : new PackageFault(name, `${what} failed: ${cause}`, cause);
      count(fault);
      throw fault;
    }
  };
}

function factsOf({ name, implements: rfcs, duration, pace, formats }: AnyPackage): Hosted {
  const types = formats.map(({ type }) => type) as [string, ...string[]];
  return {
    name,
    implements: rfcs,
    duration,
    paceMs: Math.round(pace * 1000),
    formats: types,
    chooseFormat: (accept) => chooseFormat(types, accept),
  };
}

function formatOf<F extends { readonly type: string }>(name: string, formats: readonly F[], contentType: string): F {
  const format = formats.find(({ type }) => type === contentType);
  // Not the package's fault: the caller asked for what chooseFormat never gave.
  if (format === undefined) throw new TypeError(`event package ${name} does not write ${contentType}`);
  return format;
}

function hostPublications(hosted: EventPackage, guard: Guard): HostedPublications {
  const { name } = hosted;

  function write(format: Format<unknown>, state: unknown): Uint8Array {
    return bytesOf(name, format.type, format.write(state));
  }

  return {
    ...factsOf(hosted),
    feed: 'publications',
    publishes: hosted.publishes,

    readPublication(contentType, body, presentity) {
      const type = (contentType.split(';', 1)[0] ?? '').trim().toLowerCase();
      if (!hosted.publishes.includes(type)) return { kind: 'unsupported' };
      return guard('readPublication', () => {
        const read = hosted.readPublication(contentType, body, presentity);
        switch (read?.kind) {
          case 'document':
          case 'unsupported':
            return read;
          case 'malformed':
            if (typeof read.why === 'string') return read;
        }
        throw new PackageFault(name, 'readPublication gave no document, unsupported or malformed');
      });
    },

    render(presentity, published, permission, contentType, now) {
      const format = formatOf(name, hosted.formats, contentType);
      return guard('render', () => {
        const maySee = permission === 'allow' || permission === 'polite-block';
        if (!maySee || published.length === 0) return write(format, hosted.neutral(presentity));
        const state = hosted.compose(presentity, published, now);
        return write(format, hosted.conceal(state, permission, presentity));
      });
    },

    neutral(presentity, contentType) {
      const format = formatOf(name, hosted.formats, contentType);
      return guard('neutral', () => write(format, hosted.neutral(presentity)));
    },

    nextChange(published, now) {
      if (hosted.nextChange === undefined || published.length === 0) return undefined;
      return guard('nextChange', () => {
        const at: unknown = hosted.nextChange?.(published, now);
        if (at === undefined) return undefined;
        // A time that is not ahead would have the server draw for ever.
        if (typeof at === 'number' && at > now) return at;
        throw new PackageFault(name, 'nextChange gave no time that is ahead');
      });
    },
  };
}

function hostWatchers(hosted: WatcherPackage, guard: Guard): HostedWatchers {
  const { name } = hosted;
  return {
    ...factsOf(hosted),
    feed: 'watchers',
    tell(presentity, watchers, contentType, telling) {
      const format = formatOf(name, hosted.formats, contentType);
      return guard('tell', () => {
        const state = hosted.compose(presentity, watchers);
        const essence: unknown = hosted.essence(state);
        if (typeof essence !== 'string') throw new PackageFault(name, 'essence gave no text');
        const { body, memory } = format.write(state, telling);
        return { body: bytesOf(name, format.type, body), memory, essence };
      });
    },
  };
}

function bytesOf(name: string, type: string, body: unknown): Uint8Array {
  if (!(body instanceof Uint8Array)) throw new PackageFault(name, `write of ${type} gave no bytes`);
  return body;
}
