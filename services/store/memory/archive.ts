import { type Checked, checkArchiveRow } from '../archive-order.ts';
import type { Archive, ArchiveRow } from '../store.ts';
import type { Note } from './journal.ts';
import { type MemoryRows, makeMemoryRows, ruleKey } from './rows.ts';

const PAGE = 500;

export function makeMemoryArchive(rows: MemoryRows, note: Note): Archive {
  return {
    async isEmpty() {
      return rows.accounts.size + rows.publications.size + rows.subscriptions.size === 0;
    },
    async read(take) {
      const all = [...everyRow(rows)];
      for (let start = 0; start < all.length; start += PAGE) await take(all.slice(start, start + PAGE));
    },
    async replace(given) {
      const fresh = makeMemoryRows();
      fresh.packages.clear();
      const checked: Checked = { accounts: new Set(), events: new Set() };
      for await (const page of given()) {
        for (const row of page) {
          checkArchiveRow(row, checked);
          keep(row, fresh);
        }
      }
      for (const name of TABLES) putInPlace(rows[name], fresh[name]);
      for (const name of IDENTITY) putInPlace(rows.identity[name], fresh.identity[name]);
      note({ kind: 'everything', subject: '' });
    },
  };
}

const TABLES = [
  'settings',
  'packages',
  'accounts',
  'passwordUses',
  'rules',
  'publications',
  'idsByEtag',
  'subscriptions',
  'waiting',
  'sessions',
  'groups',
  'preferences',
  'sightings',
  'traces',
  'notices',
  'availability',
  'pastWatchers',
  'tickets',
] as const;

const IDENTITY = ['factors', 'passkeys', 'invitations'] as const;

function putInPlace(table: Map<unknown, unknown>, fresh: ReadonlyMap<unknown, unknown>): void {
  table.clear();
  for (const [key, row] of fresh) table.set(key, row);
}

function* everyRow(rows: MemoryRows): Generator<ArchiveRow> {
  for (const [name, value] of rows.settings) yield { table: 'setting', name, value };
  for (const row of rows.packages.values()) yield { table: 'package', row };
  for (const { account, passwordHash, credentials } of rows.accounts.values()) {
    yield { table: 'account', account, passwordHash, credentials: credentials.map(({ credential }) => credential) };
  }
  for (const [aor, { recovery, ...factor }] of rows.identity.factors) {
    yield { table: 'second-factor', aor, factor: { ...factor, recoveryHashes: [...recovery].sort() } };
  }
  for (const passkey of rows.identity.passkeys.values()) yield { table: 'passkey', passkey };
  for (const group of rows.groups.values()) yield { table: 'group', group };
  for (const [owner, theirs] of rows.preferences) {
    for (const [name, value] of theirs) yield { table: 'preference', owner, name, value };
  }
  for (const rules of rows.rules.values()) for (const rule of rules.values()) yield { table: 'rule', rule };
  for (const publication of rows.publications.values()) yield { table: 'publication', publication };
  for (const subscription of rows.subscriptions.values()) yield { table: 'subscription', subscription };
  for (const waiting of rows.waiting.values()) yield { table: 'waiting', waiting };
}

function keep(row: ArchiveRow, into: MemoryRows): void {
  switch (row.table) {
    case 'setting':
      into.settings.set(row.name, row.value);
      return;
    case 'package':
      into.packages.set(row.row.event, row.row);
      return;
    case 'account': {
      const { account, passwordHash, credentials } = row;
      into.accounts.set(account.aor, { account, passwordHash, credentials: into.place(credentials) });
      return;
    }
    case 'second-factor': {
      const { recoveryHashes, ...factor } = row.factor;
      into.identity.factors.set(row.aor, { ...factor, recovery: new Set(recoveryHashes) });
      return;
    }
    case 'passkey':
      into.identity.passkeys.set(row.passkey.id, row.passkey);
      return;
    case 'group':
      into.groups.set(row.group.id, row.group);
      return;
    case 'preference': {
      const theirs = into.preferences.get(row.owner) ?? new Map<string, string>();
      into.preferences.set(row.owner, theirs.set(row.name, row.value));
      return;
    }
    case 'rule': {
      const { rule } = row;
      const rules = into.rules.get(rule.owner) ?? new Map<string, typeof rule>();
      into.rules.set(rule.owner, rules.set(ruleKey(rule), rule));
      return;
    }
    case 'publication':
      into.publications.set(row.publication.id, row.publication);
      into.idsByEtag.set(row.publication.etag, row.publication.id);
      return;
    case 'subscription':
      into.subscriptions.set(row.subscription.id, row.subscription);
      return;
    case 'waiting':
      into.waiting.set(row.waiting.id, row.waiting);
      return;
  }
}
