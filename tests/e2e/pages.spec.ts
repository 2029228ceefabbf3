/**
 * Every page in light and dark, at 320 and at 1280 px: no violation of WCAG 2.2 A and AA that axe can find, nothing that
 * sticks out. With PICTURES=folder each is also photographed, at 768 px too.
 */

import { join } from 'node:path';
import { type Browser, expect, type Page, test } from '@playwright/test';
import type { RunningPortal } from './portal.ts';
import { violationsOn } from './support/axe.ts';

const DOMAIN = 'example.com';
const PASSWORD = 'quiet lamp on the porch';
const PICTURES = process.env['PICTURES'];
/** Whoever reads this in another language. */
const LANGUAGE = process.env['PICTURES_LANGUAGE'] ?? 'en-GB';

let portal: RunningPortal;
test.setTimeout(180_000);
test.beforeAll(async ({ browser }) => {
  test.setTimeout(120_000);
  const { startPortal } = await import('./portal.ts');
  const { furnish } = await import('./support/furnish.ts');
  portal = await startPortal(DOMAIN);
  const page = await browser.newPage();
  await page.goto(`${portal.url}/register`);
  await page.getByLabel('User name').fill('alice');
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Make my account' }).click();
  await expect(page.getByRole('status').first()).toContainText('Welcome, alice.');
  await page.close();
  await furnish(portal.store, DOMAIN);
  const { furnishServer } = await import('./support/furnish-server.ts');
  await newcomer(browser, 'ada');
  await furnishServer(portal.store, DOMAIN, 'ada');
});
test.afterAll(() => portal?.close());

const PAGES = [
  ['home', '/presence'],
  ['watchers', '/watchers'],
  ['rules', '/rules'],
  ['preview', '/preview?watcher=bob@example.com&event=presence'],
  ['phones', '/phones'],
  ['trace', '/phones/trace'],
  ['security', '/security'],
  ['second-factor', '/security/second-factor'],
  ['nowhere', '/nowhere'],
] as const;
const OUTSIDE = [
  ['welcome', '/'],
  ['login', '/login'],
  ['login-passkey', '/login/passkey'],
  ['forgot', '/forgot'],
  ['confirm-mail', '/mail/confirm?link=none'],
  ['register', '/register'],
  ['reset', '/reset?link=none'],
] as const;

/** Of who runs the server. */
const ADMINISTRATION = [
  ['admin-server', '/admin'],
  ['admin-users', '/admin/users'],
  ['admin-account', `/admin/account?of=sip:bruno@${DOMAIN}`],
  ['admin-registration', '/admin/registration'],
  ['admin-packages', '/admin/packages'],
  ['admin-audit', '/admin/audit'],
] as const;

async function newcomer(browser: Browser, name: string): Promise<void> {
  const page = await browser.newPage();
  await page.goto(`${portal.url}/register`);
  await page.locator('#username').fill(name);
  await page.locator('#password').fill(PASSWORD);
  await page.locator('#password').press('Enter');
  await expect(page).toHaveURL(/phones/);
  await page.context().close();
}

async function enter(page: Page, name: string): Promise<void> {
  await page.goto(`${portal.url}/login`);
  await page.locator('#username').fill(name);
  await page.locator('#password').fill(PASSWORD);
  await page.locator('#password').press('Enter');
  await expect(page).toHaveURL(/presence/);
}

async function open(browser: Browser, width: number, colorScheme: 'light' | 'dark'): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    colorScheme,
    locale: LANGUAGE,
    reducedMotion: 'reduce',
  });
  return context.newPage();
}

/** Of what stands in a card: what is wider than the card, where it cannot be scrolled. */
const STICKS_OUT = `[...document.querySelectorAll('.card table')].filter((table) => {
  const card = table.closest('.card');
  return !card.matches('.sheet') && table.getBoundingClientRect().right > card.getBoundingClientRect().right;
}).length`;

async function look(page: Page, name: string, path: string, label: string): Promise<void> {
  await page.goto(`${portal.url}${path}`);
  expect.soft(await violationsOn(page), `${name} ${label}`).toEqual([]);
  const out = await page.evaluate<number>(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  );
  expect.soft(out, `${name} ${label} sticks out`).toBe(0);
  expect.soft(await page.evaluate<number>(STICKS_OUT), `${name} ${label}: a table sticks out of its card`).toBe(0);
  if (PICTURES !== undefined) await page.screenshot({ path: join(PICTURES, `${name}-${label}.png`), fullPage: true });
}

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of PICTURES === undefined ? [320, 1280] : [320, 768, 1280]) {
    test(`every page, ${colorScheme}, ${width} px`, async ({ browser }) => {
      const page = await open(browser, width, colorScheme);
      const label = `${width}-${colorScheme}`;
      for (const [name, path] of OUTSIDE) await look(page, name, path, label);
      await page.goto(`${portal.url}/login`);
      await page.locator('#username').fill('alice');
      await page.locator('#password').fill(PASSWORD);
      await page.locator('#password').press('Enter');
      await expect(page).toHaveURL(/presence/);
      for (const [name, path] of PAGES) await look(page, name, path, label);
      // A form that comes back, what was said, and the link with its picture.
      await page.goto(`${portal.url}/presence`);
      await page
        .locator('#note')
        .evaluate((input: { removeAttribute(name: string): void }) => input.removeAttribute('maxlength'));
      await page.locator('#note').fill('x'.repeat(200));
      await page.locator('form.status button').first().click();
      expect(await violationsOn(page), `home wrong ${label}`).toEqual([]);
      await page.goto(`${portal.url}/phones`);
      await page.locator('form[action="/phones/link"] button').click();
      expect(await violationsOn(page), `link ${label}`).toEqual([]);
      if (PICTURES !== undefined) await page.screenshot({ path: join(PICTURES, `link-${label}.png`), fullPage: true });
      await page.context().close();
    });
  }
}

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of PICTURES === undefined ? [320, 1280] : [320, 768, 1280]) {
    test(`every page of administrators, ${colorScheme}, ${width} px`, async ({ browser }) => {
      const page = await open(browser, width, colorScheme);
      const label = `${width}-${colorScheme}`;
      await portal.store.settings.put('registration', 'invitation');
      await look(page, 'register-shut', '/register', label);
      await enter(page, 'ada');
      for (const [name, path] of ADMINISTRATION) await look(page, name, path, label);
      await page.goto(`${portal.url}/admin`);
      await page.locator('details summary').click();
      expect(await violationsOn(page), `table ${label}`).toEqual([]);
      if (PICTURES !== undefined)
        await page.screenshot({ path: join(PICTURES, `admin-table-${label}.png`), fullPage: true });
      // What is shown once, and a form that comes back.
      await page.goto(`${portal.url}/admin/account?of=sip:emre@${DOMAIN}`);
      if (width === 320) {
        // Guesses are counted.
        await page.locator('#reset-password').fill('a guess');
        await page.locator('#reset-password').press('Enter');
        expect(await violationsOn(page), `reset wrong ${label}`).toEqual([]);
      }
      await page.locator('#reset-password').fill(PASSWORD);
      await page.locator('#reset-password').press('Enter');
      await expect(page.locator('code.link')).toBeVisible();
      expect(await violationsOn(page), `reset link ${label}`).toEqual([]);
      await portal.store.settings.put('registration', 'open');
      await page.context().close();
    });
  }
}

test('no page moves after it was drawn', async ({ browser }) => {
  const page = await open(browser, 1280, 'light');
  await page.addInitScript(`
    window.shift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
    }).observe({ type: 'layout-shift', buffered: true });
  `);
  await page.goto(`${portal.url}/login`);
  await page.locator('#username').fill('alice');
  await page.locator('#password').fill(PASSWORD);
  await page.locator('#password').press('Enter');
  await expect(page).toHaveURL(/presence/);
  for (const [name, path] of PAGES) {
    await page.goto(`${portal.url}${path}`, { waitUntil: 'networkidle' }).catch(() => undefined);
    expect(await page.evaluate<number>('window.shift'), name).toBeLessThan(0.02);
  }
  await page.context().clearCookies();
  await enter(page, 'ada');
  for (const [name, path] of ADMINISTRATION) {
    await page.goto(`${portal.url}${path}`, { waitUntil: 'networkidle' }).catch(() => undefined);
    expect(await page.evaluate<number>('window.shift'), name).toBeLessThan(0.02);
  }
  await page.context().close();
});
