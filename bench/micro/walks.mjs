/**
 * What a request costs between the socket and the store call: the whole built service over the memory store, with requests
 * handed to it as datagrams and its answers taken from it, no socket and no database. CPU µs per operation (all threads: compiler and
 * collector too), the making of the requests not counted.
 *
 *     npm run build && node bench/micro/walks.mjs [modify publish subscribe refresh fanout10 fanout100] [--seconds 4]
 * `node --expose-gc bench/micro/walks.mjs memory` tells what a subscription holds, each of a watcher of its own.
 *
 * Under `node --cpu-prof` it shows where the time goes, without the noise of a machine that is shared.
 */
import { createHash } from 'node:crypto';
import { makeTrustedPeers } from '../../dist/services/gate/index.js';
import { aorOf, makeDomains, makeRealms } from '../../dist/services/model/index.js';
import { systemClock as clock, makeRandom, silentLog } from '../../dist/services/runtime/index.js';
import { startService } from '../../dist/services/service.js';
import { makeEndpoint } from '../../dist/services/sip/index.js';
import { makeMemoryStore, openSecrets } from '../../dist/services/store/index.js';

const args = process.argv.slice(2);
const at = args.indexOf('--seconds');
const seconds = at < 0 ? 4 : Number(args.splice(at, 2)[1]);
const WALKS = { modify, publish, subscribe, refresh, fanout10: () => fanout(10), fanout100: () => fanout(100), memory };
const wanted = args.length === 0 ? Object.keys(WALKS).filter((name) => name !== 'memory') : args;

const USERS = wanted.includes('memory') ? 23_000 : 2000;
const md5 = (text) => createHash('md5').update(text).digest('hex');
const flow = { transport: 'udp', via: 'udp:127.0.0.1:5060', address: '127.0.0.1', port: 40000 };
let receive;
/** What to do with an answer, by branch, and with every NOTIFY. */
const answers = new Map();
let branches = 0;
let notifies = 0;
/** Texts of NOTIFYs that wait for their 200. */
let unanswered = [];

const transport = {
  transport: 'udp',
  reliable: false,
  name: flow.via,
  start(handler) {
    receive = handler;
  },
  send(bytes) {
    if (bytes[0] !== 0x53) {
      notifies += 1;
      unanswered.push(bytes);
      return;
    }
    const text = bytes.latin1Slice(0, bytes.length);
    const from = text.indexOf('branch=z9hG4bK') + 14;
    const branch = text.slice(from, text.indexOf(';', from));
    const take = answers.get(branch);
    answers.delete(branch);
    take?.(text);
  },
  localAddress: () => '127.0.0.1:5060',
  close: async () => undefined,
};

const secrets = openSecrets(new Uint8Array(32).fill(7));
const store = makeMemoryStore({ clock });
const domains = makeDomains(['example.com'], []);
for (let user = 0; user < USERS; user += 1) {
  const username = `u${user}`;
  const credentials = secrets.credentialsFor(username, 'example.com', `p${user}`);
  await store.accounts.create({
    aor: aorOf(username, 'example.com'),
    username,
    domain: 'example.com',
    passwordHash: undefined,
    credentials,
    createdAt: 0,
  });
}
const random = makeRandom();
await startService({
  store,
  secrets,
  domains,
  realms: makeRealms(domains, 'example.com'),
  byDefault: 'allow',
  trusted: makeTrustedPeers([]),
  paceMs: 0,
  rateLimits: { account: 0, source: 0 },
  holdsRole: () => true,
  clock,
  random,
  log: silentLog,
  openEndpoint: async (handle) => makeEndpoint({ transports: [transport], clock, random, log: silentLog, handle }),
});

const people = Array.from({ length: USERS }, (_, user) => ({
  user,
  aor: `sip:u${user}@example.com`,
  ha1: md5(`u${user}:example.com:p${user}`),
  nonce: undefined,
  nc: 0,
  etag: undefined,
  cseq: 0,
}));

function authorization(person, method, uri) {
  if (person.nonce === undefined) return '';
  person.nc += 1;
  const nc = person.nc.toString(16).padStart(8, '0');
  const response = md5(`${person.ha1}:${person.nonce}:${nc}:bench:auth:${md5(`${method}:${uri}`)}`);
  return `Authorization: Digest username="u${person.user}",realm="example.com",nonce="${person.nonce}",uri="${uri}",algorithm=MD5,qop=auth,nc=${nc},cnonce="bench",response="${response}"\r\n`;
}

let token = 0;
const pidf = ({ user, aor }) => {
  token += 1;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid" entity="${aor}">\n  <tuple id="t${user}-bench">\n    <status><basic>${token & 1 ? 'open' : 'closed'}</basic></status>\n    <contact priority="0.8">sip:u${user}@127.0.0.1</contact>\n    <note>tok=${token};</note>\n  </tuple>\n</presence>\n`;
};

const via = () => {
  branches += 1;
  return [
    branches.toString(36),
    `Via: SIP/2.0/UDP 127.0.0.1:40000;branch=z9hG4bK${branches.toString(36)};rport\r\nMax-Forwards: 70\r\n`,
  ];
};

/** A request as bytes, and what its answer is good for. */
function publishRequest(person, then) {
  const [branch, top] = via();
  const body = pidf(person);
  person.cseq += 1;
  answers.set(branch, then);
  const match = person.etag === undefined ? '' : `SIP-If-Match: ${person.etag}\r\n`;
  return Buffer.from(
    `PUBLISH ${person.aor} SIP/2.0\r\n${top}From: <${person.aor}>;tag=p${person.user}\r\nTo: <${person.aor}>\r\nCall-ID: P${person.user}@b\r\nCSeq: ${person.cseq} PUBLISH\r\nEvent: presence\r\nExpires: 3600\r\nUser-Agent: bench\r\n${match}${authorization(person, 'PUBLISH', person.aor)}Content-Type: application/pidf+xml\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
}

let dialogs = 0;
const newWatch = (watcher, presentity) => {
  dialogs += 1;
  return {
    watcher,
    presentity,
    callId: `S${dialogs.toString(36)}@b`,
    tag: `t${dialogs}`,
    to: '',
    target: presentity.aor,
    cseq: 0,
  };
};

function subscribeRequest(watch, then) {
  const [branch, top] = via();
  const { watcher, presentity, target } = watch;
  watch.cseq += 1;
  answers.set(branch, then);
  return Buffer.from(
    `SUBSCRIBE ${target} SIP/2.0\r\n${top}From: <${watcher.aor}>;tag=${watch.tag}\r\nTo: <${presentity.aor}>${watch.to === '' ? '' : `;tag=${watch.to}`}\r\nCall-ID: ${watch.callId}\r\nCSeq: ${watch.cseq} SUBSCRIBE\r\nContact: <sip:u${watcher.user}@127.0.0.1:40000>\r\nEvent: presence\r\nAccept: application/pidf+xml\r\nExpires: 3600\r\nUser-Agent: bench\r\n${authorization(watcher, 'SUBSCRIBE', target)}Content-Length: 0\r\n\r\n`,
  );
}

/** By itself, not a piece of a message that is then kept whole. */
const own = (text) => Buffer.from(text).toString();
const statusOf = (text) => Number(text.slice(8, 11));
const headerOf = (text, name) => {
  const from = text.indexOf(`\r\n${name}: `) + name.length + 4;
  return text.slice(from, text.indexOf('\r\n', from));
};
const learnNonce = (person, text) => {
  person.nonce = own(/nonce="([^"]+)"/.exec(text)[1]);
  person.nc = 0;
};
const learnEtag = (person) => (text) => {
  if (statusOf(text) !== 200) throw new Error(text);
  person.etag = own(headerOf(text, 'SIP-ETag'));
};
const learnDialog = (watch) => (text) => {
  if (statusOf(text) !== 200) throw new Error(text);
  watch.to = own(/\r\nTo: [^\r]*;tag=([^;\r]+)/.exec(text)[1]);
  watch.target = own(/\r\nContact: <([^>]+)>/.exec(text)[1]);
};

const plain200 = (bytes) => {
  const text = bytes.latin1Slice(0, bytes.length);
  const line = (name) => `${name}: ${headerOf(text, name)}\r\n`;
  return Buffer.from(
    `SIP/2.0 200 OK\r\n${line('Via')}${line('From')}${line('To')}${line('Call-ID')}${line('CSeq')}Content-Length: 0\r\n\r\n`,
    'latin1',
  );
};

const turn = () => new Promise((resolve) => setImmediate(resolve));

let counted = 0;
/** Hands datagrams over as a socket does, each in its own macrotask's microtasks, and waits until all is answered. @returns CPU µs. */
async function feed(datagrams) {
  const before = process.cpuUsage();
  for (const bytes of datagrams) {
    receive(bytes, { transport: 'udp', via: flow.via, address: '127.0.0.1', port: 40000 });
    await undefined;
  }
  for (let waited = 0; answers.size > 0; waited += 1) {
    if (waited > 10000) throw new Error(`${answers.size} requests without answer`);
    await turn();
  }
  await turn();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

/** The same, with the NOTIFYs that come of it answered. */
async function feedAndAnswer(datagrams) {
  let spent = await feed(datagrams);
  while (unanswered.length > 0) {
    const replies = unanswered.map(plain200);
    unanswered = [];
    spent += await feed(replies);
  }
  return spent;
}

const ROUND = 64;
async function measure(name, perOperation, round) {
  const slices = [];
  const until = performance.now() + seconds * 1000;
  while (performance.now() < until) {
    let spent = 0;
    let done = 0;
    const sliceEnd = performance.now() + (seconds * 1000) / 4;
    while (performance.now() < sliceEnd) {
      const cost = await round();
      if (cost === undefined) break;
      spent += cost;
      done += ROUND;
    }
    if (done === 0) break;
    slices.push(`${(spent / done).toFixed(1)} (${done})`);
    counted += done;
  }
  console.log(`${name.padEnd(10)} CPU µs per operation, by quarters (operations): ${slices.join('  ')}${perOperation}`);
}

let turnOf = 0;
const some = (list) => Array.from({ length: ROUND }, () => list[turnOf++ % list.length]);

async function logIn(list) {
  for (let from = 0; from < list.length; from += ROUND) {
    await feed(
      list.slice(from, from + ROUND).map((person) => publishRequest(person, (text) => learnNonce(person, text))),
    );
  }
}
async function appear(list) {
  for (let from = 0; from < list.length; from += ROUND)
    await feedAndAnswer(list.slice(from, from + ROUND).map((person) => publishRequest(person, learnEtag(person))));
}
async function watchAll(watches) {
  for (let from = 0; from < watches.length; from += ROUND)
    await feedAndAnswer(watches.slice(from, from + ROUND).map((watch) => subscribeRequest(watch, learnDialog(watch))));
}

const presentities = people.slice(0, 1000);
const watchers = people.slice(1000, 2000);

async function modify() {
  await measure('modify', '', () =>
    feedAndAnswer(some(presentities).map((person) => publishRequest(person, learnEtag(person)))),
  );
}

async function publish() {
  await measure('publish', '', async () => {
    const fresh = some(watchers).map((person) => ({ ...person, nonce: undefined }));
    const challenged = await feed(fresh.map((person) => publishRequest(person, (text) => learnNonce(person, text))));
    const answered = await feed(fresh.map((person) => publishRequest(person, learnEtag(person))));
    // Not to pile up: 32 are kept of each.
    return challenged + answered;
  });
}

async function subscribe() {
  await measure('subscribe', '', async () => {
    const fresh = some(watchers).map((person) =>
      newWatch({ ...person, nonce: undefined }, presentities[turnOf % 1000]),
    );
    const challenged = await feed(
      fresh.map((watch) => subscribeRequest(watch, (text) => learnNonce(watch.watcher, text))),
    );
    return challenged + (await feedAndAnswer(fresh.map((watch) => subscribeRequest(watch, learnDialog(watch)))));
  });
}

async function refresh() {
  const watches = watchers.map((watcher, index) => newWatch(watcher, presentities[index]));
  await watchAll(watches);
  await measure('refresh', '', () =>
    feedAndAnswer(some(watches).map((watch) => subscribeRequest(watch, learnDialog(watch)))),
  );
}

async function fanout(each) {
  const watched = people.slice(each === 10 ? 200 : 0, each === 10 ? 300 : 64);
  const watches = watched.flatMap((presentity) =>
    Array.from({ length: each }, (_, index) => newWatch(watchers[(index * 7 + presentity.user) % 1000], presentity)),
  );
  await watchAll(watches);
  const before = notifies;
  const publishesBefore = counted;
  await measure(`fanout${each}`, '', () =>
    feedAndAnswer(some(watched).map((person) => publishRequest(person, learnEtag(person)))),
  );
  console.log(`           ${((notifies - before) / (counted - publishesBefore)).toFixed(1)} NOTIFYs each`);
}

await logIn(people.slice(0, 2000));
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

await appear(presentities);
for (const name of wanted) await WALKS[name]();
process.exit(0);
