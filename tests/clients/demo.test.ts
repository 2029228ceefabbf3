/** `npm start -- --demo` as processes: what a newcomer reads, whom the phones watch, and whose database is left alone. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readKeyFile, silentLog, systemClock } from '#runtime';
import { openSecrets, openStore } from '#store';
import { aor, eventually, openPlace, type Place, type Running, type Settings, within } from '../support/processes.ts';

let place: Place;
beforeAll(async () => {
  place = await openPlace();
}, 60_000);
afterAll(() => place?.close());

/** With a folder of its own under the working directory, as for somebody who sets nothing. */
const start = (more: Settings = {}): Running =>
  place.script('services/start.mjs', ['--demo'], { DATA_DIR: '', ...more });

const passwordsIn = ({ lines }: Running): ReadonlyMap<string, string> =>
  new Map(
    lines.flatMap(({ text }) => {
      const match = /^ {4}(ada|ben|cleo) +([a-z2-9-]{17})$/.exec(text);
      return match?.[1] === undefined || match[2] === undefined ? [] : [[match[1], match[2]] as const];
    }),
  );

async function refusal(settings: Settings): Promise<string> {
  const one = start(settings);
  const { status } = await within(one.ended, 'the end of a demo that is refused', 60_000);
  expect({ status, errors: one.errors }).toMatchObject({ status: 2, errors: [expect.any(String)] });
  return one.errors[0] ?? '';
}

describe('npm start -- --demo', () => {
  it('is alive within a quarter of a minute; Ctrl-C ends it; the next start has other passwords', async () => {
    const folder = join(place.folder, 'data-demo');
    const first = start();
    await first.until(/Ctrl-C ends it/);
    expect(first.lines.some(({ text }) => text.includes('./data-demo'))).toBe(true);
    const told = passwordsIn(first);
    expect([...told.keys()]).toEqual(['ada', 'ben', 'cleo']);
    await first.until(/cleo, mobile: asks to see Ada/);
    await first.until(/cleo, mobile: is refused by Ben/);

    const secrets = openSecrets(readKeyFile(join(folder, 'key')));
    const store = await openStore(`file:${join(folder, 'porchlight.db')}`, { clock: systemClock, log: silentLog });
    try {
      const opens = async (password = ''): Promise<boolean> =>
        secrets.verifyPassword((await store.accounts.passwordHash(aor('ada')))?.hash ?? '', password);
      const now = systemClock.now();
      const watchers = await eventually('two who watch Ada', async () => {
        const rows = await store.subscriptions.of(aor('ada'), now);
        return rows.length < 2 ? undefined : rows;
      });
      expect(watchers.map(({ watcher, state }) => `${watcher} ${state}`).sort()).toEqual([
        `${aor('ben')} active`,
        `${aor('cleo')} pending`,
      ]);
      expect(await store.publications.of(aor('ada'), now)).toMatchObject([
        { userAgent: "Ada's mobile (Porchlight demo)" },
      ]);
      expect(await opens(told.get('ada'))).toBe(true);
      expect(await first.end('SIGINT')).toMatchObject({ status: 0 });
      expect(first.errors).toEqual([]);

      const second = start();
      await second.until(/Ctrl-C ends it/);
      expect(await opens(told.get('ada'))).toBe(false);
      expect(await opens(passwordsIn(second).get('ada'))).toBe(true);
      expect(await second.end('SIGTERM')).toMatchObject({ status: 0 });
    } finally {
      await store.close();
    }
  }, 120_000);

  it('leaves the database alone that has served without it: no mark, no account, no change', async () => {
    await place.addUsers('ada');
    const { store } = place;
    const all = async () => ({
      accounts: await store.accounts.list({ limit: 10 }),
      credentials: await store.accounts.credentials([aor('ada')]),
      mark: await store.settings.get('demo'),
      changes: await store.journal.after(0, 100),
    });
    const before = await all();
    expect(await refusal({ DATA_DIR: place.settings['DATA_DIR'] ?? '' })).toMatch(
      /^--demo: the database has served without the demo before.*DATA_DIR/,
    );
    expect(await all()).toEqual(before);
    expect(before.mark).toBeUndefined();
  }, 90_000);

  it('takes no database that is configured for something else', async () => {
    expect(await refusal({ DATABASE_URL: 'mysql://somebody:secret@127.0.0.1/porchlight' })).toMatch(
      /^(?!.*secret)--demo .*DATABASE_URL/,
    );
    expect(existsSync(join(place.folder, 'data'))).toBe(true);
  }, 90_000);
});
