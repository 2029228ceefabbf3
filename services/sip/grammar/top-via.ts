import type { Flow, Via } from '../message.ts';
import { isToken, quote } from './text.ts';

/**
 * Writes into the top element of a Via row where its request came from: `received` when that is not what its sent-by says, or
 * when `rport` was asked for, and then the port, too (RFC 3261 §18.2.1, RFC 3581 §4). A `received` of the sender's own goes.
 */
export function stampVia(row: string, vias: readonly Via[], flow: Flow): string {
  const top = vias[0];
  if (top === undefined) return row;
  const asked = top.params.has('rport');
  const differs = top.host.toLowerCase() !== flow.address.toLowerCase();
  if (!asked && !differs && !top.params.has('received')) return row;

  const comma = row.indexOf(',');
  // A quoted parameter in a Via is nearly unheard of; then the element is written anew, which quotes what needs it.
  const quoted = row.includes('"');
  let element = quoted ? rewrite(top) : comma < 0 ? row : row.slice(0, comma);
  const rest = quoted ? vias.slice(1).map(rewrite).map(leadingComma).join('') : comma < 0 ? '' : row.slice(comma);
  element = element.replace(/;[ \t]?(?:received|rport)[ \t]?(?:=[ \t]?[^;, \t]*)?[ \t]?(?=;|$)/gi, '');
  if (asked) element += `;rport=${flow.port}`;
  if (asked || differs) element += `;received=${flow.address}`;
  return element + rest;
}

function rewrite(via: Via): string {
  const host = via.host.includes(':') ? `[${via.host}]` : via.host;
  let text = `SIP/2.0/${via.transport} ${host}${via.port === undefined ? '' : `:${via.port}`}`;
  for (const [name, value] of via.params) {
    text += value === null ? `;${name}` : `;${name}=${isToken(value) || value.includes(':') ? value : quote(value)}`;
  }
  return text;
}

function leadingComma(text: string): string {
  return `, ${text}`;
}
