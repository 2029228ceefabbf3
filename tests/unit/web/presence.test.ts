import { afterEach, describe, expect, it } from 'vitest';
import type { EntityTag } from '#model';
import { transportsBeside } from '../../../web/pages/presence/phone.ts';
import { textOf } from './browser.ts';
import { aor, makePortal, type Portal, pidf, publication } from './portal.ts';

let portal: Portal;
afterEach(() => portal.close());

const AWAY =
  '<dm:person id="p1"><rpid:activities><rpid:on-the-phone/></rpid:activities><dm:note>back at five</dm:note></dm:person>';

const publish = (name: string, changes = {}) =>
  portal.store.publications.write({ kind: 'insert', publication: publication(aor(name), portal.clock, changes) });

describe('As a member I see my presence', () => {
  it('each device: what it says, its note, its name, and until when', async () => {
    portal = makePortal();
    const alice = await portal.member('alice');
    await publish('alice', { body: pidf('open', AWAY) });
    const { html } = await alice.get('/presence');
    const device = textOf(html.split('<li class="card tile">')[1]?.split('</li>')[0] ?? '');
    expect(device).toBe(
      'Porch Phone 1.0 Available, on the phone “back at five” Said 2 minutes ago . Ends in 1 hour , unless the phone says it again.',
    );
    expect(html).toContain(`<time datetime="${new Date(portal.clock.now() - 120_000).toISOString()}"`);
  });

  it('and all of them made one, as those see it whom I let in, with the document they receive', async () => {
    portal = makePortal();
    const alice = await portal.member('alice');
    await publish('alice', { body: pidf('closed'), userAgent: 'Desk' });
    await publish('alice', {
      id: 'q'.repeat(22),
      etag: 'e2' as EntityTag,
      body: pidf('open', AWAY),
      userAgent: 'Mobile',
    });
    const { html } = await alice.get('/presence');
    const now = textOf(html.split('class="card now')[1]?.split('</section>')[0] ?? '');
    expect(now).toContain('Available, on the phone');
    expect(now).toContain('“back at five”');
    expect(now).toContain('entity="sip:alice@example.com"');
    expect(html.match(/<li class="card tile">/g)).toHaveLength(2);
  });

  it('without a device I am offline, and the page says what to do', async () => {
    portal = makePortal();
    const { html } = await (await portal.member('alice')).get('/presence');
    expect(textOf(html)).toContain('None of your phones has said anything, so people see you offline.');
    expect(textOf(html)).toContain('Set up a phone');
  });

  it('a device is gone when its time is over', async () => {
    portal = makePortal();
    const alice = await portal.member('alice');
    await publish('alice');
    expect((await alice.get('/presence')).html).toContain('Porch Phone');
    await portal.clock.advance(3600_001);
    expect((await alice.get('/presence')).html).not.toContain('Porch Phone');
  });

  it('a body that cannot be read costs that device its words, not me the page', async () => {
    portal = makePortal();
    const alice = await portal.member('alice');
    await publish('alice', { body: new Uint8Array([1, 2, 3]) });
    const page = await alice.get('/presence');
    expect(page.status).toBe(200);
    expect(page.html).toContain('Porch Phone');
  });

  it('and never a byte of somebody else’s', async () => {
    portal = makePortal();
    await portal.member('alice');
    const mallory = await portal.member('mallory');
    await publish('alice', { body: pidf('open', AWAY) });
    for (const url of [
      '/presence',
      '/rules',
      '/watchers',
      '/presence?owner=sip:alice@example.com',
      '/presence/alice',
    ]) {
      const { html } = await mallory.get(url);
      expect(html).not.toContain('back at five');
      expect(html).not.toContain('Porch Phone');
    }
    expect((await portal.browser().get('/presence')).html).not.toContain('Porch Phone');
  });
});

describe('As a member I learn how to set up my phone', () => {
  it('the transports are those that the one server setting reaches', () => {
    const point = (transport: 'udp' | 'tcp', port: number, address = '0.0.0.0') => ({ transport, address, port });
    expect(transportsBeside([point('udp', 5060), point('tcp', 5060)])).toBe('UDP or TCP');
    expect(transportsBeside([point('tcp', 5060), point('udp', 5070), point('udp', 5060, '::')])).toBe('TCP');
  });

  it('with a WEB_URL it is the name there, whatever a proxy calls the portal', async () => {
    portal = makePortal({ url: 'https://presence.example.com/' });
    const alice = await portal.member('alice');
    const { html } = await alice.get('/presence', { host: 'inside:8080' });
    expect(html).toContain('<code>presence.example.com</code>');
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
    const { html } = await alice.get('/presence', { host });
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
    });
  });
});

describe('As a member I am safe from what devices and people call themselves', () => {
  const EVIL = '<script>alert(1)</script>';
  const EVIL_XML = '&lt;script>alert(1)&lt;/script>';

  it('markup in user agents, notes, activities and names stays text', async () => {
    portal = makePortal();
    const alice = await portal.member('alice');
    const inside = `<dm:person id="p1"><rpid:activities><rpid:other>${EVIL_XML}</rpid:other></rpid:activities><dm:note>${EVIL_XML}"'</dm:note></dm:person>`;
    await publish('alice', { body: pidf('open', inside), userAgent: EVIL });
    const { html } = await alice.get('/presence');
    expect(html).not.toContain(EVIL);
    expect(html.match(/&lt;script&gt;alert\(1\)&lt;\/script&gt;/g)?.length).toBeGreaterThanOrEqual(4);
  });

  it('so does what I type into a form that comes back', async () => {
    portal = makePortal();
    const browser = portal.browser();
    await browser.get('/register');
    const { html } = await browser.post('/register', { username: `"><script>alert(1)</script>`, password: 'short' });
    expect(html).not.toContain('<script>alert');
    expect(html).toContain('&quot;&gt;&lt;script');
  });
});
