import type { Aor, Rule, Subject } from '#model';
import { checkKey, checkLoaderRow } from '../limits.ts';
import type { EventLoader, LoaderRow, Rules } from '../store.ts';
import type { StoredAccount } from './accounts.ts';
import type { Note } from './journal.ts';

export function makeMemoryRules(
  accounts: ReadonlyMap<Aor, StoredAccount>,
  knowsEvent: (event: string) => boolean,
  note: Note,
): Rules {
  const byOwner = new Map<Aor, Map<string, Rule>>();
  const keyOf = (subject: Subject, event: string): string => `${event} ${subject}`;
  const of = (owner: Aor): readonly Rule[] => [...(byOwner.get(owner)?.values() ?? [])].sort(byEventThenSubject);
  return {
    async of(owner) {
      return of(owner);
    },
    async ofMany(owners) {
      return new Map(owners.map((owner) => [owner, of(owner)]));
    },
    async set(rule) {
      checkKey(rule.subject, 255, 'subject');
      if (!accounts.has(rule.owner)) return 'no-account';
      if (!knowsEvent(rule.event)) return 'no-event';
      const { owner, subject, event, permission } = rule;
      const rules = byOwner.get(owner) ?? new Map<string, Rule>();
      byOwner.set(owner, rules);
      rules.set(keyOf(subject, event), { owner, subject, event, permission });
      note({ kind: 'rules', subject: owner });
      return 'set';
    },
    async remove(owner, subject, event) {
      const removed = byOwner.get(owner)?.delete(keyOf(subject, event)) ?? false;
      if (removed) note({ kind: 'rules', subject: owner });
      return removed;
    },
  };
}

function byEventThenSubject(one: Rule, other: Rule): number {
  if (one.event !== other.event) return one.event < other.event ? -1 : 1;
  return one.subject < other.subject ? -1 : 1;
}

/** @returns also whether the Events row of a package exists, which rules need. */
export function makeMemoryEventLoader(note: Note): {
  readonly eventLoader: EventLoader;
  readonly knows: (event: string) => boolean;
} {
  const rows = new Map<string, LoaderRow>([
    ['presence', { event: 'presence', module: 'builtin:presence', enabled: true }],
  ]);
  return {
    knows: (event) => rows.has(event),
    eventLoader: {
      async list() {
        return [...rows.values()].sort((one, other) => (one.event < other.event ? -1 : 1));
      },
      async set(row) {
        checkLoaderRow(row);
        const { event, module, enabled } = row;
        rows.set(event, { event, module, enabled });
        note({ kind: 'packages', subject: '' });
      },
    },
  };
}
