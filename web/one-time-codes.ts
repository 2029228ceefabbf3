import { createHash, randomInt } from 'node:crypto';
import { generateSecret, generateURI, verifySync } from 'otplib';
import type { Aor } from '#model';
import { factorOwner } from '#store';
import type { PortalDeps } from './deps.ts';

/**
 * The second step of logging in: codes of an authenticator app (TOTP, RFC 6238) and, where the app is lost, recovery codes.
 */

const PERIOD_S = 30;
/** A clock may be wrong by one step on either side (RFC 6238 §5.2). */
const TOLERANCE_S = 30;
const RECOVERY_CODES = 10;
/** Crockford's, without what looks alike. */
const RECOVERY_LETTERS = '0123456789abcdefghjkmnpqrstvwxyz';

type Needs = Pick<PortalDeps, 'store' | 'secrets' | 'clock'>;

/** Base32, 160 bits (RFC 4226 §4 R6). */
export const newSecret = (): string => generateSecret({ length: 20 });

/** What the app reads from the QR code. */
export const secretUri = (address: string, secret: string): string =>
  generateURI({ issuer: 'Porchlight', label: address, secret });

const IS_CODE = /^\d{6}$/;
const IS_SECRET = /^[A-Z2-7]{32}$/;

/** @returns the time step whose code it is; undefined when it is none of now. */
function stepOf(secret: string, code: string, now: number, afterStep: number): number | undefined {
  if (!IS_CODE.test(code) || !IS_SECRET.test(secret)) return undefined;
  const epoch = Math.floor(now / 1000);
  const result = verifySync({ secret, token: code, epoch, epochTolerance: TOLERANCE_S, period: PERIOD_S });
  if (!result.valid) return undefined;
  const step = Math.floor(epoch / PERIOD_S) + result.delta;
  return step > afterStep ? step : undefined;
}

export type SetUp = { readonly kind: 'on'; readonly recoveryCodes: readonly string[] } | { readonly kind: 'wrong' };

/** Switches it on when the app shows the right code, and gives the recovery codes, which are never shown again. */
export async function setUpFactor(
  aor: Aor,
  secret: string,
  code: string,
  { store, secrets, clock }: Needs,
): Promise<SetUp> {
  const now = clock.now();
  const step = stepOf(secret, code, now, 0);
  if (step === undefined) return { kind: 'wrong' };
  const recoveryCodes = Array.from({ length: RECOVERY_CODES }, newRecoveryCode);
  const { sealed, keyId } = secrets.seal(factorOwner(aor), Buffer.from(secret));
  await store.secondFactors.set(
    aor,
    { sealed, keyId, since: now, lastStep: step },
    recoveryCodes.map((recovery) => hashOfRecovery(aor, recovery)),
  );
  return { kind: 'on', recoveryCodes };
}

/** A code of the app, or a recovery code: each opens once. */
export async function passesFactor(aor: Aor, given: string, { store, secrets, clock }: Needs): Promise<boolean> {
  const factor = await store.secondFactors.of(aor);
  if (factor === undefined) return true;
  const code = given.replaceAll(/\s/g, '');
  const secret = secrets.open(factorOwner(aor), factor);
  if (IS_CODE.test(code)) {
    if (secret === undefined) return false;
    const step = stepOf(Buffer.from(secret).toString(), code, clock.now(), factor.lastStep);
    return step !== undefined && store.secondFactors.useStep(aor, step);
  }
  return store.secondFactors.useRecovery(aor, hashOfRecovery(aor, code));
}

/** `k3f7-9xq2-w0td`: 60 bits. */
function newRecoveryCode(): string {
  const group = (): string =>
    Array.from({ length: 4 }, () => RECOVERY_LETTERS[randomInt(RECOVERY_LETTERS.length)]).join('');
  return [group(), group(), group()].join('-');
}

/** Letters that people take for others are forgiven; 60 random bits need no slow hash. */
function hashOfRecovery(aor: Aor, code: string): string {
  const plain = code.toLowerCase().replaceAll('-', '').replaceAll('o', '0').replaceAll(/[il]/g, '1');
  return createHash('sha256').update(`${aor} ${plain}`).digest('hex');
}
