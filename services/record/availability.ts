import type { Compositor } from '#compositor';
import type { Aor, Change } from '#model';
import { type PresenceSummary, presencePackage, summarise } from '#packages';
import { type Clock, every, type Log } from '#runtime';
import {
  type Availability,
  type AvailabilityRow,
  type AvailabilityState,
  KEEPS_AVAILABILITY,
  type Preferences,
} from '#store';
import { makeBatch } from './batch.ts';

/** Writes down how available those were who switched it on, to the half minute. Nobody else's state is ever written. */
export interface AvailabilityBook {
  hear(change: Change): void;
  /** Reads who switched it on, and notes how they are now. */
  begin(): Promise<void>;
  /** From now on nothing is known of anybody. */
  end(): Promise<void>;
  close(): void;
}

export interface AvailabilityNeeds {
  readonly availability: Pick<Availability, 'write' | 'purge'>;
  readonly preferences: Pick<Preferences, 'having'>;
  readonly compositor: Pick<Compositor, 'view'>;
  readonly clock: Clock;
  readonly log: Log;
}

const WRITE_EVERY_MS = 30_000;
const CAPACITY = 50_000;
const PURGE_EVERY_MS = 3_600_000;
/** A week and the day before it, so that a strip of seven days is whole. */
export const AVAILABILITY_KEPT_MS = 8 * 86_400_000;

export function makeAvailabilityBook(needs: AvailabilityNeeds): AvailabilityBook {
  const { availability, compositor, clock, log } = needs;
  let keepers: ReadonlySet<Aor> = new Set();
  const known = new Map<Aor, AvailabilityRow['state']>();
  let reading: Promise<void> | undefined;
  const batch = makeBatch<AvailabilityRow>({
    everyMs: WRITE_EVERY_MS,
    capacity: CAPACITY,
    // Who switched it off meanwhile is not written down any more.
    write: (rows) => availability.write(rows.filter(({ owner }) => keepers.has(owner))),
    clock,
    log,
  });
  const purging = every(
    clock,
    PURGE_EVERY_MS,
    async () => void (await availability.purge(clock.now() - AVAILABILITY_KEPT_MS)),
    (fault) => log.warn({ fault: String(fault) }, 'old availability stays'),
  );

  function note(owner: Aor, state: AvailabilityRow['state']): void {
    if (known.get(owner) === state) return;
    known.set(owner, state);
    batch.put(owner, { owner, at: clock.now(), state });
  }

  const look = (owner: Aor): void => note(owner, availabilityOf(compositor, owner));

  /** Changes come one by one; one reading at a time, and one more when a Change came during it. */
  function read(): Promise<void> {
    reading ??= Promise.resolve().then(async () => {
      reading = undefined;
      const now = await needs.preferences.having(KEEPS_AVAILABILITY);
      for (const owner of known.keys()) if (!now.has(owner)) known.delete(owner);
      keepers = now;
      for (const owner of keepers) look(owner);
    });
    return reading;
  }

  return {
    hear(change) {
      switch (change.kind) {
        case 'state':
          if (change.event === presencePackage.name && keepers.has(change.subject as Aor)) look(change.subject as Aor);
          return;
        case 'preferences':
        case 'everything':
          read().catch((fault) => log.warn({ fault: String(fault) }, 'who keeps availability could not be read'));
          return;
      }
    },
    begin: read,
    async end() {
      for (const owner of keepers) note(owner, 'unknown');
      await batch.flush();
    },
    close() {
      batch.close();
      purging.cancel();
    },
  };
}

/** What those see who may see everything, in one word. */
function availabilityOf(compositor: Pick<Compositor, 'view'>, owner: Aor): AvailabilityRow['state'] {
  const [{ type }] = presencePackage.formats;
  try {
    const view = compositor.view(owner, presencePackage.name, 'allow', type);
    const reading = view && presencePackage.readPublication(type, view.body, owner);
    return reading?.kind === 'document' ? wordFor(summarise(reading.document)) : 'unknown';
  } catch {
    // The package failed; it has been counted and logged where it is called.
    return 'unknown';
  }
}

const BUSY: ReadonlySet<string> = new Set([
  'appointment',
  'busy',
  'in-transit',
  'meeting',
  'on-the-phone',
  'performance',
  'presentation',
  'steering',
]);
const AWAY: ReadonlySet<string> = new Set([
  'away',
  'breakfast',
  'dinner',
  'holiday',
  'lunch',
  'meal',
  'permanent-absence',
  'sleeping',
  'travel',
  'vacation',
]);

/** RPID activities (RFC 4480 §3.2) sorted into what a colour can show. */
function wordFor({ open, activities }: PresenceSummary): AvailabilityState {
  if (!open) return 'offline';
  if (activities.some((activity) => BUSY.has(activity))) return 'busy';
  return activities.some((activity) => AWAY.has(activity)) ? 'away' : 'available';
}
