/** The tables behind identity.ts. */
import type { Aor } from '#model';
import type { Invitation, Passkey, SecondFactor } from '../store.ts';

type Factor = Omit<SecondFactor, 'recoveryLeft'> & { readonly recovery: Set<string> };

/** What goes with its account when that is removed. */
export interface IdentityRows {
  readonly factors: Map<Aor, Factor>;
  readonly passkeys: Map<string, Passkey>;
  readonly invitations: Map<string, Invitation>;
}

export function makeIdentityRows(): IdentityRows {
  return { factors: new Map(), passkeys: new Map(), invitations: new Map() };
}

export function forgetIdentity({ factors, passkeys }: IdentityRows, gone: Aor): void {
  factors.delete(gone);
  for (const [id, { aor }] of passkeys) if (aor === gone) passkeys.delete(id);
}
