import { expect, type Page, test } from '@playwright/test';
import type { Aor } from '#model';
import type { RunningPortal } from './portal.ts';

const DOMAIN = 'example.com';
const PASSWORD = 'quiet lamp on the porch';

let portal: RunningPortal;
test.beforeAll(async () => {
  // Not at the top: Playwright also reads this file in its own process, where `#room` is not the source.
  const { startPortal } = await import('./portal.ts');
  portal = await startPortal(DOMAIN);
});
test.afterAll(() => portal.close());

/** Not at the top, as above. */
const asking = () => import('./support/asking.ts');

let members = 0;
function newName(): string {
  members += 1;
  return `member${members}`;
}

const aor = (name: string): Aor => `sip:${name}@${DOMAIN}` as Aor;

/** Everything the browser complains of, but for the status line of answers that are meant to be 4xx. */
function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    const expected = /the server responded with a status of 4(22|04)/.test(message.text());
    if (!expected && ['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  return complaints;
}

async function register(page: Page): Promise<string> {
  const name = newName();
  await page.setExtraHTTPHeaders({ 'x-forwarded-for': `198.51.100.${members}` });
  await page.goto(portal.url);
  await page.getByRole('main').getByRole('link', { name: 'Make an account' }).click();
  await page.getByLabel('User name').fill(name);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Make my account' }).click();
  await expect(page.getByRole('status')).toContainText(`Welcome, ${name}.`);
  return name;
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'In a browser' : 'In a browser without JavaScript', () => {
    test.use({ javaScriptEnabled });

    test('I register, log out and log in again', async ({ page }) => {
      const complaints = complaintsOf(page);
      const name = await register(page);
      await expect(page.getByRole('heading', { name: 'Set up my phone' })).toBeVisible();
      await page.getByRole('button', { name: 'Log out' }).click();
      await expect(page.getByRole('status')).toContainText('You are logged out.');
      await page.goto(`${portal.url}/watchers`);
      await page.getByLabel('User name').fill(`${name}@${DOMAIN}`);
      await page.getByLabel('Password', { exact: true }).fill('not the password');
      await page.getByRole('main').getByRole('button', { name: 'Log in' }).click();
      await expect(page.getByRole('alert')).toContainText('do not belong together');
      await expect(page.getByLabel('User name')).toHaveValue(`${name}@${DOMAIN}`);
      await expect(page.getByLabel('Password', { exact: true })).toHaveValue('');
      await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
      await page.getByRole('main').getByRole('button', { name: 'Log in' }).click();
      await expect(page).toHaveURL(`${portal.url}/watchers`);
      expect(complaints).toEqual([]);
    });

    test('a form that is wrong comes back with the field named', async ({ page }) => {
      const complaints = complaintsOf(page);
      await page.goto(`${portal.url}/register`);
      await page.getByLabel('User name').fill('Al Ice');
      await page.getByLabel('Password', { exact: true }).fill('short');
      await page.getByRole('button', { name: 'Make my account' }).click();
      await expect(page.getByLabel('User name')).toHaveAttribute('aria-invalid', 'true');
      await expect(page.getByLabel('User name')).toHaveValue('Al Ice');
      await expect(page.getByLabel('Password', { exact: true })).toHaveAccessibleDescription(/at least 10 characters/);
      expect(complaints).toEqual([]);
    });

    test('I add a rule, change it with a click, delete it with a click', async ({ page }) => {
      const complaints = complaintsOf(page);
      const name = await register(page);
      await page.getByRole('link', { name: 'Who may see me' }).click();
      await page.getByLabel('Address or domain').fill('bob');
      await page.getByLabel('Can see my presence').check();
      await page.getByRole('button', { name: 'Add the rule' }).click();
      await expect(page.getByRole('status')).toContainText('From now on bob@example.com can see your presence.');
      const choices = page.getByRole('group', { name: 'What bob@example.com may see' });
      await expect(choices.getByRole('button', { pressed: true })).toHaveText('Can see my presence');
      await choices.getByRole('button', { name: 'Refused' }).click();
      await expect(choices.getByRole('button', { pressed: true })).toHaveText('Refused');
      expect((await portal.store.rules.of(aor(name))).map(({ permission }) => permission)).toEqual(['block']);
      await page.getByRole('button', { name: 'Delete the rule for bob@example.com' }).click();
      await expect(page.getByRole('status')).toContainText('is gone');
      expect(await portal.store.rules.of(aor(name))).toEqual([]);
      expect(complaints).toEqual([]);
    });

    test('everybody needs no address', async ({ page }) => {
      await register(page);
      await page.goto(`${portal.url}/rules`);
      await page.getByRole('radio', { name: 'Everybody', exact: true }).check();
      await expect(page.getByLabel('Address or domain')).toBeHidden();
      await page.getByLabel('Sees me offline').check();
      await page.getByRole('button', { name: 'Add the rule' }).click();
      await expect(page.getByRole('status')).toContainText('From now on everybody sees you offline.');
    });

    test('somebody asks, I approve, they watch; then I block them', async ({ page }) => {
      const complaints = complaintsOf(page);
      const name = await register(page);
      await (await asking()).somebodyAsks(portal.store, aor(name), aor('bob'));
      await page.goto(`${portal.url}/presence`);
      await page.getByRole('link', { name: 'Watchers 1 asks' }).click();
      await page.getByRole('button', { name: 'Approve bob@example.com' }).click();
      const watching = page.getByRole('region', { name: 'Who watches now' });
      await expect(watching).toContainText('bob@example.com');
      await expect(watching).toContainText('Can see my presence');
      await expect(page.getByRole('region', { name: 'Who asks' })).toContainText('Nobody is waiting');
      expect((await portal.store.rules.of(aor(name)))[0]).toMatchObject({ subject: aor('bob'), permission: 'allow' });
      await watching.getByRole('button', { name: 'Block bob@example.com' }).click();
      await expect(watching).not.toContainText('bob');
      expect((await portal.store.rules.of(aor(name)))[0]).toMatchObject({ permission: 'block' });
      expect(complaints).toEqual([]);
    });
  });
}

/** Of what has the focus; undefined where nothing on the page has it. Text, because it runs in the browser. */
const OUTLINE = `(() => {
  const { activeElement } = document;
  if (activeElement === null || activeElement === document.body) return undefined;
  const { outlineStyle, outlineWidth } = getComputedStyle(activeElement);
  return outlineStyle + ' ' + outlineWidth;
})()`;

test('by keyboard alone: every stop is visible, and the log-in form can be sent', async ({ page }) => {
  const name = await register(page);
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.goto(`${portal.url}/login`);
  await page.keyboard.type(name);
  await page.keyboard.press('Tab');
  await page.keyboard.type(PASSWORD);
  for (let stop = 0; stop < 9; stop += 1) {
    await page.keyboard.press('Tab');
    const outline = await page.evaluate<string | undefined>(OUTLINE);
    if (outline !== undefined) expect(outline).toBe('solid 3px');
  }
  await page.getByLabel('Password', { exact: true }).press('Enter');
  await expect(page.getByRole('heading', { name: 'My presence' })).toBeVisible();
});

test('the password can be shown, and is hidden again when it is sent', async ({ page }) => {
  await page.goto(`${portal.url}/register`);
  const password = page.getByLabel('Password', { exact: true });
  await password.fill('short');
  await page.getByRole('button', { name: 'Show the password' }).click();
  await expect(password).toHaveAttribute('type', 'text');
  await page.getByRole('button', { name: 'Make my account' }).click();
  await expect(password).toHaveAttribute('type', 'password');
  await expect(password).toHaveValue('');
});

test('the page learns by itself that somebody asks', async ({ page }) => {
  const name = await register(page);
  await page.goto(`${portal.url}/watchers`);
  await page.getByRole('heading', { name: 'Watchers' }).click();
  await (await asking()).somebodyAsks(portal.store, aor(name), aor('carol'));
  await page.getByRole('button', { name: 'Approve carol@example.com' }).click({ timeout: 15_000 });
  await expect(page.getByRole('status')).toContainText('carol@example.com can see your presence');
});

for (const width of [320, 390, 1280]) {
  test(`nothing sticks out of a window ${width} wide`, async ({ page }) => {
    await page.setViewportSize({ width, height: 800 });
    const name = await register(page);
    await (await asking()).somebodyAsks(
      portal.store,
      aor(name),
      aor('somebody.with.a.name.that.is.long.enough.to.break.pages'),
    );
    for (const path of ['/presence', '/rules', '/watchers', '/nowhere']) {
      await page.goto(`${portal.url}${path}`);
      const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth');
      expect(overflow, path).toBeLessThanOrEqual(0);
    }
  });
}
