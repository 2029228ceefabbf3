/** Two browsers and live phones side by side, on the whole server: what the owner does is on the watcher's phone at once. */
import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import type { Peer } from '../support/sip-peer.ts';
import { register } from './support/register.ts';
import type { WholeHouse } from './support/whole-house.ts';

const DOMAIN = 'example.com';
const PASSWORD = 'quiet-lamp-on-the-porch';

let house: WholeHouse;
let phone: (user: string) => Promise<Peer>;
const contexts: BrowserContext[] = [];

test.setTimeout(240_000);
test.beforeAll(async () => {
  test.setTimeout(120_000);
  // Not at the top: Playwright also reads this file in its own process, where `#room` is not the source.
  const { startWholeHouse } = await import('./support/whole-house.ts');
  house = await startWholeHouse(DOMAIN);
  phone = (user) => house.peer(user, PASSWORD);
});
test.afterAll(async () => {
  await Promise.all(contexts.map((context) => context.close()));
  await house?.close();
});

const pidf = (note: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="sip:alice@${DOMAIN}"><tuple id="t1"><status><basic>open</basic></status><note>${note}</note></tuple></presence>`;

test('a phone asks, the open page shows it, the owner approves, and sees what the watcher’s phone receives, byte for byte', async ({
  browser,
}) => {
  const open = async (): Promise<Page> => {
    const context = await browser.newContext({ viewport: { width: 1100, height: 800 } });
    contexts.push(context);
    return context.newPage();
  };
  const [owner, friend] = [await open(), await open()];
  await register(owner, house.portal, 'alice', PASSWORD);
  for (const name of ['bob', 'carol']) {
    await register(friend, house.portal, name, PASSWORD);
    await friend.getByRole('button', { name: 'Log out' }).click();
  }

  // The page of phones is open when the first one speaks, and says so by itself.
  const desk = await phone('alice');
  await desk.publish({ body: pidf('at my desk'), expires: 600 });
  const arrived = owner.getByRole('region', { name: 'Has it arrived?' });
  await expect(arrived).toContainText('The phone publishes your presence', { timeout: 20_000 });

  await owner.getByRole('link', { name: 'Watchers' }).click();
  await expect(owner.getByText('Nobody is waiting at the door.')).toBeVisible();
  const bob = await (await phone('bob')).subscribe({ to: `sip:alice@${DOMAIN}`, expires: 3600 });
  expect(await bob.next()).toMatchObject({ state: 'pending', body: '' });
  const asking = owner.getByRole('region', { name: 'Who asks' });
  await expect(asking).toContainText('bob@example.com', { timeout: 15_000 });
  await expect(owner).toHaveTitle(/^\(1\) Watchers/);

  const clickedAt = performance.now();
  await asking.getByRole('button', { name: 'Approve bob@example.com' }).click();
  await bob.until(({ state, body }) => state === 'active' && body.includes('at my desk'));
  console.log(
    `approved in the portal: on the watcher's phone ${Math.round(performance.now() - clickedAt)} ms after the click`,
  );
  await expect(owner).toHaveTitle(/^Watchers/);

  const carol = await (await phone('carol')).subscribe({ to: `sip:alice@${DOMAIN}`, expires: 3600 });
  await asking.getByRole('button', { name: 'Sees me offline carol@example.com' }).click({ timeout: 15_000 });
  await carol.until(({ state, body }) => state === 'active' && body.includes('<basic>closed</basic>'));

  const same = async (): Promise<void> => {
    for (const [watcher, watch] of [
      ['bob', bob],
      ['carol', carol],
    ] as const) {
      await expect(async () => {
        await friend.goto(`${house.portal}/preview?watcher=${watcher}@${DOMAIN}&event=presence`);
        expect(await friend.locator('pre.whole').textContent()).toBe(watch.last?.body);
      }).toPass({ timeout: 20_000 });
    }
  };
  // The owner's second browser, on another machine.
  await friend.goto(`${house.portal}/login`);
  await friend.getByLabel('User name').fill('alice');
  await friend.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await friend.getByRole('main').getByRole('button', { name: 'Log in' }).click();
  await same();

  const mobile = await phone('alice');
  await mobile.publish({ body: pidf('on the move'), expires: 60 });
  await bob.until(({ body }) => body.includes('on the move') && body.includes('at my desk'));
  await same();
  expect(carol.last?.body).not.toContain('on the move');

  // My own word, from the browser; the first browser's page follows by itself.
  await owner.getByRole('link', { name: 'My presence' }).click();
  await friend.goto(`${house.portal}/presence`);
  await friend.getByRole('radio', { name: 'Do not disturb' }).check();
  await friend.getByLabel('Note').fill('writing <the> report & more');
  await friend.getByRole('button', { name: 'Set my status' }).click();
  await bob.until(({ body }) => body.includes('<rpid:busy/>') && body.includes('writing &lt;the'));
  await expect(owner.locator('.now .state')).toContainText('do not disturb', { timeout: 15_000 });
  await same();

  // One device says no more: what it published ends in its second.
  await bob.until(({ body, cseq }) => cseq > 1 && !body.includes('on the move') && body.includes('report'));
  await same();
  await expect(owner.getByRole('region', { name: 'My devices' })).not.toContainText('on the move', { timeout: 15_000 });
});
