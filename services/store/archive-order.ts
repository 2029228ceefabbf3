/** What a row of a back-up must be before any implementation takes it: keepable, and after what it refers to. */
import {
  checkGroup,
  checkKey,
  checkLoaderRow,
  checkNewAccount,
  checkPreference,
  checkRule,
  fitsPublication,
  fitsSubscription,
  fitsWaiting,
} from './limits.ts';
import type { ArchiveRow } from './store.ts';

/** What was seen so far, that later rows may refer to. */
export interface Checked {
  readonly accounts: Set<string>;
  readonly events: Set<string>;
}

/** @throws RangeError naming what cannot be kept. */
export function checkArchiveRow(row: ArchiveRow, seen: Checked): void {
  switch (row.table) {
    case 'setting':
      checkKey(row.name, 64, 'name of a setting');
      if (row.value.length > 1024) throw new RangeError(`setting ${row.name} cannot be kept: too long`);
      return;
    case 'package':
      checkLoaderRow(row.row);
      seen.events.add(row.row.event);
      return;
    case 'account': {
      const { account, passwordHash, credentials } = row;
      checkNewAccount({ ...account, passwordHash, credentials });
      if (seen.accounts.has(account.aor)) throw new RangeError(`account ${account.aor} is there twice`);
      seen.accounts.add(account.aor);
      return;
    }
    case 'second-factor':
      checkOwner(row.aor, row.table, seen);
      return;
    case 'passkey':
      checkOwner(row.passkey.aor, row.table, seen);
      return;
    case 'group':
      checkGroup(row.group);
      if (!seen.accounts.has(row.group.owner))
        throw new RangeError(`a group of ${row.group.owner}, who has no account`);
      return;
    case 'preference':
      checkPreference(row.name, row.value);
      if (!seen.accounts.has(row.owner)) throw new RangeError(`a preference of ${row.owner}, who has no account`);
      return;
    case 'rule':
      checkRule(row.rule);
      if (!seen.accounts.has(row.rule.owner)) throw new RangeError(`a rule of ${row.rule.owner}, who has no account`);
      if (!seen.events.has(row.rule.event)) throw new RangeError(`a rule for ${row.rule.event}, which is no package`);
      return;
    case 'publication':
      if (!fitsPublication(row.publication)) throw new RangeError(`publication ${row.publication.id} cannot be kept`);
      return;
    case 'subscription':
      if (!fitsSubscription(row.subscription))
        throw new RangeError(`subscription ${row.subscription.id} cannot be kept`);
      return;
    case 'waiting':
      if (!fitsWaiting(row.waiting)) throw new RangeError(`waiting ${row.waiting.id} cannot be kept`);
      return;
  }
}

function checkOwner(aor: string, what: string, { accounts }: Checked): void {
  if (!accounts.has(aor)) throw new RangeError(`a ${what} of ${aor}, who has no account`);
}
