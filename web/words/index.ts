/** What the portal says, by language: one object a language, all of one shape. */
import Negotiator from 'negotiator';
import { english } from './english.ts';
import { german } from './german.ts';
import type { Words } from './shape.ts';

const LANGUAGES: ReadonlyMap<string, Words> = new Map([
  ['en', english],
  ['de', german],
]);

/** By the browser's Accept-Language (RFC 9110 §12.5.4); English where it asks for nothing we speak. */
export function wordsFor(acceptLanguage: string | undefined): Words {
  const negotiator = new Negotiator({ headers: { 'accept-language': acceptLanguage?.slice(0, 256) } });
  const [wanted = 'en'] = negotiator.languages([...LANGUAGES.keys()]);
  return LANGUAGES.get(wanted) ?? english;
}

export { english, german, type Words };
