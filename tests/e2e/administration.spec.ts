/** An administrator at work, on the whole server with live SIP clients, in browsers with and without JavaScript. */
import { type Browser, type BrowserContext, expect, type Locator, type Page, test } from '@playwright/test';
import type { Place } from '../support/processes.ts';

let place: Place;
let passwordOf: (user: string) => string;
let uri: (user: string) => string;
const contexts: BrowserContext[] = [];

test.setTimeout(150_000);
test.beforeAll(async () => {
  test.setTimeout(120_000);
  // Not at the top: Playwright also reads this file in its own process, where `#room` is not the source.
  const processes = await import('../support/processes.ts');
  ({ passwordOf, uri } = processes);
  place = await processes.openPlace();
  await place.startSip();
  await place.startPortal();
  await place.addUsers('ada', 'alice', 'bob', 'anna', 'bert');
  await place.porchlight(['user', 'admin', 'ada']);
  for (const owner of ['alice', 'anna']) await place.allowAll(owner);
});
test.afterAll(async () => {
  await Promise.all(contexts.map((context) => context.close()));
  await place?.close();
});

async function open(browser: Browser, javaScriptEnabled = true): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, javaScriptEnabled });
  contexts.push(context);
  return context.newPage();
}

async function logIn(page: Page, user: string, password = passwordOf(user)): Promise<void> {
  await page.goto(`${place.portal}/login`);
  await page.getByLabel('User name').fill(user);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await expect(page).toHaveURL(/\/presence$/);
}

async function openAccount(page: Page, user: string): Promise<void> {
  await page.getByRole('link', { name: 'Users', exact: true }).click();
  await page.getByLabel('Find an address').fill(user.slice(0, 3));
  await page.getByRole('button', { name: 'Find' }).click();
  await page.getByRole('link', { name: `${user}@example.com` }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(`${user}@example.com`);
}

const pidf = (user: string, note: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="${uri(user)}"><tuple id="t1"><status><basic>open</basic></status><note>${note}</note></tuple></presence>`;

const chart = (page: Page, name: string): Locator =>
  page.getByRole('figure').filter({ has: page.getByText(name, { exact: true }) });

for (const javaScriptEnabled of [true, false]) {
  // Each run has people of its own.
  const [owner, watcher] = javaScriptEnabled ? (['alice', 'bob'] as const) : (['anna', 'bert'] as const);

  test.describe(javaScriptEnabled ? 'In a browser' : 'In a browser without JavaScript', () => {
    test('users: found, disabled with all that is live, let in again, given a link for a new password', async ({
      browser,
    }) => {
      const [admin, member] = [await open(browser, javaScriptEnabled), await open(browser, javaScriptEnabled)];
      await logIn(admin, 'ada');
      await logIn(member, owner);
      const phone = await place.peer(owner);
      await phone.publish({ body: pidf(owner, 'at home') });
      const watch = await (await place.peer(watcher)).subscribe({ to: uri(owner) });
      await watch.until(({ body }) => body.includes('at home'));

      await admin.getByRole('link', { name: 'Administration' }).click();
      await openAccount(admin, owner);
      await expect(admin.getByText('Devices that publish')).toBeVisible();
      await admin.getByRole('button', { name: 'Disable the account' }).click();
      await expect(admin.getByRole('status')).toContainText(`${owner}@example.com is disabled.`);
      // The watcher's phone is told, the phone is shut out, the browser is logged out.
      const last = await watch.until(({ state }) => state === 'terminated');
      expect(last.reason).toBe('noresource');
      expect((await phone.publish({ body: pidf(owner, 'still here') })).status).toBe(401);
      await member.goto(`${place.portal}/presence`);
      await expect(member).toHaveURL(/\/login/);

      await admin.getByRole('button', { name: 'Enable the account' }).click();
      await expect(admin.getByRole('status')).toContainText('is let in again.');
      await expect.poll(async () => (await phone.publish({ body: pidf(owner, 'back') })).status).toBe(200);

      const reset = admin.getByRole('region', { name: 'Forgotten password' });
      await reset.getByLabel('Your own password').fill('not this one');
      await reset.getByRole('button', { name: 'Make a link' }).click();
      await expect(reset.getByText('This is not your password.')).toBeVisible();
      await reset.getByLabel('Your own password').fill(passwordOf('ada'));
      await reset.getByRole('button', { name: 'Make a link' }).click();
      const link = (await admin.locator('code.link').textContent()) ?? '';
      await member.goto(link);
      await member.getByLabel('New password').fill('another lamp, another porch');
      await member.getByRole('button', { name: 'Set my password' }).click();
      await logIn(member, owner, 'another lamp, another porch');
      // The link is spent.
      await member.goto(link);
      await member.getByLabel('New password').fill('a third lamp on the porch');
      await member.getByRole('button', { name: 'Set my password' }).click();
      await expect(member.getByRole('alert')).toContainText('This link has been used');

      // What was done is in the log, and nobody else finds the page.
      await admin.getByRole('link', { name: 'Audit log' }).click();
      for (const line of [
        'Password set by a link',
        `Link to set a password made: ${owner}@example.com`,
        `Account enabled: ${owner}@example.com`,
        `Account disabled: ${owner}@example.com`,
      ]) {
        await expect(admin.getByRole('listitem').filter({ hasText: line }).first()).toBeVisible();
      }
      expect((await member.goto(`${place.portal}/admin/audit`))?.status()).toBe(404);
    });

    test('registration: closed, by invitation, open', async ({ browser }) => {
      const [admin, guest] = [await open(browser, javaScriptEnabled), await open(browser, javaScriptEnabled)];
      await logIn(admin, 'ada');
      await admin.goto(`${place.portal}/admin/registration`);
      const choose = async (mode: string): Promise<void> => {
        await admin.getByRole('radio', { name: new RegExp(`^${mode}`) }).check();
        await admin.getByRole('button', { name: 'Save' }).click();
        await expect(admin.getByRole('status')).toContainText(`Registration: ${mode}.`);
      };
      await choose('Closed');
      await guest.goto(`${place.portal}/register`);
      await expect(guest.getByText('New accounts are not made here.')).toBeVisible();
      await choose('By invitation');
      await guest.goto(`${place.portal}/register`);
      await expect(guest.getByText('New accounts are by invitation.')).toBeVisible();

      await admin.getByLabel('Whom is it for?').fill('Grandma');
      await admin.getByRole('button', { name: 'Make the link' }).click();
      const link = (await admin.locator('code.link').textContent()) ?? '';
      const name = javaScriptEnabled ? 'grandma' : 'grandpa';
      await guest.goto(link);
      await guest.getByLabel('User name').fill(name);
      await guest.getByLabel('Password', { exact: true }).fill('quiet lamp on the porch');
      await guest.getByRole('button', { name: 'Make my account' }).click();
      await expect(guest.getByRole('status')).toContainText(`Welcome, ${name}.`);
      const other = await open(browser, javaScriptEnabled);
      await other.goto(link);
      await expect(other.getByText('This invitation has been used')).toBeVisible();
      await choose('Open');
      await other.goto(`${place.portal}/register`);
      await expect(other.getByRole('button', { name: 'Make my account' })).toBeVisible();
    });

    test('event packages: switched off and on again, which phones feel at once', async ({ browser }) => {
      const admin = await open(browser, javaScriptEnabled);
      await logIn(admin, 'ada');
      await admin.goto(`${place.portal}/admin/packages`);
      const row = admin
        .getByRole('listitem')
        .filter({ has: admin.getByRole('heading', { name: /^presence Presence/ }) });
      /** Without JavaScript a page changes when it is loaded. */
      const shows = async (text: string): Promise<void> => {
        if (javaScriptEnabled) return expect(row).toContainText(text, { timeout: 20_000 });
        await expect(async () => {
          await admin.reload();
          await expect(row).toContainText(text, { timeout: 500 });
        }).toPass({ timeout: 20_000 });
      };
      await shows('Loaded');
      const phone = await place.peer(watcher);
      const asks = async (): Promise<number> => (await phone.subscribe({ to: uri(watcher) })).response.status;
      expect(await asks()).toBe(200);
      await row.getByRole('button', { name: 'Switch off' }).click();
      await expect(admin.getByRole('status')).toContainText('presence is off.');
      await expect.poll(asks).toBe(489);
      await row.getByRole('button', { name: 'Switch on' }).click();
      await expect.poll(asks).toBe(200);
      await shows('Loaded');
      await row.getByRole('button', { name: 'Load anew' }).click();
      await expect(admin.getByRole('status')).toContainText('presence is being loaded anew.');
      await shows('Loaded');
      expect(await asks()).toBe(200);
    });

    test('the server: numbers and SIP services, as charts and as a table', async ({ browser }) => {
      const admin = await open(browser, javaScriptEnabled);
      await logIn(admin, 'ada');
      const phone = await place.peer(watcher);
      await phone.publish({ body: pidf(watcher, 'counted') });
      await admin.goto(`${place.portal}/admin`);
      if (javaScriptEnabled) {
        // Without reload: the SIP service counts, the page hears of it.
        await expect(chart(admin, 'Publications')).toContainText(/[1-9]/, { timeout: 20_000 });
        for (const _ of [1, 2]) await phone.subscribe({ to: uri(watcher) });
        let live = 0;
        for await (const rows of place.store.subscriptions.all()) live += rows.length;
        expect(live).toBeGreaterThan(1);
        await expect(chart(admin, 'Subscriptions').locator('strong')).toHaveText(String(live), { timeout: 20_000 });
      } else {
        await expect(async () => {
          await admin.reload();
          await expect(chart(admin, 'Publications')).toContainText(/[1-9]/, { timeout: 500 });
        }).toPass({ timeout: 20_000 });
      }
      await expect(admin.getByRole('img', { name: /^NOTIFYs a second/ })).toBeVisible();
      await admin.getByText('As a table').click();
      await expect(admin.getByRole('row')).not.toHaveCount(0);
      const services = admin.getByRole('region', { name: 'SIP services' });
      await expect(services).toContainText('Serves');
      await expect(services).toContainText(place.server);
    });
  });
}

test('where no stream of events gets through, the numbers change by themselves all the same', async ({ browser }) => {
  const admin = await open(browser);
  await admin.route(/\/live(\?|$)/, (route) => route.fulfill({ status: 502, body: 'no streams here' }));
  await logIn(admin, 'ada');
  await admin.goto(`${place.portal}/admin`);
  const drawn = (): Promise<string> => chart(admin, 'Publications').innerHTML();
  const before = await drawn();
  const phone = await place.peer('bert');
  for (const note of ['one', 'two']) await phone.publish({ body: pidf('bert', note) });
  await expect.poll(drawn, { timeout: 30_000 }).not.toBe(before);
});

test('a second SIP service is shown waiting, until it is gone', async ({ browser }) => {
  const admin = await open(browser);
  await logIn(admin, 'ada');
  await admin.goto(`${place.portal}/admin`);
  const services = admin.getByRole('region', { name: 'SIP services' }).getByRole('listitem');
  await expect(services).toHaveCount(1);
  const second = place.script('dist/services/main.js');
  await expect(services).toHaveCount(2, { timeout: 20_000 });
  await expect(services.filter({ hasText: 'Waits for its turn' })).toContainText(String(second.pid));
  await second.end();
  await expect(services).toHaveCount(1, { timeout: 20_000 });
});
