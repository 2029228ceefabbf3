/** Passkeys in Chromium, with an authenticator of its own (CDP WebAuthn): made, used in the place of a password, removed. */
import { type CDPSession, expect, type Page, test } from '@playwright/test';
import type { RunningPortal } from './portal.ts';
import { violationsOn } from './support/axe.ts';
import { register } from './support/register.ts';

const DOMAIN = 'example.com';
const PASSWORD = 'quiet lamp on the porch';

let portal: RunningPortal;
/** Browsers have passkeys where the server has a name. */
let url = '';
test.setTimeout(60_000);
test.beforeAll(async () => {
  test.setTimeout(120_000);
  const { startPortal } = await import('./portal.ts');
  portal = await startPortal(DOMAIN);
  url = portal.url.replace('127.0.0.1', 'localhost');
});
test.afterAll(() => portal?.close());

async function plugIn(page: Page): Promise<{ readonly cdp: CDPSession; readonly authenticatorId: string }> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return { cdp, authenticatorId };
}

test('I make a passkey, log in with it alone, see when I used it, and remove it', async ({ page }) => {
  await plugIn(page);
  await register(page, url, 'alice', PASSWORD);
  await page.getByRole('link', { name: 'Security' }).click();
  const section = page.getByRole('region', { name: 'Passkeys' });
  await section.getByLabel('Where will the key be?').fill('Laptop');
  await section.locator('#passkey-password').fill(PASSWORD);
  await section.getByRole('button', { name: 'Make a passkey' }).click();
  await expect(page.getByRole('status')).toContainText('The passkey “Laptop” opens this page from now on.');
  await expect(section).toContainText('Never used.');

  await page.getByRole('button', { name: 'Log out' }).click();
  await page.goto(`${url}/watchers`);
  await page.getByRole('link', { name: 'Log in with a passkey' }).click();
  await expect(page).toHaveURL(`${url}/watchers`);
  await page.getByRole('link', { name: 'Security' }).click();
  await expect(section).toContainText('Last used');

  await section.getByRole('button', { name: 'Remove Laptop' }).click();
  await expect(page.getByRole('status')).toContainText('That passkey opens nothing any more.');
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.goto(`${url}/login/passkey`);
  await expect(page.getByText('This passkey opens nothing here.')).toBeVisible();
  expect(await violationsOn(page)).toEqual([]);
});

test('whose browser has none, or who says no, is told so and can try again', async ({ page }) => {
  const { cdp, authenticatorId } = await plugIn(page);
  await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
  await page.goto(`${url}/login`);
  await page.getByRole('link', { name: 'Log in with a passkey' }).click();
  await expect(page.getByRole('alert')).toContainText('It was stopped, or this browser has no such passkey.');
  await expect(page.getByRole('button', { name: 'Use my passkey' })).toBeEnabled();
  expect(await violationsOn(page)).toEqual([]);
});

test('without JavaScript the page says that it needs it', async ({ browser }) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${url}/login/passkey`);
  await expect(page.getByText('Passkeys need JavaScript')).toBeVisible();
  await page.getByRole('link', { name: 'Back to the password' }).click();
  await expect(page.getByLabel('User name')).toBeVisible();
  await context.close();
});
