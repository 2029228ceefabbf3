/**
 * What watchers are sent for the bodies of real clients, byte for byte. A difference here is a change that phones will see:
 * look at it, then write the files anew with `vitest run -u tests/golden/presence.test.ts`.
 */
import { describe, expect, test } from 'vitest';
import { presencePackage } from '#packages';
import { ALICE, clientBody, compose, NOON, publish } from '../support/presence.ts';

const CASES: Readonly<Record<string, readonly string[]>> = {
  'baresip-open': ['baresip-noreg-006'],
  'baresip-before-its-user-spoke': ['baresip-noreg-001'],
  'kamailio-pua': ['kamailio-front-001'],
  linphone: ['linphone-rls-004'],
  'pjsua-on-the-phone': ['pjsua-udp-010'],
  'twinkle-closed': ['twinkle-udp-005'],
  'two-baresips': ['baresip-noreg-006', 'baresip-noreg-008'],
  'desk-phone-and-softphones': [
    'pjsua-noreg-006',
    'baresip-noreg-006',
    'pjsua-udp-010',
    'linphone-rls-004',
    'sipsak-udp-001',
  ],
};

describe('golden: composed documents of real clients', () => {
  test.each(Object.entries(CASES))('%s', async (name, bodies) => {
    const published = bodies.map((body, index) => publish(clientBody(body), `pub${index + 1}`, NOON + index * 1000));
    await expect(compose(published)).toMatchFileSnapshot(`presence/${name}.xml`);
  });

  test('nobody-there', async () => {
    await expect(compose([])).toMatchFileSnapshot('presence/nobody-there.xml');
  });

  test('nobody-there is what a politely blocked watcher gets, to the byte', () => {
    const state = presencePackage.compose(ALICE, [publish(clientBody('pjsua-udp-010'))], NOON);
    const concealed = presencePackage.conceal(state, 'polite-block', ALICE);
    expect(new TextDecoder().decode(presencePackage.formats[0].write(concealed))).toBe(compose([]));
  });
});
