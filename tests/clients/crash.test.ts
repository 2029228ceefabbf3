/** kill -9, of real processes over a real file: what was answered with 200 is there afterwards, and nobody has to act. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BARESIP, startPhone } from '../support/baresip.ts';
import { openPlace, type Place, pidf, toolsInstalled, uri, within } from '../support/processes.ts';
import type { Notify } from '../support/sip-peer.ts';

const hasTools = toolsInstalled('clients: kill -9 of the SIP service, beside a baresip', BARESIP);
/** So long that of two changes the second is told of no sooner than the service is killed. */
const NEVER = { NOTIFY_PACE: '3600' };

let place: Place;
beforeEach(async () => {
  place = await openPlace();
}, 60_000);
afterEach(() => place.close(), 30_000);

const says =
  (note: string) =>
  ({ body }: Notify): boolean =>
    body.includes(note);

describe.skipIf(!hasTools)('kill -9 of the SIP service', () => {
  it('between a PUBLISH’s 200 and its NOTIFY, and a rule turned to block meanwhile: every watcher ends right without acting', async () => {
    await place.addUsers('alice', 'bob', 'carol', 'dave');
    await place.allowAll('alice');
    const before = await place.startSip(NEVER);
    const [alice, bob, carol] = await Promise.all([place.peer('alice'), place.peer('bob'), place.peer('carol')]);
    const dave = await startPhone(place, { user: 'dave', watches: ['alice'] });
    await dave.until(/^Subscription-State: active/);
    const bobWatches = await bob.subscribe({ to: uri('alice'), expires: 3600 });
    const carolWatches = await carol.subscribe({ to: uri('alice'), expires: 3600 });
    await within(Promise.all([bobWatches.next(), carolWatches.next()]), 'the first NOTIFYs');
    const first = await within(alice.publish({ body: pidf('alice', 'closed', 'first'), expires: 3600 }), 'a 200');
    await within(Promise.all([bobWatches.until(says('first')), carolWatches.until(says('first'))]), 'the first state');

    const change = { body: pidf('alice', 'open', 'before'), etag: first.header('SIP-ETag'), expires: 3600 };
    const published = await within(alice.publish(change), 'a 200');
    expect(published.status).toBe(200);
    await before.end('SIGKILL');
    expect([...bobWatches.notifies, ...carolWatches.notifies].filter(says('before'))).toEqual([]);
    await place.rule('alice', 'carol', 'block');

    const restartedAt = performance.now();
    const service = await place.startSip();
    const told = await within(bobWatches.until(says('before')), 'the NOTIFY of before the crash');
    const tookMs = Math.round(performance.now() - restartedAt);
    console.log(
      `kill -9 between the 200 and the NOTIFY: the watcher knows ${tookMs} ms after the service's next start`,
    );
    expect(told).toMatchObject({ state: 'active', contentType: 'application/pidf+xml' });
    expect(told.cseq).toBeGreaterThan(bobWatches.notifies[1]?.cseq ?? 0);
    expect((await dave.shows('alice', 'Online')).text).toContain('from Offline to Online');
    const over = await within(
      carolWatches.until(({ state }) => state === 'terminated'),
      'the end of a blocked subscription',
    );
    expect(over).toMatchObject({ reason: 'rejected', body: '' });
    expect(carolWatches.notifies.filter(says('before'))).toEqual([]);

    // The entity-tag of before is still good, and the next state reaches them without a new SUBSCRIBE.
    const etag = published.header('SIP-ETag');
    const again = await alice.publish({ body: pidf('alice', 'closed', 'after'), etag, expires: 3600 });
    expect(again.status).toBe(200);
    await within(bobWatches.until(says('after')), 'the next state');
    expect((await dave.shows('alice', 'Offline')).text).toContain('from Online to Offline');
    expect(carolWatches.notifies).toHaveLength(3);
    expect((await carol.subscribe({ to: uri('alice') })).response.status).toBe(403);
    expect(await service.end()).toMatchObject({ status: 0 });
  }, 90_000);

  it('while a watcher has not answered its NOTIFY: it is told again, above every CSeq it knows', async () => {
    await place.addUsers('alice', 'bob');
    await place.allowAll('alice');
    const before = await place.startSip();
    const [alice, bob] = await Promise.all([place.peer('alice'), place.peer('bob')]);
    const watch = await bob.subscribe({ to: uri('alice'), expires: 3600 });
    await within(watch.next(), 'the first NOTIFY');
    watch.answerWith('silence');
    await alice.publish({ body: pidf('alice', 'open', 'unanswered'), expires: 3600 });
    const unanswered = await within(watch.until(says('unanswered')), 'a NOTIFY');
    await before.end('SIGKILL');
    watch.answerWith(200);
    await place.startSip();
    const again = await within(
      watch.until((notify) => says('unanswered')(notify) && notify.cseq > unanswered.cseq),
      'the NOTIFY again',
    );
    expect(again.state).toBe('active');
    expect(watch.late).toEqual([]);
  }, 60_000);

  it('a second SIP service on the same database waits, and serves as soon as the first is killed', async () => {
    await place.addUsers('alice');
    const first = await place.startSip();
    const second = place.script('dist/services/main.js');
    await second.until(/waiting/);
    expect(second.lines.some(({ text }) => text.includes('SIP service ready'))).toBe(false);
    await first.end('SIGKILL');
    await second.until(/"SIP service ready"/);
    const alice = await place.peer('alice');
    expect((await within(alice.publish({ body: pidf('alice', 'open') }), 'a 200')).status).toBe(200);
  }, 60_000);
});

describe('kill -9 of the SIP service under npm start', () => {
  it('ends both with one line; after the next npm start, ready within 5 s, the next PUBLISH reaches the watcher', async () => {
    await place.addUsers('alice', 'bob');
    await place.allowAll('alice');
    const before = await place.npmStart();
    const [alice, bob] = await Promise.all([place.peer('alice'), place.peer('bob')]);
    const watch = await bob.subscribe({ to: uri('alice'), expires: 3600 });
    const published = await alice.publish({ body: pidf('alice', 'open', 'first'), expires: 3600 });
    await within(watch.until(says('first')), 'the first state');
    const ready = await before.until(/"SIP service ready"/);
    process.kill(Number(/"pid":(\d+)/.exec(ready.text)?.[1]), 'SIGKILL');
    expect(await within(before.ended, 'the end of npm start')).toMatchObject({ status: 1 });
    expect(before.errors.filter((line) => /the SIP service was ended by SIGKILL/.test(line))).toHaveLength(1);

    const startedAt = performance.now();
    const again = await place.npmStart();
    console.log(`the second npm start is ready after ${Math.round(performance.now() - startedAt)} ms`);
    const etag = published.header('SIP-ETag');
    expect((await alice.publish({ body: pidf('alice', 'closed', 'second'), etag })).status).toBe(200);
    await within(watch.until(says('second')), 'the next state');
    expect(await again.end('SIGINT')).toMatchObject({ status: 0 });
  }, 90_000);
});

/** A browser of one page: keeps cookies, fills in the form's token. */
function makeBrowser(portal: string) {
  const cookies = new Map<string, string>();
  async function go(path: string, form?: Readonly<Record<string, string>>): Promise<{ status: number; text: string }> {
    const response = await fetch(`${portal}${path}`, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form !== undefined && { method: 'POST', body: new URLSearchParams(form) }),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      cookies.set(name, value);
    }
    return { status: response.status, text: await response.text() };
  }
  return {
    go,
    async fill(page: string, action: string, form: Readonly<Record<string, string>>) {
      const { text } = await go(page);
      const token = /name="_csrf" value="([^"]+)"/.exec(text)?.[1] ?? '';
      return go(action, { ...form, _csrf: token });
    },
  };
}

describe('kill -9 of the portal', () => {
  it('sessions, accounts and rules are there after the next start', async () => {
    const before = await place.startPortal();
    const browser = makeBrowser(place.portal);
    const account = { username: 'alice', password: 'quiet lamp on the porch' };
    expect((await browser.fill('/register', '/register', account)).status).toBe(303);
    const rule = { kind: 'person', who: 'bob', event: 'presence', permission: 'allow' };
    expect((await browser.fill('/rules', '/rules/add', rule)).status).toBe(303);
    await before.end('SIGKILL');

    const portal = await place.startPortal();
    const rules = await browser.go('/rules');
    expect(rules.status).toBe(200);
    expect(rules.text).toContain('<h3>bob@example.com</h3>');
    expect((await browser.fill('/rules', '/rules/add', { ...rule, who: 'carol' })).status).toBe(303);
    expect((await makeBrowser(place.portal).fill('/login', '/login', account)).status).toBe(303);
    expect((await makeBrowser(place.portal).go('/rules')).status).toBe(303);
    expect(await portal.end()).toMatchObject({ status: 0 });
  }, 60_000);
});
