/**
 * Acts: what administrators do, and what changes how somebody gets in. Each leaves a line in the audit log. Those that
 * the portal and the command line have in common are done here, so that both do the same and note the same.
 */
import type { Aor } from '#model';
import type { Clock, Random } from '#runtime';
import { issueLink } from './secret-links.ts';
import type { LoaderRow, Store } from './store.ts';

/** The words of the audit log, for what is done; at most 32 characters each. */
export const ACTS = [
  'account-added',
  'account-disabled',
  'account-enabled',
  'account-deleted',
  'accounts-imported',
  'accounts-exported',
  'admin-on',
  'admin-off',
  'password-changed',
  'password-set',
  'password-link',
  'password-reset',
  'second-factor-on',
  'second-factor-off',
  'passkey-added',
  'passkey-removed',
  'mail-confirmed',
  'mail-removed',
  'logged-out',
  'rule-set',
  'rule-deleted',
  'rules-imported',
  'group-set',
  'group-deleted',
  'subscription-ended',
  'publication-removed',
  'package-added',
  'package-on',
  'package-off',
  'package-reloaded',
  'registration',
  'invitation-made',
  'invitation-revoked',
  'invitation-used',
  'backup',
  'restore',
  'key-rotated',
] as const;
export type Act = (typeof ACTS)[number];

/** Who acts. */
export interface Actor {
  /** An AOR, or {@link COMMAND_LINE}'s. */
  readonly name: string;
  /** Where from; '' for the command line. */
  readonly address: string;
  /** The account that must be an administrator's while it acts; absent for the command line, which needs nobody's leave. */
  readonly administrator?: Aor;
}

export const COMMAND_LINE: Actor = { name: 'command line', address: '' };

export interface ActNeeds {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
}

/** Writes one line of the audit log. @param subject to whom or what: an AOR, the name of a package. */
export function noteAct(
  { store, clock }: { readonly store: Pick<Store, 'audit'>; readonly clock: Clock },
  { name, address }: Actor,
  act: Act,
  subject: string,
  detail = '',
): Promise<void> {
  return store.audit.note({ at: clock.now(), actor: name, act, subject, detail, address });
}

/** A link that sets a new password opens for a day. */
const PASSWORD_LINK_MS = 24 * 3_600_000;

/**
 * Lets nobody in as this account, or lets it in again; its sessions, subscriptions and publications end.
 * @returns false when there is no such account, or when the actor may not: nobody disables themselves.
 */
export async function turnAccount(needs: ActNeeds, actor: Actor, aor: Aor, disabled: boolean): Promise<boolean> {
  const done = await needs.store.accounts.setDisabled(aor, disabled, actor.administrator);
  if (done) await noteAct(needs, actor, disabled ? 'account-disabled' : 'account-enabled', aor);
  return done;
}

/** Who may run the server by the portal. @returns false as for {@link turnAccount}: there is always one left who may. */
export async function turnAdmin(needs: ActNeeds, actor: Actor, aor: Aor, admin: boolean): Promise<boolean> {
  const done = await needs.store.accounts.setAdmin(aor, admin, actor.administrator);
  if (done) await noteAct(needs, actor, admin ? 'admin-on' : 'admin-off', aor);
  return done;
}

/**
 * A link by which whoever gets it sets a new password, once, within a day; the older one opens nothing any more. The
 * password until now stays good meanwhile. @returns undefined when there is no such account.
 */
export async function issuePasswordLink(
  needs: ActNeeds,
  actor: Actor,
  aor: Aor,
): Promise<{ readonly path: string; readonly expiresAt: number } | undefined> {
  const issued = await issueLink(aor, 'password', PASSWORD_LINK_MS, needs);
  if (issued === undefined) return undefined;
  await noteAct(needs, actor, 'password-link', aor);
  return { path: `/reset?link=${issued.secret}`, expiresAt: issued.expiresAt };
}

/** Ends every browser session of the account. @returns how many there were. */
export async function logOutEverywhere(needs: ActNeeds, actor: Actor, aor: Aor): Promise<number> {
  const ended = await needs.store.sessions.endAll(aor);
  await noteAct(needs, actor, 'logged-out', aor, String(ended));
  return ended;
}

/** From then on the event package is served, or refused with 489 (RFC 6665 §4.2.1.1); what is stored is kept. */
export async function turnPackage(needs: ActNeeds, actor: Actor, row: LoaderRow, enabled: boolean): Promise<void> {
  await needs.store.eventLoader.set({ ...row, enabled });
  await noteAct(needs, actor, enabled ? 'package-on' : 'package-off', row.event, row.module);
}

/** The SIP services import its module anew: what a file says now, or what was given up for failing too often. */
export async function reloadPackage(needs: ActNeeds, actor: Actor, { event, module }: LoaderRow): Promise<void> {
  await needs.store.journal.append([{ kind: 'reload', subject: '', event }], needs.clock.now());
  await noteAct(needs, actor, 'package-reloaded', event, module);
}
