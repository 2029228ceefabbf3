import { timingSafeEqual } from 'node:crypto';
import { type Clock, detached, type Random } from '#runtime';
import { makeHmac } from '../hmac.ts';
import { isAfter, type Minted, makeUses } from './uses.ts';

/** The nonces of our challenges (RFC 7616 §5.4, §5.5): of those that are given out the last are kept, of those that proved a password all. */
export interface Nonces {
  /** A new one, of characters [A-Za-z0-9_-]. Keeps the last of them alone: strangers can ask for as many as they like. */
  mint(): string;
  /**
   * `fresh`: ours and usable. `stale`: ours, but too old, or given out before this process started, or before what memory
   * reaches back to. `foreign`: not ours, as if no credentials had come.
   */
  judge(nonce: string): 'fresh' | 'stale' | 'foreign';
  /**
   * To be asked after the response proved right, and only then. Each count (`nc`) is accepted once, up to 64 behind the highest
   * seen. Without one (RFC 2069) the nonce serves once. `replayed` also when it is no longer fresh, or is somebody else's; the
   * next challenge is stale=true. `aging`: accepted, and soon too old: time for another.
   * @param owner whose password it was: from then on the nonce serves nobody else. Kept as it is, so it must stand by itself.
   */
  accept(nonce: string, nc: number | undefined, owner: string): 'accepted' | 'aging' | 'replayed';
  /** Who proved a password with it before; undefined when nobody has, or it is no longer remembered. */
  ownerOf(nonce: string): string | undefined;
}

export interface NoncesOptions {
  /** At least 32 bytes, secret. */
  readonly key: Uint8Array;
  readonly clock: Clock;
  readonly random: Random;
  /** How long a nonce can be used. */
  readonly lifetimeMs: number;
  /** How many nonces in use are remembered; about 250 bytes each. */
  readonly capacity: number;
}

/** time 6 bytes, salt 6, boot 6, mac 12. */
const BODY_LENGTH = 18;
const MAC_LENGTH = 12;
const TEXT_LENGTH = ((BODY_LENGTH + MAC_LENGTH) * 4) / 3;
const NONCE = /^[A-Za-z0-9_-]+$/;
/** The share of its life after which a nonce ages. */
const AGING = 0.75;
/** Given out, or found right, a moment ago: a phone answers at once, and `judge` and `accept` each look at what it answers. */
const REMEMBERED_SEALS = 1024;

export function makeNonces({ key, clock, random, lifetimeMs, capacity }: NoncesOptions): Nonces {
  const boot = random.bytes(6);
  const uses = makeUses(capacity, lifetimeMs);
  const seen = new Map<string, Minted>();
  const hmac = makeHmac(key);
  const sign = (body: Uint8Array): Buffer => hmac(body).subarray(0, MAC_LENGTH);

  function open(nonce: string): Minted | undefined {
    // One in use has been opened before.
    const known = seen.get(nonce) ?? uses.get(nonce);
    if (known !== undefined) return known;
    if (nonce.length !== TEXT_LENGTH || !NONCE.test(nonce)) return undefined;
    const bytes = Buffer.from(nonce, 'base64url');
    const body = bytes.subarray(0, BODY_LENGTH);
    if (!timingSafeEqual(sign(body), bytes.subarray(BODY_LENGTH))) return undefined;
    const opened = {
      at: body.readUIntBE(0, 6),
      salt: body.readUIntBE(6, 6),
      ofThisBoot: body.subarray(12).equals(boot),
    };
    remember(detached(nonce), opened);
    return opened;
  }

  /** @param nonce kept as it is, so it must stand by itself. */
  function remember(nonce: string, opened: Minted): void {
    if (seen.size >= REMEMBERED_SEALS) seen.clear();
    seen.set(nonce, opened);
  }

  function isUsable(opened: Minted): boolean {
    return opened.ofThisBoot && clock.now() - opened.at <= lifetimeMs && isAfter(opened, uses.horizon);
  }

  return {
    mint() {
      const at = clock.now();
      const body = Buffer.allocUnsafe(BODY_LENGTH);
      body.writeUIntBE(at, 0, 6);
      body.set(random.bytes(6), 6);
      body.set(boot, 12);
      const nonce = Buffer.concat([body, sign(body)]).toString('base64url');
      remember(nonce, { at, salt: body.readUIntBE(6, 6), ofThisBoot: true });
      return nonce;
    },
    judge(nonce) {
      const opened = open(nonce);
      if (opened === undefined) return 'foreign';
      return isUsable(opened) ? 'fresh' : 'stale';
    },
    ownerOf: (nonce) => uses.get(nonce)?.owner,
    accept(nonce, nc, owner) {
      const opened = open(nonce);
      if (opened === undefined || !isUsable(opened)) return 'replayed';
      const known = uses.get(nonce);
      const use = known ?? uses.begin(detached(nonce), opened, clock.now(), owner);
      // Making room for this nonce may have overtaken it.
      if (!isUsable(opened)) return 'replayed';
      if (use.owner !== owner) return 'replayed';
      const accepted = clock.now() - opened.at > AGING * lifetimeMs ? 'aging' : 'accepted';
      if (nc !== undefined) return use.take(nc) ? accepted : 'replayed';
      use.close();
      return known === undefined ? accepted : 'replayed';
    },
  };
}
