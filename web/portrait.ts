import type { Aor, Publication } from '#model';
import { type PresenceSummary, type Published, presencePackage, summarise } from '#packages';

/**
 * What devices say and what comes of it, for people to read: by the functions of the built-in presence package that also
 * make the NOTIFYs. A package of somebody else's in its place is not run inside the portal.
 */

export const PRESENCE = presencePackage.name;

type Document = ReturnType<typeof read>;

/** What one device says; undefined when it cannot be read. */
export function deviceSays(publication: Publication): PresenceSummary | undefined {
  const document = read(publication);
  return document === undefined ? undefined : summarise(document);
}

export interface Composed {
  readonly says: PresenceSummary;
  /** The body that goes to those who may see it. */
  readonly document: string;
}

/** What watchers see who are let in. @param now epoch ms. */
export function othersSee(presentity: Aor, publications: readonly Publication[], now: number): Composed {
  const published = publications.flatMap((publication) => {
    const document = read(publication);
    const { id, modifiedAt } = publication;
    return document === undefined ? [] : [{ document, id, modifiedAt } satisfies Published<Document>];
  });
  const composed = presencePackage.compose(presentity, published, now);
  const state = presencePackage.conceal(composed, 'allow', presentity);
  const [format] = presencePackage.formats;
  return { says: summarise(state), document: new TextDecoder().decode(format.write(state)) };
}

function read({ contentType, body, presentity }: Publication) {
  const reading = presencePackage.readPublication(contentType, body, presentity);
  return reading.kind === 'document' ? reading.document : undefined;
}
