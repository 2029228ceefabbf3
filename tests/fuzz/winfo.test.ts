/** Nothing here reads watcher information: what can be shown is that whatever is written reads as what was meant. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Aor, aorOf, canonicalEvent, readAor, WATCHER_EVENTS, type Watcher, type WatcherEvent } from '#model';
import { winfoPackage } from '../../services/packages/winfo/index.ts';
import { readXml } from '../../services/packages/xml/index.ts';
import { describeWithXmllint, validateXml } from '../support/validate-xml.ts';
import { readWatcherinfo, tableOf } from '../support/watcherinfo.ts';
import { forAll, inTime, TIMEOUT_MS } from './budget.ts';
import { mutated } from './mutate.ts';
import { URIS } from './seeds.ts';

const NOON = Date.UTC(2026, 10, 22, 12, 0, 0);
const USUAL = aorOf('watcher', 'example.com') as Aor;

/** Names as hostile as an account, a From or a Request-URI can make them: markup, control characters, any script. */
const aor: fc.Arbitrary<Aor> = fc.oneof(
  mutated(URIS, /(?=[;:@?=&])/).map((text) => readAor(text) ?? USUAL),
  fc
    .tuple(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: fc.constantFrom(...'\u0001\u007f\t\r\n<>&"\'%]]>;=') }),
      ),
      fc.constantFrom('example.com', '[2001:db8::1]', '192.0.2.1', '_a.b-c.example'),
    )
    .map(([user, domain]) => aorOf(user, domain) ?? USUAL),
);

/** Of any package whose name is one. */
const parent = fc
  .oneof(fc.constant('presence'), fc.string({ unit: fc.constantFrom(..."aZ9-!%*_+`'~."), maxLength: 20 }))
  .map((name) => canonicalEvent(name) ?? 'presence')
  .filter((name) => winfoPackage(`${name}.winfo`) !== undefined);

/** What becomes of somebody between two documents. */
interface Turn {
  /** Index of the watcher. */
  readonly who: number;
  readonly status: 'pending' | 'active' | 'waiting' | 'ended, known how' | 'ended, forgotten how';
  readonly event: WatcherEvent;
}

/** Eight watchers of one resource, and the documents of one subscription that tells of them. */
interface Life {
  readonly resource: Aor;
  readonly parent: string;
  readonly aors: readonly Aor[];
  readonly ids: readonly string[];
  /** The first version. */
  readonly from: number;
  readonly steps: readonly { readonly turns: readonly Turn[]; readonly whole: boolean; readonly laterMs: number }[];
}

const turn: fc.Arbitrary<Turn> = fc.record({
  who: fc.nat(7),
  status: fc.constantFrom('pending', 'active', 'waiting', 'ended, known how', 'ended, forgotten how'),
  event: fc.constantFrom(...WATCHER_EVENTS),
});

const life: fc.Arbitrary<Life> = fc.record({
  resource: aor,
  parent,
  aors: fc.array(aor, { minLength: 8, maxLength: 8 }),
  ids: fc.uniqueArray(fc.string({ unit: fc.constantFrom(..."ab1.-!%*_+`'~"), minLength: 1, maxLength: 12 }), {
    minLength: 8,
    maxLength: 8,
  }),
  from: fc.nat(2 ** 31),
  steps: fc.array(
    fc.record({
      turns: fc.array(turn, { maxLength: 6 }),
      whole: fc.boolean(),
      // Clocks are set, back too.
      laterMs: fc.integer({ min: -7_200_000, max: 2 ** 33 }),
    }),
    { minLength: 1, maxLength: 12 },
  ),
});

interface Lived {
  readonly bodies: readonly Uint8Array[];
  /** After each document, who stands: id, AOR, status and event. */
  readonly truths: readonly (readonly string[])[];
}

const row = (...[id, uri, status, event]: readonly string[]): string => `${id} ${uri} ${status} ${event}`;

/** The documents of one subscription while all that happens, and what was so after each. */
function live({ resource, parent, aors, ids, from, steps }: Life): Lived {
  const winfo = winfoPackage(`${parent}.winfo`);
  if (winfo === undefined) throw new Error(`no package for ${parent}`);
  const [format] = winfo.formats;
  const standing = new Map<string, Watcher>();
  const ended = new Map<string, Watcher>();
  let now = NOON;
  let memory: ReturnType<typeof format.write>['memory'] | undefined;
  const bodies: Uint8Array[] = [];
  const truths: string[][] = [];
  for (const { turns, whole, laterMs } of steps) {
    for (const { who, status, event } of turns) {
      const id = ids[who] ?? '';
      const expiresAt = status === 'waiting' ? undefined : now + 3_600_000;
      const watcher = { id, aor: aors[who] ?? USUAL, event, since: standing.get(id)?.since ?? now, expiresAt };
      if (status === 'ended, forgotten how') standing.delete(id);
      else if (status !== 'ended, known how') standing.set(id, { ...watcher, status });
      else if (standing.delete(id)) ended.set(id, { ...watcher, status: 'terminated', expiresAt: undefined });
      if (standing.has(id)) ended.delete(id);
    }
    now += laterMs;
    const state = winfo.compose(resource, [...ended.values(), ...standing.values()]);
    const told = inTime(() => format.write(state, { memory, whole, from, now }));
    memory = told.memory;
    bodies.push(told.body);
    truths.push([...standing.values()].map(({ id, aor, status, event }) => row(id, aor, status, event)).sort());
  }
  return { bodies, truths };
}

const text = (body: Uint8Array): string => new TextDecoder('utf-8', { fatal: true }).decode(body);

describe('watcher information', { timeout: TIMEOUT_MS }, () => {
  it('whoever watches: documents are well-formed, numbered one by one, and say whom they are about to the letter', () => {
    forAll(life, (given) => {
      const { bodies } = live(given);
      bodies.forEach((body, index) => {
        expect(readXml(body).kind).toBe('document');
        const document = readWatcherinfo(text(body));
        expect(document.version).toBe(given.from + index);
        expect(document).toMatchObject({ resource: given.resource, package: given.parent });
        for (const { id, uri, expiration, duration } of document.watchers) {
          expect(uri).toBe(given.aors[given.ids.indexOf(id)]);
          for (const span of [expiration ?? 0, duration ?? 0]) expect(span).toBeGreaterThanOrEqual(0);
        }
      });
      expect(readWatcherinfo(text(bodies[0] as Uint8Array)).state).toBe('full');
    });
  });

  it('whole and partial documents in turn leave every receiver with what is so, after each of them', () => {
    forAll(life, (given) => {
      const { bodies, truths } = live(given);
      const texts = bodies.map(text);
      truths.forEach((truth, index) => {
        const table = tableOf(texts.slice(0, index + 1));
        const held = [...table.values()].map(({ id, uri, status, event }) => row(id, uri, status, event));
        expect(held.toSorted()).toEqual(truth);
      });
    });
  });
});

describeWithXmllint('watcher information', () => {
  it('whoever watches: documents are valid by the schema', { timeout: TIMEOUT_MS }, () => {
    const documents: Uint8Array[] = [];
    forAll(life, (given) => {
      // RFC 3986, which xmllint holds xs:anyURI against, has no place for the brackets in `sip:a@[::1]` (RFC 3261 §25.1).
      const named = (one: Aor): Aor => (one.includes('[') ? USUAL : one);
      documents.push(...live({ ...given, resource: named(given.resource), aors: given.aors.map(named) }).bodies);
      if (documents.length >= 1000) expect(validateXml(documents.splice(0), 'watcherinfo.xsd')).toBe('');
    });
    expect(validateXml(documents, 'watcherinfo.xsd')).toBe('');
  });
});
