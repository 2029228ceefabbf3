import type { Compositor, PublicationBook, PublicationSweep } from '#compositor';
import type { Authenticated, BodyDecoded, ExpiryGranted, PackageFound, ResourceNamed } from '#gate';
import { clip, type EntityTag, type Publication } from '#model';
import { type Clock, detached, detachedBytes, type Log, type Random } from '#runtime';
import { type Incoming, isRefusal, type Refusal, refuse } from '#sip';
import type { Bell } from '#store';
import type { EntityTagMatched } from './match-entity-tag.ts';
import type { BodyRead } from './read-body.ts';
import type { ReplacedTags } from './replaced-tags.ts';
import type { WholeWrite } from './whole-write.ts';

/** Committed: the entity-tag under which the publication goes on (RFC 3903 §6 step 6). */
export interface Kept {
  readonly etag: EntityTag;
  /** Whether watchers may see a difference. */
  readonly changed: boolean;
}

export interface KeepNeeds {
  readonly whole: WholeWrite;
  readonly replaced: ReplacedTags;
  readonly book: PublicationBook;
  readonly compositor: Compositor;
  readonly sweep: PublicationSweep;
  readonly bell: Bell;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

type Known = Incoming &
  Authenticated &
  ResourceNamed &
  PackageFound &
  EntityTagMatched &
  ExpiryGranted &
  BodyDecoded &
  BodyRead;

/**
 * How many publications one presentity may have in one package. A device that lost its entity-tag and starts over
 * leaves orphans; past this many the one that would end first makes room.
 */
export const MAX_PUBLICATIONS = 32;

/**
 * RFC 3903 §6 step 5: commits first, then lets the book and the sweep know. What could not be committed has
 * changed nothing, and the old entity-tag still holds.
 */
export function makeKeep(needs: KeepNeeds) {
  const { book, compositor, whole, clock, random, log } = needs;

  return async function keep(known: Known): Promise<Kept | Refusal> {
    const etag = random.token(16) as EntityTag;
    const { previous, expires } = known;
    if (expires === 0) {
      if (previous === undefined) return { etag, changed: false };
      return (await remove(previous)) ?? { etag, changed: true };
    }
    const written = await write(known, etag);
    if (isRefusal(written)) return written;
    if (previous === undefined) await makeRoom(written);
    return { etag, changed: isNew(written, previous) };
  };

  async function write(known: Known, etag: EntityTag): Promise<Publication | Refusal> {
    const { previous, published } = known;
    const publication = previous === undefined ? begin(known, etag) : goOn(previous, known, etag);
    const outcome = await whole.write(
      previous === undefined
        ? { kind: 'insert', publication }
        : {
            kind: publication.body === previous.body ? 'refresh' : 'replace',
            expected: previous.etag,
            publication,
          },
      previous,
    );
    if (outcome === 'refused') return refuse(413);
    if (outcome === 'stale') return lost(publication);
    book.keep(publication);
    const { etagGrace } = known.clientNeeds;
    if (previous !== undefined && etagGrace > 0) needs.replaced.note(previous, known.request.callId, etagGrace * 1000);
    needs.sweep.watch(publication);
    if (published !== undefined && isNew(publication, previous)) compositor.remember(publication, published.document);
    compositor.changed(publication.presentity, publication.event);
    return publication;
  }

  function begin(known: Known, etag: EntityTag): Publication {
    const now = clock.now();
    return {
      id: random.token(22),
      presentity: known.presentity,
      event: known.eventPackage.name,
      etag,
      contentType: known.published?.contentType ?? '',
      body: detachedBytes(known.body),
      modifiedAt: now,
      expiresAt: now + known.expires * 1000,
      publisher: known.identity,
      userAgent: detached(clip(known.request.headers.get('user-agent') ?? '', 128)),
      createdAt: now,
      ...(known.origin === undefined ? {} : { origin: detached(known.origin) }),
    };
  }

  /** A refresh, or a modification; one that says the same again is no change that watchers need to hear of. */
  function goOn(previous: Publication, known: Known, etag: EntityTag): Publication {
    const now = clock.now();
    const goesOn = { ...previous, etag, expiresAt: now + known.expires * 1000 };
    const { published } = known;
    if (published === undefined || sameBody(previous, published.contentType, known.body)) return goesOn;
    const modifiedAt = Math.max(now, previous.modifiedAt + 1);
    return { ...goesOn, contentType: published.contentType, body: detachedBytes(known.body), modifiedAt };
  }

  /** The row is gone or another's: what we believed is dropped, and the device begins anew after the 412. */
  function lost(publication: Publication): Refusal {
    book.drop(publication);
    compositor.changed(publication.presentity, publication.event);
    needs.bell.ring({ kind: 'state', subject: publication.presentity, event: publication.event });
    return refuse(412);
  }

  async function remove(publication: Publication): Promise<Refusal | undefined> {
    const { etag: expected, id } = publication;
    const outcome = await whole.write({ kind: 'remove', expected, id }, publication);
    if (outcome === 'stale') return lost(publication);
    book.drop(publication);
    compositor.changed(publication.presentity, publication.event);
    return undefined;
  }

  /** The new one is kept already: where no room can be made now, there is one too many for a while. */
  async function makeRoom(newest: Publication): Promise<void> {
    const all = book.of(newest.presentity, newest.event, clock.now());
    if (all.length <= MAX_PUBLICATIONS) return;
    const [first] = all.filter(({ id }) => id !== newest.id).sort((one, other) => one.expiresAt - other.expiresAt);
    if (first === undefined) return;
    await remove(first).catch((fault) => log.warn({ fault: String(fault) }, 'one publication too many'));
  }
}

/** Whether watchers may see a difference. */
function isNew(publication: Publication, previous: Publication | undefined): boolean {
  return publication.modifiedAt !== previous?.modifiedAt;
}

function sameBody(previous: Publication, contentType: string, body: Uint8Array): boolean {
  return previous.contentType === contentType && Buffer.compare(previous.body, body) === 0;
}
