import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { makeHmac } from '../../../services/sip/hmac.ts';
import fc from '../../support/properties.ts';

describe('HMAC', () => {
  it('RFC 2104: the same as OpenSSL makes it', () => {
    const key = fc.uint8Array({ minLength: 0, maxLength: 64 });
    fc.assert(
      fc.property(key, fc.uint8Array({ maxLength: 200 }), (secret, message) => {
        const expected = createHmac('sha256', secret).update(message).digest();
        expect(makeHmac(secret)(message).equals(expected)).toBe(true);
      }),
    );
  });

  it('RFC 4231 §4.3: test case 2', () => {
    expect(makeHmac(Buffer.from('Jefe'))('what do ya want for nothing?').toString('hex')).toBe(
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    );
  });

  it('takes no key that would have to be hashed first', () => {
    expect(() => makeHmac(new Uint8Array(65))).toThrow(RangeError);
  });
});
