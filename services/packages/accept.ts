/** What a SUBSCRIBE's Accept header asks for (RFC 3261 §20.1), against what a package writes. */

export interface AcceptRange {
  /** `type/subtype`, `type/*` or `*` + `/*`, lower case. Parameters other than q are dropped: no format of ours has any. */
  readonly type: string;
  /** 0 (not acceptable) to 1. */
  readonly q: number;
}

/** Reads the elements of Accept, already split at commas; what is no media range is passed over. */
export function readAccept(elements: readonly string[]): readonly AcceptRange[] {
  const ranges: AcceptRange[] = [];
  for (const text of elements) {
    const [range = '', ...parameters] = text.split(';');
    const type = range.trim().toLowerCase();
    if (!/^[^\s/]+\/[^\s/]+$/.test(type)) continue;
    let q = 1;
    for (const parameter of parameters) {
      const match = /^\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*$/i.exec(parameter);
      if (match !== null) q = Math.min(1, Number(match[1]));
    }
    ranges.push({ type, q });
  }
  return ranges;
}

/**
 * The format to send: of those the watcher takes the one it likes best, and of equals the one the package names first.
 * @param accept undefined when the request has no Accept header: then the package's default (RFC 6665 §4.1.2.1).
 * @returns undefined when there is none (406); so too for an Accept header that is empty.
 */
export function chooseFormat(
  formats: readonly string[],
  accept: readonly AcceptRange[] | undefined,
): string | undefined {
  if (accept === undefined) return formats[0];
  let best: string | undefined;
  let bestQ = 0;
  for (const format of formats) {
    const q = qualityOf(format, accept);
    if (q > bestQ) {
      best = format;
      bestQ = q;
    }
  }
  return best;
}

/** The most specific range that covers the type speaks for it. */
function qualityOf(format: string, accept: readonly AcceptRange[]): number {
  const major = `${format.split('/', 1)[0]}/*`;
  for (const wanted of [format, major, '*/*']) {
    const range = accept.find(({ type }) => type === wanted);
    if (range !== undefined) return range.q;
  }
  return 0;
}
