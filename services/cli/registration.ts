import {
  COMMAND_LINE,
  type Invitation,
  isOpen,
  isRegistration,
  MAX_INVITATION_NOTE,
  MAX_INVITATIONS,
  makeInvitation,
  REGISTRATIONS,
  registrationNow,
  revokeInvitation,
  setRegistration,
} from '#store';
import { type CliDeps, type Outcome, refused } from './outcome.ts';
import { withoutScheme } from './read-account.ts';

const DAY_MS = 86_400_000;
const MOST_DAYS = 365;
/** Of the id that is shown: the hash itself is long, and nobody types it whole. */
const SHOWN_ID = 12;

/** Who may make an account in the portal; tells what stands, or sets it. */
export async function registration(deps: CliDeps, wanted: string | undefined): Promise<Outcome> {
  if (wanted !== undefined) {
    if (!isRegistration(wanted)) return refused(`'${wanted}' is not one of ${REGISTRATIONS.join(', ')}`);
    await setRegistration(deps, COMMAND_LINE, wanted);
  }
  const stands = await registrationNow(deps.store.settings, deps.defaultRegistration);
  return { kind: 'done', lines: [stands], value: { registration: stands } };
}

/** A link with which one account can be made while registration is by invitation. */
export async function addInvitation(
  deps: CliDeps,
  note: string,
  options: { readonly days: string; readonly portal?: string },
): Promise<Outcome> {
  const days = Number(options.days);
  if (!/^\d{1,3}$/.test(options.days) || days < 1 || days > MOST_DAYS) {
    return refused(`'${options.days}' is not a number of days, 1 to ${MOST_DAYS}`);
  }
  const whom = note.trim();
  if (whom === '' || whom.length > MAX_INVITATION_NOTE) {
    return refused(`say whom it is for, in at most ${MAX_INVITATION_NOTE} characters`);
  }
  const made = await makeInvitation(deps, COMMAND_LINE, { note: whom, livesMs: days * DAY_MS });
  if (made === 'too-many') return refused(`there are ${MAX_INVITATIONS} open ones already; revoke some`);
  const until = new Date(made.expiresAt).toISOString();
  const link = `${(options.portal ?? '').replace(/\/+$/, '')}/register?invitation=${made.secret}`;
  const lines = [link, `It makes one account, until ${until}`];
  if ((await registrationNow(deps.store.settings, deps.defaultRegistration)) !== 'invitation') {
    lines.push('Registration is not by invitation now: porchlight registration invitation');
  }
  return { kind: 'done', lines, value: { link, note: whom, expiresAt: until } };
}

export async function listInvitations({ store, clock }: CliDeps): Promise<Outcome> {
  const now = clock.now();
  const rows = await store.invitations.list();
  return {
    kind: 'done',
    lines: rows.map((row) => `${idOf(row)}  ${stateOf(row, now)}  ${withoutScheme(row.madeBy)}  ${row.note}`),
    value: rows.map((row) => ({
      id: idOf(row),
      state: stateOf(row, now),
      note: row.note,
      madeBy: withoutScheme(row.madeBy),
      createdAt: new Date(row.createdAt).toISOString(),
      expiresAt: new Date(row.expiresAt).toISOString(),
    })),
  };
}

/** @param id as it is listed. */
export async function endInvitation(deps: CliDeps, id: string): Promise<Outcome> {
  const row = (await deps.store.invitations.list()).find((one) => idOf(one) === id);
  if (row === undefined || !(await revokeInvitation(deps, COMMAND_LINE, row))) {
    return refused(`there is no invitation ${id}; see porchlight invitation list`);
  }
  return { kind: 'done', lines: [`Revoked the invitation ${id} (${row.note})`], value: { id, note: row.note } };
}

const idOf = ({ idHash }: Invitation): string => idHash.slice(0, SHOWN_ID);

function stateOf(row: Invitation, now: number): string {
  if (row.usesLeft <= 0) return 'used';
  return isOpen(row, now) ? `open until ${new Date(row.expiresAt).toISOString()}` : 'over';
}
