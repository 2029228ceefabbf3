import { randomBytes } from 'node:crypto';
import type { Aor, Subscription } from '#model';
import type { Store } from '#store';

/** As if a phone had subscribed and the owner's answer were awaited. */
export async function somebodyAsks(store: Store, owner: Aor, watcher: Aor): Promise<void> {
  const now = Date.now();
  const subscription: Subscription = {
    id: randomBytes(16).toString('base64url').slice(0, 22),
    presentity: owner,
    event: 'presence',
    eventId: '',
    watcher: watcher,
    state: 'pending',
    permission: 'confirm',
    cause: 'subscribe',
    contentType: 'application/pidf+xml',
    createdAt: now - 60_000,
    expiresAt: now + 3600_000,
    userAgent: 'Friend Phone 2.0',
    dialog: {
      callId: 'call',
      localTag: 'l',
      remoteTag: 'r',
      localUri: owner,
      remoteUri: watcher,
      remoteTarget: 'sip:192.0.2.9',
      routeSet: [],
      remoteCseq: 1,
      flow: 'udp:192.0.2.9:5060',
    },
    reservedCseq: 0,
    told: '',
  };
  const outcome = await store.subscriptions.write({ kind: 'insert', subscription });
  if (outcome !== 'written') throw new Error(`the subscription was not written: ${outcome}`);
}
