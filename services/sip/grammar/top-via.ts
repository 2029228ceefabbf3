import { withoutZone } from '../ip-address.ts';
import type { Flow, Params, Via } from '../message.ts';
import { collapseBlanks, encode, isToken, quote, splitElements } from './text.ts';

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

  let stamp = asked ? `;rport=${flow.port}` : '';
  if (asked || differs) stamp += `;received=${flow.address.includes('%') ? withoutZone(flow.address) : flow.address}`;
  // A quoted parameter in a Via is nearly unheard of; then the elements are written anew, which quotes what needs it.
  if (row.includes('"')) {
    const others = vias.slice(1, splitElements(row)?.length ?? 1).map((via) => `, ${rewrite(via)}`);
    return rewrite({ ...top, params: withoutSource(top.params) }) + stamp + others.join('');
  }
  const text = collapseBlanks(row);
  const comma = text.indexOf(',');
  const element = comma < 0 ? text : text.slice(0, comma);
  return element.replace(SOURCE, '') + stamp + text.slice(element.length);
}

const SOURCE = /;[ \t]?(?:received|rport)[ \t]?(?:=[ \t]?[^;, \t]*)?[ \t]?(?=;|$)/gi;

function withoutSource(params: Params): Params {
  return new Map([...params].filter(([name]) => name !== 'received' && name !== 'rport'));
}

function rewrite(via: Via): string {
  const host = via.host.includes(':') ? `[${via.host}]` : via.host;
  let text = `SIP/2.0/${via.transport} ${host}${via.port === undefined ? '' : `:${via.port}`}`;
  for (const [name, value] of via.params) text += value === null ? `;${name}` : `;${name}=${writeValue(value)}`;
  return text;
}

function writeValue(value: string): string {
  return isToken(value) || /^[0-9A-Fa-f:.]+$/.test(value) ? value : encode(quote(value));
}
