import { describe, expect, test } from 'vitest';
import { presencePackage } from '#packages';
import {
  ALICE,
  CLOSED,
  clientBody,
  compose,
  composeBytes,
  idsOf,
  NOON,
  OPEN,
  pidf,
  publish,
  readBody,
  whyMalformed,
} from '../../support/presence.ts';
import { describeWithXmllint, validateXml } from '../../support/validate-xml.ts';

describe('RFC 3863 §4.1.1: presence', () => {
  test('another root is malformed', () => {
    expect(whyMalformed(clientBody('linphone-rls-003'))).toBe('the root is not a PIDF presence element');
    expect(whyMalformed('<presence entity="sip:alice@example.test"/>')).toContain('root');
  });

  test('a document without entity is malformed', () => {
    expect(whyMalformed(pidf('').replace(/ entity="[^"]*"/, ''))).toBe('presence without entity');
  });

  test.each(['pres:alice@example.test', 'sips:alice@EXAMPLE.test', 'sip:mallory@example.test', ''])(
    'entity %j is written as the presentity',
    (entity) => {
      const document = compose([publish(pidf(`<tuple id="a">${OPEN}</tuple>`, entity))]);
      expect(document).toContain('entity="sip:alice@example.test"');
      expect(document).not.toContain('mallory');
    },
  );

  test('a document without tuples is accepted', () => {
    expect(readBody(pidf('')).kind).toBe('document');
  });

  test('content-type parameters are tolerated, other types are not read', () => {
    const body = new TextEncoder().encode(pidf(''));
    expect(presencePackage.readPublication('application/PIDF+xml; charset="UTF-8"', body, ALICE).kind).toBe('document');
    expect(presencePackage.readPublication('application/xpidf+xml', body, ALICE)).toEqual({ kind: 'unsupported' });
  });
});

describe('RFC 3863 §4.1.2: tuple', () => {
  test('a tuple without id is malformed', () => {
    expect(whyMalformed(pidf(`<tuple>${OPEN}</tuple>`))).toBe('a tuple without id');
    expect(whyMalformed(pidf(`<tuple id=" ">${OPEN}</tuple>`))).toBe('a tuple without id');
  });

  test('a tuple without status is malformed', () => {
    expect(whyMalformed(pidf('<tuple id="a"><contact>sip:a@b</contact></tuple>'))).toBe('a tuple without status');
  });

  test('an id that is no xs:ID is made one, the same each time', () => {
    const body = pidf(`<tuple id="0x7f">${OPEN}</tuple><tuple id="a b">${OPEN}</tuple>`);
    expect(idsOf(compose([publish(body)]))).toEqual(['t-0x7f', 't-a_b']);
    expect(compose([publish(body)])).toBe(compose([publish(body)]));
  });

  test('ids that stand twice in one document are told apart', () => {
    const document = compose([publish(pidf(`<tuple id="a">${OPEN}</tuple><tuple id="a">${CLOSED}</tuple>`))]);
    expect(idsOf(document)).toEqual(['a', 'a-pubA']);
  });

  test('what was written in another order is put in the order of the schema', () => {
    const document = compose([
      publish(
        pidf(
          '<tuple id="a"><timestamp>2026-11-22T08:00:00Z</timestamp><note>n</note><x:e/><contact>sip:a@b</contact>' +
            `${OPEN}</tuple>`,
        ),
      ),
    ]);
    expect(document.replace(/ xmlns[^ >]*"/g, '')).toContain(
      `<tuple id="a">${OPEN}<x:e/><contact>sip:a@b</contact><note>n</note>` +
        '<timestamp>2026-11-22T08:00:00Z</timestamp></tuple>',
    );
  });

  test('elements and attributes that the schema does not know in its own namespace are left out', () => {
    const document = compose([publish(pidf(`<tuple id="a" x:y="1" odd="2">${OPEN}<odd/><p:presence/></tuple><odd/>`))]);
    expect(document).not.toContain('odd');
    expect(document).not.toContain('x:y');
  });
});

describe('RFC 3863 §4.1.3, §4.1.4: status and basic', () => {
  test.each(['maybe', 'OPEN', ''])('basic %j is malformed', (basic) => {
    expect(whyMalformed(pidf(`<tuple id="a"><status><basic>${basic}</basic></status></tuple>`))).toBe(
      'basic is neither open nor closed',
    );
  });

  test('white space around open is no reason to refuse', () => {
    expect(compose([publish(pidf('<tuple id="a"><status><basic>\n open </basic></status></tuple>'))])).toContain(
      '<basic>open</basic>',
    );
  });

  test('beyond the RFC: baresip says unknown before its user has said anything, and is told as closed', () => {
    expect(compose([publish(clientBody('baresip-noreg-001'))])).toContain('<basic>closed</basic>');
  });

  test('a status that says nothing is closed; one that says something else is left as it is', () => {
    expect(compose([publish(pidf('<tuple id="a"><status/></tuple>'))])).toContain('<basic>closed</basic>');
    const other = compose([publish(pidf('<tuple id="a"><status><x:im>busy</x:im></status></tuple>'))]);
    expect(other).not.toContain('<basic>');
    expect(other).toContain('<status><x:im>busy</x:im></status>');
  });
});

describe('RFC 3863 §4.1.5 to §4.1.7: contact, note, timestamp', () => {
  test.each([
    ['0.8', ' priority="0.8"'],
    ['1.000', ' priority="1.000"'],
    ['1.1', ''],
    ['0.1234', ''],
    ['high', ''],
  ])('contact priority %s', (priority, written) => {
    const body = pidf(`<tuple id="a">${OPEN}<contact priority="${priority}">sip:a@b</contact></tuple>`);
    expect(compose([publish(body)])).toContain(`<contact${written}>sip:a@b</contact>`);
  });

  test('a contact that is no URI is left out', () => {
    expect(compose([publish(pidf(`<tuple id="a">${OPEN}<contact>not a uri</contact></tuple>`))])).not.toContain(
      'contact',
    );
  });

  test('notes keep their language and their text, escaped', () => {
    const body = pidf(`<tuple id="a">${OPEN}<note xml:lang="en">a &lt; b &amp; "c" ü</note></tuple><note>top</note>`);
    const document = compose([publish(body)]);
    expect(document).toContain('<note xml:lang="en">a &lt; b &amp; "c" ü</note>');
    expect(document).toContain('</tuple><note>top</note>');
  });

  test.each([
    ['2026-11-22T08:17:26.834Z', '2026-11-22T08:17:26.834Z'],
    ['2026-11-22t08:17:26z', '2026-11-22T08:17:26Z'],
    ['2026-11-22T08:17:26+01:00', '2026-11-22T08:17:26+01:00'],
    ['2026-02-30T08:17:26Z', '2026-11-22T12:00:00.000Z'],
    ['yesterday', '2026-11-22T12:00:00.000Z'],
  ])('timestamp %s is told as %s', (timestamp, told) => {
    const body = pidf(`<tuple id="a">${OPEN}<timestamp>${timestamp}</timestamp></tuple>`);
    expect(compose([publish(body)])).toContain(`<timestamp>${told}</timestamp>`);
  });

  test('a tuple without timestamp carries the time its publication last changed, not the time of drawing', () => {
    const one = [publish(pidf(`<tuple id="a">${OPEN}</tuple>`))];
    expect(compose(one, NOON + 5000)).toContain('<timestamp>2026-11-22T12:00:00.000Z</timestamp>');
    expect(compose(one, NOON + 9000)).toBe(compose(one, NOON + 5000));
  });
});

describe('RFC 3863 §4.2: extensions', () => {
  test('elements of unknown namespaces survive, with the prefix they came with', () => {
    const document = compose([publish(clientBody('linphone-rls-004'))]);
    expect(document).toContain('xmlns:pidfonline="http://www.linphone.org/xsds/pidfonline.xsd"');
    expect(document).toContain('<status><basic>open</basic><pidfonline:online/></status>');
  });

  test('the same prefix for two namespaces in two publications is told apart', () => {
    const other = pidf(`<tuple id="b">${OPEN}<x:e/></tuple>`).replace('http://example.test/x', 'http://example.test/z');
    const document = compose([publish(pidf(`<tuple id="a">${OPEN}<x:e/></tuple>`)), publish(other, 'pubB')]);
    expect(document).toContain('xmlns:x="http://example.test/x"');
    expect(document).toContain('xmlns:x1="http://example.test/z"');
    expect(document).toContain('<x1:e/>');
  });

  test('§4.2.3: mustUnderstand goes on to the watcher, who decides', () => {
    const body = pidf(`<tuple id="a">${OPEN}<x:e><x:f p:mustUnderstand="1">v</x:f></x:e></tuple>`);
    expect(compose([publish(body)])).toContain('<x:e><x:f p:mustUnderstand="1">v</x:f></x:e>');
  });

  test('§4.2.3: what we leave out takes the extension around it with it where it must be understood', () => {
    const broken = '<r:activities><r:busy/><r:no-such p:mustUnderstand="true"/></r:activities>';
    expect(compose([publish(pidf(`<tuple id="a">${OPEN}${broken}</tuple>`))])).not.toContain('activities');
    expect(compose([publish(pidf(`<tuple id="a">${OPEN}${broken.replace('true', 'false')}</tuple>`))])).toContain(
      '<rpid:activities><rpid:busy/></rpid:activities>',
    );
  });
});

describe('RFC 3863 §4, RFC 3023: XML', () => {
  test.each([
    ['not well-formed', '<presence', 'not well-formed XML at line 1'],
    ['an unbound prefix', '<q:presence/>', 'not well-formed XML'],
    ['nothing', '', 'not well-formed XML'],
    ['a DTD', `<!DOCTYPE presence [<!ENTITY a "b">]>${pidf('').slice(39)}`, 'a DTD is not allowed'],
    ['an entity that nobody declared', pidf('<note>&a;</note>'), 'not well-formed XML'],
    ['Latin-1', new Uint8Array([...new TextEncoder().encode(pidf('').slice(0, -11)), 0xe4]), 'not UTF-8'],
    ['UTF-16', new Uint8Array([0xff, 0xfe, 0x3c, 0]), 'not UTF-8'],
    ['an encoding that is not ours', pidf('<note>ü</note>').replace('UTF-8', 'ISO-8859-1'), 'only UTF-8 is read'],
  ])('%s is malformed', (_what, body, why) => {
    expect(whyMalformed(body)).toContain(why);
  });

  test('a byte order mark and another encoding over plain ASCII are tolerated', () => {
    expect(readBody(`\uFEFF${pidf('')}`).kind).toBe('document');
    expect(readBody(pidf('').replace('UTF-8', 'ISO-8859-1')).kind).toBe('document');
  });

  test('what is written has an XML declaration, bare PIDF names and fixed prefixes', () => {
    const document = compose([
      publish(
        pidf(`<p:tuple id="a">${OPEN}</p:tuple><dm:person id="p"><r:activities><r:away /></r:activities></dm:person>`),
      ),
    ]);
    expect(document.startsWith('<?xml version="1.0" encoding="UTF-8"?>\n<presence xmlns="urn:ietf:')).toBe(true);
    expect(document).toContain('<basic>open</basic>');
    expect(document).toContain('<rpid:away/>');
    expect(document).toContain('<dm:person ');
  });
});

const CLIENTS = [
  'baresip-noreg-001',
  'baresip-noreg-006',
  'baresip-noreg-008',
  'kamailio-front-001',
  'kamailio-front-002',
  'kamailio-front-007',
  'linphone-rls-004',
  'pjsua-noreg-001',
  'pjsua-noreg-006',
  'pjsua-udp-010',
  'sipjs-noreg-001',
  'sipjs-noreg-006',
  'sipsak-udp-001',
  'twinkle-noreg-001',
  'twinkle-udp-005',
];

describeWithXmllint('RFC 3863 §4.4, RFC 4479 §5.1, RFC 4480 §5.1: every document we write is valid', () => {
  test('out of the body of each client alone, and of all of them together', () => {
    const alone = CLIENTS.map((name) => composeBytes([publish(clientBody(name))]));
    const together = composeBytes(CLIENTS.map((name, index) => publish(clientBody(name), `pub${index}`, NOON + index)));
    expect(validateXml([...alone, together])).toBe('');
  });

  test('with nothing published', () => {
    expect(validateXml([composeBytes([])])).toBe('');
  });

  test('with a contact that is an IPv6 address', () => {
    const body = pidf(`<tuple id="a">${OPEN}<contact>sip:alice@[2001:db8::1]:5060;transport=tcp</contact></tuple>`);
    expect(compose([publish(body)])).toContain('sip:alice@[2001:db8::1]:5060;transport=tcp');
  });
});
