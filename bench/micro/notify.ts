/**
 * What one change costs from the PUBLISH to the last watcher's 200: gate, store (in memory), composition, rules, drawing,
 * writing and the transactions, without sockets. Who asks is asserted by a trusted peer, so no digest is computed.
 * NODE_OPTIONS=--conditions=source npx tsx bench/micro/notify.ts
 */
import { bench, run } from 'mitata';
import { makeTrustedPeers } from '#gate';
import { type Aor, aorOf, makeDomains, makeRealms } from '#model';
import { makeRandom, silentLog, systemClock } from '#runtime';
import { type Flow, makeEndpoint, type Transport } from '#sip';
import { makeMemoryStore, openSecrets } from '#store';
import { startService } from '../../services/service.ts';

const DOMAIN = 'example.com';
const PEER: Flow = { transport: 'udp', via: 'udp:192.0.2.1:5060', address: '192.0.2.20', port: 5060 };
const uri = (user: string): string => `sip:${user}@${DOMAIN}`;

let receive: (bytes: Uint8Array) => void = () => undefined;
let answers: string[] = [];
let told = 0;
let toldAll: () => void = () => undefined;
let awaited = 0;

/** A peer that answers every NOTIFY at once. */
const transport: Transport = {
  transport: 'udp',
  reliable: false,
  name: PEER.via,
  start(handler) {
    receive = (bytes) => handler(bytes, PEER);
  },
  send(bytes) {
    const text = Buffer.from(bytes).toString('latin1');
    if (!text.startsWith('NOTIFY')) {
      answers.push(text);
      return;
    }
    const head = text.slice(0, text.indexOf('\r\n\r\n')).split('\r\n');
    const copied = head.filter((line) => /^(Via|From|To|Call-ID|CSeq):/.test(line));
    setImmediate(() => {
      receive(Buffer.from(['SIP/2.0 200 OK', ...copied, 'Content-Length: 0', '', ''].join('\r\n'), 'latin1'));
      told += 1;
      if (told === awaited) toldAll();
    });
  },
  localAddress: () => '192.0.2.1:5060',
  close: async () => undefined,
};

const clock = systemClock;
const store = makeMemoryStore({ clock });
const domains = makeDomains([DOMAIN], []);
const secrets = openSecrets(new Uint8Array(32).fill(7));
await startService({
  store,
  secrets,
  domains,
  realms: makeRealms(domains, DOMAIN),
  byDefault: 'allow',
  trusted: makeTrustedPeers([PEER.address]),
  paceMs: 0,
  holdsRole: () => true,
  node: 'bench',
  notifyTimeouts: 1,
  rateLimits: { account: 0, source: 0 },
  clock,
  random: makeRandom(),
  log: silentLog,
  openEndpoint: async (handle) =>
    makeEndpoint({ transports: [transport], clock, random: makeRandom(), log: silentLog, handle }),
});

let count = 0;
async function ask(method: string, to: string, from: string, fields: readonly string[], body = ''): Promise<string> {
  count += 1;
  answers = [];
  const lines = [
    `${method} ${uri(to)} SIP/2.0`,
    `Via: SIP/2.0/UDP 192.0.2.20:5060;branch=z9hG4bK${count};rport`,
    'Max-Forwards: 70',
    `From: <${uri(from)}>;tag=t${count}`,
    `To: <${uri(to)}>`,
    `Call-ID: c${count}`,
    `CSeq: 1 ${method}`,
    `P-Asserted-Identity: <${uri(from)}>`,
    'Event: presence',
    'Expires: 3600',
    ...fields,
    `Content-Length: ${body.length}`,
    '',
    body,
  ];
  receive(Buffer.from(lines.join('\r\n')));
  while (answers.length === 0) await new Promise((resolve) => setImmediate(resolve));
  const [answer = ''] = answers;
  if (!answer.startsWith('SIP/2.0 200')) throw new Error(answer);
  return answer;
}

const addUser = (user: string): Promise<unknown> =>
  store.accounts.create({
    aor: aorOf(user, DOMAIN) as Aor,
    username: user,
    domain: DOMAIN,
    passwordHash: undefined,
    credentials: secrets.credentialsFor(user, DOMAIN, 'secret'),
    createdAt: clock.now(),
  });

/** Resolves when this many NOTIFYs more were answered. */
function notified(more: number): Promise<void> {
  told = 0;
  awaited = more;
  return new Promise((resolve) => {
    toldAll = resolve;
  });
}

await addUser('watcher');
for (const watchers of [0, 1, 10, 100]) {
  const owner = `owner${watchers}`;
  await addUser(owner);
  const document = (basic: string): string =>
    `<?xml version="1.0"?><presence xmlns="urn:ietf:params:xml:ns:pidf" entity="${uri(owner)}"><tuple id="t"><status><basic>${basic}</basic></status></tuple></presence>`;
  for (let index = 0; index < watchers; index += 1) {
    const first = notified(1);
    await ask('SUBSCRIBE', owner, 'watcher', ['Contact: <sip:watcher@192.0.2.20:5060>']);
    await first;
  }
  let etag = '';
  let isOpen = false;
  const change = async (): Promise<void> => {
    isOpen = !isOpen;
    const all = notified(watchers);
    const fields = ['Content-Type: application/pidf+xml', ...(etag === '' ? [] : [`SIP-If-Match: ${etag}`])];
    const answer = await ask('PUBLISH', owner, owner, fields, document(isOpen ? 'open' : 'closed'));
    etag = /SIP-ETag: (\S+)/.exec(answer)?.[1] ?? '';
    if (watchers > 0) await all;
  };
  await change();
  bench(`a change, told to ${watchers}`, change);
}
await run();
process.exit(0);
