/** My last SIP messages on the whole server: a phone with a wrong password, seen by its owner without a reload. */
import { expect, type Page, test } from '@playwright/test';
import type { Aor } from '#model';
import type { Peer } from '../support/sip-peer.ts';
import type { WholeHouse } from './support/whole-house.ts';

const DOMAIN = 'example.com';
const PASSWORD = 'quiet-lamp-on-the-porch';

let house: WholeHouse;
let phone: (password: string) => Promise<Peer>;

test.setTimeout(120_000);
test.beforeAll(async () => {
  test.setTimeout(120_000);
  const { startWholeHouse } = await import('./support/whole-house.ts');
  house = await startWholeHouse(DOMAIN);
  phone = (password) => house.peer('alice', password);
});
test.afterAll(async () => {
  await house?.close();
});

const PIDF = `<?xml version="1.0" encoding="UTF-8"?>\n<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="sip:alice@${DOMAIN}"><tuple id="t1"><status><basic>open</basic></status></tuple></presence>`;

async function enter(page: Page, path: '/login' | '/register', button: string): Promise<void> {
  await page.goto(`${house.portal}${path}`);
  await page.locator('#username').fill('alice');
  await page.locator('#password').fill(PASSWORD);
  await page.getByRole('main').getByRole('button', { name: button }).click();
}

test('the owner switches it on, the phone fails, the open page says why by itself; and it goes by a click', async ({
  page,
  browser,
}) => {
  await enter(page, '/register', 'Make my account');
  await page.getByRole('link', { name: 'What does my phone say?' }).click();
  await expect(page.getByText('Nothing was recorded.')).toBeVisible();
  await page.getByRole('button', { name: 'Record for ten minutes' }).click();
  await expect(page.getByRole('heading', { name: /It records until \d\d:\d\d/ })).toBeVisible();

  const wrong = await phone('not the password');
  const messages = page.getByRole('region', { name: 'The messages' });
  // The service learns of the click within a second: the phone tries until it is seen, as phones do.
  await expect(async () => {
    await wrong.publish({ body: PIDF });
    await expect(messages).toContainText('The password is wrong. Type it into the phone again.', { timeout: 3000 });
  }).toPass({ timeout: 30_000 });
  await (await phone(PASSWORD)).publish({ body: PIDF, expires: 600 });
  await expect(messages).toContainText('Done; it holds for 600 seconds.', { timeout: 15_000 });
  await messages.getByText('The whole message').last().click();
  await expect(messages.locator('details[open] pre')).toContainText('SIP-ETag:');

  // The same without JavaScript.
  const context = await browser.newContext({ javaScriptEnabled: false });
  const plain = await context.newPage();
  await enter(plain, '/login', 'Log in');
  await plain.goto(`${house.portal}/phones/trace`);
  await expect(plain.getByText('The password is wrong.').first()).toBeVisible();
  await plain.getByRole('button', { name: 'Stop' }).click();
  await expect(plain.getByRole('heading', { name: 'It is off' })).toBeVisible();
  await plain.getByRole('button', { name: 'Delete the messages' }).click();
  await expect(plain.getByText('Nothing was recorded.')).toBeVisible();
  await context.close();
  // While somebody is in the list it stays as it is.
  await page.getByRole('heading', { level: 1 }).click();
  await expect(page.getByText('Nothing was recorded.')).toBeVisible({ timeout: 15_000 });
});

test('the open page says by itself when the ten minutes are over', async ({ page }) => {
  const { startPortal } = await import('./portal.ts');
  const portal = await startPortal(DOMAIN);
  await page.goto(`${portal.url}/register`);
  await page.locator('#username').fill('alice');
  await page.locator('#password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Make my account' }).click();
  await page.getByRole('link', { name: 'What does my phone say?' }).click();
  await portal.store.preferences.set(`sip:alice@${DOMAIN}` as Aor, 'trace', String(Date.now() + 5000));
  await page.reload();
  await expect(page.getByRole('heading', { name: /It records until/ })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'It is off' })).toBeVisible({ timeout: 20_000 });
  await portal.close();
});
