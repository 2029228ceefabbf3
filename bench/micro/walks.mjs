/**
 * What a request costs between the socket and the store call: the whole built service over the memory store (stage.mjs), CPU µs
 * per operation.
 *
 *     npm run build && node bench/micro/walks.mjs [modify publish subscribe refresh fanout10 fanout100] [--seconds 4]
 * `node --expose-gc bench/micro/walks.mjs memory` tells what a subscription holds, each of a watcher of its own.
 *
 * Under `node --cpu-prof` it shows where the time goes, without the noise of a machine that is shared.
 */
import { learnNonce, openStage, ROUND } from './stage.mjs';

const args = process.argv.slice(2);
const at = args.indexOf('--seconds');
const seconds = at < 0 ? 4 : Number(args.splice(at, 2)[1]);
const WALKS = { modify, publish, subscribe, refresh, fanout10: () => fanout(10), fanout100: () => fanout(100), memory };
const wanted = args.length === 0 ? Object.keys(WALKS).filter((name) => name !== 'memory') : args;

const stage = await openStage({ people: wanted.includes('memory') ? 23_000 : 2000 });
const { people, newWatch, publishRequest, subscribeRequest, feed, feedAndAnswer, logIn, watchAll } = stage;
const presentities = people.slice(0, 1000);
const watchers = people.slice(1000, 2000);

let counted = 0;
async function measure(name, round) {
  const slices = [];
  const until = performance.now() + seconds * 1000;
  while (performance.now() < until) {
    let spent = 0;
    let done = 0;
    const sliceEnd = performance.now() + (seconds * 1000) / 4;
    while (performance.now() < sliceEnd) {
      spent += await round();
      done += ROUND;
    }
    if (done === 0) break;
    slices.push(`${(spent / done).toFixed(1)} (${done})`);
    counted += done;
  }
  console.log(`${name.padEnd(10)} CPU µs per operation, by quarters (operations): ${slices.join('  ')}`);
}

let turnOf = 0;
const some = (list) => Array.from({ length: ROUND }, () => list[turnOf++ % list.length]);

async function modify() {
  await measure('modify', () => feedAndAnswer(some(presentities).map((phone) => publishRequest(phone))));
}

async function publish() {
  await measure('publish', async () => {
    const fresh = some(watchers).map((phone) => ({ ...phone, nonce: undefined }));
    const challenged = await feed(fresh.map((phone) => publishRequest(phone, (text) => learnNonce(phone, text))));
    const answered = await feed(fresh.map((phone) => publishRequest(phone)));
    // Not to pile up: 32 are kept of each.
    return challenged + answered;
  });
}

async function subscribe() {
  await measure('subscribe', async () => {
    const fresh = some(watchers).map((phone) => newWatch({ ...phone, nonce: undefined }, presentities[turnOf % 1000]));
    const challenged = await feed(
      fresh.map((watch) => subscribeRequest(watch, (text) => learnNonce(watch.watcher, text))),
    );
    return challenged + (await feedAndAnswer(fresh.map((watch) => subscribeRequest(watch))));
  });
}

async function refresh() {
  const watches = watchers.map((watcher, index) => newWatch(watcher, presentities[index]));
  await watchAll(watches);
  await measure('refresh', () => feedAndAnswer(some(watches).map((watch) => subscribeRequest(watch))));
}

async function fanout(each) {
  const watched = people.slice(each === 10 ? 200 : 0, each === 10 ? 300 : 64);
  const watches = watched.flatMap((presentity) =>
    Array.from({ length: each }, (_, index) => newWatch(watchers[(index * 7 + presentity.user) % 1000], presentity)),
  );
  await watchAll(watches);
  const before = stage.notifies;
  const publishesBefore = counted;
  await measure(`fanout${each}`, () => feedAndAnswer(some(watched).map((phone) => publishRequest(phone))));
  console.log(`           ${((stage.notifies - before) / (counted - publishesBefore)).toFixed(1)} NOTIFYs each`);
}

/** Bytes held by what is reachable. */
async function held() {
  // Transactions are forgotten by then.
  await new Promise((resolve) => setTimeout(resolve, 34_000));
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function memory() {
  const all = people.slice(2000).map((watcher, index) => newWatch(watcher, presentities[index % 1000]));
  const watch = async (some) => {
    await logIn(some.map(({ watcher }) => watcher));
    await watchAll(some);
  };
  await watch(all.slice(0, 1000));
  const before = await held();
  await watch(all.slice(1000));
  const grown = (await held()) - before;
  console.log(
    `memory     ${(grown / 20_000).toFixed(0)} bytes for each of 20,000 subscriptions, accounts and nonces included`,
  );
  if (process.env.SNAPSHOT !== undefined) (await import('node:v8')).writeHeapSnapshot(process.env.SNAPSHOT);
}

await logIn(people.slice(0, 2000));
await stage.appear(presentities);
for (const name of wanted) await WALKS[name]();
process.exit(0);
