import { describe, expect, it } from 'vitest';
import {
  canonicalEvent,
  grantExpiry,
  makeDomains,
  makeRealms,
  readAor,
  readEntityTag,
  readSubject,
  takesAway,
} from '#model';
import fc from '../../support/properties.ts';

describe('address-of-record', () => {
  it.each([
    ['sip:alice@example.com', 'sip:alice@example.com'],
    ['sips:alice@EXAMPLE.com:5061;transport=tcp', 'sip:alice@example.com'],
    ['pres:alice@example.com', 'sip:alice@example.com'],
    ['alice@example.com', 'sip:alice@example.com'],
    ['sip:%61lice@example.com', 'sip:alice@example.com'],
    ['sip:alice:secret@example.com', 'sip:alice@example.com'],
    ['sip:j%C3%BCrgen@example.com', 'sip:j%C3%BCrgen@example.com'],
    ['sip:jürgen@example.com', 'sip:j%C3%BCrgen@example.com'],
    ['sip:alice@[2001:DB8::1]:5060', 'sip:alice@[2001:db8::1]'],
    ['sip:alice@example.com?Subject=x', 'sip:alice@example.com'],
  ])('RFC 3261 §19.1.4: %s is %s', (text, aor) => {
    expect(readAor(text)).toBe(aor);
  });

  it('RFC 3261 §19.1.4: what is canonical as it stands is read as what is not yet', () => {
    const user = fc.string({ unit: fc.constantFrom(..."aZ09-_.!~*()'%&=+$,;?/:@ é"), maxLength: 6 });
    const host = fc.string({ unit: fc.constantFrom(...'aZ0-_.:[]'), maxLength: 6 });
    fc.assert(
      // In capitals, the scheme is dropped and the rest is gone through.
      fc.property(user, host, (name, at) => {
        expect(readAor(`sip:${name}@${at}`)).toBe(readAor(`SIP:${name}@${at}`));
      }),
      { numRuns: 2000 },
    );
  });

  it('RFC 3261 §19.1.4: the user part keeps its case, the domain does not', () => {
    expect(readAor('sip:Alice@Example.COM')).toBe('sip:Alice@example.com');
  });

  it.each([
    '',
    'sip:',
    'sip:example.com',
    'sip:@example.com',
    'tel:+123',
    'sip:a%00b@example.com',
    'sip:a%@example.com',
    'sip:alice@exa mple',
  ])('RFC 3261 §19.1: %j names nobody', (text) => {
    expect(readAor(text)).toBeUndefined();
  });

  it('longer than the database keeps is nobody', () => {
    expect(readAor(`sip:${'a'.repeat(255)}@example.com`)).toBeUndefined();
  });

  it('reading is total, and reading what was read changes nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (user) => {
        const aor = readAor(`sip:${user}@example.com`);
        return aor === undefined || readAor(aor) === aor;
      }),
    );
  });
});

describe('domains', () => {
  const domains = makeDomains(
    ['example.com', 'example.net'],
    ['192.0.2.1', 'Presence.Example.com', '[2001:db8::1]', 'example.net'],
  );

  it('SIP_ALIASES: names and addresses that mean the domain are folded into it', () => {
    for (const host of ['192.0.2.1', 'presence.example.com', '[2001:DB8::1]']) {
      expect(domains.serves(host)).toBe(true);
      expect(domains.fold(readAor(`sip:alice@${host}`) as never)).toBe('sip:alice@example.com');
    }
  });

  it('several domains: each is its own, and is nobody’s alias; aliases mean the first', () => {
    expect(domains.all).toEqual(['example.com', 'example.net']);
    expect(domains.fold(readAor('sip:alice@Example.NET') as never)).toBe('sip:alice@example.net');
    expect(domains.meant('192.0.2.1')).toBe('example.com');
    expect(domains.meant('example.org')).toBeUndefined();
  });

  it('realms: a fixed name of its own is the first domain’s, all others are called like themselves', () => {
    const realms = makeRealms(domains, 'Our house');
    expect([realms.of('example.com'), realms.of('example.net')]).toEqual(['Our house', 'example.net']);
    expect([realms.domainOf('Our house'), realms.domainOf('example.net'), realms.domainOf('example.com')]).toEqual([
      'example.com',
      'example.net',
      undefined,
    ]);
  });

  it('other domains stay what they are', () => {
    expect(domains.serves('example.org')).toBe(false);
    expect(domains.fold(readAor('sip:alice@example.org') as never)).toBe('sip:alice@example.org');
  });
});

describe('subjects of rules', () => {
  it.each([
    ['bob@example.com', 'sip:bob@example.com'],
    ['sip:bob@example.com:5060', 'sip:bob@example.com'],
    ['@Example.com', '@example.com'],
    ['example.com', '@example.com'],
    ['*', '*'],
  ])('%s is about %s', (text, subject) => {
    expect(readSubject(text)).toBe(subject);
  });

  it.each(['', 'bob', '@', '**', 'bob @example.com x'])('%j is about nobody', (text) => {
    expect(readSubject(text)).toBeUndefined();
  });
});

describe('expiry', () => {
  const duration = { min: 60, usual: 3600, max: 7200 };

  it('RFC 6665 §4.2.1.1: without Expires the package decides', () => {
    expect(grantExpiry(undefined, duration, 0.5)).toEqual({ kind: 'granted', expires: 3600 });
  });

  it('RFC 6665 §4.2.1.1: what is granted is never longer than what was asked for', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 2 ** 32 - 1 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (requested, spread) => {
          const grant = grantExpiry(requested, duration, spread);
          return grant.kind === 'too-brief' ? requested > 0 && requested < 60 : grant.expires <= requested;
        },
      ),
    );
  });

  it('RFC 6665 §4.2.1.1: 423 never for an hour or more, whatever the minimum, and never for 0', () => {
    const strict = { min: 7200, usual: 7200, max: 7200 };
    expect(grantExpiry(3599, strict, 0.9)).toEqual({ kind: 'too-brief', min: 7200 });
    expect(grantExpiry(3600, strict, 0.9)).toEqual({ kind: 'granted', expires: 3600 });
    expect(grantExpiry(0, strict, 0.9)).toEqual({ kind: 'granted', expires: 0 });
  });

  it('what is asked for is granted to the second; what is shortened anyway is spread over the last tenth', () => {
    for (const requested of [60, 600, 1800, 3600, 7200]) {
      expect(grantExpiry(requested, duration, 0.99)).toEqual({ kind: 'granted', expires: requested });
    }
    const granted = [0, 0.5, 0.999_999].map((spread) => grantExpiry(7201, duration, spread));
    expect(granted).toEqual([7200, 6840, 6480].map((expires) => ({ kind: 'granted', expires })));
    expect(grantExpiry(90, { min: 60, usual: 60, max: 60 }, 0.999)).toEqual({ kind: 'granted', expires: 60 });
  });
});

describe('tokens', () => {
  it('RFC 6665 §8.2.1: package names are found whatever their case', () => {
    expect(canonicalEvent('Presence')).toBe('presence');
    expect(canonicalEvent('presence.winfo')).toBe('presence.winfo');
    expect(canonicalEvent('pre sence')).toBeUndefined();
    expect(canonicalEvent('x'.repeat(65))).toBeUndefined();
  });

  it('RFC 3903 §11.3.1: an entity-tag is a token', () => {
    expect(readEntityTag(' abc.1 ')).toBe('abc.1');
    expect(readEntityTag('"abc"')).toBeUndefined();
    expect(readEntityTag('')).toBeUndefined();
  });

  it('only losing sight of the state takes something away', () => {
    expect(takesAway('allow', 'polite-block')).toBe(true);
    expect(takesAway('allow', 'block')).toBe(true);
    expect(takesAway('polite-block', 'allow')).toBe(false);
    expect(takesAway('polite-block', 'block')).toBe(false);
  });
});
