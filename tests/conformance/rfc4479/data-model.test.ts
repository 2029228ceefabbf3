import { describe, expect, test } from 'vitest';
import { CLOSED, clientBody, compose, composeBytes, idsOf, NOON, OPEN, pidf, publish } from '../../support/presence.ts';
import { describeWithXmllint, validateXml } from '../../support/validate-xml.ts';

const tuple = (id: string, status = OPEN): string => `<tuple id="${id}">${status}</tuple>`;
const person = (id: string, note: string): string => `<dm:person id="${id}"><dm:note>${note}</dm:note></dm:person>`;
const device = (id: string, urn: string, note = ''): string =>
  `<dm:device id="${id}">${note}<dm:deviceID>${urn}</dm:deviceID></dm:device>`;

describe('RFC 4479: one document out of several devices', () => {
  test('every device is there; the open ones come first, then the one that changed last', () => {
    const document = compose([
      publish(pidf(tuple('old')), 'pubA', NOON - 3000),
      publish(pidf(tuple('gone', CLOSED)), 'pubB', NOON),
      publish(pidf(tuple('new')), 'pubC', NOON - 1000),
    ]);
    expect(idsOf(document)).toEqual(['new', 'old', 'gone']);
  });

  test('the order of arrival does not matter', () => {
    const all = [
      publish(clientBody('baresip-noreg-006'), 'pubA', NOON),
      publish(clientBody('pjsua-udp-010'), 'pubB', NOON + 1),
      publish(clientBody('linphone-rls-004'), 'pubC', NOON + 2),
    ];
    expect(compose([...all].reverse())).toBe(compose(all));
  });

  test('two phones with the same wired-in ids get ids that stay theirs, whichever changed last', () => {
    const [one, other] = [clientBody('baresip-noreg-006'), clientBody('baresip-noreg-008')];
    const before = compose([publish(one, 'pubA', NOON), publish(other, 'pubB', NOON + 1)]);
    const after = compose([publish(other, 'pubB', NOON), publish(one, 'pubA', NOON + 1)]);
    for (const document of [before, after]) {
      expect(document).toMatch(/<tuple id="t4109"><status><basic>open/);
      expect(document).toMatch(/<tuple id="t4109-pubB"><status><basic>closed/);
      expect(new Set(idsOf(document)).size).toBe(idsOf(document).length);
    }
  });

  test('an id shared by a tuple and a person of one device is told apart', () => {
    expect(idsOf(compose([publish(pidf(tuple('7') + person('7', 'hello')))]))).toEqual(['t-7', 'p-7']);
  });
});

describe('RFC 4479 §3.2: person', () => {
  test('there is one: that of the newest publication which has one', () => {
    const document = compose([
      publish(pidf(tuple('a') + person('p', 'older')), 'pubA', NOON),
      publish(pidf(tuple('b') + person('p', 'newer')), 'pubB', NOON + 1),
      publish(pidf(tuple('c')), 'pubC', NOON + 2),
    ]);
    expect(document.match(/<dm:person /g)).toHaveLength(1);
    expect(document).toContain('<dm:note>newer</dm:note>');
    expect(document).not.toContain('older');
  });

  test('it comes after the tuples, wherever the phone put it, and says when it was told', () => {
    const document = compose([publish(clientBody('baresip-noreg-006'))]);
    expect(document.indexOf('<dm:person')).toBeGreaterThan(document.indexOf('</tuple>'));
    expect(document).toContain(
      '<dm:person id="p4159"><rpid:activities/><dm:timestamp>2026-11-22T12:00:00.000Z</dm:timestamp></dm:person>',
    );
  });

  test('a person without id is given one', () => {
    expect(idsOf(compose([publish(pidf('<dm:person><dm:note>x</dm:note></dm:person>'))]))).toEqual(['p-pubA']);
  });
});

describe('RFC 4479 §3.4: device', () => {
  test('one element for each deviceID, the newest', () => {
    const document = compose([
      publish(pidf(device('d', 'urn:x:1', '<x:old/>')), 'pubA', NOON),
      publish(pidf(device('d', 'urn:x:1', '<x:new/>') + device('e', 'urn:x:2')), 'pubB', NOON + 1),
    ]);
    expect(document.match(/<dm:device /g)).toHaveLength(2);
    expect(document).toContain('<x:new/>');
    expect(document).not.toContain('<x:old/>');
  });

  test('a device without deviceID is left out, the rest is told', () => {
    const document = compose([publish(pidf(`${tuple('a')}<dm:device id="d"><x:e/></dm:device>`))]);
    expect(document).not.toContain('dm:device');
    expect(document).toContain('<basic>open</basic>');
  });
});

describe('what stands at the top', () => {
  test('equal notes and extensions of several devices are told once', () => {
    const body = pidf('<note>on holiday</note><x:e a="1"/>');
    const document = compose([publish(body), publish(body, 'pubB'), publish(pidf('<note>back soon</note>'), 'pubC')]);
    expect(document.match(/on holiday/g)).toHaveLength(1);
    expect(document.match(/<x:e /g)).toHaveLength(1);
    expect(document).toContain('back soon');
  });
});

describeWithXmllint('RFC 4479 §5.1: the schema', () => {
  test('composed documents with persons and devices are valid', () => {
    const body = pidf(
      '<x:e/><note xml:lang="not a language">n</note>' +
        device(
          '7',
          'urn:x:1',
          '<dm:timestamp>2026-11-22T08:00:00Z</dm:timestamp><dm:note>n</dm:note><r:class>c</r:class>',
        ) +
        person('7', 'x') +
        tuple('7', `${OPEN}<dm:deviceID>urn:x:1</dm:deviceID><dm:person id="no"/>`),
    );
    expect(validateXml([composeBytes([publish(body), publish(body, 'pubB')])])).toBe('');
  });
});
