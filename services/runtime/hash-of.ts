/**
 * 32 bits that tell texts apart.
 * @param seed where there is harm in equal hashes, unknown to whoever chooses the texts.
 */
export function hashOf(text: string, seed: number): number {
  let hash = seed;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x5bd1e995);
    hash ^= hash >>> 15;
  }
  return hash >>> 0;
}
