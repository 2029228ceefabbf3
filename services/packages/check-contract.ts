import { canonicalEvent, parentEvent } from '#model';
import type { AnyPackage, EventPackage, WatcherPackage } from './contract.ts';

export type ContractCheck =
  | { readonly kind: 'kept'; readonly package: AnyPackage }
  /** `why` names the member that is missing or wrong, for the log. */
  | { readonly kind: 'broken'; readonly why: string };

const FUNCTIONS = {
  publications: ['readPublication', 'compose', 'conceal', 'neutral'],
  watchers: ['compose', 'essence'],
} as const;
const MEDIA_TYPE = /^[a-z0-9!#$&^_.+-]+\/[a-z0-9!#$&^_.+-]+$/;

/** Looks at a module's default export as far as can be seen without calling it. */
export function checkContract(candidate: unknown, event: string): ContractCheck {
  const why = whatIsWrong(candidate, event);
  return why === undefined ? { kind: 'kept', package: candidate as AnyPackage } : { kind: 'broken', why };
}

function whatIsWrong(candidate: unknown, event: string): string | undefined {
  if (!isClaim(candidate)) return 'it has no default export that is an object';
  const { name, feed = 'publications', duration, pace, formats, publishes } = candidate;
  if (typeof name !== 'string' || canonicalEvent(name) !== name)
    return 'name is not an event package name in lower case';
  if (name !== event) return `it is the package '${name}'`;
  if (feed !== 'publications' && feed !== 'watchers') return "feed is neither 'publications' nor 'watchers'";
  // Who may subscribe depends on it: watchers are told of to the presentity alone.
  if ((feed === 'watchers') !== (parentEvent(name) !== undefined)) {
    return "a package has the feed 'watchers' if, and only if, its name ends in .winfo";
  }
  if (!isTexts(candidate.implements)) return 'implements is not a list of texts';
  if (!isClaim(duration) || ![duration.min, duration.usual, duration.max].every(isCount)) {
    return 'duration is not { min, usual, max } in whole seconds';
  }
  if (Number(duration.min) > Number(duration.usual) || Number(duration.usual) > Number(duration.max)) {
    return 'duration is not min <= usual <= max';
  }
  if (typeof pace !== 'number' || !(pace >= 0)) return 'pace is not a number of seconds';
  if (!Array.isArray(formats) || formats.length === 0) return 'formats is not a list with at least one format';
  for (const format of formats as readonly unknown[]) {
    if (!isClaim(format) || !isMediaType(format.type)) return 'a format has no MIME type in lower case as type';
    if (typeof format.write !== 'function') return `the format ${String(format.type)} has no function write`;
  }
  if (feed === 'publications' && (!isTexts(publishes) || !publishes.every(isMediaType)))
    return 'publishes is not a list of MIME types in lower case';
  for (const key of FUNCTIONS[feed]) if (typeof candidate[key] !== 'function') return `it has no function ${key}`;
  const { nextChange } = candidate;
  if (nextChange !== undefined && typeof nextChange !== 'function') return 'nextChange is not a function';
  return undefined;
}

/** An object of which nothing is known but the names that could be on it. */
type Claim = {
  readonly [K in keyof EventPackage | keyof WatcherPackage | 'min' | 'usual' | 'max' | 'type' | 'write']?: unknown;
};

function isClaim(value: unknown): value is Claim {
  return typeof value === 'object' && value !== null;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 0;
}

function isMediaType(value: unknown): boolean {
  return typeof value === 'string' && MEDIA_TYPE.test(value);
}
