import type { Publication } from '#model';
import { fitsPublication } from '../limits.ts';
import type { Publications, PublicationWrite, WriteOutcome } from '../store.ts';
import type { Note } from './journal.ts';
import type { MemoryRows } from './rows.ts';

/** Rows of one page of `all()`. */
export const PAGE = 1000;

export function makeMemoryPublications(
  { publications: rows, idsByEtag }: MemoryRows,
  note: Note,
  mustHoldRole: () => void,
): Publications {
  function keep(publication: Publication): void {
    const before = rows.get(publication.id);
    if (before !== undefined) idsByEtag.delete(before.etag);
    rows.set(publication.id, publication);
    idsByEtag.set(publication.etag, publication.id);
  }

  function write(write: PublicationWrite): WriteOutcome {
    if (write.kind === 'remove') {
      const row = rows.get(write.id);
      if (row?.etag !== write.expected) return 'stale';
      rows.delete(row.id);
      idsByEtag.delete(row.etag);
      return 'written';
    }
    const { publication } = write;
    if (!fitsPublication(publication)) return 'refused';
    const row = rows.get(publication.id);
    if (write.kind === 'insert' ? row !== undefined : row?.etag !== write.expected) return 'stale';
    const namesake = idsByEtag.get(publication.etag);
    if (namesake !== undefined && namesake !== publication.id) return 'refused';
    keep(row === undefined ? publication : changed(row, write.kind, publication));
    return 'written';
  }

  return {
    async write(given) {
      mustHoldRole();
      return write(given);
    },
    async writeFromOutside(presentity, given) {
      const outcome = write(given);
      const id = given.kind === 'remove' ? given.id : given.publication.id;
      if (outcome === 'written') note({ kind: 'published', subject: presentity, id });
      return outcome;
    },
    all: () => inPages(rows),
    async find(id) {
      return rows.get(id);
    },
    async of(presentity, now) {
      return [...rows.values()]
        .filter((row) => row.presentity === presentity && row.expiresAt > now)
        .sort((one, other) => one.modifiedAt - other.modifiedAt || (one.id < other.id ? -1 : 1));
    },
  };
}

/** What a write does not name stays as it was. */
function changed(row: Publication, kind: 'insert' | 'replace' | 'refresh', to: Publication): Publication {
  if (kind === 'refresh') return { ...row, etag: to.etag, expiresAt: to.expiresAt };
  const { presentity, event, publisher } = row;
  return { ...to, presentity, event, publisher };
}

/** Pages in order of id, as they stand when each page is read. */
export async function* inPages<Row>(rows: ReadonlyMap<string, Row>): AsyncIterable<readonly Row[]> {
  const ids = [...rows.keys()].sort();
  for (let start = 0; start < ids.length; start += PAGE) {
    const page = ids.slice(start, start + PAGE).flatMap((id) => rows.get(id) ?? []);
    if (page.length > 0) yield page;
  }
}
