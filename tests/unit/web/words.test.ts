import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PERMISSIONS, type Subject } from '#model';
import { ConfigError } from '#runtime';
import { readWebConfig } from '../../../web/config.ts';
import { weaknessOf } from '../../../web/passwords.ts';
import { relativeWords, timeTag } from '../../../web/times.ts';
import { english, german, wordsFor } from '../../../web/words/index.ts';
import { activityWords, permissionChoices, subjectWords } from '../../../web/words/protocol.ts';

const NOW = Date.UTC(2026, 10, 1, 12, 0, 0);

describe('Words that people read', () => {
  it('every permission has its own', () => {
    expect(
      permissionChoices(english)
        .map(({ permission }) => permission)
        .sort(),
    ).toEqual([...PERMISSIONS].sort());
    expect(permissionChoices(english).map(({ name }) => name)).toEqual([
      'Can see my presence',
      'Must ask',
      'Sees me offline',
      'Refused',
    ]);
  });

  it.each([
    ['sip:bob@example.com', 'bob@example.com'],
    ['sip:j%C3%BCrgen@example.com', 'jürgen@example.com'],
    ['sip:b%20b@example.com', 'b%20b@example.com'],
    ['sip:boss%40example.com@elsewhere.example', 'boss%40example.com@elsewhere.example'],
    ['sip:%E2%80%AEbob@example.com', '%E2%80%AEbob@example.com'],
    ['@example.com', 'Everybody at example.com'],
    ['*', 'Everybody'],
  ])('%s is %s', (subject, words) => {
    expect(subjectWords(subject as Subject, english, [])).toBe(words);
  });

  it.each([
    ['on-the-phone', 'on the phone'],
    ['away', 'away'],
    ['looking-for-work', 'looking for work'],
    ['steering', 'driving'],
    ['my own-word', 'my own word'],
  ])('the activity %s is «%s»', (activity, words) => {
    expect(activityWords(activity, english)).toBe(words);
  });

  it.each([
    [0, 'just now'],
    [-4000, 'just now'],
    [4000, 'in a moment'],
    [-30_000, '30 seconds ago'],
    [-60_000, '1 minute ago'],
    [90 * 60_000, 'in 2 hours'],
    [-26 * 3600_000, '1 day ago'],
    [7 * 24 * 3600_000, 'in 7 days'],
  ])('%d ms from now is «%s»', (span, words) => {
    expect(relativeWords(NOW + span, NOW, english)).toBe(words);
  });

  it('times are for machines, too', () => {
    expect(timeTag(NOW - 60_000, NOW, english)).toBe(
      '<time datetime="2026-11-01T11:59:00.000Z" title="2026-11-01 11:59 UTC">1 minute ago</time>',
    );
  });
});

const WEB = new URL('../../../web/', import.meta.url);
const views = readdirSync(WEB, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.eta'))
  .map((name) => ({ name, text: readFileSync(new URL(name, WEB), 'utf8') }));

describe('Languages', () => {
  it.each([
    [undefined, 'en'],
    ['', 'en'],
    ['de', 'de'],
    ['de-AT,de;q=0.9,en;q=0.5', 'de'],
    ['fr-FR, de;q=0.3', 'de'],
    ['fr', 'en'],
    ['en-GB,de;q=0.9', 'en'],
    ['*', 'en'],
    [';;;q=,,', 'en'],
    [`${'x,'.repeat(10_000)}de`, 'en'],
  ])('RFC 9110 §12.5.4: Accept-Language %s is answered in %s', (header, language) => {
    expect(wordsFor(header).language).toBe(language);
  });

  it('German says everything that English says, and nothing in English', () => {
    const untranslated: string[] = [];
    const compare = (one: unknown, other: unknown, path: string): void => {
      if (typeof one === 'object' && one !== null) {
        expect(Object.keys(other as object), path).toEqual(Object.keys(one));
        for (const [key, value] of Object.entries(one))
          compare(value, Reflect.get(other as object, key), `${path}.${key}`);
      } else if (typeof one === 'string' && one === other && one.includes(' ')) untranslated.push(path);
    };
    compare(english, german, 'words');
    expect(untranslated).toEqual([]);
  });

  it('relative times and spans follow the language', () => {
    expect(relativeWords(NOW - 180_000, NOW, german)).toBe('vor 3 Minuten');
    expect(relativeWords(NOW + 7_200_000, NOW, german)).toBe('in 2 Stunden');
  });

  it('every word that a page asks for is there', () => {
    expect(views.length).toBeGreaterThan(10);
    const missing: string[] = [];
    for (const { name, text } of views) {
      for (const [, path = ''] of text.matchAll(/\b(?:it\.)?w\.([A-Za-z]+(?:\.[A-Za-z]+)*)/g)) {
        let found: unknown = english;
        for (const key of path.split('.')) {
          if (typeof found === 'object' && found !== null) found = Reflect.get(found, key);
        }
        if (found === undefined) missing.push(`${name}: ${path}`);
      }
    }
    expect(missing).toEqual([]);
  });

  it('no page says anything that is not in the words files', () => {
    const own = views.flatMap(({ name, text }) => {
      const said = text
        .replaceAll(/<%[\s\S]*?%>/g, '')
        .replaceAll(/<!doctype html>/g, '')
        .replaceAll(/<[a-z/][^>]*>/g, '')
        .replaceAll(/Porchlight/g, '');
      return /\p{L}/u.test(said) ? [`${name}: ${said.trim()}`] : [];
    });
    expect(own).toEqual([]);
    const labels = views.flatMap(({ name, text }) =>
      [...text.matchAll(/(?:aria-label|placeholder|title|alt)="(?!<%)([^"<]*\p{L}[^"<]*)"/gu)].map(
        ([, said]) => `${name}: ${said}`,
      ),
    );
    expect(labels).toEqual([]);
  });
});

describe('Passwords', () => {
  it.each(['quiet lamp on the porch', 'zwölf Boxkämpfer', 'alice in chains'])('«%s» will do for alice', (password) => {
    expect(weaknessOf(password, 'alice', english)).toBeUndefined();
  });

  it.each(['', '123456789', 'ALICE00000', 'alicealicealice', 'qwertyuiop', '!!Password123', 'ababababab'])(
    '«%s» will not do for alice',
    (password) => {
      expect(weaknessOf(password, 'alice', english)).toBeTypeOf('string');
    },
  );
});

describe('The portal’s own settings', () => {
  it('WEB_LISTEN is 0.0.0.0:8080 unless said otherwise; no proxy is believed', () => {
    expect(readWebConfig({})).toMatchObject({ web: { address: '0.0.0.0', port: 8080, url: undefined }, proxies: [] });
    expect(readWebConfig({ WEB_LISTEN: '[::1]:80', WEB_PROXY: '10.0.0.1, 10.1.0.0/16' })).toMatchObject({
      web: { address: '::1', port: 80 },
      proxies: ['10.0.0.1', '10.1.0.0/16'],
    });
  });

  it.each([
    ['https://presence.example.com', 'https://presence.example.com/'],
    ['HTTPS://Presence.Example.com:8443/', 'https://presence.example.com:8443/'],
    ['http://[2001:db8::1]:8080', 'http://[2001:db8::1]:8080/'],
  ])('WEB_URL=%s is %s', (text, url) => {
    expect(readWebConfig({ WEB_URL: text }).web.url).toBe(url);
  });

  it.each([
    { WEB_LISTEN: '8080' },
    { WEB_LISTEN: 'here:99999' },
    { WEB_PROXY: 'everybody' },
    { WEB_URL: 'presence.example.com' },
    { WEB_URL: 'ftp://presence.example.com' },
    { WEB_URL: 'https://' },
    { WEB_URL: 'https://host:99999' },
    { WEB_URL: 'https://presence.example.com/portal' },
    { WEB_URL: 'https://presence.example.com/?x' },
    { WEB_URL: 'https://bob@presence.example.com' },
    { WEB_URL: 'https://presence\n.example.com' },
  ])('%o is refused by name, in one line', (environment) => {
    const name = Object.keys(environment)[0] ?? '';
    expect(() => readWebConfig(environment)).toThrowError(ConfigError);
    expect(() => readWebConfig(environment)).toThrowError(new RegExp(`^${name}: [^\\n]+$`));
  });
});
