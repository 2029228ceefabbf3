/**
 * The stage that walks and curves are played on: the whole built service over a store of the caller's choice, without sockets.
 * Requests of made-up phones are handed to it as datagrams, its answers and NOTIFYs are taken from it. What is counted is the CPU of all
 * threads (compiler and collector too) while it works; the making of requests and replies is not.
 */
import { createHash } from 'node:crypto';
import { makeTrustedPeers } from '../../dist/services/gate/index.js';
import { aorOf, makeDomains, makeRealms } from '../../dist/services/model/index.js';
import { systemClock as clock, makeRandom, silentLog } from '../../dist/services/runtime/index.js';
import { startService } from '../../dist/services/service.js';
import { makeEndpoint } from '../../dist/services/sip/index.js';
import { makeMemoryStore, openSecrets } from '../../dist/services/store/index.js';

/** Operations that are handed over together, as they come in under load. */
export const ROUND = 64;

const LONGEST_MS = 10_000;
const DOMAIN = 'example.com';
const VIA = 'udp:127.0.0.1:5060';
const SOURCE = { transport: 'udp', via: VIA, address: '127.0.0.1', port: 40000 };
const md5 = (text) => createHash('md5').update(text).digest('hex');
const turn = () => new Promise((resolve) => setImmediate(resolve));
/** Asleep, not turning round: that would count as work. */
async function within(ms, answered) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not answered within ${ms} ms`)), ms);
  });
  await Promise.race([answered, late]);
  clearTimeout(timer);
}
/** Each in memory of its own, as a socket brings it. */
const datagram = (text) => {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
};
/** By itself, not a piece of a message that is then kept whole. */
const own = (text) => Buffer.from(text).toString();
const statusOf = (text) => Number(text.slice(8, 11));
const headerOf = (text, name) => {
  const from = text.indexOf(`\r\n${name}: `) + name.length + 4;
  return text.slice(from, text.indexOf('\r\n', from));
};

export const makeStore = () => makeMemoryStore({ clock });

/** @param people how many accounts there are from the start. */
export async function openStage({ store = makeStore(), people: count = 2000 } = {}) {
  let receive;
  /** What to do with an answer, by branch. */
  const answers = new Map();
  let allAnswered = () => undefined;
  /** NOTIFYs that wait for their 200. */
  let unanswered = [];
  let notifies = 0;
  let branches = 0;
  let dialogs = 0;
  let tokens = 0;
  const people = [];

  const transport = {
    transport: 'udp',
    reliable: false,
    name: VIA,
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
      if (answers.size === 0) allAnswered();
    },
    localAddress: () => '127.0.0.1:5060',
    close: async () => undefined,
  };

  const secrets = openSecrets(new Uint8Array(32).fill(7));
  await register(count);
  const domains = makeDomains([DOMAIN], []);
  const random = makeRandom();
  const service = await startService({
    store,
    secrets,
    domains,
    realms: makeRealms(domains, DOMAIN),
    byDefault: 'allow',
    trusted: makeTrustedPeers([]),
    paceMs: 0,
    notifyTimeouts: 3,
    rateLimits: { account: 0, source: 0 },
    holdsRole: () => true,
    node: 'bench',
    clock,
    random,
    log: silentLog,
    openEndpoint: async (handle) => makeEndpoint({ transports: [transport], clock, random, log: silentLog, handle }),
  });

  /** Accounts, up to so many. */
  async function register(upTo) {
    while (people.length < upTo) {
      const users = Array.from({ length: Math.min(1000, upTo - people.length) }, (_, index) => people.length + index);
      const created = users.map((user) => {
        const username = `u${user}`;
        const credentials = secrets.credentialsFor(username, DOMAIN, `p${user}`);
        const aor = aorOf(username, DOMAIN);
        return { aor, username, domain: DOMAIN, passwordHash: undefined, credentials, createdAt: 0 };
      });
      await store.accounts.createMany(created);
      for (const user of users) people.push(phoneOf(user));
    }
  }

  function phoneOf(user, name = `${user}`) {
    const ha1 = md5(`u${user}:${DOMAIN}:p${user}`);
    return { user, name, aor: `sip:u${user}@${DOMAIN}`, ha1, nonce: undefined, nc: 0, etag: undefined, cseq: 0 };
  }

  function authorization(phone, method, uri) {
    if (phone.nonce === undefined) return '';
    phone.nc += 1;
    const nc = phone.nc.toString(16).padStart(8, '0');
    const response = md5(`${phone.ha1}:${phone.nonce}:${nc}:bench:auth:${md5(`${method}:${uri}`)}`);
    return `Authorization: Digest username="u${phone.user}",realm="${DOMAIN}",nonce="${phone.nonce}",uri="${uri}",algorithm=MD5,qop=auth,nc=${nc},cnonce="bench",response="${response}"\r\n`;
  }

  const via = () => {
    branches += 1;
    const branch = branches.toString(36);
    return [branch, `Via: SIP/2.0/UDP 127.0.0.1:40000;branch=z9hG4bK${branch};rport\r\nMax-Forwards: 70\r\n`];
  };

  /** A document of one tuple, never the same twice. @param more XML behind the tuple. */
  const pidf = ({ user, name, aor, more = '' }) => {
    tokens += 1;
    return `<?xml version="1.0" encoding="UTF-8"?>\n<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid" entity="${aor}">\n  <tuple id="t${name}-bench">\n    <status><basic>${tokens & 1 ? 'open' : 'closed'}</basic></status>\n    <contact priority="0.8">sip:u${user}@127.0.0.1</contact>\n    <note>tok=${tokens};</note>\n  </tuple>\n${more}</presence>\n`;
  };

  /** A request as bytes, and what its answer is good for. */
  function publishRequest(phone, then = learnEtag(phone)) {
    const [branch, top] = via();
    const body = pidf(phone);
    phone.cseq += 1;
    answers.set(branch, then);
    const match = phone.etag === undefined ? '' : `SIP-If-Match: ${phone.etag}\r\n`;
    return datagram(
      `PUBLISH ${phone.aor} SIP/2.0\r\n${top}From: <${phone.aor}>;tag=p${phone.name}\r\nTo: <${phone.aor}>\r\nCall-ID: P${phone.name}@b\r\nCSeq: ${phone.cseq} PUBLISH\r\nEvent: presence\r\nExpires: 3600\r\nUser-Agent: bench\r\n${match}${authorization(phone, 'PUBLISH', phone.aor)}Content-Type: application/pidf+xml\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
  }

  function newWatch(watcher, presentity) {
    dialogs += 1;
    const callId = `S${dialogs.toString(36)}@b`;
    return { watcher, presentity, callId, tag: `t${dialogs}`, to: '', target: presentity.aor, cseq: 0 };
  }

  function subscribeRequest(watch, then = learnDialog(watch)) {
    const [branch, top] = via();
    const { watcher, presentity, target } = watch;
    watch.cseq += 1;
    answers.set(branch, then);
    return datagram(
      `SUBSCRIBE ${target} SIP/2.0\r\n${top}From: <${watcher.aor}>;tag=${watch.tag}\r\nTo: <${presentity.aor}>${watch.to === '' ? '' : `;tag=${watch.to}`}\r\nCall-ID: ${watch.callId}\r\nCSeq: ${watch.cseq} SUBSCRIBE\r\nContact: <sip:u${watcher.user}@127.0.0.1:40000>\r\nEvent: presence\r\nAccept: application/pidf+xml\r\nExpires: 3600\r\nUser-Agent: bench\r\n${authorization(watcher, 'SUBSCRIBE', target)}Content-Length: 0\r\n\r\n`,
    );
  }

  /** Hands datagrams over as a socket does, each in its own macrotask's microtasks, and waits until all is answered. @returns CPU µs. */
  async function feed(datagrams) {
    const before = process.cpuUsage();
    for (const bytes of datagrams) {
      receive(bytes, SOURCE);
      await undefined;
    }
    if (answers.size > 0) await within(LONGEST_MS, new Promise((resolve) => (allAnswered = resolve)));
    await turn();
    const { user, system } = process.cpuUsage(before);
    return user + system;
  }

  /** The same, with the NOTIFYs that come of it answered. */
  async function feedAndAnswer(datagrams) {
    return (await feed(datagrams)) + (await answerNotifies());
  }

  async function answerNotifies() {
    let spent = 0;
    while (unanswered.length > 0) {
      const replies = unanswered.map(plain200);
      unanswered = [];
      spent += await feed(replies);
    }
    return spent;
  }

  const inRounds = async (list, request) => {
    for (let from = 0; from < list.length; from += ROUND)
      await feedAndAnswer(list.slice(from, from + ROUND).map((one) => request(one)));
  };

  return {
    store,
    people,
    register,
    phoneOf,
    newWatch,
    publishRequest,
    subscribeRequest,
    feed,
    feedAndAnswer,
    answerNotifies,
    get notifies() {
      return notifies;
    },
    /** Each phone has its nonce by then. */
    logIn: (phones) => inRounds(phones, (phone) => publishRequest(phone, (text) => learnNonce(phone, text))),
    appear: (phones) => inRounds(phones, (phone) => publishRequest(phone)),
    watchAll: (watches) => inRounds(watches, (watch) => subscribeRequest(watch)),
    close: () => service.kill(),
  };
}

export function learnNonce(phone, text) {
  phone.nonce = own(/nonce="([^"]+)"/.exec(text)[1]);
  phone.nc = 0;
}

const learnEtag = (phone) => (text) => {
  if (statusOf(text) !== 200) throw new Error(text);
  phone.etag = own(headerOf(text, 'SIP-ETag'));
};

const learnDialog = (watch) => (text) => {
  if (statusOf(text) !== 200) throw new Error(text);
  watch.to = own(/\r\nTo: [^\r]*;tag=([^;\r]+)/.exec(text)[1]);
  watch.target = own(/\r\nContact: <([^>]+)>/.exec(text)[1]);
};

function plain200(bytes) {
  const text = bytes.latin1Slice(0, bytes.length);
  const line = (name) => `${name}: ${headerOf(text, name)}\r\n`;
  return datagram(
    `SIP/2.0 200 OK\r\n${line('Via')}${line('From')}${line('To')}${line('Call-ID')}${line('CSeq')}Content-Length: 0\r\n\r\n`,
  );
}
