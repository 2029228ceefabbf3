/** What a watcher may see, in ascending order (RFC 5025 §3.2): the larger value gives more. */
export const PERMISSIONS = ['block', 'confirm', 'polite-block', 'allow'] as const;
export type Permission = (typeof PERMISSIONS)[number];

export function isPermission(text: string): text is Permission {
  return (PERMISSIONS as readonly string[]).includes(text);
}

/** True when `next` shows the watcher less than `previous` did: what was already on its way must be abandoned. */
export function takesAway(previous: Permission, next: Permission): boolean {
  return previous === 'allow' && next !== 'allow';
}
