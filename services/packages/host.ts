import type { Aor, Duration, Permission } from '#model';
import type { Clock, Log } from '#runtime';
import { type AcceptRange, chooseFormat } from './accept.ts';
import type { EventPackage, Format, Published, ReadPublication } from './contract.ts';

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
export interface HostedPackage {
  /** Event package name, canonical. */
  readonly name: string;
  /** RFCs, for people. */
  readonly implements: readonly string[];
  readonly duration: Duration;
  /** The package's own shortest time between two NOTIFYs to one watcher. */
  readonly paceMs: number;
  /** MIME types that PUBLISH may carry; empty when the package takes none. */
  readonly publishes: readonly string[];
  /** MIME types of NOTIFY bodies, the default first. */
  readonly formats: readonly [string, ...string[]];
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
  /** See accept.ts. */
  chooseFormat(accept: readonly AcceptRange[] | undefined): string | undefined;
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

export function hostPackage(hosted: EventPackage, { log, clock, onQuarantine }: HostParts): HostedPackage {
  const { name } = hosted;
  const types = hosted.formats.map(({ type }) => type) as [string, ...string[]];
  let faultTimes: readonly number[] = [];
  let quarantined = false;

  function guard<T>(what: string, call: () => T): T {
    if (quarantined) throw new PackageFault(name, 'quarantined');
    try {
      return call();
    } catch (cause) {
      const fault = cause instanceof PackageFault ? cause : new PackageFault(name, `${what} failed: ${cause}`, cause);
      count(fault);
      throw fault;
    }
  }

  function count(fault: PackageFault): void {
    const now = clock.now();
    faultTimes = [...faultTimes.filter((at) => at > now - FAULT_SPAN_MS), now];
    log.error({ event: name, fault: fault.message }, 'an event package failed');
    if (faultTimes.length < FAULTS_TO_QUARANTINE) return;
    quarantined = true;
    log.error({ event: name, faults: faultTimes.length }, 'event package quarantined: it failed too often');
    onQuarantine(name);
  }

  function formatOf(contentType: string): Format<unknown> {
    const format = hosted.formats.find(({ type }) => type === contentType);
    // Not the package's fault: the caller asked for what chooseFormat never gave.
    if (format === undefined) throw new TypeError(`event package ${name} does not write ${contentType}`);
    return format;
  }

  function write(format: Format<unknown>, state: unknown): Uint8Array {
    const body: unknown = format.write(state);
    if (!(body instanceof Uint8Array)) throw new PackageFault(name, `write of ${format.type} gave no bytes`);
    return body;
  }

  return {
    name,
    implements: hosted.implements,
    duration: hosted.duration,
    paceMs: Math.round(hosted.pace * 1000),
    publishes: hosted.publishes,
    formats: types,

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
      const format = formatOf(contentType);
      return guard('render', () => {
        const maySee = permission === 'allow' || permission === 'polite-block';
        if (!maySee || published.length === 0) return write(format, hosted.neutral(presentity));
        const state = hosted.compose(presentity, published, now);
        return write(format, hosted.conceal(state, permission, presentity));
      });
    },

    neutral(presentity, contentType) {
      const format = formatOf(contentType);
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

    chooseFormat: (accept) => chooseFormat(types, accept),
  };
}
