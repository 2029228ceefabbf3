/** The simple values of presence documents, as their schemas allow them. */

const INSTANT =
  /^(\d{4}-\d\d-\d\d)t([01]\d|2[0-3])(:[0-5]\d:[0-5]\d(?:\.\d{1,9})?)(z|[+-](?:0\d|1[0-3]):[0-5]\d|[+-]14:00)?$/i;

export interface Instant {
  /** RFC 3339 with capital T and Z (RFC 3863 §4.1.7). */
  readonly text: string;
  /** Epoch ms. */
  readonly at: number;
}

/** Reads a date and time; one without an offset is taken as UTC. Undefined when it is none, such as 30 February. */
export function readInstant(value: string | undefined): Instant | undefined {
  const match = value === undefined ? null : INSTANT.exec(value.trim());
  if (match === null) return undefined;
  const [, day = '', hour = '', rest = '', offset = 'Z'] = match;
  const text = `${day}T${hour}${rest}${offset.toUpperCase()}`;
  const at = Date.parse(text);
  if (Number.isNaN(at) || day.startsWith('0000')) return undefined;
  // Date.parse reads 30 February as 2 March.
  if (Number(day.slice(8)) > 28 && !new Date(`${day}T00:00:00Z`).toISOString().startsWith(day)) return undefined;
  return { text, at };
}

/** Epoch ms as RFC 3339 in UTC. */
export function writeInstant(at: number): string {
  return new Date(at).toISOString();
}

/** White space around it removed; undefined when a validator would not take it as xs:anyURI. */
export function readUri(value: string | undefined): string | undefined {
  const uri = value?.trim();
  if (uri === undefined || uri === '' || uri.length > 2048) return undefined;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  return /[\s\x00-\x20"<>\\^`{|}]|%(?![0-9A-Fa-f]{2})|#.*#/.test(uri) ? undefined : uri;
}

/** xml:lang: a language tag or ''. */
export function isLanguage(value: string): boolean {
  return value === '' || /^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$/.test(value);
}

/** RFC 3863 §4.1.5: 0 to 1, at most three decimals; others are ignored. */
export function readPriority(value: string | undefined): string | undefined {
  const priority = value?.trim();
  return priority !== undefined && /^(0(\.\d{1,3})?|1(\.0{1,3})?)$/.test(priority) ? priority : undefined;
}
