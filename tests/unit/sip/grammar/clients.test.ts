import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  ha1,
  type NameAddr,
  readDigest,
  readEvent,
  readMediaType,
  readMessage,
  readUri,
  responseMatches,
  writeResponse,
} from '#sip';
import { caseFile, FLOW, readMalformed, readRequest, readResponse } from './messages.ts';

const CAPTURES = readdirSync(new URL('../../../cases/clients/', import.meta.url), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.txt') && !path.endsWith('handshake.txt'))
  .map((path) => `clients/${path}`)
  .sort();
const REQUESTS = CAPTURES.filter((path) => !path.includes('RESP'));
const RESPONSES = CAPTURES.filter((path) => path.includes('RESP'));

/** The header as its client wrote it: these captures fold nothing and write every name out. */
function written(path: string, name: string): string | undefined {
  return new RegExp(`^${name}: *(.*)\r$`, 'm').exec(String(caseFile(path)))?.[1];
}

/** Address and tag by the plainest means, to compare with. */
function plain(text: string): { uri: string; tag: string | undefined } {
  const [, bracketed, bare = '', tag] = /^(?:<([^>]+)>|([^<;]+))(?:;tag=(.*))?$/.exec(text) ?? [];
  return { uri: bracketed ?? bare, tag };
}

function ofParty({ uri, params }: NameAddr): { uri: string; tag: string | undefined } {
  return { uri, tag: params.get('tag') ?? undefined };
}

describe('a captured message of a real client is read whole and right', () => {
  it('the captures are there', () => {
    expect(REQUESTS.length).toBeGreaterThan(45);
    expect(RESPONSES.length).toBeGreaterThan(5);
  });

  it.each(REQUESTS)('%s', (path) => {
    const bytes = caseFile(path);
    const request = readRequest(bytes);
    const [, method, uri] = /^(\S+) (\S+) SIP/.exec(String(bytes)) ?? [];
    expect([request.method, request.uri]).toEqual([method, uri]);
    expect(`${request.cseq.seq} ${request.cseq.method}`).toBe(written(path, 'CSeq'));
    expect(request.callId).toBe(written(path, 'Call-ID'));
    expect(ofParty(request.from)).toEqual(plain(written(path, 'From') ?? ''));
    expect(ofParty(request.to)).toEqual(plain(written(path, 'To') ?? ''));
    expect(request.headers.all('Via')).toEqual([written(path, 'Via')]);
    expect(request.route.map((route) => `<${route.uri}>`)).toEqual([written(path, 'Route')].filter(Boolean));
    expect(request.contact.map((contact) => `<${contact.uri}>`)).toEqual(
      [written(path, 'Contact')?.replace(/>.*/, '>')].filter(Boolean),
    );
    const [, transport, host, port, branch] =
      /^SIP\/2\.0\/(\w+) ([^:;]+)(?::(\d+))?.*;branch=([^;]+)/.exec(written(path, 'Via') ?? '') ?? [];
    const via = request.via[0];
    expect([via?.transport, via?.host, via?.port, via?.params.get('branch')]).toEqual([
      transport,
      host,
      port === undefined ? undefined : Number(port),
      branch,
    ]);
    for (const name of ['Event', 'Expires', 'SIP-If-Match', 'Content-Type', 'User-Agent', 'Supported'])
      expect(request.headers.get(name)).toBe(written(path, name));
    expect(String(Buffer.from(request.body))).toBe(String(bytes).split('\r\n\r\n')[1]);
    expect(readUri(request.uri)?.host).toMatch(/^(?:example\.test|127\.0\.0\.1)$/);
  });

  it.each(REQUESTS.filter((path) => path.includes('-auth')))('%s: its credentials prove its password', (path) => {
    const request = readRequest(caseFile(path));
    const [credentials] = request.authorization;
    const answer = credentials === undefined ? undefined : readDigest(credentials);
    if (answer === undefined) throw new Error('no Digest credentials');
    expect(answer).toMatchObject({ username: 'alice', realm: 'example.test', algorithm: 'MD5', qop: 'auth' });
    expect(answer.nc).toBeGreaterThanOrEqual(1);
    const secret = ha1('MD5', 'alice', 'example.test', 'alicepw');
    expect(responseMatches('MD5', secret, request.method, answer)).toBe(true);
    expect(responseMatches('MD5', secret, 'OPTIONS', answer)).toBe(false);
  });

  it.each(RESPONSES)('%s', (path) => {
    const response = readResponse(caseFile(path));
    expect([response.status, response.reason, response.callId]).toEqual([200, 'OK', written(path, 'Call-ID')]);
    expect(response.cseq.method).toBe('NOTIFY');
    expect(response.via[0]?.params.get('branch')).toMatch(/^z9hG4bK/);
    expect(ofParty(response.to)).toEqual(plain(written(path, 'To') ?? ''));
  });

  it.each(REQUESTS)('%s: its answer reads back', (path) => {
    const request = readRequest(caseFile(path));
    const answer = readResponse(writeResponse(request, { status: 401 }, 'ours', FLOW));
    expect(answer).toMatchObject({ status: 401, callId: request.callId, cseq: request.cseq, from: request.from });
    expect(answer.to.params.get('tag')).toBe(request.to.params.get('tag') ?? 'ours');
    expect(answer.via[0]?.params.get('branch')).toBe(request.via[0]?.params.get('branch'));
  });

  it('a WebSocket handshake is not SIP, and nobody is answered', () => {
    expect(readMalformed(caseFile('clients/sipjs/ws/000-ws-handshake.txt'))).toMatchObject({ request: undefined });
  });

  it('pjsua writes its Event, formats and PIDF so', () => {
    const publish = readRequest(caseFile('clients/pjsua/udp/004-udp-PUBLISH-presence-auth.txt'));
    expect(readEvent(publish.headers.get('Event') ?? '')).toEqual({ name: 'presence', params: new Map() });
    expect(readMediaType(publish.headers.get('Content-Type') ?? '')?.type).toBe('application/pidf+xml');
    expect(publish.body).toHaveLength(289);
    const subscribe = readRequest(caseFile('clients/pjsua/udp/005-udp-SUBSCRIBE-presence.txt'));
    expect(subscribe.headers.list('Allow-Events')).toEqual(['presence', 'dialog', 'message-summary', 'refer']);
  });

  it('baresip puts a quoted URN behind its Contact', () => {
    const register = readRequest(caseFile('clients/baresip/udp/001-udp-REGISTER.txt'));
    expect(register.contact[0]?.params).toEqual(
      new Map([
        ['expires', '120'],
        ['+sip.instance', '<urn:uuid:affb2c9e-23e1-6765-8cbb-c8a7aeaa5219>'],
      ]),
    );
    expect(readMessage(caseFile('clients/baresip/udp/001-udp-REGISTER.txt')).kind).toBe('request');
  });
});
