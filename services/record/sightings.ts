import { LRUCache } from 'lru-cache';
import { type Aor, type Change, type Domains, readAor } from '#model';
import { type Clock, detached, every, type Log } from '#runtime';
import { type Answer, type Flow, type SipRequest, writeFlow } from '#sip';
import type { Sighting, Sightings } from '#store';
import { makeBatch } from './batch.ts';
import { kindOfAnswer } from './kind-of-answer.ts';

/**
 * What was seen of somebody's phones lately. Kept in memory for whoever spoke last; written to the database only for an
 * account at whose page somebody looks just now (a Change `sightings` says so). So strangers can fill no table, and a
 * busy server writes nothing for phones that work.
 */
export interface SightingBook {
  /** After a request was answered. Costs the hot path a few map look-ups. */
  saw(request: SipRequest, flow: Flow, answer: Answer): void;
  hear(change: Change): void;
  close(): void;
}

export interface SightingNeeds {
  readonly sightings: Pick<Sightings, 'write' | 'purge'>;
  readonly domains: Domains;
  readonly clock: Clock;
  readonly log: Log;
}

const OWNERS = 20_000;
/** Of one account: kinds × clients; the one seen longest ago is forgotten first. So few that looking through them costs less than a map. */
const MOST_OF_ONE = 16;
const LOOKED_AT = 1000;
/** A page that is open asks again well before this. */
const LOOK_MS = 120_000;
const WRITE_EVERY_MS = 1000;
const PURGE_EVERY_MS = 3_600_000;
export const SIGHTINGS_KEPT_MS = 86_400_000;

/** The flow is put into words when it is written down, which it hardly ever is. */
type Seen = Omit<Sighting, 'owner' | 'flow'> & { readonly flow: Flow };

const NONE: Seen[] = [];

export function makeSightingBook({ sightings, domains, clock, log }: SightingNeeds): SightingBook {
  const seen = new LRUCache<Aor, Seen[]>({ max: OWNERS });
  const lookedAt = new LRUCache<Aor, number>({ max: LOOKED_AT });
  const batch = makeBatch<Sighting>({
    everyMs: WRITE_EVERY_MS,
    capacity: LOOKED_AT * MOST_OF_ONE,
    write: (rows) => sightings.write(rows),
    clock,
    log,
  });
  const purging = every(
    clock,
    PURGE_EVERY_MS,
    async () => void (await sightings.purge(clock.now() - SIGHTINGS_KEPT_MS)),
    (fault) => log.warn({ fault: String(fault) }, 'old sightings stay'),
  );

  const put = (owner: Aor, seenOf: Seen): void =>
    batch.put(`${owner} ${seenOf.kind} ${seenOf.client}`, { ...seenOf, owner, flow: writeFlow(seenOf.flow) });

  return {
    saw(request, flow, answer) {
      const kind = kindOfAnswer(request, answer);
      const from = kind === undefined ? undefined : readAor(request.from.uri);
      if (kind === undefined || from === undefined) return;
      const owner = domains.fold(from);
      const theirs = seen.get(owner) ?? NONE;
      const written = (request.headers.get('user-agent') ?? '').slice(0, 128);
      const before = theirs.findIndex((one) => one.kind === kind && one.client === written);
      const client = theirs[before]?.client ?? detached(written);
      const sighting = { kind, client, flow, status: answer.status, at: clock.now() };
      // The first is the one seen longest ago. No list has places to spare: there is one for each account.
      if (before >= 0 && before === theirs.length - 1) theirs[before] = sighting;
      else if (before >= 0) seen.set(owner, theirs.toSpliced(before, 1).concat(sighting));
      else seen.set(owner, theirs.slice(theirs.length >= MOST_OF_ONE ? 1 : 0).concat(sighting));
      if ((lookedAt.get(owner) ?? 0) > sighting.at) put(owner, sighting);
    },
    hear(change) {
      if (change.kind !== 'sightings') return;
      const owner = change.subject as Aor;
      lookedAt.set(owner, clock.now() + LOOK_MS);
      for (const sighting of seen.get(owner) ?? []) put(owner, sighting);
    },
    close() {
      batch.close();
      purging.cancel();
    },
  };
}
