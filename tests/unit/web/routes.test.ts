import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Browser } from './browser.ts';
import { aor, makePortal, type Portal } from './portal.ts';

interface Route {
  readonly method: string;
  readonly path: string;
  readonly who: string;
  readonly csrf: string;
}

/** The table of docs/security-review.md. */
const ROUTES: readonly Route[] = [
  ...readFileSync(new URL('../../../docs/security-review.md', import.meta.url), 'utf8').matchAll(
    /^\| (GET|POST) +\| `([^`]+)` +\| (anybody|members|administrators) +\| ([^|]+?) +\|/gm,
  ),
].map(([, method = '', path = '', who = '', csrf = '']) => ({ method, path, who, csrf }));
const those = (method: string, ...who: readonly string[]): readonly string[] =>
  ROUTES.filter((route) => route.method === method && who.includes(route.who)).map(({ path }) => path);

let portal: Portal;
let root: Browser;
let member: Browser;
let guest: Browser;
beforeEach(async () => {
  portal = makePortal();
  root = await portal.member('root');
  await portal.store.accounts.setAdmin(aor('root'), true);
  member = await portal.member('alice');
  guest = portal.browser();
});
afterEach(() => portal.close());

/** Without following where it leads. */
const first = ({ page }: Browser): { readonly status: number; readonly location: unknown } => {
  const answer = page.by[0] ?? page;
  return { status: answer.status, location: answer.headers['location'] };
};

describe('Every route of the portal', () => {
  it('stands in the table of docs/security-review.md, and nothing else does', async () => {
    expect(ROUTES.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(await portal.routes());
  });

  it('that changes something takes no form but ours, from a guest, a member or an administrator', async () => {
    const posts = ROUTES.filter(({ method }) => method !== 'GET');
    expect(posts.length).toBeGreaterThan(40);
    for (const { method, path, who, csrf } of posts) {
      expect([method, csrf], path).toEqual(['POST', 'token']);
      for (const browser of who === 'anybody' ? [guest, member, root] : [root]) {
        await browser.get(browser === guest ? '/login' : '/presence');
        expect((await browser.post(path, { _csrf: '' })).status, path).toBe(403);
      }
    }
  });

  it('that is of members asks a guest to log in', async () => {
    const streams = ['/live', '/live/news'];
    for (const path of those('GET', 'members', 'administrators').filter((one) => !streams.includes(one))) {
      await guest.get(path);
      const back = `/login?next=${encodeURIComponent(path)}`;
      expect(first(guest), path).toEqual({ status: 303, location: back });
    }
    for (const path of those('POST', 'members', 'administrators')) {
      await guest.get('/login');
      await guest.post(path);
      expect(first(guest), path).toEqual({ status: 303, location: '/login' });
    }
    expect((await guest.get('/live')).status).toBe(204);
    expect((await guest.get('/live/news')).status).toBe(401);
  });

  it('that is of administrators is none for a member', async () => {
    for (const path of those('GET', 'administrators')) {
      expect((await member.get(path)).status, path).toBe(404);
      expect((await root.get(path)).status, path).toBe(200);
    }
    for (const path of those('POST', 'administrators')) {
      await member.get('/presence');
      expect((await member.post(path)).status, path).toBe(404);
    }
  });
});
