import { describe, expect, test } from 'vitest';
import { presencePackage } from '#packages';
import { compose, composeBytes, idsOf, NOON, OPEN, pidf, publish } from '../../support/presence.ts';
import { describeWithXmllint, validateXml } from '../../support/validate-xml.ts';

const iso = (at: number): string => new Date(at).toISOString();
const person = (inside: string) =>
  publish(pidf(`<tuple id="a">${OPEN}</tuple><dm:person id="p">${inside}</dm:person>`));
const told = (inside: string, now = NOON): string =>
  /<dm:person id="p">(.*)<dm:timestamp>/.exec(compose([person(inside)], now))?.[1] ?? '';

describe('RFC 4480 §3.1: from and until', () => {
  const FROM = NOON + 60_000;
  const UNTIL = NOON + 120_000;
  const meeting = `<r:activities from="${iso(FROM)}" until="${iso(UNTIL)}"><r:meeting/></r:activities>`;

  test('an element is told from its from on, and no longer at its until', () => {
    expect(told(meeting, FROM - 1)).not.toContain('meeting');
    expect(told(meeting, FROM)).toContain('meeting');
    expect(told(meeting, UNTIL - 1)).toContain('meeting');
    expect(told(meeting, UNTIL)).not.toContain('meeting');
  });

  test('the state changes by itself at the next of these moments, and then no more', () => {
    const published = [person(meeting)];
    expect(presencePackage.nextChange?.(published, NOON)).toBe(FROM);
    expect(presencePackage.nextChange?.(published, FROM)).toBe(UNTIL);
    expect(presencePackage.nextChange?.(published, UNTIL)).toBeUndefined();
    expect(presencePackage.nextChange?.([person('<r:activities><r:away/></r:activities>')], NOON)).toBeUndefined();
  });

  test('several of a kind stand for several spans; of those without a span the first counts', () => {
    const inside = `${meeting}<r:activities><r:away/></r:activities><r:activities><r:busy/></r:activities>`;
    expect(told(inside, FROM)).toContain('meeting');
    expect(told(inside, FROM)).toContain('away');
    expect(told(inside, FROM)).not.toContain('busy');
  });

  test('a span that cannot be read is no span', () => {
    expect(told('<r:mood until="soon"><r:happy/></r:mood>')).toBe('<rpid:mood><rpid:happy/></rpid:mood>');
  });

  test('in a tuple and in its status it is the same', () => {
    const published = publish(pidf(`<tuple id="a"><status>${meeting}</status>${meeting}</tuple>`));
    expect(compose([published], FROM).match(/meeting/g)).toHaveLength(2);
    const after = compose([published], UNTIL);
    expect(after).not.toContain('meeting');
    expect(after).toContain('<basic>closed</basic>');
  });

  test('ids of RPID elements stay unique among several devices', () => {
    const body = pidf(`<tuple id="a">${OPEN}<r:user-input id="a">idle</r:user-input></tuple>`);
    const ids = idsOf(compose([publish(body), publish(body, 'pubB')]));
    expect(ids).toHaveLength(4);
    expect(new Set(ids).size).toBe(4);
  });
});

describe('RFC 4480 §3.2 to §3.13: what the schema does not allow is mended or left out', () => {
  test.each([
    ['<r:activities/>', '<rpid:activities/>'],
    ['<r:activities>busy</r:activities>', '<rpid:activities/>'],
    [
      '<r:activities><r:busy a="1"> </r:busy><r:idle/></r:activities>',
      '<rpid:activities><rpid:busy/></rpid:activities>',
    ],
    ['<r:activities><r:unknown/></r:activities>', '<rpid:activities><rpid:unknown/></rpid:activities>'],
    ['<r:activities><r:unknown/><r:tv/></r:activities>', '<rpid:activities><rpid:tv/></rpid:activities>'],
    ['<r:activities><x:kite/></r:activities>', '<rpid:activities><x:kite/></rpid:activities>'],
    [
      '<r:activities><r:tv/><r:note xml:lang="en">n</r:note><r:other>o</r:other></r:activities>',
      '<rpid:activities><rpid:note xml:lang="en">n</rpid:note><rpid:tv/><rpid:other>o</rpid:other></rpid:activities>',
    ],
    ['<r:mood/>', ''],
    ['<r:mood><r:happy/><r:sad/></r:mood>', '<rpid:mood><rpid:happy/><rpid:sad/></rpid:mood>'],
    [
      '<r:place-is><r:video><r:dark/></r:video><r:audio><r:quiet/></r:audio><r:text/></r:place-is>',
      '<rpid:place-is><rpid:audio><rpid:quiet/></rpid:audio><rpid:video><rpid:dark/></rpid:video></rpid:place-is>',
    ],
    ['<r:place-type/>', ''],
    ['<r:privacy><r:video/><r:audio/></r:privacy>', '<rpid:privacy><rpid:audio/><rpid:video/></rpid:privacy>'],
    ['<r:sphere><r:work/><r:home/></r:sphere>', '<rpid:sphere><rpid:work/></rpid:sphere>'],
    ['<r:status-icon>http://x.test/i.png</r:status-icon>', '<rpid:status-icon>http://x.test/i.png</rpid:status-icon>'],
    ['<r:status-icon>no uri</r:status-icon>', ''],
    [
      '<r:time-offset description="CET"> 60 </r:time-offset>',
      '<rpid:time-offset description="CET">60</rpid:time-offset>',
    ],
    ['<r:time-offset>CET</r:time-offset>', ''],
    [
      '<r:user-input idle-threshold="600" last-input="2026-11-22T08:00:00Z">idle</r:user-input>',
      '<rpid:user-input idle-threshold="600" last-input="2026-11-22T08:00:00Z">idle</rpid:user-input>',
    ],
    [
      '<r:user-input idle-threshold="0" last-input="now">active</r:user-input>',
      '<rpid:user-input>active</rpid:user-input>',
    ],
    ['<r:user-input>dozing</r:user-input>', ''],
    ['<r:class from="2026-11-22T08:00:00Z">work</r:class>', '<rpid:class>work</rpid:class>'],
    ['<r:service-class><r:courier/></r:service-class>', '<rpid:service-class><rpid:courier/></rpid:service-class>'],
    ['<r:relationship/>', ''],
    [
      '<r:from-the-future a="1"><r:x/></r:from-the-future>',
      '<rpid:from-the-future a="1"><rpid:x/></rpid:from-the-future>',
    ],
  ])('%s', (published, written) => {
    expect(told(published)).toBe(written);
  });
});

describeWithXmllint('RFC 4480 §5.1: the schema', () => {
  test('each of the bodies above, and all in one tuple, make valid documents', () => {
    const parts = [
      '<r:activities><r:busy a="1"> </r:busy><r:idle/>text<r:unknown/></r:activities>',
      '<r:mood p:mustUnderstand="1" x:a="b" until="2027-01-01T00:00:00Z" id="a"><r:note>n</r:note><r:in_awe/><x:y/></r:mood>',
      '<r:place-is><r:note>n</r:note><r:video><r:dark/></r:video><r:audio><r:quiet/></r:audio></r:place-is>',
      '<r:place-type><r:other>o</r:other><x:y/></r:place-type>',
      '<r:privacy><x:y/><r:text/><r:unknown/></r:privacy>',
      '<r:relationship id="a"><r:self/><r:friend/></r:relationship>',
      '<r:service-class><r:note>n</r:note><r:electronic/></r:service-class>',
      '<r:sphere><r:note>n</r:note><x:y/><x:z/></r:sphere>',
      '<r:time-offset id="a">+60</r:time-offset>',
      '<r:user-input id="a" x:a="b" idle-threshold="9">idle</r:user-input>',
      '<r:class x:a="b">work</r:class>',
      '<x:e xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="x:t" xml:id="a" xml:lang="??"><r:mood/></x:e>',
    ];
    const documents = parts.map((part) => composeBytes([person(part)]));
    const tuple = `<tuple id="a">${OPEN}${parts.join('')}</tuple>`;
    expect(validateXml([...documents, composeBytes([publish(pidf(tuple)), publish(pidf(tuple), 'pubB')])])).toBe('');
  });
});
