import { afterEach, describe, expect, it } from 'vitest';
import { aor, type House, openHouse, pidf, uri } from '../../support/house.ts';
import type { Notify, Peer, Watch } from '../../support/sip-peer.ts';

let house: House;
afterEach(() => house.close());

async function start(options: Parameters<typeof openHouse>[0] = {}): Promise<{ alice: Peer; bob: Peer }> {
  house = await openHouse({ paceMs: 0, users: ['alice', 'bob', 'carol'], ...options });
  await house.rule('alice', 'bob', 'allow');
  await house.clock.advance(1_000);
  return { alice: house.peer('alice'), bob: house.peer('bob') };
}

const rows = () => house.store.subscriptions.of(aor('alice'), house.clock.now());

describe('RFC 3856 §5: how a presentity is named', () => {
  it.each(['sip:alice@example.com', 'sips:alice@example.com', 'pres:alice@example.com'])(
    '%s is alice, and the document says so in one way',
    async (to) => {
      const { alice, bob } = await start();
      await alice.publish({ body: pidf('alice', 'open', 'here') });
      const watch = await bob.subscribe({ to });
      expect(watch.response.status).toBe(200);
      const { body } = await watch.next();
      expect(body).toContain('here');
      expect(body).toContain(' entity="sip:alice@example.com"');
    },
  );

  it.each([
    'sip:alice@example.com:5060',
    'sip:alice@EXAMPLE.com;transport=udp',
    'sip:%61lice@example.com',
    'sip:alice@192.0.2.1',
  ])('%s is the same: no port, no parameters, no escapes in the entity', async (to) => {
    const { alice, bob } = await start();
    await alice.publish({ to, body: pidf('alice', 'open', 'here') });
    const watch = await bob.subscribe({ to });
    const { body } = await watch.next();
    expect(body).toContain('here');
    expect(body.match(/ entity="[^"]*"/g)).toEqual([' entity="sip:alice@example.com"']);
  });

  it('§6.6.2: a foreign domain and an unknown user are 404', async () => {
    const { bob } = await start();
    for (const to of [
      'sip:alice@elsewhere.example',
      'pres:alice@elsewhere.example',
      uri('nobody'),
      'sip:example.com',
    ]) {
      expect([to, (await bob.subscribe({ to })).response.status]).toEqual([to, 404]);
    }
  });

  it('client profile: of a Yealink that names only the domain, whoever To names; of nobody else', async () => {
    const { bob } = await start();
    const asked = { method: 'SUBSCRIBE', uri: 'sip:example.com', to: uri('alice') };
    const headers = { Event: 'presence', 'User-Agent': 'Yealink SIP-T46G 28.83.0.120' };
    expect((await bob.ask({ ...asked, headers })).status).toBe(200);
    expect((await bob.ask({ ...asked, uri: 'sip:elsewhere.example', headers })).status).toBe(404);
    expect((await bob.ask({ ...asked, headers: { Event: 'presence' } })).status).toBe(404);
  });

  it('§6.6.2: where watchers are blocked unless told otherwise, an unknown user looks like one who says no: 403', async () => {
    const { bob } = await start({ byDefault: 'block' });
    const shape = async (to: string, headers: Readonly<Record<string, string>>): Promise<string> => {
      const { response } = await bob.subscribe({ to, headers });
      return response.text
        .replace(/(branch|tag)=[^;\r]+/g, '$1=…')
        .replace(/^(Call-ID|CSeq): .*$/gm, '$1: …')
        .replace(/^To: .*$/m, 'To: …');
    };
    for (const headers of [{}, { Accept: 'text/plain' }, { Expires: '5' }, { Expires: 'soon' }, { Expires: '0' }]) {
      expect(await shape(uri('nobody'), headers)).toBe(await shape(uri('carol'), headers));
      expect(await shape(uri('nobody'), headers)).toContain('SIP/2.0 403');
    }
  });
});

describe('RFC 3856 §6.4, §6.5: duration and body', () => {
  it('an hour where the watcher says nothing, and PIDF where it names no type', async () => {
    const { alice, bob } = await start();
    await alice.publish({ body: pidf('alice', 'open') });
    const watch = await bob.subscribe({ to: uri('alice') });
    expect(watch.response.header('Expires')).toBe('3600');
    expect(await watch.next()).toMatchObject({ expires: 3600, contentType: 'application/pidf+xml' });
  });

  it('a watcher that cannot read PIDF is 406, and told what there is', async () => {
    const { bob } = await start();
    const { response } = await bob.subscribe({ to: uri('alice'), accept: 'application/cpim-pidf+xml, text/html' });
    expect(response.status).toBe(406);
    expect(response.header('Accept')).toBe('application/pidf+xml');
    expect(await rows()).toEqual([]);
  });
});

describe('RFC 3856 §6.6.1, §6.6.2: who may see', () => {
  it('§6.6.1: every SUBSCRIBE is challenged, also one in a dialog', async () => {
    const { bob } = await start();
    const watch = await bob.subscribe({ to: uri('alice') });
    await watch.next();
    const tag = (header: string): string => /tag=([^;]+)/.exec(watch.response.header(header))?.[1] ?? '';
    const within = { callId: watch.callId, toTag: tag('To'), fromTag: tag('From') };
    for (const dialog of [{}, within]) {
      const headers = { Event: 'presence', Expires: '0' };
      const asked = { method: 'SUBSCRIBE', uri: uri('alice'), headers, authenticate: false, ...dialog };
      expect((await bob.ask(asked)).status).toBe(401);
    }
    expect(await rows()).toHaveLength(1);
  });

  it('§6.6.2: who is blocked is 403; who has to be confirmed waits', async () => {
    await start();
    await house.rule('alice', 'carol', 'block');
    await house.clock.advance(1_000);
    expect((await house.peer('carol').subscribe({ to: uri('alice') })).response.status).toBe(403);
  });

  it('§6.7: a pending NOTIFY has no body; with the approval comes the whole document, at once', async () => {
    const { alice } = await start({ paceMs: 60_000 });
    await alice.publish({ body: pidf('alice', 'open', 'private') });
    const carol = await house.peer('carol').subscribe({ to: uri('alice') });
    const pending = await carol.next();
    expect(pending).toMatchObject({ state: 'pending', body: '', contentType: '' });
    await house.rule('alice', 'carol', 'allow');
    await house.clock.advance(1_500);
    expect(carol.last).toMatchObject({ state: 'active', contentType: 'application/pidf+xml' });
    expect(carol.last?.body).toContain('private');
  });

  it('§6.7: a client that cannot do without a body gets, while pending, one that tells nothing and never changes', async () => {
    const { alice } = await start();
    const headers = { 'User-Agent': 'IM-client/OMA1.0 sipML5-v1.2016.03.04' };
    const carol = await house.peer('carol').subscribe({ to: uri('alice'), headers });
    expect(await carol.next()).toMatchObject({ state: 'pending', contentType: 'application/pidf+xml' });
    await alice.publish({ body: pidf('alice', 'open', 'private') });
    await house.clock.advance(10_000);
    expect(carol.notifies).toHaveLength(1);
    await carol.refresh();
    await carol.next();
    expect(carol.last?.state).toBe('pending');
    expect(carol.last?.body).toBe(carol.notifies[0]?.body);
    expect(carol.last?.body).toContain('<basic>closed</basic>');
  });
});

describe('RFC 3856 §6.6.2: polite blocking', () => {
  /** What of a NOTIFY could tell anything: all but what names the dialog, with the time since the watch began. */
  const shapeOf = ({ wire, at }: Notify, since: number): string =>
    `${at - since} ${wire.text}`
      .replace(/(branch|tag)=[^;\r]+/g, '$1=…')
      .replace(/^(NOTIFY|Via|To|Call-ID|Contact|Content-Length)\b.*$/gm, '$1 …');

  async function seenBy(user: string, doing: (watch: Watch) => Promise<unknown>): Promise<readonly string[]> {
    const since = house.clock.now();
    const watch = await house.peer(user).subscribe({ to: uri('alice'), expires: 1800 });
    await watch.next();
    await doing(watch);
    return [
      watch.response.text
        .replace(/(branch|tag|received|rport)=[^;\r]+/g, '$1=…')
        .replace(/^(Via|From|To|Call-ID|CSeq|Authentication-Info).*$/gm, '$1 …'),
      ...watch.notifies.map((notify) => shapeOf(notify, since)),
    ];
  }

  it('is in shape and timing what somebody without any device looks like, whatever she really does', async () => {
    const life = async (watch: Watch): Promise<void> => {
      await house.clock.advance(100_000);
      await watch.refresh();
      await house.clock.advance(1_000);
      await watch.unsubscribe();
      await house.clock.advance(1_000);
    };
    await start();
    await house.rule('alice', 'carol', 'allow');
    const really = await seenBy('carol', life);
    await house.close();

    const { alice } = await start();
    await house.rule('alice', 'carol', 'polite-block');
    const first = await alice.publish({ body: pidf('alice', 'open', 'secret') });
    const blocked = await seenBy('carol', async (watch) => {
      const modified = await alice.publish({ body: pidf('alice', 'closed', 'gone'), etag: first.header('SIP-ETag') });
      await alice.publish({ etag: modified.header('SIP-ETag'), expires: 0 });
      await life(watch);
    });
    const withoutTimes = (all: readonly string[]): readonly string[] => all.map((text) => text.replace(/^\d+ /, ''));
    expect(withoutTimes(blocked)).toEqual(withoutTimes(really));
    expect(blocked).toHaveLength(4);
    expect(blocked.join()).not.toMatch(/secret|gone|open/);
  });

  it('the first NOTIFY comes as fast as anybody’s', async () => {
    const { alice } = await start();
    await alice.publish({ body: pidf('alice', 'open', 'secret') });
    await house.rule('alice', 'carol', 'polite-block');
    await house.clock.advance(1_000);
    const delay = async (user: string): Promise<number> => {
      const since = house.clock.now();
      const watch = await house.peer(user).subscribe({ to: uri('alice') });
      return (await watch.next()).at - since;
    };
    // One round before, so that each has its nonce.
    await delay('bob');
    await delay('carol');
    expect(await delay('carol')).toBe(await delay('bob'));
  });
});

describe('RFC 3856 §6.7: what there is to say of who has published nothing', () => {
  it('a closed tuple, without a time that would tell when', async () => {
    const { bob } = await start();
    const watch = await bob.subscribe({ to: uri('alice') });
    const { body } = await watch.next();
    expect(body).toContain('<basic>closed</basic>');
    expect(body).not.toContain('timestamp');
    await house.clock.advance(100_000);
    await watch.refresh();
    expect((await watch.next()).body).toBe(body);
  });
});

describe('RFC 3856 §6.9: forking', () => {
  it('one dialog for one SUBSCRIBE, however it came', async () => {
    const { alice, bob } = await start();
    const watch = await bob.subscribe({ to: uri('alice') });
    await watch.next();
    await alice.publish({ body: pidf('alice', 'open') });
    await watch.next();
    const tags = new Set(watch.notifies.map(({ wire }) => /tag=([^;]+)/.exec(wire.header('From'))?.[1]));
    expect(tags).toEqual(new Set([/tag=([^;]+)/.exec(watch.response.header('To'))?.[1]]));
  });
});
