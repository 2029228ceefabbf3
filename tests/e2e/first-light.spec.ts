/** The whole promise in one story: one command, two phones, one browser. */
import { join } from 'node:path';
import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import type { Phone } from '../support/baresip.ts';
import type { PhoneSettings, WholeHouse } from './support/whole-house.ts';

const DOMAIN = 'example.com';
const PASSWORD = 'quiet-lamp-on-the-porch';
/** Where pictures of every page are put, for whoever wants to look; none are taken otherwise. */
const PICTURES = process.env['PICTURES'];

let house: WholeHouse;
let hasPhones = false;
const contexts: BrowserContext[] = [];

test.setTimeout(120_000);
test.beforeAll(async () => {
  // Not at the top: Playwright also reads this file in its own process, where `#room` is not the source.
  const support = await import('./support/whole-house.ts');
  hasPhones = support.hasPhones();
  if (hasPhones) house = await support.startWholeHouse(DOMAIN);
});
test.afterAll(async () => {
  await Promise.all(contexts.map((context) => context.close()));
  await house?.close();
});

async function picture(page: Page, name: string): Promise<void> {
  if (PICTURES !== undefined) await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true });
}

async function register(page: Page, name: string): Promise<void> {
  await page.goto(house.portal);
  await picture(page, 'welcome');
  await page.getByRole('main').getByRole('link', { name: 'Make an account' }).click();
  await page.getByLabel('User name').fill(name);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await picture(page, 'register');
  await page.getByRole('button', { name: 'Make my account' }).click();
  await expect(page.getByRole('status')).toContainText(`Welcome, ${name}.`);
  await picture(page, 'set-up-a-phone');
}

/** What the page tells its reader to enter. */
async function readSettings(page: Page): Promise<PhoneSettings> {
  const read = async (term: string): Promise<string> =>
    (await page.locator('dl.settings div', { hasText: term }).locator('dd code').textContent())?.trim() ?? '';
  expect(await read('Domain')).toBe(DOMAIN);
  expect(await read('Transport')).toBe('UDP');
  const settings = { username: await read('User name'), password: PASSWORD, server: await read('Server') };
  expect(await read('Address')).toBe(`${settings.username}@${DOMAIN}`);
  return settings;
}

/** By the bar at the top; the same words may be a link on the page as well. */
const goTo = (page: Page, name: string): Promise<void> =>
  page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name }).click();

test('I register, set up my phone, a friend asks, I approve, they see me come and go; I block them and am gone', async ({
  browser,
}) => {
  test.skip(!hasPhones, 'baresip is not installed');
  const open = async (): Promise<Page> => {
    const context = await browser.newContext({ viewport: { width: 1100, height: 800 } });
    contexts.push(context);
    return context.newPage();
  };
  const [owner, friend] = [await open(), await open()];
  await register(owner, 'alice');
  await register(friend, 'bob');

  const phone: Phone = await house.phone(await readSettings(owner));
  const watcher = await house.phone(await readSettings(friend), ['alice']);
  await watcher.until(/^Subscription-State: pending/);

  await goTo(owner, 'Watchers');
  const asking = owner.getByRole('region', { name: 'Who asks' });
  await expect(asking).toContainText('bob@example.com', { timeout: 15_000 });
  await expect(asking).toContainText('baresip');
  await picture(owner, 'watchers-one-asks');
  expect(watcher.lines.filter(({ text }) => /<presence |changed status/.test(text) && /alice/.test(text))).toEqual([]);
  await asking.getByRole('button', { name: 'Approve bob@example.com' }).click();
  await expect(owner.getByRole('status')).toContainText('bob@example.com can see your presence');
  await watcher.until(/^Subscription-State: active/);
  await picture(owner, 'watchers-one-watches');

  phone.say('presence_online');
  expect((await watcher.shows('alice', 'Online')).text).toContain('to Online');
  await goTo(owner, 'My presence');
  await expect(owner.locator('.now .state')).toHaveText('Available', { timeout: 15_000 });
  await expect(owner.getByRole('region', { name: 'My devices' })).toContainText('baresip');
  await picture(owner, 'presence-with-a-phone');

  phone.say('presence_offline');
  await watcher.shows(
    'alice',
    'Offline',
    watcher.lines.findIndex(({ text }) => / to Online/.test(text)),
  );
  const beforeSecond = watcher.lines.length;
  phone.say('presence_online');
  await watcher.shows('alice', 'Online', beforeSecond);

  await goTo(owner, 'Who may see me');
  await picture(owner, 'rules');
  await goTo(owner, 'Watchers');
  const beforeBlock = watcher.lines.length;
  const clickedAt = performance.now();
  await owner
    .getByRole('region', { name: 'Who watches now' })
    .getByRole('button', { name: 'Block bob@example.com' })
    .click();
  await watcher.until(/^Subscription-State: terminated;reason=rejected/, beforeBlock);
  const lost = await watcher.shows('alice', 'Unknown', beforeBlock);
  console.log(
    `block in the portal: gone from the watcher's phone ${Math.round(lost.at - clickedAt)} ms after the click`,
  );
  expect(watcher.lines.slice(beforeBlock).filter(({ text }) => /<basic>/.test(text))).toEqual([]);
  await expect(owner.getByRole('region', { name: 'Who watches now' })).not.toContainText('bob');
  await picture(owner, 'watchers-nobody');

  await owner.getByRole('button', { name: 'Log out' }).click();
  await owner.goto(`${house.portal}/login`);
  await picture(owner, 'login');
  await owner.goto(`${house.portal}/nowhere`);
  await picture(owner, 'nowhere');
  expect(await house.start.end('SIGINT')).toMatchObject({ status: 0 });
});
