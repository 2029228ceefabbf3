import { detached } from './detached.ts';

/** The same text each time for equal texts, so that it is kept in memory once; of `most` different ones; then it begins anew. */
export function makeOnce(most: number): (text: string) => string {
  const known = new Map<string, string>();
  return function once(text) {
    const found = known.get(text);
    if (found !== undefined) return found;
    if (known.size >= most) known.clear();
    const own = detached(text);
    known.set(own, own);
    return own;
  };
}
