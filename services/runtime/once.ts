/** The same text each time for equal texts, so that it is kept in memory once; of the first `most` different ones. */
export function makeOnce(most: number): (text: string) => string {
  const known = new Map<string, string>();
  return function once(text) {
    const found = known.get(text);
    if (found !== undefined) return found;
    if (known.size < most) known.set(text, text);
    return text;
  };
}
