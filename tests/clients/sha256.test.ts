/** RFC 8760 with a client that we did not write: Linphone answers by SHA-256, alone and where MD5 is offered beside it. */
import { afterEach, describe, expect, it } from 'vitest';
import { LINPHONE, startLinphone } from '../support/linphone.ts';
import { aor, eventually, openPlace, type Place, toolsInstalled, uri, within } from '../support/processes.ts';

const hasTools = toolsInstalled('clients: Linphone and SHA-256', [LINPHONE]);

describe.skipIf(!hasTools)('Linphone', () => {
  let place: Place;
  afterEach(() => place?.close());

  it.each(['SHA-256', 'SHA-256,MD5'])(
    'watches where DIGEST_ALGORITHMS is %s',
    async (algorithms) => {
      place = await openPlace({ DIGEST_ALGORITHMS: algorithms });
      await place.addUsers('alice', 'carol');
      await place.allowAll('alice');
      await place.startSip();
      const phone = startLinphone(place, 'carol', 'alice');
      await phone.until(/Friend "alice" <.*> is Offline/);
      await eventually('the subscription', async () => {
        const watchers = await place.store.subscriptions.of(aor('alice'), Date.now());
        return watchers.some(({ watcher }) => watcher === uri('carol')) || undefined;
      });
      phone.write('quit\n');
      expect((await within(phone.ended, 'quit')).status).toBe(0);
    },
    60_000,
  );
});
