/** A mail address, a forgotten password, and a notice that somebody asks, by a mail server on loopback. */
import { expect, test } from '@playwright/test';
import type { MailServer } from '../support/mail-server.ts';
import type { RunningPortal } from './portal.ts';
import { violationsOn } from './support/axe.ts';
import { register } from './support/register.ts';

const DOMAIN = 'example.com';
const PASSWORD = 'quiet lamp on the porch';

let mails: MailServer;
let portal: RunningPortal;
test.setTimeout(90_000);
test.beforeAll(async () => {
  test.setTimeout(120_000);
  const { openMailServer } = await import('../support/mail-server.ts');
  const { startPortal } = await import('./portal.ts');
  mails = await openMailServer();
  portal = await startPortal(DOMAIN, mails.port);
});
test.afterAll(async () => {
  await portal?.close();
  await mails?.close();
});

const linkIn = (text: string): string => /http:\/\/\S+/.exec(text)?.[0] ?? '';

for (const javaScriptEnabled of [true, false]) {
  test(`I give an address, forget my password, and get in again, ${javaScriptEnabled ? 'with' : 'without'} JavaScript`, async ({
    browser,
  }) => {
    const context = await browser.newContext({ javaScriptEnabled });
    const page = await context.newPage();
    const name = javaScriptEnabled ? 'alice' : 'bob';
    await register(page, portal.url, name, PASSWORD);
    await page.getByRole('link', { name: 'Security' }).click();
    const section = page.getByRole('region', { name: 'Mail', exact: true });
    await section.getByLabel('Mail address').fill(`${name}@mail.example`);
    await section.locator('#mail-password').fill(PASSWORD);
    await section.getByRole('button', { name: 'Send a link there' }).click();
    await expect(section).toContainText(`A link was sent to ${name}@mail.example.`);
    await page.goto(linkIn((await mails.next()).text));
    if (javaScriptEnabled) expect(await violationsOn(page)).toEqual([]);
    await page.getByRole('button', { name: 'This is my address' }).click();
    await expect(section).toContainText(`Your mail address is ${name}@mail.example.`);
    if (javaScriptEnabled) expect(await violationsOn(page)).toEqual([]);

    await page.getByRole('button', { name: 'Log out', exact: true }).first().click();
    await page.goto(`${portal.url}/login`);
    await page.getByRole('link', { name: 'Forgot your password?' }).click();
    if (javaScriptEnabled) expect(await violationsOn(page)).toEqual([]);
    await page.getByLabel('User name').fill(name);
    await page.getByRole('button', { name: 'Send me a link' }).click();
    await expect(page.getByRole('status')).toContainText('a link is on its way');
    if (javaScriptEnabled) expect(await violationsOn(page)).toEqual([]);
    const mail = await mails.next();
    expect(mail.to).toEqual([`${name}@mail.example`]);
    await page.goto(linkIn(mail.text));
    await page.locator('#password').fill('another lamp on another porch');
    await page.getByRole('button', { name: 'Set my password' }).click();
    expect((await mails.next()).subject).toBe('Your password for Porchlight was changed');
    await page.getByLabel('User name').fill(name);
    await page.locator('#password').fill('another lamp on another porch');
    await page.getByRole('main').getByRole('button', { name: 'Log in' }).click();
    await expect(page).toHaveURL(/presence/);
    await context.close();
  });
}
