import { afterEach, describe, expect, it } from 'vitest';
import type { Sighting } from '#store';
import { transportsBeside } from '../../../web/pages/phones/server.ts';
import { textOf } from './browser.ts';
import { aor, makePortal, PASSWORD, type Portal } from './portal.ts';

let portal: Portal;
afterEach(() => portal?.close());

describe('As a member I learn how to set up my phone', () => {
  it('the transports are those that the one server setting reaches', () => {
    const point = (transport: 'udp' | 'tcp', port: number, address = '0.0.0.0') => ({ transport, address, port });
    expect(transportsBeside([point('udp', 5060), point('tcp', 5060)])).toBe('UDP or TCP');
    expect(transportsBeside([point('tcp', 5060), point('udp', 5070), point('udp', 5060, '::')])).toBe('TCP');
  });

  it('with a WEB_URL it is the name there, whatever a proxy calls the portal', async () => {
    portal = makePortal({ url: 'https://presence.example.com/' });
    const alice = await portal.member('alice');
    const { html } = await alice.get('/phones', { host: 'inside:8080' });
    expect(html).toContain('<code data-copy>presence.example.com</code>');
    expect(html).not.toContain('inside');
  });

  it.each([
    ['portal.example.com:8080', {}, 'portal.example.com'],
    ['localhost:8080', {}, '192.0.2.7'],
    ['127.0.0.1', {}, '192.0.2.7'],
    ['portal.example.com', { port: 5070 }, 'portal.example.com:5070'],
    ['portal.example.com', { advertised: 'sip.example.com:5080' }, 'sip.example.com:5080'],
    // As Contact says it: what is advertised without a port has the one that is listened on.
    ['portal.example.com', { advertised: 'sip.example.com', port: 5070 }, 'sip.example.com:5070'],
    ['portal.example.com', { advertised: '[2001:db8::1]', port: 5070 }, '[2001:db8::1]:5070'],
    ['portal.example.com', { advertised: '[2001:db8::1]:5080', port: 5070 }, '[2001:db8::1]:5080'],
    // Nothing answers at the portal's name when the SIP service listens on one address alone.
    ['portal.example.com', { listens: '192.0.2.99' }, '192.0.2.99'],
    ['localhost', { listens: '127.0.0.1', port: 5070 }, '127.0.0.1:5070'],
    ['localhost', { listens: '2001:db8::1', port: 5070 }, '[2001:db8::1]:5070'],
  ])('from %s with %o the server is %s', async (host, changes, server) => {
    const phone = {
      advertised: undefined,
      listens: '0.0.0.0',
      candidates: ['localhost', '127.0.0.1', '192.0.2.7'],
      port: 5060,
      transport: 'UDP' as const,
    };
    portal = makePortal({ phone: { ...phone, ...changes } });
    const alice = await portal.member('alice');
    const { html } = await alice.get('/phones', { host });
    const settings = Object.fromEntries(
      [...html.matchAll(/<dt>(.*?)<\/dt><dd>(.*?)<\/dd>/g)].map(([, name = '', value = '']) => [name, textOf(value)]),
    );
    expect(settings).toEqual({
      Address: 'alice@example.com',
      'User name': 'alice',
      Password: 'the one you use here',
      Domain: 'example.com',
      'Server (outbound proxy)': server,
      Transport: 'UDP',
      Presence: 'publish, on the server (“presence agent”)',
    });
  });
});

describe('As a member I set up Linphone by a link', () => {
  const HTTPS = { url: 'https://presence.example.com/' };
  const linkIn = (html: string): string => /https?:\/\/[^<]+\/phones\/settings\/[A-Za-z0-9_-]+/.exec(html)?.[0] ?? '';
  const pathOf = (link: string): string => new URL(link).pathname;

  it('it opens once, within ten minutes, with what the phone needs and no password', async () => {
    portal = makePortal(HTTPS);
    const alice = await portal.member('alice');
    await alice.get('/phones');
    const link = linkIn((await alice.post('/phones/link')).html);
    expect(link).toMatch(/^https:\/\/presence\.example\.com\/phones\/settings\/.{32}$/);
    expect(alice.page.html).toContain('<svg xmlns="http://www.w3.org/2000/svg"');
    const phone = portal.browser();
    const { status, html, headers } = await phone.get(pathOf(link));
    expect([status, headers['content-type'], headers['cache-control']]).toEqual([
      200,
      'application/xml; charset=utf-8',
      'no-store',
    ]);
    expect(html).toContain('<entry name="reg_identity" overwrite="true">sip:alice@example.com</entry>');
    expect(html).toContain('<entry name="publish" overwrite="true">1</entry>');
    expect(html).not.toContain(PASSWORD);
    expect((await phone.get(pathOf(link))).status).toBe(404);
  });

  it('it carries a password for this phone alone, that is taken back alone, and never one that can be guessed', async () => {
    portal = makePortal(HTTPS);
    const alice = await portal.member('alice');
    await alice.get('/phones');
    const link = linkIn((await alice.post('/phones/link')).html);
    const { html } = await portal.browser().get(pathOf(link));
    const ha1 = /<entry name="ha1" overwrite="true">([0-9a-f]{32})</.exec(html)?.[1];
    const kept = (await portal.store.accounts.credentials([aor('alice')])).get(aor('alice'))?.credentials ?? [];
    const own = kept.filter(({ device }) => device === undefined);
    const phones = kept.filter(({ device }) => device?.label.startsWith('Linphone ') === true);
    expect(own.map((one) => portal.secrets.openHa1(one))).not.toContain(ha1);
    expect(phones.map((one) => portal.secrets.openHa1(one))).toContain(ha1);
    expect(await portal.store.devicePasswords.of(aor('alice'))).toHaveLength(1);
    await alice.get('/security');
    await alice.post('/security/devices/revoke', { label: phones[0]?.device?.label ?? '' });
    expect(await portal.store.devicePasswords.of(aor('alice'))).toEqual([]);
  });

  it('none is made where there are ten passwords of phones; with them, one that was made leaves it out', async () => {
    portal = makePortal(HTTPS);
    const alice = await portal.member('alice');
    await alice.get('/phones');
    const link = linkIn((await alice.post('/phones/link')).html);
    for (let phone = 0; phone < 10; phone += 1) {
      await alice.get('/security');
      await alice.post('/security/devices', { label: `Phone ${phone}` });
    }
    expect((await portal.browser().get(pathOf(link))).html).not.toContain('ha1');
    await alice.get('/phones');
    expect((await alice.post('/phones/link')).status).toBe(422);
    expect(textOf(alice.page.html)).toContain('You have 10 already.');
  });

  it('is not spent by who only asks whether it is there', async () => {
    portal = makePortal(HTTPS);
    const alice = await portal.member('alice');
    await alice.get('/phones');
    const link = linkIn((await alice.post('/phones/link')).html);
    const address = await portal.listen();
    expect((await fetch(address + pathOf(link), { method: 'HEAD' })).status).toBe(404);
    expect((await fetch(address + pathOf(link))).status).toBe(200);
  });

  it('after ten minutes it opens nothing; a newer one puts an end to it', async () => {
    portal = makePortal(HTTPS);
    const alice = await portal.member('alice');
    await alice.get('/phones');
    const first = linkIn((await alice.post('/phones/link')).html);
    const second = linkIn((await alice.post('/phones/link')).html);
    expect((await portal.browser().get(pathOf(first))).status).toBe(404);
    await portal.clock.advance(600_001);
    expect((await portal.browser().get(pathOf(second))).status).toBe(404);
  });

  it('over a connection that others can read nothing that logs in is sent', async () => {
    portal = makePortal();
    const alice = await portal.member('alice');
    await alice.get('/phones');
    const link = linkIn((await alice.post('/phones/link', {}, { host: 'porch.lan:8080' })).html);
    expect(link).toContain('http://porch.lan:8080/');
    const { html } = await portal.browser().get(pathOf(link), { host: 'porch.lan:8080' });
    expect(html).toContain('<entry name="username" overwrite="true">alice</entry>');
    expect(html).not.toContain('ha1');
  });

  it('guesses are held back, and say no more than a page that is not there', async () => {
    portal = makePortal();
    const browser = portal.browser();
    for (let tries = 0; tries < 30; tries += 1) {
      expect((await browser.get(`/phones/settings/${'x'.repeat(32)}`)).status).toBe(404);
    }
    expect((await browser.get('/phones')).url).toBe('/login?next=%2Fphones');
  });
});

describe('As a member I see whether my phone has arrived', () => {
  const seen = (given: Partial<Sighting>): Sighting => ({
    owner: aor('alice'),
    kind: 'challenged',
    client: 'Desk Phone',
    flow: 'udp:192.0.2.9:5060',
    status: 401,
    at: portal.clock.now() - 60_000,
    ...given,
  });

  it('what the server saw, and what to do next', async () => {
    portal = makePortal();
    const alice = await portal.member('alice');
    expect(textOf((await alice.get('/phones')).html)).toContain('Nothing yet.');
    await portal.store.sightings.write([
      seen({}),
      seen({ kind: 'wrong-password', at: portal.clock.now() - 30_000 }),
      seen({ kind: 'refused', status: 489, client: '<b>' }),
    ]);
    const { html } = await alice.get('/phones');
    const text = textOf(html.split('class="sightings"')[1]?.split('</ul>')[0] ?? '');
    expect(text).toContain('The password was wrong 30 seconds ago , from Desk Phone, 192.0.2.9:5060');
    expect(text).toContain('Type user name and password again.');
    expect(text).toContain('The answer was 489.');
    expect(html).not.toContain('from <b>');
  });

  it('and nothing of anybody else’s', async () => {
    portal = makePortal();
    await portal.member('alice');
    await portal.store.sightings.write([seen({})]);
    expect((await (await portal.member('mallory')).get('/phones')).html).not.toContain('Desk Phone');
  });
});
