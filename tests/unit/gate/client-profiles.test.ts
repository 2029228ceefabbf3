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
  ])('%s is known', (userAgent, name) => {
    expect(CLIENT_PROFILES.find(({ match }) => match.test(userAgent))?.name).toBe(name);
    expect(needsOf(userAgent)).toMatchObject(CLIENT_PROFILES.find((profile) => profile.name === name)?.needs ?? {});
  });

  it.each(['', 'sipbench', 'NotPJSUA/1.0', 'baresip v1.0.0 (x86_64/linux)', 'x'.repeat(10_000)])(
    'whoever is not in the table is served by the book: %.20s',
    (userAgent) => {
      expect(needsOf(userAgent)).toEqual({
        digest: ['MD5'],
        notifyTimeouts: undefined,
        etagGrace: 0,
        onePublicationPerCallId: false,
        presentityInTo: false,
        bodyWhilePending: false,
      });
    },
  );

  it('RFC 8760 §2.3: by client, one challenge each: SHA-256 for those who are known to answer it', () => {
    const asked = (userAgent: string | undefined) =>
      algorithmsByClient()({ headers: { get: () => userAgent } } as unknown as SipRequest);
    expect(asked('PJSUA/v2.17-dev Linux')).toEqual(['SHA-256']);
    expect(asked('PJSUA/v2.9')).toEqual(['MD5']);
    expect(asked('baresip v1.0.0 (x86_64/linux)')).toEqual(['MD5']);
    expect(asked(undefined)).toEqual(['MD5']);
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
