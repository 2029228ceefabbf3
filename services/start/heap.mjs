/** Subscriptions live in the heap: a million take about 1.5 GB (docs/performance.md). */
const SHARE = 0.6;

/**
 * Node gives its heap half of the memory, and 2 GB or 4 GB at the most, however much there is; the SIP service may have more.
 * @param availableMb what this machine or container has.
 * @param limitMb what Node takes by itself.
 * @param nodeOptions NODE_OPTIONS: who says how much there means it.
 * @returns words for the command line of node.
 */
export function heapWords({ availableMb, limitMb, nodeOptions = '' }) {
  const wantedMb = Math.floor(availableMb * SHARE);
  if (wantedMb <= limitMb || /--max[-_]old[-_]space[-_]size/.test(nodeOptions)) return [];
  return [`--max-old-space-size=${wantedMb}`];
}
