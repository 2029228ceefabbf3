import { expect, type Page } from '@playwright/test';

/** Makes an account by the page, and is logged in. @param url the portal's, without a slash at its end. */
export async function register(page: Page, url: string, name: string, password: string): Promise<void> {
  await page.goto(`${url}/register`);
  await page.getByLabel('User name').fill(name);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Make my account' }).click();
  await expect(page.getByRole('status')).toContainText(`Welcome, ${name}.`);
}
