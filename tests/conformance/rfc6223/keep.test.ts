import { describe, expect, it } from 'vitest';
import { readMessage, type SipRequest, writeResponse } from '#sip';
import { FLOW } from '../../unit/sip/grammar/messages.ts';

function answerTo(via: string, status = 200, method = 'SUBSCRIBE', toTag = ''): string {
  const reading = readMessage(
    Buffer.from(
      [
        `${method} sip:alice@example.com SIP/2.0`,
        `Via: ${via}`,
        'From: <sip:bob@example.com>;tag=1',
        `To: <sip:alice@example.com>${toTag}`,
        'Call-ID: keep',
        `CSeq: 1 ${method}`,
        'Max-Forwards: 70',
        '',
        '',
      ].join('\r\n'),
    ),
  ) as SipRequest;
  return /Via: (.*)\r/.exec(String(writeResponse(reading, { status }, 'ours', FLOW)))?.[1] ?? '';
}

const VIA = 'SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKkeep';

describe('RFC 6223 §4.4: willing to receive keep-alives', () => {
  it.each([
    [`${VIA};keep`, `${VIA};keep=29`],
    [`${VIA};KEEP;x=1`, `${VIA};keep=29;x=1`],
    [
      `${VIA}; keep , SIP/2.0/TCP a.example;branch=z9hG4bK2;keep`,
      `${VIA};keep=29, SIP/2.0/TCP a.example;branch=z9hG4bK2;keep`,
    ],
  ])('the answer that makes a dialog gives the parameter a value: %s', (via, answered) => {
    expect(answerTo(via)).toBe(answered);
  });

  it('§4.3: not in an answer within a dialog, where it is ignored', () => {
    expect(answerTo(`${VIA};keep`, 200, 'SUBSCRIBE', ';tag=ours')).toBe(`${VIA};keep`);
  });

  it('not where there is no dialog: in a refusal, or for a PUBLISH', () => {
    expect(answerTo(`${VIA};keep`, 403)).toBe(`${VIA};keep`);
    expect(answerTo(`${VIA};keep`, 200, 'PUBLISH')).toBe(`${VIA};keep`);
  });

  it('a value of the sender’s own, and another parameter’s name, stay', () => {
    expect(answerTo(`${VIA};keep=10`)).toBe(`${VIA};keep=10`);
    expect(answerTo(`${VIA};keeper`)).toBe(`${VIA};keeper`);
  });
});
