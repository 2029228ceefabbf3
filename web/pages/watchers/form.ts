import { type Aor, isPermission, type Permission, type Rule, readAor } from '#model';
import { fieldOf } from '../../plugins/forms.ts';

export interface Answer {
  readonly watcher: Aor;
  readonly event: string;
  readonly permission: Permission;
}

/** The three buttons beside a watcher. To be asked again is a rule, and is made on the rules' page. */
const ANSWERS: ReadonlySet<string> = new Set<Permission>(['allow', 'polite-block', 'block']);

export function readAnswer(body: unknown): Answer | undefined {
  const watcher = readAor(fieldOf(body, 'watcher'));
  const event = fieldOf(body, 'event');
  const permission = fieldOf(body, 'permission');
  if (watcher === undefined || event === '' || !ANSWERS.has(permission)) return undefined;
  return { watcher, event, permission: permission as Permission };
}

export interface Undo {
  readonly watcher: Aor;
  readonly event: string;
  /** What the rule said before; undefined when there was none. */
  readonly was: Pick<Rule, 'permission' | 'fromAt' | 'untilAt'> | undefined;
}

/** The fields of the form that takes an answer back. */
export function undoOf(watcher: Aor, event: string, before: Rule | undefined): Readonly<Record<string, string>> {
  return {
    watcher,
    event,
    permission: before?.permission ?? '',
    from: String(before?.fromAt ?? ''),
    until: String(before?.untilAt ?? ''),
  };
}

export function readUndo(body: unknown): Undo | undefined {
  const watcher = readAor(fieldOf(body, 'watcher'));
  const event = fieldOf(body, 'event');
  const permission = fieldOf(body, 'permission');
  if (watcher === undefined || event === '') return undefined;
  if (permission === '') return { watcher, event, was: undefined };
  if (!isPermission(permission)) return undefined;
  const fromAt = readInstant(fieldOf(body, 'from'));
  const untilAt = readInstant(fieldOf(body, 'until'));
  return {
    watcher,
    event,
    was: { permission, ...(fromAt !== undefined && { fromAt }), ...(untilAt !== undefined && { untilAt }) },
  };
}

const readInstant = (text: string): number | undefined => (/^\d{1,15}$/.test(text) ? Number(text) : undefined);
