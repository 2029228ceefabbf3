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
  /** To be told once the password was looked at, and in the same turn where there was nothing to wait for: a right one was no guess. */
  judged(isRight: boolean): void;
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
      const both: Wanted[] = [[ofAccount, account]];
      // From a proxy come everybody's.
      if (!trusted.has(address)) both.push([ofSource, peer]);
      return takeAll(both, () => void proved.set(detached(place), true));
    },
  };
}

type Wanted = readonly [tries: Tries, key: string];

/**
 * One of each, or none. Who need not wait takes theirs when they turn out to be wrong: most are right, and cost nothing. Who has to
 * wait has a place in the line from now on.
 */
function takeAll(wanted: readonly Wanted[], onRight: () => void): Admission | undefined {
  let waitMs = 0;
  for (const [tries, key] of wanted) {
    const wait = tries.waitMs(key);
    if (wait === undefined) return undefined;
    waitMs = Math.max(waitMs, wait);
  }
  const takesAtOnce = waitMs > 0;
  if (takesAtOnce) for (const [tries, key] of wanted) tries.take(key);
  return {
    waitMs,
    judged(isRight) {
      if (isRight) {
        if (takesAtOnce) for (const [tries, key] of wanted) tries.giveBack(key);
        onRight();
      } else if (!takesAtOnce) {
        for (const [tries, key] of wanted) tries.take(key);
      }
    },
  };
}
