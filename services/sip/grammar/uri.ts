import sip from 'sip';
import type { SipUri } from '../message.ts';
import { MOST_PARAMS } from './limits.ts';
import { readParams } from './params.ts';

const ANY_URI = /^[A-Za-z][A-Za-z0-9+.-]*:[^\0-\x20"<>\x7f]+$/;
const SIP_SCHEME = /^sips?:/i;
/** At most one bare `@`, then a host: a name, an IPv4 address or an IPv6 reference. RFC 5118 §4.10 asks to bear `:::`. */
const SIP_URI = /^(sips?):([^@]+@)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.-]+)(:\d{1,5})?((?:;[^?]*)?)(\?.*)?$/i;

/** A stand-in for an IPv6 reference, which the `sip` package does not know. */
const STAND_IN = 'ipv6';

/** An absolute URI, and when it is a SIP one, with a host that can be told from its port. */
export function isUri(text: string): boolean {
  return ANY_URI.test(text) && (!SIP_SCHEME.test(text) || SIP_URI.test(text)) && !hasTooManyParams(text);
}

/** A name takes a character, and the semicolon another. Those of a user part count, too. */
export function hasTooManyParams(text: string): boolean {
  if (text.length <= 2 * MOST_PARAMS) return false;
  let count = 0;
  for (let at = text.indexOf(';'); at >= 0; at = text.indexOf(';', at + 1)) count += 1;
  return count > MOST_PARAMS;
}

/** Takes a SIP or SIPS URI apart (RFC 3261 §19.1); its headers part is read over. */
export function readUri(text: string): SipUri | undefined {
  if (!ANY_URI.test(text)) return undefined;
  const parts = SIP_URI.exec(text);
  if (parts === null) return undefined;
  const [, scheme = '', userinfo = '', host = '', port = '', tail = ''] = parts;
  const bracketed = host.startsWith('[');
  const raw = sip.parseUri(`${scheme.toLowerCase()}:${userinfo}${bracketed ? STAND_IN : host}${port}`);
  const params = readParams(tail);
  if (raw === undefined || params === undefined || raw.port > 65_535) return undefined;
  return {
    scheme: raw.schema === 'sips' ? 'sips' : 'sip',
    user: raw.user ?? '',
    host: (bracketed ? host.slice(1, -1) : raw.host).toLowerCase(),
    port: Number.isNaN(raw.port) ? undefined : raw.port,
    params,
  };
}
