import { describe, expect, it } from 'vitest';
import type { SipRequest } from '#sip';
import { algorithmsByClient, CLIENT_PROFILES, makeClientNeeds } from '../../../services/gate/client-profiles.ts';

const needsOf = makeClientNeeds();

describe('client profiles: what known clients need that others do not', () => {
  it.each([
    ['PJSUA/v2.17-dev Linux-6.18.44 x86_64 glibc-2.36', 'PJSIP: pjsua 2.17 and later'],
    ['PJSUA/v2.16 Linux', 'PJSIP: pjsua, MicroSIP'],
    ['PJSUA v2.10 Linux-4.19', 'PJSIP: pjsua, MicroSIP'],
    ['MicroSIP/3.21.3', 'PJSIP: pjsua, MicroSIP'],
    ['Cisco/SPA962-6.1.5(a)', 'Cisco and Linksys SPA9xx'],
    ['Linksys/SPA942-6.1.3(a)', 'Cisco and Linksys SPA9xx'],
    ['Yealink SIP-T46G 28.83.0.120', 'Yealink'],
    ['IM-client/OMA1.0 sipML5-v1.2016.03.04', 'Doubango: sipML5, Boghe'],
    ['pjsua/V2.99', 'PJSIP: pjsua 2.17 and later'],
    ['PJSUA/v2.20', 'PJSIP: pjsua 2.17 and later'],
    ['PJSUA/v3.0', 'PJSIP: pjsua 2.17 and later'],
    ['PJSUA/v12.1', 'PJSIP: pjsua 2.17 and later'],
    ['PJSUA/v1.16', 'PJSIP: pjsua, MicroSIP'],
    ['pjsip python', 'PJSIP: pjsua, MicroSIP'],
    ['Linphone/5.0.14 (belle-sip/4.5.14)', 'Linphone 5 and later'],
    ['Linphonec/5.1.65 (belle-sip/5.1.64)', 'Linphone 5 and later'],
    ['Cisco-SPA901', 'Cisco and Linksys SPA9xx'],
    ['CiscoSPA922', 'Cisco and Linksys SPA9xx'],
    ['Yealink', 'Yealink'],
    ['Boghe', 'Doubango: sipML5, Boghe'],
    ['Doubango/1', 'Doubango: sipML5, Boghe'],
    ['IM-client/OMA1.0 idoubs/2', 'Doubango: sipML5, Boghe'],
    ['imsdroid', 'Doubango: sipML5, Boghe'],
  ])('%s is known', (userAgent, name) => {
    expect(CLIENT_PROFILES.find(({ match }) => match.test(userAgent))?.name).toBe(name);
    expect(needsOf(userAgent)).toMatchObject(CLIENT_PROFILES.find((profile) => profile.name === name)?.needs ?? {});
  });

  it.each([
    ...[
      '',
      'sipbench',
      'NotPJSUA/1.0',
      'NotPJSUA/v2.17',
      'MicroSIPper/1',
      'pjsipish',
      'A Linphone/5.0',
      'Linphone/4.3',
    ],
    ...[
      'Linphonec/3.6.1',
      'Linphoned/5',
      'A Cisco/SPA962',
      'Cisco/SPA9621',
      'Cisco/SPA862',
      'Cisco/SPA96x',
      'Cisco--SPA962',
    ],
    ...['A Yealink SIP-T46G', 'Yealinked', 'Some Boghe', 'OMA1.0 sipML5', 'A IM-client/OMA1.0 sipML5'],
    ...['baresip v1.0.0 (x86_64/linux)', 'x'.repeat(10_000)],
  ])('whoever is not in the table is served by the book: %.20s', (userAgent) => {
    expect(needsOf(userAgent)).toEqual({
      digest: ['MD5'],
      notifyTimeouts: undefined,
      etagGrace: 0,
      onePublicationPerCallId: false,
      presentityInTo: false,
      bodyWhilePending: false,
    });
  });

  it('RFC 8760 §2.3: by client, one challenge each: SHA-256 for those who are known to answer it', () => {
    const asked = (userAgent: string | undefined) =>
      algorithmsByClient()({
        headers: { get: (name: string) => (name === 'user-agent' ? userAgent : 'Linphone/5.0') },
      } as unknown as SipRequest);
    expect(asked('PJSUA/v2.17-dev Linux')).toEqual(['SHA-256']);
    expect(asked('PJSUA/v2.9')).toEqual(['MD5']);
    expect(asked('baresip v1.0.0 (x86_64/linux)')).toEqual(['MD5']);
    expect(asked(undefined)).toEqual(['MD5']);
  });

  it('what stands behind 128 characters is not looked at, and the rest of the text is', () => {
    const find = makeClientNeeds([{ match: /x(?=Phone)|x{128}/, name: 'Phone', needs: { etagGrace: 1 } }]);
    expect(find('x'.repeat(127)).etagGrace).toBe(0);
    expect(find('x'.repeat(128)).etagGrace).toBe(1);
    expect(find(`${'x'.repeat(127)}yPhone`).etagGrace).toBe(0);
    expect(find(`${'y'.repeat(122)}xPhone`).etagGrace).toBe(1);
    expect(find(`${'y'.repeat(123)}xPhone`).etagGrace).toBe(0);
  });

  it('equal texts are searched for once', () => {
    let searched = 0;
    const match = /^Phone/;
    const exec = match.exec.bind(match);
    match.exec = (text) => {
      searched += 1;
      return exec(text);
    };
    const find = makeClientNeeds([{ match, name: 'Phone', needs: { etagGrace: 1 } }]);
    for (let round = 0; round < 100; round += 1) expect(find('Phone/1').etagGrace).toBe(1);
    expect(searched).toBe(1);
  });
});
