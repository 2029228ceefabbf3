import type { Publications } from '#store';
import type { PublicationBook } from './book.ts';
import type { PublicationSweep } from './sweep.ts';

/** Takes up the publications of the run before; what expired meanwhile is ended by the sweep. @returns how many. */
export async function restorePublications(needs: {
  readonly publications: Pick<Publications, 'all'>;
  readonly book: PublicationBook;
  readonly sweep: PublicationSweep;
}): Promise<number> {
  let count = 0;
  for await (const page of needs.publications.all()) {
    for (const publication of page) {
      needs.book.keep(publication);
      needs.sweep.watch(publication);
      count += 1;
    }
  }
  return count;
}
