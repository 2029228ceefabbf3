import type { Algorithm } from '#store';
import type { PhoneSettings } from './clients.ts';

/** One HA1 (RFC 7616 §3.4.2), opened. */
export interface OpenHa1 {
  readonly algorithm: Algorithm;
  readonly ha1: string;
}

const NEEDS_ESCAPE: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string): string => text.replaceAll(/[&<>"]/g, (character) => NEEDS_ESCAPE[character] ?? '');

/**
 * A Linphone remote provisioning document (lpconfig): the account, presence published on the server, nothing else changed.
 * With `ha1` the phone logs in without its user typing a password; it is of one for this phone alone.
 */
export function provisioningDocument(
  { username, domain, server, transport, realm }: PhoneSettings,
  secret: OpenHa1 | undefined,
): string {
  const section = (name: string, entries: readonly (readonly [string, string])[]): string =>
    [
      `  <section name="${name}">`,
      ...entries.map(([key, value]) => `    <entry name="${key}" overwrite="true">${escaped(value)}</entry>`),
      '  </section>',
    ].join('\n');
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<config xmlns="http://www.linphone.org/xsds/lpconfig.xsd">',
    section('proxy_0', [
      ['reg_proxy', `<sip:${server};transport=${transport}>`],
      ['reg_route', `<sip:${server};transport=${transport}>`],
      ['reg_identity', `sip:${username}@${domain}`],
      ['reg_sendregister', '0'],
      ['reg_expires', '3600'],
      ['publish', '1'],
      ['realm', realm],
    ]),
    section('auth_info_0', [
      ['username', username],
      ['domain', domain],
      ['realm', realm],
      ...(secret === undefined
        ? []
        : ([
            ['ha1', secret.ha1],
            ['algorithm', secret.algorithm],
          ] as const)),
    ]),
    section('sip', [['default_proxy', '0']]),
    '</config>',
    '',
  ].join('\n');
}
