import { checkKey } from '../limits.ts';
import { cutFigures, cutNode, type Figures, MAX_FIGURES, MAX_NODES, type NodeReport, type Nodes } from '../nodes.ts';

export function makeMemoryNodes(): Nodes {
  const nodes = new Map<string, NodeReport>();
  let counted: readonly Figures[] = [];
  const newest = (): readonly NodeReport[] =>
    [...nodes.values()].sort((one, other) => other.seenAt - one.seenAt || (one.id < other.id ? -1 : 1));
  return {
    async report(node) {
      checkKey(node.id, 64, 'id of a node');
      nodes.set(node.id, cutNode(node));
    },
    async leave(id) {
      nodes.delete(id);
    },
    list: async () => newest().slice(0, MAX_NODES),
    async write(figures) {
      checkKey(figures.node, 64, 'id of a node');
      const others = counted.filter(({ node, at }) => node !== figures.node || at !== figures.at);
      counted = [...others, cutFigures(figures)].sort((one, other) => one.at - other.at);
    },
    figures: async (since) => counted.filter(({ at }) => at > since).slice(-MAX_FIGURES),
    pulse: async () => [nodes.size, newest()[0]?.seenAt ?? 0, counted.at(-1)?.at ?? 0].join(' '),
    async purge(seenBefore, countedBefore) {
      const had = nodes.size + counted.length;
      for (const [id, { seenAt }] of nodes) if (seenAt < seenBefore) nodes.delete(id);
      counted = counted.filter(({ at }) => at >= countedBefore);
      return had - nodes.size - counted.length;
    },
  };
}
