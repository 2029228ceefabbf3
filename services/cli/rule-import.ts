import type { Readable } from 'node:stream';
import { canonicalEvent, isPermission, PERMISSIONS, type Rule } from '#model';
import { StoreUnavailable } from '#store';
import { type ImportRow, readImportRows, type Sheet } from './import-rows.ts';
import { type CliDeps, type ImportProgress, type Outcome, refused } from './outcome.ts';
import { readAccount, readWatcher, withoutScheme } from './read-account.ts';

const COLUMNS = ['owner', 'watcher', 'event', 'permission'] as const;
type Column = (typeof COLUMNS)[number];

const SHEET: Sheet<Column> = {
  columns: COLUMNS,
  suffices: (has) => has('owner') && has('watcher') && has('permission'),
  wanted: 'owner,watcher,permission (and event)',
};
const BATCH = 1000;
/** So many bad rows are listed in the outcome; all are told as they come. */
const LISTED = 1000;

/** Sets the rules of a CSV file, a thousand a transaction; lines that cannot be taken are told and passed over. */
export async function importRules(deps: CliDeps, file: Readable, progress: ImportProgress): Promise<Outcome> {
  const listed: { readonly line: number; readonly why: string }[] = [];
  let bad = 0;
  let set = 0;
  let waiting: { readonly line: number; readonly rule: Rule }[] = [];
  const tellBad = (line: number, why: string): void => {
    bad += 1;
    if (listed.length < LISTED) listed.push({ line, why });
    progress.bad(line, why);
  };
  const keep = async (): Promise<void> => {
    const batch = waiting;
    waiting = [];
    const outcomes = await deps.store.rules.setMany(batch.map(({ rule }) => rule));
    batch.forEach(({ line, rule }, index) => {
      if (outcomes[index] === 'set') set += 1;
      else if (outcomes[index] === 'no-event') tellBad(line, `there is no event package '${rule.event}'`);
      else tellBad(line, `there is no account ${withoutScheme(rule.owner)}`);
    });
    progress.done(set);
  };
  try {
    for await (const row of readImportRows(file, SHEET)) {
      if (row.kind === 'end' && set + bad + waiting.length === 0) return refused(`line ${row.line}: ${row.why}`);
      const rule = row.kind === 'row' ? ruleOf(deps, row) : row.why;
      if (typeof rule === 'string') tellBad(row.line, rule);
      else if (waiting.push({ line: row.line, rule }) >= BATCH) await keep();
    }
    if (waiting.length > 0) await keep();
  } catch (fault) {
    if (!(fault instanceof StoreUnavailable)) throw fault;
    return refused(`the database is away (${fault.message}); ${set} rules were set, run the import again later`);
  }
  return {
    kind: bad > 0 ? 'partly' : 'done',
    lines: [`Set ${set} rules, passed over ${bad} lines`],
    value: { set, passedOver: bad, bad: listed },
  };
}

/** @returns the rule, or what is wrong with the row. */
function ruleOf(deps: CliDeps, { fields }: ImportRow<Column> & { readonly kind: 'row' }): Rule | string {
  const owner = readAccount(fields.get('owner') ?? '', deps.domains);
  if (owner.kind === 'refused') return owner.why;
  const watcher = readWatcher(fields.get('watcher') ?? '', deps.domains);
  if (watcher.kind === 'refused') return watcher.why;
  const eventName = fields.get('event') ?? 'presence';
  const event = canonicalEvent(eventName);
  if (event === undefined) return `'${eventName}' is not the name of an event package`;
  const permission = fields.get('permission') ?? '';
  if (!isPermission(permission)) return `'${permission}' is not one of ${PERMISSIONS.join(', ')}`;
  return { owner: owner.aor, subject: watcher.subject, event, permission };
}
