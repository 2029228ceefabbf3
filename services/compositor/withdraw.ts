import type { Aor } from '#model';
import type { Clock, Lanes, Log } from '#runtime';
import { makeDeadlines, nextTurn } from '#runtime';
import { StoreUnavailable } from '#store';
import type { PublicationBook } from './book.ts';
import type { PublicationSweep } from './sweep.ts';

/** Takes publications away before their time: the administrator's word, or an account that is gone or disabled. */
export interface Withdrawal {
  /** One publication. Its device learns by the 412 to its next refresh (RFC 3903 §6 step 3), and publishes anew. */
  one(id: string): Promise<void>;
  /** Everything of a presentity whose account is gone. */
  all(presentity: Aor): Promise<void>;
  /** Everything of the presentity, if its account is gone or disabled; looked at again while that cannot be learnt. */
  look(presentity: Aor): Promise<void>;
  /** Looks at every presentity that has publications: after a start, or when Changes may have been missed. */
  lookAtAll(): Promise<void>;
  close(): void;
}

export interface WithdrawalNeeds {
  readonly book: PublicationBook;
  readonly sweep: PublicationSweep;
  readonly access: {
    account(aor: Aor): { readonly disabled: boolean } | undefined | Promise<{ readonly disabled: boolean } | undefined>;
  };
  readonly lanes: Lanes;
  readonly clock: Clock;
  readonly log: Log;
}

/** An account that could not be asked for, because the database was away, is asked for again this much later. */
const AGAIN_MS = 1000;
/** Presentities that are looked at together: their accounts are read in one go. */
const AT_ONCE = 256;

export function makeWithdrawal(needs: WithdrawalNeeds): Withdrawal {
  const { book, sweep, access, lanes, clock, log } = needs;
  const again = makeDeadlines<Aor>(clock, (presentity) => void look(presentity));

  /** In the presentity's lane: a PUBLISH that was let in before is kept by now, and goes too. */
  const all = (presentity: Aor): Promise<void> =>
    lanes.run(presentity, async () => {
      for (const publication of book.ofPresentity(presentity)) sweep.endNow(publication);
    });

  async function look(presentity: Aor): Promise<void> {
    try {
      const account = await access.account(presentity);
      if (account === undefined || account.disabled) await all(presentity);
    } catch (fault) {
      if (!(fault instanceof StoreUnavailable))
        log.error({ fault: String(fault) }, 'an account could not be looked at');
      again.set(presentity, clock.now() + AGAIN_MS);
    }
  }

  return {
    async one(id) {
      const found = book.byId(id);
      if (found === undefined) return;
      await lanes.run(found.presentity, async () => {
        const publication = book.byId(id);
        if (publication !== undefined) sweep.endNow(publication);
      });
    },
    all,
    look,
    async lookAtAll() {
      let some = new Set<Aor>();
      for (const { presentity } of book.all()) {
        some.add(presentity);
        if (some.size < AT_ONCE) continue;
        await Promise.all([...some].map(look));
        some = new Set();
        // An answer may have come without a wait; there may be a hundred thousand.
        await new Promise<void>(nextTurn);
      }
      await Promise.all([...some].map(look));
    },
    close: () => again.close(),
  };
}
