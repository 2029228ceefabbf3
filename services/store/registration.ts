/** Who may make an account in the portal, and the links that invite people. For the portal and the command line alike. */
import { type ActNeeds, type Actor, noteAct } from './acts.ts';
import type { Invitation } from './identity.ts';
import { hashOfSecret, isSecret, makeSecret, type SecretLink } from './secret-links.ts';
import type { Settings } from './store.ts';

/** `open`: anybody; `invitation`: whoever has a link that an administrator made; `closed`: nobody. */
export const REGISTRATIONS = ['open', 'invitation', 'closed'] as const;
export type Registration = (typeof REGISTRATIONS)[number];

export const isRegistration = (text: string): text is Registration =>
  REGISTRATIONS.some((registration) => registration === text);

const SETTING = 'registration';
/** So many invitations can be open at once. */
export const MAX_INVITATIONS = 100;
/** Of the words that say whom one is for, characters. */
export const MAX_INVITATION_NOTE = 100;
/** What was used or is over stays on the list for so long. */
export const INVITATIONS_KEPT_MS = 30 * 86_400_000;

/** What stands: as an administrator set it, else as the configuration says. */
export async function registrationNow(settings: Settings, byDefault: Registration): Promise<Registration> {
  const set = await settings.get(SETTING);
  return set !== undefined && isRegistration(set) ? set : byDefault;
}

export async function setRegistration(needs: ActNeeds, actor: Actor, registration: Registration): Promise<void> {
  await needs.store.settings.put(SETTING, registration);
  await noteAct(needs, actor, 'registration', '', registration);
}

/** A link with which one account can be made while registration is by invitation. @param note for whom it is. */
export async function makeInvitation(
  needs: ActNeeds,
  actor: Actor,
  { note, livesMs }: { readonly note: string; readonly livesMs: number },
): Promise<SecretLink | 'too-many'> {
  const { store, clock, random } = needs;
  const now = clock.now();
  const open = (await store.invitations.list()).filter((one) => isOpen(one, now));
  if (open.length >= MAX_INVITATIONS) return 'too-many';
  const secret = makeSecret(random);
  const expiresAt = now + livesMs;
  const invitation = { note: note.slice(0, MAX_INVITATION_NOTE), madeBy: actor.name, createdAt: now, expiresAt };
  await store.invitations.create({ ...invitation, idHash: hashOfSecret(secret), usesLeft: 1 });
  await noteAct(needs, actor, 'invitation-made', '', note);
  return { secret, expiresAt };
}

/** Whether it still opens at `now`. */
export const isOpen = ({ usesLeft, expiresAt }: Invitation, now: number): boolean => usesLeft > 0 && expiresAt > now;

/** @returns false when there is none. */
export async function revokeInvitation(needs: ActNeeds, actor: Actor, { idHash, note }: Invitation): Promise<boolean> {
  const done = await needs.store.invitations.remove(idHash);
  if (done) await noteAct(needs, actor, 'invitation-revoked', '', note);
  return done;
}

/** The invitation that a link's secret opens now. */
export async function findInvitation(
  { store, clock }: Pick<ActNeeds, 'store' | 'clock'>,
  secret: string,
): Promise<Invitation | undefined> {
  return isSecret(secret) ? store.invitations.find(hashOfSecret(secret), clock.now()) : undefined;
}
