/** What reading and writing one message costs. Run: `npx tsx --conditions=source bench/micro/grammar.ts`. */
import { readFileSync } from 'node:fs';
import { bench, group, run } from 'mitata';
import sip from 'sip';
import { type Flow, readMessage, readUri, type SipRequest, writeRequest, writeResponse } from '#sip';
import { readWhole } from '../../services/sip/grammar/read-message.ts';
import { readPlain } from '../../services/sip/grammar/read-plain.ts';

const cases = new URL('../../tests/cases/clients/', import.meta.url);
const publish = readFileSync(new URL('pjsua/udp/004-udp-PUBLISH-presence-auth.txt', cases));
const subscribe = readFileSync(new URL('pjsua/udp/006-udp-SUBSCRIBE-presence-auth.txt', cases));
const response = readFileSync(new URL('pjsua/udp/007-udp-RESP-200-NOTIFY.txt', cases));
const request = readMessage(publish) as SipRequest;
const flow: Flow = { transport: 'udp', via: 'udp:0.0.0.0:5060', address: '127.0.0.1', port: 5080 };
const document = Buffer.alloc(500, 0x20);
const head = `Max-Forwards: 70\r\nFrom: <sip:a@example.com>;tag=1\r\nTo: <sip:b@example.com>;tag=2\r\nCall-ID: 1\r\nCSeq: 1 NOTIFY\r\n`;

group('a PUBLISH with credentials and PIDF', () => {
  bench('by the plain reader', () => readPlain(publish));
  bench('by the whole grammar', () => readWhole(publish));
});

group('read', () => {
  bench('PUBLISH with credentials and PIDF', () => readMessage(publish));
  bench('SUBSCRIBE with credentials', () => readMessage(subscribe));
  bench('200 to a NOTIFY', () => readMessage(response));
  bench('sip.parse alone, the same PUBLISH', () => sip.parse(publish as unknown as string));
  bench('readUri', () => readUri('sip:alice@example.com:5060;transport=tcp'));
});

group('write', () => {
  bench('200 to a PUBLISH', () =>
    writeResponse(
      request,
      {
        status: 200,
        headers: [
          ['SIP-ETag', 'abc'],
          ['Expires', '3600'],
        ],
      },
      'tag',
      flow,
    ),
  );
  bench('NOTIFY', () =>
    writeRequest(
      { method: 'NOTIFY', uri: 'sip:a@192.0.2.1:5060', head, body: document },
      'Via: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK1',
    ),
  );
});

await run();
