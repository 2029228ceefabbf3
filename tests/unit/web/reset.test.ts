import { afterEach, describe, expect, it } from 'vitest';
import { makeRandom } from '#runtime';
import { issueLink, openSecrets, StoreUnavailable, spendLink } from '#store';
import { textOf } from './browser.ts';
import { aor, makePortal, PASSWORD, type Portal } from './portal.ts';

let portal: Portal;
afterEach(() => portal.close());

const NEW = 'another lamp, another porch';
const link = async (): Promise<string> => {
  const { store, clock } = portal;
  return (await issueLink(aor('alice'), 'password', 3_600_000, { store, clock, random: makeRandom() }))?.secret ?? '';
};

describe('A link to set a new password', () => {
  it('sets it once, for portal and phones, and logs out every browser', async () => {
    portal = makePortal();
    const before = await portal.member('alice');
    const secret = await link();
    const browser = portal.browser();
    expect((await browser.get(`/reset?link=${secret}`)).headers['referrer-policy']).toBe('no-referrer');
    expect((await browser.post('/reset', { link: secret, password: NEW })).url).toBe('/login');
    expect((await before.get('/presence')).url).toContain('/login');
    expect((await browser.post('/login', { username: 'alice', password: PASSWORD })).status).toBe(422);
    expect((await browser.post('/login', { username: 'alice', password: NEW })).url).toBe('/presence');
    const again = portal.browser();
    await again.get(`/reset?link=${secret}`);
    expect(textOf((await again.post('/reset', { link: secret, password: PASSWORD })).html)).toContain(
      'This link has been used',
    );
  });

  it('makes other links that were made before open nothing', async () => {
    portal = makePortal();
    await portal.member('alice');
    const { store, clock } = portal;
    const links = { store, clock, random: makeRandom() };
    const phone = (await issueLink(aor('alice'), 'phone', 3_600_000, links))?.secret ?? '';
    const secret = await link();
    const browser = portal.browser();
    await browser.get(`/reset?link=${secret}`);
    expect((await browser.post('/reset', { link: secret, password: NEW })).url).toBe('/login');
    expect(await spendLink(phone, 'phone', links)).toBeUndefined();
  });

  it('is not spent on a weak password, and opens nothing after its time', async () => {
    portal = makePortal();
    await portal.member('alice');
    const secret = await link();
    const browser = portal.browser();
    await browser.get(`/reset?link=${secret}`);
    expect((await browser.post('/reset', { link: secret, password: 'short' })).status).toBe(422);
    await portal.clock.advance(3_600_000);
    expect((await browser.post('/reset', { link: secret, password: NEW })).status).toBe(422);
  });

  it('is not spent while too many passwords are being checked', async () => {
    const busy = { now: true };
    const secrets = openSecrets(new Uint8Array(32).fill(7));
    const hashPassword = (password: string) =>
      busy.now ? Promise.reject(new StoreUnavailable('busy')) : secrets.hashPassword(password);
    portal = makePortal({ secrets: { ...secrets, hashPassword } });
    busy.now = false;
    await portal.member('alice');
    const secret = await link();
    busy.now = true;
    const browser = portal.browser();
    await browser.get(`/reset?link=${secret}`);
    expect((await browser.post('/reset', { link: secret, password: NEW })).status).toBe(503);
    busy.now = false;
    await browser.get(`/reset?link=${secret}`);
    expect((await browser.post('/reset', { link: secret, password: NEW })).url).toBe('/login');
  });

  it('cannot be made up', async () => {
    portal = makePortal();
    await portal.member('alice');
    const browser = portal.browser();
    await browser.get('/reset?link=x');
    expect((await browser.post('/reset', { link: 'A'.repeat(32), password: NEW })).status).toBe(422);
    expect((await browser.post('/login', { username: 'alice', password: PASSWORD })).url).toBe('/presence');
  });
});
