import { describe, expect, it } from 'vitest';
import {
  type Credentials,
  type DigestAnswer,
  expectedResponse,
  ha1,
  isDigestAlgorithm,
  readDigest,
  responseMatches,
  writeChallenge,
} from '#sip';
import { readRequest, wire } from '../grammar/messages.ts';

/** Credentials as the grammar reads them. */
function credentials(row: string): Credentials {
  const [first] = readRequest(wire({}, [`Authorization: ${row}`])).authorization;
  if (first === undefined) throw new Error('no credentials');
  return first;
}

function read(row: string): DigestAnswer {
  const answer = readDigest(credentials(row));
  if (answer === undefined) throw new Error('not readable');
  return answer;
}

const MUFASA =
  'username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", ' +
  'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001, ' +
  'cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth, ' +
  'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"';

describe('the examples of the RFCs', () => {
  it('RFC 7616 §3.9.1: MD5', () => {
    const answer = read(`Digest ${MUFASA}, algorithm=MD5, response="8ca523f5e9506fed4657c9700eebdbec"`);
    const secret = ha1('MD5', 'Mufasa', 'http-auth@example.org', 'Circle of Life');
    expect(expectedResponse('MD5', secret, 'GET', answer)).toBe('8ca523f5e9506fed4657c9700eebdbec');
    expect(responseMatches('MD5', secret, 'GET', answer)).toBe(true);
  });

  it('RFC 7616 §3.9.1: SHA-256', () => {
    const response = '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1';
    const answer = read(`Digest ${MUFASA}, algorithm=SHA-256, response="${response}"`);
    const secret = ha1('SHA-256', 'Mufasa', 'http-auth@example.org', 'Circle of Life');
    expect(responseMatches('SHA-256', secret, 'GET', answer)).toBe(true);
    expect(responseMatches('SHA-256', secret, 'PUT', answer)).toBe(false);
  });

  it('RFC 2617 §3.5: MD5', () => {
    const answer = read(
      'Digest username="Mufasa", realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", ' +
        'uri="/dir/index.html", qop=auth, nc=00000001, cnonce="0a4f113b", response="6629fae49393a05397450978507c4ef1", ' +
        'opaque="5ccc069c403ebaf9f0171e9517f40e41"',
    );
    const secret = ha1('MD5', 'Mufasa', 'testrealm@host.com', 'Circle Of Life');
    expect(secret).toBe('939e7578ed9e3c518a452acee763bce9');
    expect(responseMatches('MD5', secret, 'GET', answer)).toBe(true);
  });

  it('RFC 2069: without qop, nonce and H(A2) alone', () => {
    const answer = read(
      'Digest username="Mufasa", realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", ' +
        'uri="/dir/index.html", response="670fd8c2df070c60b045671b8b24ff02"',
    );
    expect(answer).toMatchObject({ qop: undefined, nc: undefined, algorithm: 'MD5', opaque: undefined });
    const secret = ha1('MD5', 'Mufasa', 'testrealm@host.com', 'Circle Of Life');
    expect(responseMatches('MD5', secret, 'GET', answer)).toBe(true);
  });

  it('RFC 7616 §6.1: SHA-512-256 is SHA-512/256 of FIPS 180-4, a hash of its own, over UTF-8', () => {
    // Computed by another implementation (Python's hashlib): the RFC prints no H(A1).
    expect(ha1('SHA-512-256', 'Jäsøn Doe', 'api@example.org', 'Secret, or not?')).toBe(
      '2d3d9f12c9f3d30011259dc5fecee005ae24de40e3e1f61806d03e65f1e6024f',
    );
  });

  it('names of algorithms are told from others', () => {
    expect(['MD5', 'SHA-256', 'SHA-512-256'].every(isDigestAlgorithm)).toBe(true);
    expect(['md5', 'MD5-SESS', 'SHA-512', '', 'constructor'].some(isDigestAlgorithm)).toBe(false);
  });
});

describe('expectedResponse', () => {
  const base = read(`Digest ${MUFASA}, response="00"`);
  const secret = ha1('MD5', 'a', 'b', 'c');

  it('RFC 7616 §3.4.3: auth-int covers the body, auth does not', () => {
    const integrity = { ...base, qop: 'auth-int' } as const;
    const [one, other] = [Buffer.from('one'), Buffer.from('other')];
    expect(expectedResponse('MD5', secret, 'PUBLISH', integrity, one)).not.toBe(
      expectedResponse('MD5', secret, 'PUBLISH', integrity, other),
    );
    expect(expectedResponse('MD5', secret, 'PUBLISH', base, one)).toBe(
      expectedResponse('MD5', secret, 'PUBLISH', base, other),
    );
    expect(expectedResponse('MD5', secret, 'PUBLISH', integrity)).toBe(
      expectedResponse('MD5', secret, 'PUBLISH', integrity, new Uint8Array(0)),
    );
  });

  it('every word of the answer is covered', () => {
    const right = expectedResponse('MD5', secret, 'PUBLISH', base);
    for (const change of [{ nonce: 'n' }, { uri: '/' }, { ncWritten: '00000002' }, { cnonce: 'c' }, { qop: undefined }])
      expect(expectedResponse('MD5', secret, 'PUBLISH', { ...base, ...change })).not.toBe(right);
    expect(expectedResponse('SHA-256', secret, 'PUBLISH', base)).not.toBe(right);
  });

  it('a response of another length matches nothing', () => {
    const answer = { ...base, response: '' };
    expect(responseMatches('MD5', secret, 'PUBLISH', answer)).toBe(false);
    const longer = `${expectedResponse('MD5', secret, 'PUBLISH', base)}0`;
    expect(responseMatches('MD5', secret, 'PUBLISH', { ...base, response: longer })).toBe(false);
  });
});

describe('readDigest', () => {
  const must = 'username="a", realm="b", nonce="n", uri="sip:c", response="0A"';

  it('reads what clients write: qop in quotes, algorithm in any case, hexadecimal in capitals', () => {
    expect(read(`Digest ${must}, algorithm="md5", qop="AUTH", nc=0000000A, cnonce="x", opaque=""`)).toEqual({
      username: 'a',
      realm: 'b',
      nonce: 'n',
      uri: 'sip:c',
      response: '0a',
      algorithm: 'MD5',
      qop: 'auth',
      nc: 10,
      ncWritten: '0000000A',
      cnonce: 'x',
      opaque: '',
    });
  });

  it('an algorithm that we do not know is told, not refused', () => {
    expect(read(`Digest ${must}, algorithm=SHA-256-sess`).algorithm).toBe('SHA-256-SESS');
  });

  it.each(['username', 'realm', 'nonce', 'uri', 'response'])('RFC 7616 §3.4: without %s it is no answer', (name) => {
    const row = must.replace(new RegExp(`${name}="[^"]*"(?:, )?`), '').replace(/, $/, '');
    expect(readDigest(credentials(`Digest ${row}`))).toBeUndefined();
  });

  it.each([
    'qop=auth, nc=00000001',
    'qop=auth, cnonce="x"',
    'qop=auth, cnonce="x", nc=1',
    'qop=auth, cnonce="x", nc=0000000g',
    'qop=auth, cnonce="x", nc=-0000001',
    'qop=token, cnonce="x", nc=00000001',
  ])('RFC 7616 §3.4: %s is no answer', (more) => {
    expect(readDigest(credentials(`Digest ${must}, ${more}`))).toBeUndefined();
  });

  it('a response that is no hexadecimal, and another scheme, are no answer', () => {
    expect(readDigest(credentials(`Digest ${must.replace('0A', 'xyz')}`))).toBeUndefined();
    expect(readDigest(credentials('Basic QWxhZGRpbg=='))).toBeUndefined();
  });
});

describe('writeChallenge', () => {
  const challenge = { realm: 'example.com', nonce: 'abc', algorithm: 'MD5', stale: false, qop: 'auth' } as const;

  it('RFC 7616 §3.3: qop quoted, algorithm not, stale only when it is', () => {
    expect(writeChallenge(challenge)).toBe('Digest realm="example.com", nonce="abc", algorithm=MD5, qop="auth"');
    expect(writeChallenge({ ...challenge, algorithm: 'SHA-256', stale: true, qop: 'auth,auth-int' })).toBe(
      'Digest realm="example.com", nonce="abc", algorithm=SHA-256, qop="auth,auth-int", stale=true',
    );
  });

  it('a realm may have quotes, and no line end gets through', () => {
    expect(writeChallenge({ ...challenge, realm: 'a "b"\r\nX: 1' })).toContain('realm="a \\"b\\" X: 1"');
  });
});
