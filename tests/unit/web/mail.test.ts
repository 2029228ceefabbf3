import { afterEach, describe, expect, it } from 'vitest';
import { ConfigError, makeRandom, silentLog } from '#runtime';
import { issueLink, MAILS_ASKS } from '#store';
import { readWebConfig } from '../../../web/config.ts';
import { readMailAddress } from '../../../web/mail/address.ts';
import { type Letter, type Mailer, makeMailer } from '../../../web/mail/mailer.ts';
import { makeFakeClock } from '../../support/fake-clock.ts';
import { type MailServer, openMailServer } from '../../support/mail-server.ts';
import { type Browser, textOf } from './browser.ts';
import { aor, makePortal, PASSWORD, type Portal, subscription } from './portal.ts';

let portal: Portal | undefined;
let server: MailServer | undefined;
afterEach(async () => {
  await portal?.close();
  await server?.close();
  portal = undefined;
  server = undefined;
});

const URL_OF = 'https://presence.example.com/';

/** Keeps letters instead of sending them. */
function open(given: Partial<Mailer> = {}): { readonly portal: Portal; readonly letters: Letter[] } {
  const letters: Letter[] = [];
  const mailer: Mailer = {
    send: (letter) => letters.push(letter) > 0,
    idle: async () => undefined,
    close: () => undefined,
    ...given,
  };
  portal = makePortal({ mailer, url: URL_OF });
  return { portal, letters };
}

const linkIn = (letter: Letter | undefined): string =>
  /https:\/\/presence\.example\.com(\/\S+)/.exec(letter?.text ?? '')?.[1] ?? '';

async function giveAddress(member: Browser, address: string, letters: readonly Letter[]): Promise<void> {
  await member.get('/security');
  await member.post('/security/mail', { mail: address, 'mail-password': PASSWORD });
  await member.get(linkIn(letters.at(-1)));
  await member.post('/mail/confirm', { link: linkIn(letters.at(-1)).split('=')[1] ?? '' });
}

/** Lets what was put off for after the answer happen. */
const afterwards = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

describe('As a member I give a mail address', () => {
  it('which counts once I have opened the link that came there; a scanner that opens it confirms nothing', async () => {
    const { portal, letters } = open();
    const alice = await portal.member('alice');
    await alice.get('/security');
    await alice.post('/security/mail', { mail: ' Alice@Mail.example ', 'mail-password': PASSWORD });
    expect(textOf(alice.page.html)).toContain('A link is on its way to Alice@Mail.example.');
    expect(letters).toEqual([
      { to: 'Alice@Mail.example', subject: 'Your mail address for Porchlight', text: expect.any(String) },
    ]);
    const link = linkIn(letters[0]);
    const elsewhere = portal.browser();
    const { html, headers } = await elsewhere.get(link);
    expect([textOf(html), headers['referrer-policy']]).toEqual([
      expect.stringContaining('Confirm your mail address'),
      'no-referrer',
    ]);
    expect(textOf((await alice.get('/security')).html)).not.toContain('Your mail address is');
    await elsewhere.post('/mail/confirm', { link: link.split('=')[1] ?? '' });
    expect(elsewhere.page.url).toBe('/login');
    expect(textOf((await alice.get('/security')).html)).toContain('Your mail address is Alice@Mail.example.');
    await elsewhere.get(link);
    expect((await elsewhere.post('/mail/confirm', { link: link.split('=')[1] ?? '' })).status).toBe(422);
  });

  it('five letters go to one address, from whichever accounts: nobody’s letter box is filled through us', async () => {
    const { portal, letters } = open();
    for (const name of ['alice', 'bob']) {
      const member = await portal.member(name);
      for (let tries = 0; tries < 3; tries += 1) {
        await member.get('/security');
        await member.post('/security/mail', {
          mail: tries === 1 ? 'V@mail.example' : 'v@mail.example',
          'mail-password': PASSWORD,
        });
      }
      expect(letters).toHaveLength(name === 'alice' ? 3 : 5);
      if (name === 'bob') expect(textOf(member.page.html)).toContain('Too many tries.');
    }
  });

  it('is removed, which is written down once, and not where there was none', async () => {
    const { portal, letters } = open();
    const alice = await portal.member('alice');
    await giveAddress(alice, 'alice@mail.example', letters);
    for (let times = 0; times < 3; times += 1) {
      await alice.get('/security');
      await alice.post('/security/mail/remove');
    }
    const acts = (await portal.store.audit.list({ limit: 9 })).map(({ act }) => act);
    expect(acts.filter((act) => act === 'mail-removed')).toHaveLength(1);
  });

  it('only with my password, and not what is no address', async () => {
    const { portal, letters } = open();
    const alice = await portal.member('alice');
    await alice.get('/security');
    await alice.post('/security/mail', { mail: 'alice@mail.example', 'mail-password': 'wrong' });
    expect(textOf(alice.page.html)).toContain('This is not your password.');
    await alice.post('/security/mail', { mail: 'alice', 'mail-password': PASSWORD });
    expect(textOf(alice.page.html)).toContain('This is no mail address.');
    expect(letters).toEqual([]);
  });

  it.each(['a@b', "o'neil+porch@mail.example.com", 'x@xn--bcher-kva.example'])('%s is an address', (text) => {
    expect(readMailAddress(text)).toBe(text);
  });

  it.each([
    '',
    'a',
    'a@',
    '@b',
    'a b@c',
    'a@b, c@d',
    'a@b\r\nBcc: c@d',
    '"a"@b',
    'a@[192.0.2.1]',
    'Alice <a@b>',
    `${'a'.repeat(65)}@b`,
    'ä@b',
  ])('%j is none', (text) => {
    expect(readMailAddress(text)).toBeUndefined();
  });

  it('the address before is told of the new one; and none is kept when I say so', async () => {
    const { portal, letters } = open();
    const alice = await portal.member('alice');
    await giveAddress(alice, 'old@mail.example', letters);
    await giveAddress(alice, 'new@mail.example', letters);
    expect(letters.at(-1)).toMatchObject({ to: 'old@mail.example', text: expect.stringContaining('new@mail.example') });
    await alice.get('/security');
    await alice.post('/security/mail/remove');
    expect(await portal.store.preferences.of(aor('alice'))).toEqual(new Map());
  });

  it('letters to addresses that others have are few', async () => {
    const { portal, letters } = open();
    const alice = await portal.member('alice');
    for (let tries = 0; tries < 8; tries += 1) {
      await alice.get('/security');
      await alice.post('/security/mail', { mail: `victim${tries}@mail.example`, 'mail-password': PASSWORD });
    }
    expect(letters).toHaveLength(5);
  });

  it('in German, where my browser speaks it', async () => {
    const { portal, letters } = open();
    const alice = portal.browser({ 'accept-language': 'de' });
    await alice.get('/register');
    await alice.post('/register', { username: 'alice', password: PASSWORD });
    await giveAddress(alice, 'alice@mail.example', letters);
    expect(letters[0]?.subject).toBe('Ihre Mail-Adresse für Porchlight');
  });

  it('without a mail server the pages say whom to ask', async () => {
    portal = makePortal();
    const alice = await portal.member('alice');
    expect(textOf((await alice.get('/security')).html)).toContain('This server sends no mail.');
    const guest = portal.browser();
    await guest.get('/login');
    expect(guest.page.html).toContain('href="/forgot"');
    expect(textOf((await guest.get('/forgot')).html)).toContain('ask whoever runs it for a one-time link');
    await guest.get('/login');
    expect((await guest.post('/forgot', { username: 'alice' })).status).toBe(200);
  });
});

describe('I am told by mail that my password is another one', () => {
  it('whichever way it was changed, three times and then once an hour; nobody without an address is', async () => {
    const { portal, letters } = open();
    const alice = await portal.member('alice');
    const change = async (from: string, to: string): Promise<void> => {
      await alice.get('/security');
      await alice.post('/security/password', { 'old-password': from, 'new-password': to });
      expect(alice.page.status).toBe(200);
    };
    await change(PASSWORD, `${PASSWORD} 0`);
    expect(letters).toEqual([]);
    await change(`${PASSWORD} 0`, PASSWORD);
    await giveAddress(alice, 'alice@mail.example', letters);
    letters.length = 0;
    for (let times = 0; times < 5; times += 1) await change(PASSWORD, PASSWORD);
    expect(letters.map(({ to, subject }) => `${to}: ${subject}`)).toEqual(
      Array(3).fill('alice@mail.example: Your password for Porchlight was changed'),
    );
    letters.length = 0;
    const guest = portal.browser();
    await guest.get('/forgot');
    await guest.post('/forgot', { username: 'alice' });
    await afterwards();
    const link = linkIn(letters[0]);
    await guest.get(link);
    await guest.post('/reset', { link: link.split('=')[1] ?? '', password: `${PASSWORD} 1` });
    expect(letters.map(({ subject }) => subject)).toEqual([
      'A new password for Porchlight',
      'Your password for Porchlight was changed',
    ]);
    expect(letters[1]?.text).toContain('The account alice@example.com has a new password');
  });
});

describe('An administrator’s link for a new password', () => {
  it('outlives that somebody asks for one by mail, and takes the mail address away, which may be whose it was not', async () => {
    const { portal, letters } = open();
    const alice = await portal.member('alice');
    await giveAddress(alice, 'alice@mail.example', letters);
    const { store, clock } = portal;
    const link =
      (await issueLink(aor('alice'), 'password', 60_000, { store, clock, random: makeRandom() }))?.secret ?? '';
    const guest = portal.browser();
    await guest.get('/forgot');
    await guest.post('/forgot', { username: 'alice' });
    await afterwards();
    await guest.get(`/reset?link=${link}`);
    expect((await guest.post('/reset', { link, password: `${PASSWORD} 1` })).url).toBe('/login');
    expect(textOf(guest.page.html)).toContain('Your mail address is forgotten');
    expect([...(await store.preferences.of(aor('alice'))).keys()]).toEqual([]);
    const acts = (await store.audit.list({ limit: 2 })).map(({ act }) => act);
    expect(acts.sort()).toEqual(['mail-removed', 'password-reset']);
  });
});

describe('I have forgotten my password', () => {
  it('a link comes by mail, and sets a new one, once, within half an hour', async () => {
    const { portal, letters } = open();
    await giveAddress(await portal.member('alice'), 'alice@mail.example', letters);
    const guest = portal.browser();
    await guest.get('/forgot');
    await guest.post('/forgot', { username: 'alice' });
    await afterwards();
    expect(letters.at(-1)).toMatchObject({ to: 'alice@mail.example', subject: 'A new password for Porchlight' });
    const link = linkIn(letters.at(-1));
    await guest.get(link);
    await guest.post('/reset', { link: link.split('=')[1] ?? '', password: 'another lamp, another porch' });
    expect(guest.page.url).toBe('/login');

    await guest.get('/forgot');
    await guest.post('/forgot', { username: 'alice@example.com' });
    await afterwards();
    const late = linkIn(letters.at(-1));
    await portal.clock.advance(30 * 60_000);
    await guest.get(late);
    await guest.post('/reset', { link: late.split('=')[1] ?? '', password: 'a third lamp on a porch' });
    expect(guest.page.status).toBe(422);
  });

  it('the answer is the same, to the letter, for whoever has no account, no address, or a closed one', async () => {
    const { portal, letters } = open();
    await giveAddress(await portal.member('alice'), 'alice@mail.example', letters);
    await portal.member('bob');
    await giveAddress(await portal.member('carol'), 'carol@mail.example', letters);
    await portal.store.accounts.setDisabled(aor('carol'), true);
    const before = letters.length;
    const answers = new Set<string>();
    for (const username of ['bob', 'carol', 'nobody', 'no one', 'x@elsewhere.example', 'alice']) {
      const guest = portal.browser();
      await guest.get('/forgot');
      const { status, html } = await guest.post('/forgot', { username }, { 'x-forwarded-for': username });
      answers.add(`${status} ${html.replaceAll(/name="_csrf" value="[^"]+"/g, '')}`);
      await portal.clock.advance(120_000);
    }
    await afterwards();
    expect(answers.size).toBe(1);
    expect(letters.slice(before).map(({ to }) => to)).toEqual(['alice@mail.example']);
  });

  it('the answer waits for nothing that tells accounts apart', async () => {
    const { portal } = open();
    await portal.member('alice');
    Object.assign(portal.store.accounts, { find: () => new Promise(() => undefined) });
    const guest = portal.browser();
    await guest.get('/forgot');
    expect(textOf((await guest.post('/forgot', { username: 'alice' })).html)).toContain('a link is on its way');
  });

  it('one home and one account are held back', async () => {
    const { portal, letters } = open();
    await giveAddress(await portal.member('alice'), 'alice@mail.example', letters);
    const before = letters.length;
    const guest = portal.browser();
    await guest.get('/forgot');
    const statuses: number[] = [];
    for (let tries = 0; tries < 7; tries += 1) {
      await guest.get('/forgot');
      statuses.push((await guest.post('/forgot', { username: 'alice' })).status);
    }
    await afterwards();
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429]);
    expect(letters.length - before).toBe(3);
  });
});

describe('I am told by mail that somebody asks', () => {
  async function optIn(member: Browser): Promise<void> {
    await member.get('/security');
    await member.post('/security/mail/asks');
  }
  const ask = (portal: Portal, owner: string, watcher: string) =>
    portal.store.subscriptions.write({
      kind: 'insert',
      subscription: subscription(aor(owner), aor(watcher), portal.clock, {
        expiresAt: portal.clock.now() + 10 * 86_400_000,
      }),
    });

  it('if I switched it on; once a day for each who asks, all of them in one letter', async () => {
    const { portal, letters } = open();
    const alice = await portal.member('alice');
    await giveAddress(alice, 'alice@mail.example', letters);
    const before = letters.length;
    await ask(portal, 'alice', 'kim');
    await ask(portal, 'alice', 'joe');
    await portal.clock.advance(60_000);
    expect(letters).toHaveLength(before);
    await optIn(alice);
    await portal.clock.advance(60_000);
    expect(letters).toHaveLength(before + 1);
    expect(letters.at(-1)).toMatchObject({ to: 'alice@mail.example', subject: 'Some people ask to see you' });
    expect(letters.at(-1)?.text).toContain('  joe@example.com\n  kim@example.com\n');
    expect(linkIn(letters.at(-1))).toBe('/watchers');
    await portal.clock.advance(23 * 3_600_000);
    expect(letters).toHaveLength(before + 1);
    await portal.clock.advance(2 * 3_600_000);
    expect(letters).toHaveLength(before + 2);
    await optIn(alice);
    expect((await portal.store.preferences.of(aor('alice'))).has(MAILS_ASKS)).toBe(false);
    await portal.clock.advance(30 * 3_600_000);
    expect(letters).toHaveLength(before + 2);
  });

  it('however many ask one after the other, letters to me are few', async () => {
    const { portal, letters } = open();
    const alice = await portal.member('alice');
    await giveAddress(alice, 'alice@mail.example', letters);
    await optIn(alice);
    const before = letters.length;
    for (let index = 0; index < 12; index += 1) {
      await ask(portal, 'alice', `stranger${index}`);
      await portal.clock.advance(30_000);
    }
    expect(letters.length - before).toBe(4);
  });
});

describe('Mail goes out', () => {
  const letter: Letter = {
    to: 'alice@mail.example',
    subject: 'Für Sie',
    text: 'zwölf Laternen\nhttps://x.example/a?b=c\n',
  };
  const serverAt = (port: number) => ({
    server: { host: '127.0.0.1', port, secure: false, user: undefined, password: undefined },
    from: 'Porchlight <porch@example.com>',
    log: silentLog,
  });

  it('by SMTP, as it was written', async () => {
    server = await openMailServer();
    const mailer = makeMailer({ ...serverAt(server.port), clock: makeFakeClock() });
    expect(mailer.send(letter)).toBe(true);
    expect(await server.next()).toEqual({
      from: 'porch@example.com',
      to: ['alice@mail.example'],
      subject: letter.subject,
      text: letter.text,
    });
    await mailer.idle();
    mailer.close();
  });

  it('again, where the server has no time; not again, where it says no for good', async () => {
    server = await openMailServer();
    const clock = makeFakeClock();
    const warned: string[] = [];
    const log = { ...silentLog, warn: (_fields: object, text: string) => void warned.push(text) };
    const mailer = makeMailer({ ...serverAt(server.port), clock, log });
    const until = async (count: number): Promise<void> => {
      while (warned.length < count) await new Promise((resolve) => setImmediate(resolve));
      await clock.settle();
    };
    server.refuse(451);
    mailer.send(letter);
    await until(1);
    server.refuse(undefined);
    await clock.advance(30_000);
    expect((await server.next()).subject).toBe(letter.subject);
    await mailer.idle();
    server.refuse(550);
    mailer.send(letter);
    await until(2);
    await mailer.idle();
    expect(warned).toEqual(['a mail is tried again', 'a mail could not be sent']);
    expect(server.received).toHaveLength(1);
    mailer.close();
  });

  it('so many wait and no more; a mail server that is away keeps nobody waiting', () => {
    const mailer = makeMailer({ ...serverAt(1), clock: makeFakeClock() });
    const sent = Array.from({ length: 600 }, () => mailer.send(letter));
    expect(sent.filter((one) => one)).toHaveLength(500);
    mailer.close();
    expect(mailer.send(letter)).toBe(false);
  });
});

describe('The settings of mail', () => {
  const WEB = { WEB_URL: 'https://presence.example.com', MAIL_FROM: 'Porchlight <porch@example.com>' };

  it.each([
    ['smtp://mail.example.com', { host: 'mail.example.com', port: 587, secure: false, user: undefined, password: '' }],
    ['smtps://u%40x:p%3Aw@mail.example.com', { port: 465, secure: true, user: 'u@x', password: 'p:w' }],
    ['smtp://[::1]:2525', { host: '::1', port: 2525 }],
  ])('SMTP_URL=%s', (text, expected) => {
    expect(readWebConfig({ ...WEB, SMTP_URL: text }).mail).toMatchObject({ from: WEB.MAIL_FROM, server: expected });
  });

  it('none of them: no mail', () => {
    expect(readWebConfig({ MAIL_FROM: 'x' }).mail).toBeUndefined();
  });

  it.each([
    ['SMTP_URL', { ...WEB, SMTP_URL: 'http://mail.example.com' }],
    ['SMTP_URL', { ...WEB, SMTP_URL: 'smtp://user:secret-word@mail.example.com/path' }],
    ['SMTP_URL', { ...WEB, SMTP_URL: 'smtp://mail.example.com', WEB_URL: '' }],
    ['MAIL_FROM', { ...WEB, SMTP_URL: 'smtp://mail.example.com', MAIL_FROM: '' }],
    ['MAIL_FROM', { ...WEB, SMTP_URL: 'smtp://mail.example.com', MAIL_FROM: 'a@b\r\nBcc: c@d' }],
    ['SMTP_PASSWORD_FILE', { ...WEB, SMTP_URL: 'smtp://u@mail.example.com', SMTP_PASSWORD_FILE: '/nowhere/at/all' }],
  ])('%s is refused by name, and no password is shown', (name, environment) => {
    expect(() => readWebConfig(environment)).toThrowError(ConfigError);
    expect(() => readWebConfig(environment)).toThrowError(new RegExp(`^${name}: (?!.*secret-word)[^\\n]+$`));
  });
});
