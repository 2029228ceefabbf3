import type { Aor } from '#model';
import type { PortalDeps } from '../deps.ts';
import { makeLimit } from '../plugins/limits.ts';
import { addressWords } from '../words/protocol.ts';
import { mailIn } from './address.ts';

/** Letters to one owner: who plays with a password fills no queue. */
const PER_OWNER = { burst: 3, refillMs: 3_600_000 };

/** Tells by mail, whoever has given an address, that the password of their account is another one now. */
export function makePasswordNotice({ store, clock, mailer }: PortalDeps): (owner: Aor) => Promise<void> {
  const perOwner = makeLimit(clock, PER_OWNER);
  return async (owner) => {
    if (mailer === undefined) return;
    const { address, words } = mailIn(await store.preferences.of(owner));
    if (address === undefined || perOwner.take(owner) > 0) return;
    mailer.send({ to: address, ...words.mail.letters.password(addressWords(owner)) });
  };
}
