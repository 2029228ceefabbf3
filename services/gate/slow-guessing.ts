import { LRUCache } from 'lru-cache';
import type { Aor } from '#model';
import { type Clock, detached } from '#runtime';
import { peerOf } from '#sip';
import type { TrustedPeers } from './asserted-identity.ts';
import { makeTries, type Tries, type TriesShape } from './tries.ts';

/**
 * Password guessing is slowed, by the account that is guessed at and by where the guesses come from. Nobody is shut out:
 * answers that come too fast wait a little until they are looked at, and only when too many wait is one not looked at (401
 * as ever). Whoever has proved the account's password from the same place before is held up by nobody elsewhere.
 */
export interface Guessing {
  /** Before a password is looked at. @returns undefined when it is not to be looked at. */
  admit(account: Aor, address: string): Admission | undefined;
}

export interface Admission {
  /** How long to wait first; 0 mostly. */
  readonly waitMs: number;
  /** The password was right: it was no guess. */
  right(): void;
}

/** A dozen wrong ones in a row happen to people with several devices; after that some 20,000 guesses a day. */
const OF_ACCOUNT: TriesShape = { burst: 12, refillMs: 4_000, longestWaitMs: 12_000, maxKeys: 20_000 };
/** Many people may be behind one address, all of them once with an old password. */
const OF_SOURCE: TriesShape = { burst: 60, refillMs: 1_000, longestWaitMs: 12_000, maxKeys: 20_000 };
/** Who proved what from where. */
const MOST_PROVED = 50_000;

export function makeGuessing(clock: Clock, trusted: TrustedPeers): Guessing {
  const ofAccount = makeTries(clock, OF_ACCOUNT);
  const ofSource = makeTries(clock, OF_SOURCE);
  const ofPlace = makeTries(clock, OF_ACCOUNT);
  const proved = new LRUCache<string, true>({ max: MOST_PROVED });

  return {
    admit(account, address) {
      const peer = peerOf(address);
      const place = `${peer} ${account}`;
      if (proved.get(place) === true) return takeAll([[ofPlace, place]], () => undefined);
      const both: Taken[] = [[ofAccount, account]];
      // From a proxy come everybody's.
      if (!trusted.has(address)) both.push([ofSource, peer]);
      return takeAll(both, () => void proved.set(detached(place), true));
    },
  };
}

type Taken = readonly [tries: Tries, key: string];

/** One of each, or none. */
function takeAll(wanted: readonly Taken[], onRight: () => void): Admission | undefined {
  let waitMs = 0;
  const taken: Taken[] = [];
  const giveBack = (): void => {
    for (const [tries, key] of taken) tries.giveBack(key);
  };
  for (const one of wanted) {
    const wait = one[0].take(one[1]);
    if (wait === undefined) {
      giveBack();
      return undefined;
    }
    taken.push(one);
    waitMs = Math.max(waitMs, wait);
  }
  return {
    waitMs,
    right() {
      giveBack();
      onRight();
    },
  };
}
