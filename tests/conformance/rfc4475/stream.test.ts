/** The torture messages of RFC 4475 and RFC 5118 over TCP: all are handled, and the endpoint lives on after each. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import manifest4475 from '../../cases/rfc4475/manifest.json' with { type: 'json' };
import manifest5118 from '../../cases/rfc5118/manifest.json' with { type: 'json' };
import { settleSockets } from '../../support/tcp-peer.ts';
import { caseFile } from '../../unit/sip/grammar/messages.ts';
import { request } from '../rfc3261/stage.ts';
import { openStreamStage, type StreamStage } from '../rfc3261/stream-stage.ts';

let stage: StreamStage;
beforeAll(async () => {
  stage = await openStreamStage();
});
afterAll(() => stage.close());

const OPTIONS = { method: 'OPTIONS', via: 'Via: SIP/2.0/TCP 192.0.2.20;branch=' } as const;
let branches = 0;
function options(): string {
  branches += 1;
  return request({ ...OPTIONS, via: `${OPTIONS.via}z9hG4bKalive${branches}`, callId: `alive-${branches}` });
}

/** Status lines of what comes back before the connection ends, or while everything that was sent is read. */
async function answersTo(bytes: Uint8Array): Promise<{ statuses: readonly number[]; isOver: boolean }> {
  const peer = await stage.call();
  peer.say(bytes);
  await settleSockets();
  const isOver = peer.socket.readableEnded || peer.socket.closed;
  const statuses = [...peer.text.matchAll(/^SIP\/2\.0 (\d+) /gm)].map(([, status]) => Number(status));
  await peer.close();
  return { statuses, isOver };
}

const cases = [
  ...manifest4475.map(({ name, section }) => ({ rfc: 'rfc4475', name, section })),
  ...manifest5118.map(({ name, section }) => ({ rfc: 'rfc5118', name, section })),
];

describe('torture messages over TCP', () => {
  it.each(cases)('$rfc §$section $name: handled, and whoever comes next is served', async ({ rfc, name }) => {
    const bytes = caseFile(`${rfc}/${name}.dat`);
    const { statuses, isOver } = await answersTo(bytes);
    // A negative Content-Length: nothing says where it ends.
    if (name === 'ncl') expect({ statuses, isOver }).toEqual({ statuses: [400], isOver: true });
    if (/^SIP\//.test(bytes.toString('latin1'))) expect(statuses).toEqual([]);

    const next = await stage.call();
    next.say(options());
    expect((await next.next()).status).toBe(200);
    await next.close();
  });

  it('one behind the other on one connection, as far as each ends where it says', async () => {
    const whole = cases.filter(({ rfc, name }) => isWhole(caseFile(`${rfc}/${name}.dat`)));
    expect(whole.length).toBeGreaterThan(40);
    const peer = await stage.call();
    for (const { rfc, name } of whole) peer.say(caseFile(`${rfc}/${name}.dat`));
    peer.say(options());
    await peer.hears(new RegExp(`^Call-ID: alive-${branches}\r$`, 'm'));
    await peer.close();
  });
});

/** Content-Length is there, and says what there is. */
function isWhole(bytes: Buffer): boolean {
  const text = bytes.toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  const head = text.slice(0, end).replace(/\r\n[ \t]+/g, ' ');
  const lengths = [...head.matchAll(/^(?:Content-Length|l)[ \t]*:[ \t]*(\S+)[ \t]*\r?$/gim)].map(([, value]) => value);
  return lengths.length === 1 && Number(lengths[0]) === bytes.length - end - 4;
}
