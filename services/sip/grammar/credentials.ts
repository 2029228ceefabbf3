import sip from 'sip';
import type { Credentials } from '../message.ts';
import { collapseBlanks, decode, isToken, unquote, weigh } from './text.ts';

const NO_PARAMS: ReadonlyMap<string, string> = new Map();

/**
 * Authorization rows (RFC 3261 §20.7, one set of credentials a row). Of schemes other than Digest nothing but the name is
 * read: `Basic QWxhZGRpbg==` is no list of parameters (RFC 4475 §3.3.7).
 * @returns undefined when Digest credentials cannot be read whole, each parameter once.
 */
export function readCredentials(rows: readonly string[]): Credentials[] | undefined {
  const all: Credentials[] = [];
  for (const row of rows) {
    const blank = row.search(/[ \t]/);
    const spelled = blank < 0 ? row : row.slice(0, blank);
    if (!isToken(spelled)) return undefined;
    const scheme = spelled.toLowerCase();
    const params = scheme === 'digest' ? readAuthParams(row, spelled) : NO_PARAMS;
    if (params === undefined) return undefined;
    all.push({ scheme, params });
  }
  return all;
}

function readAuthParams(row: string, scheme: string): ReadonlyMap<string, string> | undefined {
  const whole = weigh(row);
  if (whole < 0) return undefined;
  const text = collapseBlanks(row);
  // Where the first parameter is none, `sip` would look for one from every character on.
  if (!/^\S+ [^\s,"=]+ ?= ?[^\s,]/.test(text)) return undefined;
  const raws = sip.parse(`OPTIONS sip:a SIP/2.0\r\nAuthorization: ${text}\r\n\r\n`)?.headers.authorization;
  const raw = raws?.[0];
  if (raw === undefined || raws?.length !== 1) return undefined;
  // A parameter called `scheme` would stand in the scheme's place, doubles and `__proto__` would be gone: the weight tells.
  let weight = scheme.length;
  const params = new Map<string, string>();
  for (const name of Object.keys(raw)) {
    const value = raw[name];
    if (name === 'scheme') {
      if (value !== scheme) return undefined;
      continue;
    }
    const key = name.toLowerCase();
    if (value === undefined || params.has(key)) return undefined;
    weight += name.length + 2 + value.length;
    params.set(key, decode(unquote(value)));
  }
  // One comma fewer than parameters.
  return params.size > 0 && weight - 1 === whole ? params : undefined;
}
