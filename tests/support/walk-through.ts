/** The event package of docs/event-packages.md as a reader of that page writes it. */
import { readFileSync } from 'node:fs';

/** The pieces of the page's walk-through, one after the other: a whole module. */
export function readWalkThrough(): string {
  const page = readFileSync(new URL('../../docs/event-packages.md', import.meta.url), 'utf8');
  return [...page.matchAll(/^```js\n(.*?)^```$/gms)].map(([, piece]) => piece).join('');
}
