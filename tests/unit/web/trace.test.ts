import { afterEach, describe, expect, it } from 'vitest';
import { RECORDS_TRACE, TRACE_KEPT_MS, type TracedMessage } from '#store';
import { ladderOf } from '../../../web/pages/phones/trace/ladder.ts';
import { english, german } from '../../../web/words/index.ts';
import { textOf } from './browser.ts';
import { aor, makePortal, type Portal } from './portal.ts';

let portal: Portal;
afterEach(() => portal?.close());

const { trace } = english;
const NOW = 1_800_000_000_000;

const request = (fields: readonly string[] = [], cseq = '1 PUBLISH'): string =>
  [`${cseq.slice(2)} sip:alice@example.com SIP/2.0`, `CSeq: ${cseq}`, 'i: c1', ...fields, '', ''].join('\r\n');
const answer = (status: string, fields: readonly string[] = [], cseq = '1 PUBLISH'): string =>
  [`SIP/2.0 ${status}`, `CSeq: ${cseq}`, 'Call-ID: c1', ...fields, '', ''].join('\r\n');
const CHALLENGE = 'WWW-Authenticate: Digest realm="example.com", nonce="…"';

function messages(texts: readonly string[], at = NOW - 1000): readonly TracedMessage[] {
  return texts.map((text, number) => ({
    owner: aor('alice'),
    number,
    at: at + number,
    direction: text.startsWith('SIP/') === text.includes('NOTIFY') ? 'in' : 'out',
    flow: 'udp:192.0.2.9:5060|udp:0.0.0.0:5060',
    text,
  }));
}

/** What the last of these means. */
function meaning(...texts: readonly string[]): readonly [string, string] {
  const rung = ladderOf(messages(texts), { username: 'alice' }, NOW, english).at(-1);
  return [rung?.tone ?? '', rung?.meaning ?? ''];
}

describe('What a message of my phone means', () => {
  const proof = (username: string, realm = 'example.com') =>
    `Authorization: Digest username="${username}", realm="${realm}", response="…"`;

  it.each([
    ['no proof yet', [], CHALLENGE, 'plain', trace.challenged],
    ['a proof that is old', [proof('alice')], `${CHALLENGE}, stale=true`, 'plain', trace.stale],
    ['a wrong password', [proof('alice')], CHALLENGE, 'bad', trace.wrongPassword],
    ['a user name with its domain', [proof('alice@x')], CHALLENGE, 'bad', trace.wrongName('alice@x', 'alice')],
    ['another realm', [proof('alice', 'pbx')], CHALLENGE, 'bad', trace.wrongRealm('pbx', 'example.com')],
  ])('401 for %s', (_what, fields, challenge, tone, text) => {
    expect(meaning(request(fields), answer('401 Unauthorized', [challenge]))).toEqual([tone, text]);
  });

  it.each([
    ['200 OK', ['Expires: 300'], 'good', trace.takenFor(300)],
    ['200 OK', ['Expires: 0'], 'good', trace.over],
    ['400 Bad Event Id', [], 'bad', trace.badRequest('Bad Event Id')],
    ['403 Forbidden', [], 'bad', trace.notYours],
    ['404 Not Found', [], 'bad', trace.notFound('alice@example.com')],
    ['412 Conditional Request Failed', [], 'bad', trace.failures[412]],
    [
      '415 Unsupported Media Type',
      ['Accept: application/pidf+xml'],
      'bad',
      trace.wrongType('', 'application/pidf+xml'),
    ],
    ['420 Bad Extension', ['Unsupported: path'], 'bad', trace.noExtension('path')],
    ['423 Interval Too Brief', ['Min-Expires: 60'], 'bad', trace.tooBrief('60')],
    ['482 Loop Detected', [], 'bad', trace.failures[482]],
    ['489 Bad Event', ['u: presence'], 'bad', trace.noPackage('dialog', 'presence')],
    ['500 Server Internal Error', [], 'bad', trace.ours],
    ['503 Service Unavailable', ['Retry-After: 7'], 'bad', trace.busy('7')],
    ['499 Never Heard Of', [], 'bad', trace.refused(499)],
  ])('%s', (status, fields, tone, text) => {
    expect(meaning(request(['o: dialog']), answer(status, fields))).toEqual([tone, text]);
  });

  it('405 to a REGISTER does no harm', () => {
    const cseq = '1 REGISTER';
    expect(meaning(request([], cseq), answer('405 Method Not Allowed', [], cseq))).toEqual([
      'plain',
      trace.noRegistrar,
    ]);
  });

  it('a copy, and what was never answered', () => {
    const notify = request(['From: <sip:bob@example.com>'], '3 NOTIFY');
    expect(meaning(notify, notify)).toEqual(['plain', trace.again]);
    const old = ladderOf(messages([notify, notify], NOW - 60_000), { username: 'alice' }, NOW, english);
    expect(old.map(({ tone, meaning: text }) => [tone, text])).toEqual([
      ['plain', trace.tells('bob@example.com', '')],
      ['bad', trace.phoneSilent],
    ]);
    expect(meaning(notify, answer('481 Unknown', [], '3 NOTIFY'))).toEqual(['bad', trace.phoneForgot]);
  });

  it('what no phone should send is shown all the same', () => {
    expect(meaning('\r\n')).toEqual(['plain', trace.asks.other('')]);
    expect(meaning('SIP/2.0 999')).toBeDefined();
  });
});

describe('As a member I look at my phone’s messages', () => {
  const write = (texts: readonly string[], at = portal.clock.now() - 5000) =>
    portal.store.traces.write(messages(texts, at));

  it('it is off; a click switches it on for ten minutes, another off', async () => {
    portal = makePortal();
    const alice = await portal.member('alice');
    expect(textOf((await alice.get('/phones/trace')).html)).toContain(trace.off);
    await alice.post('/phones/trace/on');
    expect(textOf(alice.page.html)).toMatch(/It records until \d\d:\d\d/);
    const until = (await portal.store.preferences.of(aor('alice'))).get(RECORDS_TRACE);
    expect(Number(until)).toBe(portal.clock.now() + 600_000);
    await portal.clock.advance(600_000);
    expect(textOf((await alice.get('/phones/trace')).html)).toContain(trace.off);
    await alice.post('/phones/trace/on');
    await alice.post('/phones/trace/off');
    expect((await portal.store.preferences.of(aor('alice'))).size).toBe(0);
  });

  it('each message, escaped, with what it means; nothing of anybody else’s; deleted by a click', async () => {
    portal = makePortal();
    const alice = await portal.member('alice');
    await write([
      request(['Subject: <script>alert(1)</script>', 'Authorization: Digest username="alice", realm="example.com"']),
      answer('401 Unauthorized', [CHALLENGE]),
    ]);
    const { html } = await alice.get('/phones/trace');
    expect(html).not.toContain('<script>alert');
    expect(textOf(html)).toContain(`To the phone: 401 Unauthorized Trouble: ${trace.wrongPassword}`);
    const mallory = await portal.member('mallory');
    expect(textOf((await mallory.get('/phones/trace')).html)).toContain(trace.nothing);
    await mallory.post('/phones/trace/forget');
    expect(await portal.store.traces.of(aor('alice'))).toHaveLength(2);
    expect((await alice.get('/security/my-data.json')).html).toContain('Subject: <script>');
    await alice.get('/phones/trace');
    await alice.post('/phones/trace/forget');
    expect(await portal.store.traces.of(aor('alice'))).toEqual([]);
  });

  it('what is half an hour old is not shown, even where nothing purges', async () => {
    portal = makePortal();
    const alice = await portal.member('alice');
    await write([request()], portal.clock.now() - TRACE_KEPT_MS);
    expect(textOf((await alice.get('/phones/trace')).html)).toContain(trace.nothing);
  });

  it('in German, too', async () => {
    portal = makePortal();
    await portal.member('alice');
    await write([request(), answer('423 Interval Too Brief', ['Min-Expires: 60'])]);
    const [, last] = ladderOf(await portal.store.traces.of(aor('alice')), { username: 'alice' }, NOW, german);
    expect(last?.meaning).toBe(german.trace.tooBrief('60'));
  });

  it('guests are sent to the log-in', async () => {
    portal = makePortal();
    expect((await portal.browser().get('/phones/trace')).url).toContain('/login');
  });
});
