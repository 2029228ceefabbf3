import { expect, test } from 'vitest';
import { makeStage, request, respondLater } from '../../../conformance/rfc3261/stage.ts';

test('closing takes no new request, lets the answers under way go out, and leaves no timer', async () => {
  const later = respondLater();
  const stage = makeStage(later);
  await stage.say(request());
  let closed = false;
  const closing = stage.endpoint.close().then(() => {
    closed = true;
  });
  await stage.say(request());
  expect(stage.handled).toHaveLength(1);
  expect(closed).toBe(false);
  later.answer({ status: 200 });
  await stage.clock.advance(100);
  await closing;
  expect(stage.received.map(({ status }) => status)).toEqual([200]);
  expect(stage.clock.armed).toBe(0);
});

test('a request that is never answered holds the closing up for three seconds, not longer', async () => {
  const stage = makeStage(respondLater());
  await stage.say(request());
  let closed = false;
  void stage.endpoint.close().then(() => {
    closed = true;
  });
  await stage.clock.advance(2_900);
  expect(closed).toBe(false);
  await stage.clock.advance(200);
  expect(closed).toBe(true);
});

test('closing twice is closing once, and abandons what we asked', async () => {
  const stage = makeStage();
  const outcomes: unknown[] = [];
  const notify = { method: 'NOTIFY', uri: 'sip:bob@192.0.2.20', head: 'Call-ID: 1\r\n', body: undefined };
  stage.endpoint.send(notify, stage.toClient, (outcome) => outcomes.push(outcome));
  await Promise.all([stage.endpoint.close(), stage.endpoint.close()]);
  await stage.clock.advance(40_000);
  expect(outcomes).toEqual([]);
  expect(stage.received.length).toBeLessThanOrEqual(1);
});
