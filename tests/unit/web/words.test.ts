import { describe, expect, it } from 'vitest';
import { PERMISSIONS, type Subject } from '#model';
import { ConfigError } from '#runtime';
import { readWebConfig } from '../../../web/config.ts';
import { weaknessOf } from '../../../web/passwords.ts';
import { relativeWords, timeTag } from '../../../web/times.ts';
import { activityWords, PERMISSION_CHOICES, subjectWords } from '../../../web/words.ts';

const NOW = Date.UTC(2026, 10, 1, 12, 0, 0);

describe('Words that people read', () => {
  it('every permission has its own', () => {
    expect(PERMISSION_CHOICES.map(({ permission }) => permission).sort()).toEqual([...PERMISSIONS].sort());
    expect(PERMISSION_CHOICES.map(({ name }) => name)).toEqual([
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
    expect(subjectWords(subject as Subject)).toBe(words);
  });

  it.each([
    ['on-the-phone', 'on the phone'],
    ['away', 'away'],
    ['looking-for-work', 'looking for work'],
    ['steering', 'steering'],
    ['my own-word', 'my own word'],
  ])('the activity %s is «%s»', (activity, words) => {
    expect(activityWords(activity)).toBe(words);
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
    expect(relativeWords(NOW + span, NOW)).toBe(words);
  });

  it('times are for machines, too', () => {
    expect(timeTag(NOW - 60_000, NOW)).toBe(
      '<time datetime="2026-11-01T11:59:00.000Z" title="2026-11-01 11:59 UTC">1 minute ago</time>',
    );
  });
});

describe('Passwords', () => {
  it.each(['quiet lamp on the porch', 'zwölf Boxkämpfer', 'alice in chains'])('«%s» will do for alice', (password) => {
    expect(weaknessOf(password, 'alice')).toBeUndefined();
  });

  it.each(['', '123456789', 'ALICE00000', 'alicealicealice', 'qwertyuiop', '!!Password123', 'ababababab'])(
    '«%s» will not do for alice',
    (password) => {
      expect(weaknessOf(password, 'alice')).toBeTypeOf('string');
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
