import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DigestAnswer, quote, readDigest, readMessage, responseMatches } from '#sip';
import { wire } from '../unit/sip/grammar/messages.ts';
import { forAll, inTime, TIMEOUT_MS } from './budget.ts';
import { mutated } from './mutate.ts';
import { MESSAGES } from './seeds.ts';

const CAPTURED: readonly string[] = [
  ...new Set(MESSAGES.flatMap((text) => text.match(/(?<=\r\n(?:Proxy-)?Authorization: ?)[^\r\n]+/gi) ?? [])),
];

function answersIn(value: string): readonly DigestAnswer[] {
  const reading = readMessage(wire({ Authorization: value }));
  if (reading.kind !== 'request') return [];
  return reading.authorization.map(readDigest).filter((answer) => answer !== undefined);
}

describe('digest credentials', { timeout: TIMEOUT_MS }, () => {
  it('captured ones, mutated: read or refused, never a crash; what is read can be checked', () => {
    expect(CAPTURED.length).toBeGreaterThan(3);
    forAll(mutated(CAPTURED, /(?<=,)/), (text) => {
      inTime(() => {
        for (const answer of answersIn(text)) {
          expect(answer.response).toMatch(/^[0-9a-f]+$/);
          expect(responseMatches('SHA-256', '0'.repeat(64), 'PUBLISH', answer)).toBe(false);
        }
      });
    });
  });

  it('what is written in them reads back, whatever it is', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 30 });
    const hex = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 32, maxLength: 32 });
    forAll(
      fc.tuple(text, text, text, text, hex, fc.nat(0xffffffff)),
      ([username, realm, nonce, cnonce, response, nc]) => {
        const ncWritten = nc.toString(16).padStart(8, '0');
        const value =
          `Digest username=${quote(username)}, realm=${quote(realm)}, nonce=${quote(nonce)}, uri="sip:a@b", ` +
          `response="${response}", algorithm=SHA-256, qop=auth, nc=${ncWritten}, cnonce=${quote(cnonce)}`;
        expect(answersIn(value)).toEqual([
          {
            ...{ username, realm, nonce, cnonce, response, nc, ncWritten },
            ...{ uri: 'sip:a@b', algorithm: 'SHA-256', qop: 'auth', opaque: undefined },
          },
        ]);
      },
    );
  });
});
