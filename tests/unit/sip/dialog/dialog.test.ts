import { describe, expect, test } from 'vitest';
import {
  type DialogState,
  dialogPrefix,
  dialogRequestHead,
  type Flow,
  inDialogOrder,
  readFlow,
  readMessage,
  refreshedDialog,
  requestMatchesDialog,
  type SipRequest,
  uasDialog,
  whereTo,
  writeFlow,
} from '#sip';

function subscribe(lines: readonly string[] = [], from = '"Bob" <sip:bob@example.com>;tag=bobs'): SipRequest {
  const text = [
    'SUBSCRIBE sip:alice@example.com SIP/2.0',
    'Via: SIP/2.0/UDP 192.0.2.20:5060;branch=z9hG4bK1',
    `From: ${from}`,
    'To: <sip:alice@example.com>',
    'Call-ID: call@192.0.2.20',
    'CSeq: 7 SUBSCRIBE',
    'Event: presence',
    ...lines,
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
  const reading = readMessage(Buffer.from(text));
  if (reading.kind !== 'request') throw new Error(`not a request: ${JSON.stringify(reading)}`);
  return reading;
}

const CONTACT = 'Contact: <sip:bob@192.0.2.20:5062;ob>';
const FLOW = 'udp:192.0.2.20:5060|udp:0.0.0.0:5060';
const dialogOf = (lines: readonly string[] = [CONTACT]): DialogState => {
  const dialog = uasDialog(subscribe(lines), 'ours', FLOW);
  if (dialog === undefined) throw new Error('no dialog');
  return dialog;
};

describe('RFC 3261 §12.1.1: the dialog state of a UAS', () => {
  test('is taken from the request, To and From without tags and names', () => {
    expect(dialogOf()).toEqual({
      callId: 'call@192.0.2.20',
      localTag: 'ours',
      remoteTag: 'bobs',
      localUri: 'sip:alice@example.com',
      remoteUri: 'sip:bob@example.com',
      remoteTarget: 'sip:bob@192.0.2.20:5062;ob',
      routeSet: [],
      remoteCseq: 7,
      flow: FLOW,
    });
  });

  test('has the Record-Route values in the order of the request, with all parameters', () => {
    const { routeSet } = dialogOf([
      'Record-Route: <sip:p2.example.com;lr;x=1>, <sip:192.0.2.9;lr>;y=2',
      'Record-Route: <sip:p0.example.com;lr>',
      CONTACT,
    ]);
    expect(routeSet).toEqual(['<sip:p2.example.com;lr;x=1>', '<sip:192.0.2.9;lr>;y=2', '<sip:p0.example.com;lr>']);
  });

  test('is not made without exactly one Contact', () => {
    expect(uasDialog(subscribe(), 'ours', FLOW)).toBeUndefined();
    expect(uasDialog(subscribe([CONTACT, 'Contact: <sip:b@192.0.2.21>']), 'ours', FLOW)).toBeUndefined();
  });

  test('of a peer without a From tag has an empty one, which is left out of To', () => {
    const dialog = uasDialog(subscribe([CONTACT], '<sip:bob@example.com>'), 'ours', FLOW) as DialogState;
    expect(dialog.remoteTag).toBe('');
    expect(dialogPrefix(dialog, 'sip:192.0.2.1:5060').prefix).toContain('\r\nTo: <sip:bob@example.com>\r\n');
  });
});

describe('RFC 3261 §12.2.1.1: requests in the dialog', () => {
  test('without a route set: the remote target, and no Route', () => {
    expect(dialogPrefix(dialogOf(), 'sip:192.0.2.1:5060')).toEqual({
      uri: 'sip:bob@192.0.2.20:5062;ob',
      prefix: [
        'Max-Forwards: 70',
        'From: <sip:alice@example.com>;tag=ours',
        'To: <sip:bob@example.com>;tag=bobs',
        'Call-ID: call@192.0.2.20',
        'Contact: <sip:192.0.2.1:5060>',
        '',
      ].join('\r\n'),
    });
  });

  test('loose routing: the remote target, and the route set as it is', () => {
    const dialog = { ...dialogOf(), routeSet: ['<sip:p1.example.com;lr>', '<sip:p2.example.com>'] };
    const { uri, prefix } = dialogPrefix(dialog, 'sip:192.0.2.1');
    expect(uri).toBe('sip:bob@192.0.2.20:5062;ob');
    expect(prefix).toContain('\r\nRoute: <sip:p1.example.com;lr>, <sip:p2.example.com>\r\n');
  });

  test('strict routing: the first hop is the Request-URI, the remote target the last Route', () => {
    const routeSet = ['<sip:proxy1;method=INVITE;x=1?Subject=a>', '<sip:proxy2>', '<sip:proxy3;lr>'];
    const { uri, prefix } = dialogPrefix(
      { ...dialogOf(), routeSet, remoteTarget: 'sip:user@remoteua' },
      'sip:192.0.2.1',
    );
    expect(uri).toBe('sip:proxy1;x=1');
    expect(prefix).toContain('\r\nRoute: <sip:proxy2>, <sip:proxy3;lr>, <sip:user@remoteua>\r\n');
  });

  test('a single strict router: itself, and the remote target as the only Route', () => {
    const { uri, prefix } = dialogPrefix({ ...dialogOf(), routeSet: ['<sip:proxy1>'] }, 'sip:192.0.2.1');
    expect(uri).toBe('sip:proxy1');
    expect(prefix).toContain('\r\nRoute: <sip:bob@192.0.2.20:5062;ob>\r\n');
  });

  test('the whole head has CSeq and the fields behind the prefix', () => {
    const dialog = dialogOf();
    const { head } = dialogRequestHead(dialog, {
      method: 'NOTIFY',
      cseq: 3,
      contact: 'sip:192.0.2.1',
      fields: [['Event', 'presence']],
    });
    expect(head).toBe(`${dialogPrefix(dialog, 'sip:192.0.2.1').prefix}CSeq: 3 NOTIFY\r\nEvent: presence\r\n`);
  });

  test('a line end in what the peer gave makes no new header line', () => {
    const dialog = {
      ...dialogOf(),
      callId: 'a\r\nX: 1',
      remoteTag: 'b\r\nX: 1',
      routeSet: ['<sip:p;lr>;a="\r\nX: 1"'],
    };
    const { head } = dialogRequestHead(dialog, {
      method: 'NOTIFY',
      cseq: 3,
      contact: 'sip:192.0.2.1',
      fields: [['Event', 'presence;id=1\r\nX: 1']],
    });
    expect(head).not.toMatch(/^X: 1/m);
  });
});

describe('RFC 3261 §12.2.2: requests of the peer in the dialog', () => {
  const inside = (to: string, from: string, callId = 'call@192.0.2.20'): SipRequest => {
    const request = subscribe([CONTACT]);
    const tagged = (tag: string) => ({ ...request.to, params: new Map([['tag', tag]]) });
    return { ...request, to: tagged(to), from: tagged(from), callId };
  };

  test('belong to it by Call-ID and both tags', () => {
    const dialog = dialogOf();
    expect(requestMatchesDialog(inside('ours', 'bobs'), dialog)).toBe(true);
    expect(requestMatchesDialog(inside('other', 'bobs'), dialog)).toBe(false);
    expect(requestMatchesDialog(inside('ours', 'other'), dialog)).toBe(false);
    expect(requestMatchesDialog(inside('ours', 'bobs', 'other'), dialog)).toBe(false);
    expect(requestMatchesDialog(subscribe([CONTACT]), dialog)).toBe(false);
  });

  test('a lower CSeq is old, the same a repeat, any higher one is next', () => {
    expect(inDialogOrder({ remoteCseq: 7 }, 6)).toBe('old');
    expect(inDialogOrder({ remoteCseq: 7 }, 7)).toBe('repeat');
    expect(inDialogOrder({ remoteCseq: 7 }, 8)).toBe('next');
    expect(inDialogOrder({ remoteCseq: 7 }, 4_000_000)).toBe('next');
  });

  test('change the remote target, the CSeq and the flow, never the route set', () => {
    const dialog = { ...dialogOf(), remoteCseq: 5, remoteTarget: 'sip:old@192.0.2.20', routeSet: ['<sip:p1;lr>'] };
    const again = subscribe(['Record-Route: <sip:other;lr>', CONTACT]);
    expect(refreshedDialog(dialog, again, 'udp:192.0.2.21:5060|x')).toEqual({
      ...dialog,
      remoteCseq: 7,
      remoteTarget: 'sip:bob@192.0.2.20:5062;ob',
      flow: 'udp:192.0.2.21:5060|x',
    });
    expect(refreshedDialog(dialog, subscribe(), FLOW).remoteTarget).toBe('sip:old@192.0.2.20');
  });
});

describe('where a request in the dialog goes', () => {
  const back = { transport: 'udp', via: 'udp:0.0.0.0:5060', address: '192.0.2.20', port: 5060 };
  const remoteTarget = 'sip:bob@192.0.2.20:5062';
  const isKnownHop = (address: string): boolean => ['192.0.2.9', '2001:db8::9'].includes(address);
  const to = (...routeSet: readonly string[]) => whereTo({ routeSet, remoteTarget, flow: FLOW }, isKnownHop);

  test('back over the flow, without a route set', () => expect(to()).toEqual(back));
  test('to the first hop of the route set, at its port or 5060, when the request came from that address', () => {
    expect(to('<sip:192.0.2.20:5070;lr>', '<sip:192.0.2.8;lr>')).toEqual({ ...back, port: 5070 });
    const flow = 'udp:192.0.2.20:40112|udp:0.0.0.0:5060';
    expect(whereTo({ routeSet: ['<sip:192.0.2.20;lr>'], remoteTarget, flow })).toEqual(back);
    const ipv6 = 'udp:[2001:db8::20]:40112|udp:[::]:5060';
    expect(whereTo({ routeSet: ['<sip:[2001:DB8:0::20]:5070;lr>'], remoteTarget, flow: ipv6 })).toMatchObject({
      address: expect.stringMatching(/^2001:db8:/i),
      port: 5070,
    });
  });
  test('to another address only when it is a known hop', () => {
    expect(to('<sip:192.0.2.9;lr>', '<sip:192.0.2.8;lr>')).toEqual({ ...back, address: '192.0.2.9' });
    expect(to('<sip:192.0.2.9:5070;transport=UDP;lr>')).toEqual({ ...back, address: '192.0.2.9', port: 5070 });
  });
  test('back over the flow, when a Record-Route names a third party', () => {
    expect(to('<sip:203.0.113.9;lr>', '<sip:192.0.2.9;lr>')).toEqual(back);
    expect(to('<sip:192.0.2.21:5060;lr>')).toEqual(back);
    expect(whereTo({ routeSet: ['<sip:192.0.2.9;lr>'], remoteTarget, flow: FLOW })).toEqual(back);
  });
  test.each([
    ['a name', '<sip:proxy.example.com;lr>'],
    ['another transport', '<sip:192.0.2.9;transport=tcp;lr>'],
    ['another address family', '<sip:[2001:db8::9];lr>'],
    ['sips', '<sips:192.0.2.9;lr>'],
    ['no URI', 'nonsense'],
  ])('back over the flow, when the first hop is %s', (_, hop) => expect(to(hop)).toEqual(back));
  test('maddr is not followed', () =>
    expect(to('<sip:192.0.2.9;maddr=203.0.113.9;lr>')).toEqual({ ...back, address: '192.0.2.9' }));
  test('IPv6 hop from an IPv6 flow', () => {
    const flow = 'udp:[2001:db8::20]:5060|udp:[::]:5060';
    expect(whereTo({ routeSet: ['<sip:[2001:db8::9]:5070;lr>'], remoteTarget, flow }, isKnownHop)).toEqual({
      transport: 'udp',
      via: 'udp:[::]:5060',
      address: '2001:db8::9',
      port: 5070,
    });
  });
  test('nowhere, when the flow is damaged', () =>
    expect(whereTo({ routeSet: [], remoteTarget, flow: '?' })).toBeUndefined());
});

describe('RFC 3261 §18.2.2: a dialog over a stream is bound to its connection', () => {
  const FLOWING = 'tcp:192.0.2.20:40112|tcp:0.0.0.0:5060|abc12';
  const connection = {
    transport: 'tcp',
    via: 'tcp:0.0.0.0:5060',
    address: '192.0.2.20',
    port: 40_112,
    connection: 'abc12',
  };
  const to = (remoteTarget: string, routeSet: readonly string[] = [], flow = FLOWING) =>
    whereTo({ routeSet, remoteTarget, flow });

  test('a flow is kept with its connection, and a datagram’s without', () => {
    for (const text of [
      FLOWING,
      FLOW,
      'tcp:[2001:db8::20]:40112|tcp:[::]:5060|abc12',
      'tcp:192.0.2.9:5060|tcp:[::]:5060',
    ])
      expect(writeFlow(readFlow(text) as Flow)).toBe(text);
    expect(readFlow(FLOWING)).toEqual(connection);
    expect(readFlow(FLOW)).not.toHaveProperty('connection');
  });
  test('when it is gone, one may be opened to a Contact at the address that it came from', () => {
    expect(to('sip:bob@192.0.2.20:5062;transport=tcp')).toEqual({ ...connection, reopen: 5062 });
    expect(to('sip:bob@192.0.2.20;transport=TCP;ob')).toEqual({ ...connection, reopen: 5060 });
    const ipv6 = to('sip:bob@[2001:DB8:0::20]:5062;transport=tcp', [], 'tcp:[2001:db8::20]:40112|tcp:[::]:5060|abc12');
    expect(ipv6).toMatchObject({ connection: 'abc12', reopen: 5062 });
  });
  test.each([
    'sip:bob@10.0.0.7:5062;transport=tcp',
    'sip:bob@192.0.2.20:5062',
    'sip:bob@192.0.2.20:5062;transport=udp',
    'sips:bob@192.0.2.20:5062;transport=tcp',
    'sip:x@df7jal23ls0d.invalid;transport=tcp',
    'sip:bob@phone.example.com;transport=tcp',
    'sip:bob@[2001:db8::20];transport=tcp',
    'tel:+4930123',
  ])('not to %s', (contact) => expect(to(contact)).toEqual(connection));
  test('a proxy that the connection came from is reached by it, and otherwise where its Record-Route says', () => {
    const proxy = ['<sip:192.0.2.20:5080;transport=tcp;lr>'];
    expect(to('sip:bob@10.0.0.7;transport=tcp', proxy)).toEqual({ ...connection, reopen: 5080 });
  });
  test('another hop is connected to when it is a known one', () => {
    const routeSet = ['<sip:192.0.2.9;transport=tcp;lr>'];
    const dialog = { routeSet, remoteTarget: 'sip:bob@192.0.2.20;transport=tcp', flow: FLOWING };
    expect(whereTo(dialog, (address) => address === '192.0.2.9')).toEqual({
      transport: 'tcp',
      via: 'tcp:0.0.0.0:5060',
      address: '192.0.2.9',
      port: 5060,
    });
    expect(whereTo(dialog)).toEqual(connection);
  });
  test('behind a proxy the Contact is not connected to', () =>
    expect(to('sip:bob@192.0.2.20;transport=tcp', ['<sip:proxy.example.com;transport=tcp;lr>'])).toEqual(connection));
});
