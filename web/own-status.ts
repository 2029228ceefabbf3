import { createHash } from 'node:crypto';
import type { Aor, EntityTag, Publication } from '#model';
import { presencePackage, summarise, writeStatus } from '#packages';
import type { PortalDeps } from './deps.ts';

/**
 * The status that somebody sets in the browser: a publication like any device's, written as a fact with its Change. The
 * SIP service takes it up, composes it with what the phones say, and ends it at its time (RFC 3903 §4).
 */

export const STATUSES = ['available', 'busy', 'away', 'on-the-phone', 'do-not-disturb'] as const;
export type Status = (typeof STATUSES)[number];

export interface StatusSet {
  readonly status: Status;
  /** '' for none. */
  readonly note: string;
  /** Epoch ms. */
  readonly until: number;
}

export const MAX_NOTE_LENGTH = 140;
const USER_AGENT = 'Porchlight portal';
/** Somebody else changes the same row at the same moment: looked at anew so often. */
const TRIES = 3;

type Needs = Pick<PortalDeps, 'store' | 'clock' | 'random'>;

/** One for each account, always the same: whoever sets a status replaces the one before. */
export const statusIdOf = (owner: Aor): string =>
  createHash('sha256').update(`status ${owner}`).digest('base64url').slice(0, 22);

/** @returns `busy` when others kept changing it. @throws StoreUnavailable */
export async function setStatus(
  owner: Aor,
  { status, note, until }: StatusSet,
  doNotDisturb: string,
  { store, clock, random }: Needs,
): Promise<'set' | 'busy'> {
  const id = statusIdOf(owner);
  const body = writeStatus(owner, { open: true, ...activitiesOf(status, doNotDisturb), note });
  const [{ type }] = presencePackage.formats;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const before = await store.publications.find(id);
    const publication: Publication = {
      id,
      presentity: owner,
      event: presencePackage.name,
      etag: random.token(16) as EntityTag,
      contentType: type,
      body,
      modifiedAt: Math.max(clock.now(), (before?.modifiedAt ?? 0) + 1),
      expiresAt: until,
      publisher: owner,
      userAgent: USER_AGENT,
    };
    const outcome = await store.publications.writeFromOutside(
      owner,
      before === undefined ? { kind: 'insert', publication } : { kind: 'replace', expected: before.etag, publication },
    );
    if (outcome === 'written') return 'set';
    if (outcome === 'refused') throw new Error('a status that the form let pass cannot be kept');
  }
  return 'busy';
}

/** Takes it back; nothing happens where there is none. @throws StoreUnavailable */
export async function clearStatus(owner: Aor, { store }: Needs): Promise<void> {
  const id = statusIdOf(owner);
  for (let tries = 0; tries < TRIES; tries += 1) {
    const row = await store.publications.find(id);
    if (row === undefined) return;
    const outcome = await store.publications.writeFromOutside(owner, { kind: 'remove', expected: row.etag, id });
    if (outcome === 'written') return;
  }
}

/** What the form shows as chosen; undefined when no status is set. */
export function statusIn(
  publication: Publication | undefined,
): { readonly status: Status; readonly note: string } | undefined {
  if (publication === undefined) return undefined;
  const reading = presencePackage.readPublication(publication.contentType, publication.body, publication.presentity);
  if (reading.kind !== 'document') return undefined;
  const { activities, notes } = summarise(reading.document);
  const [first = 'available', ...others] = activities;
  const status = others.length > 0 ? 'do-not-disturb' : STATUSES.find((one) => one === first);
  return { status: status ?? 'available', note: notes[0] ?? '' };
}

/** RFC 4480 has no word for «do not disturb»: busy, which phones know, and the words for people. */
function activitiesOf(status: Status, doNotDisturb: string): { activities: readonly string[]; other: string } {
  switch (status) {
    case 'available':
      return { activities: [], other: '' };
    case 'do-not-disturb':
      return { activities: ['busy'], other: doNotDisturb };
    default:
      return { activities: [status], other: '' };
  }
}
