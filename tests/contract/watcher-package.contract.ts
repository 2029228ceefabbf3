/**
 * What every event package of watchers must keep (RFC 3857), for its author to run, beside event-package.contract.ts for
 * packages of publications.
 */
import { describe, expect, test } from 'vitest';
import { type Aor, aorOf, type Watcher } from '#model';
import { checkContract, type Told, type WatcherPackage } from '#packages';

const ALICE = aorOf('alice', 'example.com') as Aor;
const NOON = Date.UTC(2026, 10, 1, 12, 0, 0);

const watcher = (user: string, given: Partial<Watcher> = {}): Watcher => ({
  id: `id-${user}`,
  aor: aorOf(user, 'example.com') as Aor,
  status: 'active',
  event: 'subscribe',
  since: NOON - 60_000,
  expiresAt: NOON + 3_600_000,
  ...given,
});
const BOB = watcher('bob');
const CAROL = watcher('carol', { status: 'pending' });
const DAVE = watcher('dave', { status: 'waiting', event: 'timeout', expiresAt: undefined });
const ALL = [BOB, CAROL, DAVE];

export function watcherPackageContract(candidate: unknown, name: string): void {
  describe(`the event package ${name} keeps its contract`, () => {
    const check = checkContract(candidate, name);

    test('RFC 6665 §5.4: the export has everything a package must have', () => {
      expect(check).toMatchObject({ kind: 'kept', package: { feed: 'watchers' } });
    });
    if (check.kind !== 'kept' || check.package.feed !== 'watchers') return;
    const of: WatcherPackage = check.package;

    const first = { memory: undefined, whole: true, from: 0, now: NOON };
    const inEach = (told: (format: WatcherPackage['formats'][number]) => Told<unknown>): string[] =>
      of.formats.map((format) => new TextDecoder().decode(told(format).body));
    const whole = (watchers: readonly Watcher[]): string[] =>
      inEach((format) => format.write(of.compose(ALICE, watchers), first));
    /** The document for `next` after one for `before`. */
    const then = (before: readonly Watcher[], next: readonly Watcher[]): string[] =>
      inEach((format) => {
        const { memory } = format.write(of.compose(ALICE, before), first);
        return format.write(of.compose(ALICE, next), { ...first, memory, whole: false, from: 1 });
      });

    test('formats differ from each other, and NOTIFY bodies are bytes', () => {
      expect(new Set(of.formats.map(({ type }) => type)).size).toBe(of.formats.length);
      for (const format of of.formats)
        expect(format.write(of.compose(ALICE, []), first).body).toBeInstanceOf(Uint8Array);
    });

    test('it is pure: the same watchers make the same bytes, and are left as they were', () => {
      const before = JSON.stringify(ALL);
      expect(whole(ALL)).toEqual(whole(ALL));
      expect(JSON.stringify(ALL)).toBe(before);
    });

    test('the order in which watchers are given leaves no trace', () => {
      expect(whole([...ALL].reverse())).toEqual(whole(ALL));
      expect(of.essence(of.compose(ALICE, [...ALL].reverse()))).toBe(of.essence(of.compose(ALICE, ALL)));
    });

    test('RFC 3857 §4.7.2: who comes, changes or goes changes the essence; time that passes does not', () => {
      const essence = (watchers: readonly Watcher[]): string => of.essence(of.compose(ALICE, watchers));
      const approved: Watcher = { ...CAROL, status: 'active', event: 'approved' };
      expect(new Set([essence([]), essence([BOB]), essence(ALL), essence([BOB, approved, DAVE])]).size).toBe(4);
      expect(essence([{ ...BOB, expiresAt: NOON + 1 }])).toBe(essence([BOB]));
      const gone: Watcher = { ...BOB, status: 'terminated', event: 'timeout', expiresAt: undefined };
      expect(essence([gone])).toBe(essence([]));
    });

    test('RFC 3857 §4.7.2: after a document that named everybody, one names those who changed', () => {
      const gone: Watcher = { ...BOB, status: 'terminated', event: 'timeout', expiresAt: undefined };
      for (const document of then(ALL, [gone, CAROL, DAVE])) {
        expect(document).toContain(BOB.aor);
        expect(document).not.toContain(CAROL.aor);
      }
    });

    test('a document that must stand for itself names everybody again', () => {
      const documents = inEach((format) => {
        const { memory } = format.write(of.compose(ALICE, ALL), first);
        return format.write(of.compose(ALICE, ALL), { ...first, memory });
      });
      for (const document of documents) for (const { aor } of ALL) expect(document).toContain(aor);
    });

    test('what was written need not have been sent: the memory of before can be used again', () => {
      const rounds = inEach((format) => {
        const { memory } = format.write(of.compose(ALICE, [BOB]), first);
        const telling = { ...first, memory, whole: false };
        format.write(of.compose(ALICE, ALL), telling);
        return format.write(of.compose(ALICE, ALL), telling);
      });
      expect(rounds).toEqual(then([BOB], ALL));
    });
  });
}
