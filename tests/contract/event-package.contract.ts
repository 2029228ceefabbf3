/**
 * What every event package of publications must keep, for its author to run: give it the package (as the module's default
 * export) and a few bodies. It needs vitest and this repository, nothing else. One of watchers: watcher-package.contract.ts.
 */
import { describe, expect, test } from 'vitest';
import { type Aor, aorOf } from '#model';
import { checkContract, type EventPackage, type Published } from '#packages';

export interface PackageSamples {
  /** Bodies that are read, at least two of different content. */
  readonly accepted: readonly Body[];
  /** Bodies of the right type that are refused. Empty for a package that takes no PUBLISH. */
  readonly malformed: readonly Body[];
}

export interface Body {
  readonly contentType: string;
  readonly body: string | Uint8Array;
}

const ALICE = aorOf('alice', 'example.com') as Aor;
const BOB = aorOf('bob', 'example.com') as Aor;
const NOON = Date.UTC(2026, 10, 1, 12, 0, 0);

export function eventPackageContract(candidate: unknown, name: string, samples: PackageSamples): void {
  describe(`the event package ${name} keeps its contract`, () => {
    const check = checkContract(candidate, name);

    test('RFC 6665 §5.4: the export has everything a package must have', () => {
      expect(check).toMatchObject({ kind: 'kept' });
    });
    if (check.kind !== 'kept' || check.package.feed === 'watchers') return;
    const of: EventPackage = check.package;

    const bytes = ({ body }: Body): Uint8Array => (typeof body === 'string' ? new TextEncoder().encode(body) : body);
    const documentOf = (sample: Body): unknown => {
      const read = of.readPublication(sample.contentType, bytes(sample), ALICE);
      if (read.kind !== 'document') throw new Error(`a body that should be accepted is ${JSON.stringify(read)}`);
      return read.document;
    };
    const published = (): Published<unknown>[] =>
      samples.accepted.map((sample, index) => ({
        document: documentOf(sample),
        modifiedAt: NOON + index * 1000,
        id: `p${index}`,
      }));
    const written = (state: unknown): string[] => of.formats.map(({ write }) => new TextDecoder().decode(write(state)));
    const rendered = (publications: readonly Published<unknown>[], now = NOON + 60_000): string[] =>
      written(of.compose(ALICE, publications, now));

    test('formats differ from each other, and NOTIFY bodies are bytes', () => {
      expect(new Set(of.formats.map(({ type }) => type)).size).toBe(of.formats.length);
      for (const { write } of of.formats) expect(write(of.neutral(ALICE))).toBeInstanceOf(Uint8Array);
    });

    test('RFC 3903 §6 step 5: a type it does not read is unsupported, whatever the body', () => {
      for (const sample of samples.accepted) expect(of.publishes).toContain(sample.contentType.split(';')[0]);
      expect(of.publishes).not.toContain('application/x-nobody-reads-this');
    });

    test('a malformed body is answered with a short why for the reason phrase, and never thrown at', () => {
      for (const sample of samples.malformed) {
        const read = of.readPublication(sample.contentType, bytes(sample), ALICE);
        expect(read.kind).toBe('malformed');
        const why = read.kind === 'malformed' ? read.why : '';
        expect(why).toMatch(/^[\x20-\x7e]{1,100}$/);
      }
      const type = of.publishes[0];
      if (type === undefined) return;
      for (const body of [new Uint8Array(0), new Uint8Array([0xff, 0xfe, 0, 1]), new Uint8Array(5000).fill(0x3c)]) {
        expect(['document', 'malformed', 'unsupported']).toContain(of.readPublication(type, body, ALICE).kind);
      }
    });

    test('composing is pure: the same publications make the same bytes, and are left as they were', () => {
      const publications = published();
      const before = JSON.stringify(publications);
      expect(rendered(publications)).toEqual(rendered(publications));
      expect(JSON.stringify(publications)).toBe(before);
      expect(rendered(published())).toEqual(rendered(publications));
    });

    test('the moment of drawing leaves no trace in a document that does not depend on time', () => {
      const publications = published();
      const next = of.nextChange?.(publications, NOON + 60_000);
      const later = Math.min(NOON + 120_000, (next ?? Number.POSITIVE_INFINITY) - 1);
      expect(rendered(publications, later)).toEqual(rendered(publications));
    });

    test('the order of arrival leaves no trace', () => {
      expect(rendered([...published()].reverse())).toEqual(rendered(published()));
    });

    test('RFC 6665 §4.2.2: a change of what is published changes what is told', () => {
      if (samples.accepted.length < 2) return;
      const [one, other] = published();
      expect(rendered(one === undefined ? [] : [one])).not.toEqual(rendered(other === undefined ? [] : [other]));
    });

    test('a permission to see all shows the state as it is', () => {
      const state = of.compose(ALICE, published(), NOON);
      expect(written(of.conceal(state, 'allow', ALICE))).toEqual(written(state));
    });

    test('RFC 3856 §6.6.2: a politely blocked watcher cannot tell it from nobody being there', () => {
      const neutral = written(of.neutral(ALICE));
      for (const publications of [published(), published().slice(0, 1)]) {
        const state = of.compose(ALICE, publications, NOON);
        expect(written(of.conceal(state, 'polite-block', ALICE))).toEqual(neutral);
        expect(written(state)).not.toEqual(neutral);
      }
    });

    test('the neutral state is stable, and total for everybody', () => {
      expect(written(of.neutral(ALICE))).toEqual(written(of.neutral(ALICE)));
      expect(() => written(of.neutral(BOB))).not.toThrow();
      expect(() => rendered([])).not.toThrow();
    });

    test('nextChange says a time that is ahead, or none', () => {
      for (const now of [0, NOON, NOON + 3_600_000]) {
        const next = of.nextChange?.(published(), now);
        if (next !== undefined) expect(next).toBeGreaterThan(now);
      }
      expect(of.nextChange?.([], NOON)).toBeUndefined();
    });
  });
}
