import type { Words } from './words/index.ts';

/** A page that members find in the bar at the top. */
export interface Place {
  readonly path: string;
  readonly name: (words: Words) => string;
  /** Shows how many ask. */
  readonly badge?: true;
  /** Of those alone who run the server. */
  readonly admin?: true;
}

/** In the order in which they stand. The first is where members come in. */
export const PLACES: readonly Place[] = [
  { path: '/presence', name: ({ nav }) => nav.home },
  { path: '/rules', name: ({ nav }) => nav.rules },
  { path: '/watchers', name: ({ nav }) => nav.watchers, badge: true },
  { path: '/phones', name: ({ nav }) => nav.phones },
  { path: '/security', name: ({ nav }) => nav.security },
  { path: '/admin', name: ({ nav }) => nav.admin, admin: true },
];

const PATHS: ReadonlySet<string> = new Set(PLACES.map(({ path }) => path));

/** Where to go after log-in: one of our own pages, never what a link says. */
export const readReturn = (text: string): string => (PATHS.has(text) ? text : '/presence');
