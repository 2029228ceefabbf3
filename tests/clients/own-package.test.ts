/** docs/event-packages.md followed by hand: an empty file, a command, and a running service that serves one more event. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openPlace, type Place, uri, within } from '../support/processes.ts';
import { readWalkThrough } from '../support/walk-through.ts';

const EVENT = 'ping-state';

let place: Place;
beforeEach(async () => {
  place = await openPlace();
}, 60_000);
afterEach(() => place.close(), 30_000);

it('an event package of one’s own: written, added while the service runs, published and watched; turned off again', async () => {
  await place.addUsers('alice', 'bob');
  const service = await place.startSip();
  const [alice, bob] = await Promise.all([place.peer('alice'), place.peer('bob')]);
  expect((await bob.subscribe({ to: uri('alice'), event: EVENT })).response.status).toBe(489);

  writeFileSync(join(place.folder, 'ping-state.mjs'), readWalkThrough());
  await place.porchlight(['package', 'add', EVENT, './ping-state.mjs']);
  const loaded = await service.until(/"event":"ping-state".*"event package loaded"/);
  expect(loaded.text).toContain(join(place.folder, 'ping-state.mjs'));
  await place.porchlight(['rule', 'set', 'alice', 'bob', EVENT, 'allow']);

  const watch = await bob.subscribe({ to: uri('alice'), event: EVENT });
  const published = await alice.publish({ event: EVENT, body: 'up 12', contentType: 'text/plain' });
  expect([watch.response.status, published.status]).toEqual([200, 200]);
  await within(
    watch.until(({ body }) => / up 12$/m.test(body)),
    'the state of the package',
  );
  await place.porchlight(['package', 'disable', EVENT]);
  await within(
    watch.until(({ state }) => state === 'terminated'),
    'the end',
  );
}, 60_000);
