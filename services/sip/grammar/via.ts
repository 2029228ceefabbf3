import sip, { type RawVia } from 'sip';
import type { Params, Via } from '../message.ts';
import { mapParams, NO_PARAMS } from './params.ts';
import { collapseBlanks, isToken, splitElements, weigh } from './text.ts';

/** As many as Max-Forwards lets proxies add. */
const MAX_VIAS = 256;
const BEGINNING = /^SIP ?\/ ?\d+\.\d+ ?\/ ?[^\s;,]+ [^\s;,]/;
const MAX_PORT = 65_535;
const HOST = /^[A-Za-z0-9_.-]+$/;
/** Bare in `received`, as RFC 5118 §4.5 found them, or in brackets. */
const LITERALS = /\[([0-9A-Fa-f:.]+)\]|(?<==[ \t]?)([0-9A-Fa-f]*:[0-9A-Fa-f:.]*)/g;
const HAS_LITERAL = /\[|=[ \t]?[0-9A-Fa-f]*:/;
const STAND_IN = 'ipv6-literal-';

/**
 * Every Via of some rows, top-most first (RFC 3261 §20.42).
 * @returns undefined when one cannot be read, or when nothing is there.
 */
export function readVias(rows: readonly string[]): Via[] | undefined {
  const literals: string[] = [];
  const texts: string[] = [];
  for (const row of rows) {
    const elements = splitElements(row);
    if (elements === undefined) return undefined;
    for (const element of elements) {
      let text = collapseBlanks(element);
      if (!text.startsWith('SIP')) text = text.replace(/^sip/i, 'SIP');
      if (HAS_LITERAL.test(text)) {
        if (text.includes(STAND_IN)) return undefined;
        text = protectLiterals(text, literals);
      }
      // `sip` would throw, and swallow what it threw: dear when a stranger sends thousands.
      if (!BEGINNING.test(text) || texts.length === MAX_VIAS) return undefined;
      texts.push(text);
    }
  }
  if (texts.length === 0) return undefined;

  // Each element in a row of its own: one that `sip` cannot read is then missing in the count.
  let message = 'OPTIONS sip:a SIP/2.0\r\n';
  for (const text of texts) message += `Via: ${text}\r\n`;
  const raws = sip.parse(`${message}\r\n`)?.headers.via;
  if (raws?.length !== texts.length) return undefined;
  const vias: Via[] = [];
  for (const [index, raw] of raws.entries()) {
    const via = takeOver(raw, texts[index] as string, literals);
    if (via === undefined) return undefined;
    vias.push(via);
  }
  return vias;
}

function takeOver(raw: RawVia, text: string, literals: readonly string[]): Via | undefined {
  const names = Object.keys(raw.params);
  let weight = 5 + raw.version.length + raw.protocol.length + raw.host.length;
  if (raw.port !== undefined) weight += 1 + String(raw.port).length;
  for (const name of names) weight += 1 + name.length + valueWeight(raw.params[name]);
  // What `sip` did not understand it leaves out without a word.
  if (weight !== weigh(text)) return undefined;
  if (!isToken(raw.protocol) || !HOST.test(raw.host) || (raw.port ?? 0) > MAX_PORT) return undefined;
  const params = mapParams(raw.params, names.length);
  const host = restoreLiteral(raw.host, literals);
  if (params === undefined || host === undefined) return undefined;
  return {
    transport: raw.protocol.toUpperCase(),
    host,
    port: raw.port,
    params: literals.length === 0 ? params : restoreParams(params, literals),
  };
}

function valueWeight(value: string | null | undefined): number {
  return value === null || value === undefined ? 0 : 1 + value.length;
}

function protectLiterals(text: string, literals: string[]): string {
  return text.replace(LITERALS, (_, bracketed: string | undefined, bare: string | undefined) => {
    literals.push(bracketed ?? bare ?? '');
    return `${STAND_IN}${literals.length - 1}`;
  });
}

/** undefined when something was glued to the literal. */
function restoreLiteral(text: string, literals: readonly string[]): string | undefined {
  if (literals.length === 0 || !text.startsWith(STAND_IN)) return text;
  const number = text.slice(STAND_IN.length);
  return /^\d+$/.test(number) ? literals[Number(number)] : undefined;
}

function restoreParams(params: Params, literals: readonly string[]): Params {
  const restored = new Map<string, string | null>();
  for (const [name, value] of params) {
    restored.set(name, value === null ? null : (restoreLiteral(value, literals) ?? value));
  }
  return restored;
}

const TOP =
  /^SIP[ \t]*\/[ \t]*[\d.]+[ \t]*\/[ \t]*([^\s;,/]+)[ \t]+(?:\[([\dA-Fa-f:.]+)\]|([\w.-]+))(?:[ \t]*:[ \t]*(\d{1,5}))?/i;

/** As much of a broken top Via as is needed to send a refusal back (RFC 3261 §18.2.2). */
export function salvageVia(row: string): Via | undefined {
  const found = TOP.exec(row);
  if (found === null) return undefined;
  const [, transport = '', literal, host = '', port] = found;
  const branch = /;[ \t]?branch[ \t]?=[ \t]?([\w\-.!%*+`'~]+)/i.exec(row)?.[1];
  const params = new Map<string, string | null>();
  if (branch !== undefined) params.set('branch', branch);
  if (/;[ \t]?rport[ \t]?(?:[;,]|$)/i.test(row)) params.set('rport', null);
  return {
    transport: transport.toUpperCase(),
    host: literal ?? host,
    port: port === undefined || Number(port) > MAX_PORT ? undefined : Number(port),
    params: params.size === 0 ? NO_PARAMS : params,
  };
}
