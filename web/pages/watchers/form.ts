import { type Aor, type Permission, readAor } from '#model';
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
