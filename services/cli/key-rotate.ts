import type { Aor } from '#model';
import { pause } from '#runtime';
import { factorOwner, openSecrets, type Secrets } from '#store';
import { type Outcome, type Progress, refused, type UpkeepDeps } from './outcome.ts';
import { serviceIsAlive } from './service-alive.ts';

const BATCH = 512;
/**
 * Services look for a next key each second when they seal something (runtime's openKeyRing). After this long none seals
 * with the old key any more.
 */
const NOTICE_MS = 3_000;

export interface Resealed {
  readonly resealed: number;
  /** Credentials that no key opens: damaged, or of a key that was lost. */
  readonly unopened: number;
}

/**
 * A new key for the installation. Both keys are kept until every seal is made with the new one; cut off at any moment, the
 * command goes on where it was. Running services notice by themselves.
 */
export async function rotateKey(deps: UpkeepDeps, progress: Progress): Promise<Outcome> {
  const { keys, clock } = deps;
  if (!keys.isOurs) {
    return refused(
      `the key is given by ${keys.name}: run porchlight key rotate --to FILE, and give that key afterwards`,
    );
  }
  const next = openSecrets(keys.begin());
  await pause(clock, NOTICE_MS);
  const first = await reseal(deps, next, progress);
  // A password that was set just before the next key was there may have been committed after its place was passed.
  await pause(clock, NOTICE_MS);
  const second = await reseal(deps, next, progress);
  keys.finish();
  return told({ resealed: first.resealed + second.resealed, unopened: second.unopened }, [
    `${keys.name} holds the new key`,
    'Restart the services when it suits you: nonces and the cookies of the portal follow the key from then on',
  ]);
}

/** Seals everything with the key of another place, which whoever keeps the key gives to the services afterwards. */
export async function rotateKeyTo(
  deps: UpkeepDeps,
  next: { readonly key: Uint8Array; readonly path: string },
  progress: Progress,
): Promise<Outcome> {
  if (await serviceIsAlive(deps)) {
    return refused('the SIP service is running, and does not know that key: stop it and the portal first');
  }
  const outcome = await reseal(deps, openSecrets(next.key), progress);
  return told(outcome, [`Give the services the key of ${next.path} now (PORCHLIGHT_KEY or PORCHLIGHT_KEY_FILE)`]);
}

/** Opens every seal with whatever key it was made, and seals it with the next. */
async function reseal(
  { store, secrets }: Pick<UpkeepDeps, 'store' | 'secrets'>,
  next: Secrets,
  progress: Progress,
): Promise<Resealed> {
  let resealed = 0;
  let unopened = 0;
  for (let after = 0; ; ) {
    const page = await store.accounts.sealedOtherwise({ keyId: next.keyId, after, limit: BATCH });
    const last = page.at(-1);
    if (last === undefined) break;
    const seals = page.flatMap(({ place, credential }) => {
      const ha1 = secrets.openHa1(credential);
      if (ha1 === undefined) return [];
      const sealed = next.sealHa1(credential.username, credential.realm, credential.algorithm, ha1);
      return [{ expected: credential.sealedHa1, sealed: { place, credential: sealed } }];
    });
    unopened += page.length - seals.length;
    resealed += (await store.accounts.reseal(seals)).written;
    progress.done(resealed);
    after = last.place;
  }
  const factors = await resealFactors({ store, secrets }, next);
  return { resealed: resealed + factors.resealed, unopened: unopened + factors.unopened };
}

/** The second factors of the portal. */
async function resealFactors(
  { store, secrets }: Pick<UpkeepDeps, 'store' | 'secrets'>,
  next: Secrets,
): Promise<Resealed> {
  let resealed = 0;
  let unopened = 0;
  for (let after: Aor | undefined; ; ) {
    const page = await store.secondFactors.sealedOtherwise({
      keyId: next.keyId,
      limit: BATCH,
      ...(after !== undefined && { after }),
    });
    const last = page.at(-1);
    if (last === undefined) return { resealed, unopened };
    for (const { aor, ...factor } of page) {
      const secret = secrets.open(factorOwner(aor), factor);
      if (secret === undefined) {
        unopened += 1;
        continue;
      }
      const { sealed, keyId } = next.seal(factorOwner(aor), secret);
      if (await store.secondFactors.reseal(aor, factor.sealed, sealed, keyId)) resealed += 1;
    }
    after = last.aor;
  }
}

function told({ resealed, unopened }: Resealed, afterwards: readonly string[]): Outcome {
  const lines = [`Sealed ${resealed} credentials anew`, ...afterwards];
  if (unopened > 0) lines.push(`${unopened} credentials open with no key there is: their people need new passwords`);
  return { kind: unopened > 0 ? 'partly' : 'done', lines, value: { resealed, unopened } };
}
