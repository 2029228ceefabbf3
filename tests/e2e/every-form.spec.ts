/**
 * Every form that a user meets, sent in a browser with and without JavaScript, and what came of it. The last story holds
 * that none is left out: those of administrators, of mail and of passkeys have suites of their own.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { generateSync } from 'otplib';
import type { Aor } from '#model';
import type { RunningPortal } from './portal.ts';

const DOMAIN = 'example.com';
const PASSWORD = 'quiet lamp on the porch';
const ANOTHER = 'another lamp on the porch';
const aor = (name: string): Aor => `sip:${name}@${DOMAIN}` as Aor;

let portal: RunningPortal;
let members = 0;
const sent = new Set<string>();

test.setTimeout(120_000);
test.use({ actionTimeout: 15_000 });
test.beforeAll(async () => {
  const { startPortal } = await import('./portal.ts');
  portal = await startPortal(DOMAIN);
});
test.afterAll(() => portal?.close());

/** Fills what is named, and sends it with the button, the first one unless it is named. */
async function send(
  page: Page,
  action: string,
  fields: Readonly<Record<string, string>> = {},
  button = 'button:not([type]), button[type=submit]',
): Promise<void> {
  const form = page.locator(`form[action="${action}"]`).first();
  for (const folded = page.locator('details:not([open])', { has: form }); (await folded.count()) > 0; ) {
    await folded.first().locator('summary').first().click();
  }
  for (const [name, value] of Object.entries(fields)) {
    const field = form.locator(`[name="${name}"]`).first();
    if ((await field.getAttribute('type')) === 'radio')
      await form.locator(`[name="${name}"][value="${value}"]`).check({ force: true });
    else if ((await field.evaluate((element) => element.nodeName)) === 'SELECT') await field.selectOption(value);
    else await field.fill(value);
  }
  await form.locator(button).first().click();
  await page.waitForLoadState();
  sent.add(action);
}

async function newcomer(page: Page): Promise<string> {
  members += 1;
  const name = `guest${members}`;
  await page.setExtraHTTPHeaders({ 'x-forwarded-for': `198.51.100.${members}` });
  await page.goto(`${portal.url}/register`);
  await send(page, '/register', { username: name, password: PASSWORD });
  await expect(page).toHaveURL(/phones/);
  return name;
}

const goto = (page: Page, path: string): Promise<unknown> => page.goto(`${portal.url}${path}`);

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'With JavaScript' : 'Without JavaScript', () => {
    test.use({ javaScriptEnabled });

    test('I say what I do, take it back, and have my availability kept', async ({ page }) => {
      const name = await newcomer(page);
      await goto(page, '/presence');
      await send(page, '/presence/status', { status: 'busy', note: 'in a <meeting>' });
      await expect(page.locator('.now')).toContainText('in a <meeting>');
      await send(page, '/presence/status', {}, 'button[formaction="/presence/clear"]');
      await expect(page.locator('.now')).not.toContainText('meeting');
      await send(page, '/presence/strip');
      expect([...(await portal.store.preferences.of(aor(name))).keys()]).toHaveLength(1);
    });

    test('I make a group, a rule about it and one with dates, change the dates, and delete all of it', async ({
      page,
    }) => {
      const name = await newcomer(page);
      await goto(page, '/rules');
      await send(page, '/rules/groups', { name: 'Family', members: 'bob\ncarol@example.com' });
      const [group] = await portal.store.groups.of(aor(name));
      expect(group).toMatchObject({ name: 'Family', members: [aor('bob'), aor('carol')] });
      await send(page, '/rules/add', { kind: 'group', group: String(group?.id), permission: 'allow' });
      await send(page, '/rules/add', { kind: 'person', who: 'dave', permission: 'block', from: '2031-01-01T10:00' });
      const dates = page.locator('form[action="/rules/dates"]');
      await expect(dates.first()).toBeAttached();
      const ofDave = page.locator(`form[action="/rules/dates"]:has(input[value="${aor('dave')}"])`);
      const folded = page.locator('details:not([open])', { has: ofDave });
      if ((await folded.count()) > 0) await folded.first().locator('summary').click();
      await ofDave.locator('[name="until"]').fill('2031-02-01T10:00');
      await ofDave.locator('button').click();
      sent.add('/rules/dates');
      const rule = (await portal.store.rules.of(aor(name))).find(({ subject }) => String(subject) === aor('dave'));
      expect(rule?.untilAt).toBe(Date.parse('2031-02-01T10:00:00Z'));
      await send(page, '/rules/change', {}, 'button[value="polite-block"]');
      await send(page, '/rules/remove');
      await send(page, '/rules/remove');
      await send(page, '/rules/groups/remove');
      expect(await portal.store.rules.of(aor(name))).toEqual([]);
      expect(await portal.store.groups.of(aor(name))).toEqual([]);
    });

    test('I answer who asks, take it back, look for somebody, forget who watched before, and ask what they see', async ({
      page,
    }) => {
      const { somebodyAsks } = await import('./support/asking.ts');
      const name = await newcomer(page);
      await somebodyAsks(portal.store, aor(name), aor('bob'));
      await portal.store.pastWatchers.write([
        { owner: aor(name), watcher: aor('eve'), event: 'presence', client: 'x', firstAt: 1, lastAt: Date.now() },
      ]);
      await goto(page, '/watchers');
      await send(page, '/watchers/answer');
      expect(await portal.store.rules.of(aor(name))).toHaveLength(1);
      await page.getByRole('button', { name: 'Undo' }).click();
      await page.waitForLoadState();
      expect(await portal.store.rules.of(aor(name))).toEqual([]);
      await goto(page, '/watchers?find=bob');
      await send(page, '/watchers', { find: 'nobody-of-this-name' });
      await goto(page, '/watchers');
      await send(page, '/watchers/forget');
      await goto(page, '/preview?watcher=bob&event=presence');
      await send(page, '/preview', { watcher: 'carol' });
      await expect(page.locator('main')).toContainText('carol@example.com');
    });

    test('I set up a phone by a link, and follow what it says', async ({ page }) => {
      await newcomer(page);
      await goto(page, '/phones');
      await send(page, '/phones/link');
      await expect(page.locator('main svg, main img').first()).toBeVisible();
      await goto(page, '/phones/trace');
      await send(page, '/phones/trace/on');
      await send(page, '/phones/trace/off');
    });

    test('I look after my account: passwords, a second step, sessions; and leave', async ({ page, browser }) => {
      const name = await newcomer(page);
      await goto(page, '/security');
      await send(page, '/security/password', { 'old-password': PASSWORD, 'new-password': ANOTHER });
      await goto(page, '/security');
      await send(page, '/security/devices', { label: 'kitchen' });
      expect(await portal.store.devicePasswords.of(aor(name))).toHaveLength(1);
      await goto(page, '/security');
      await send(page, '/security/devices/revoke');
      expect(await portal.store.devicePasswords.of(aor(name))).toEqual([]);

      await goto(page, '/security/second-factor');
      const secret = await page.locator('form[action="/security/second-factor"] [name="secret"]').inputValue();
      await send(page, '/security/second-factor', { code: generateSync({ secret }), 'factor-password': ANOTHER });
      expect(await portal.store.secondFactors.of(aor(name))).toBeDefined();
      const codes = await page.locator('main').textContent();
      const recovery = [...(codes ?? '').matchAll(/[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4}/g)].map(([code]) => code);

      for (const end of ['/security/sessions/end', '/security/sessions/end-others']) {
        const elsewhere = await browser.newContext({ javaScriptEnabled });
        const other = await elsewhere.newPage();
        await other.setExtraHTTPHeaders({ 'x-forwarded-for': `198.51.100.${members + 100}` });
        await goto(other, '/login');
        await send(other, '/login', { username: name, password: ANOTHER });
        await send(other, '/login/code', { code: recovery.pop() ?? '' });
        await expect(other).toHaveURL(/presence/);
        await goto(page, '/security');
        await send(page, end);
        await goto(other, '/presence');
        await expect(other).toHaveURL(/login/);
        await elsewhere.close();
      }

      await goto(page, '/security');
      await send(page, '/security/second-factor/off', { 'off-password': ANOTHER });
      expect(await portal.store.secondFactors.of(aor(name))).toBeUndefined();
      await goto(page, '/security');
      await send(page, '/security/leave', { name, 'leave-password': ANOTHER });
      expect(await portal.store.accounts.find(aor(name))).toBeUndefined();
    });
  });
}

test('no form of a user is left out', () => {
  const WEB = new URL('../../web/', import.meta.url);
  const elsewhere =
    /^\/(admin|mail|forgot|reset|login\/passkey|security\/(passkeys|mail)|logout|phones\/trace\/forget)/;
  const actions = (readdirSync(WEB, { recursive: true }) as string[])
    .filter((name) => name.endsWith('.eta'))
    .flatMap((name) => [...readFileSync(join(WEB.pathname, name), 'utf8').matchAll(/<form[^>]* action="([^"<]+)"/g)])
    .map(([, action = '']) => action)
    .filter((action) => !elsewhere.test(action));
  expect([...new Set(actions)].filter((action) => !sent.has(action))).toEqual([]);
});
