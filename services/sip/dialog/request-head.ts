import { headerText, readNameAddr, readUri } from '../grammar/index.ts';
import type { Field } from '../message.ts';
import type { DialogState } from './dialog.ts';

/** What all requests of ours in a dialog begin with: constant until the peer's target or our Contact changes. */
export interface DialogPrefix {
  /** The Request-URI. */
  readonly uri: string;
  /** Header lines, each ended by CRLF: Max-Forwards, Route, From, To, Call-ID, Contact. CSeq and the rest follow. */
  readonly prefix: string;
}

/**
 * RFC 3261 §12.2.1.1.
 * @param contact our Contact URI.
 */
export function dialogPrefix(dialog: DialogState, contact: string): DialogPrefix {
  const { uri, routes } = throughRoutes(dialog);
  const route = routes.length === 0 ? '' : `Route: ${headerText(routes.join(', '))}\r\n`;
  const toTag = dialog.remoteTag === '' ? '' : `;tag=${headerText(dialog.remoteTag)}`;
  const prefix =
    `Max-Forwards: 70\r\n${route}` +
    `From: <${dialog.localUri}>;tag=${dialog.localTag}\r\nTo: <${dialog.remoteUri}>${toTag}\r\n` +
    `Call-ID: ${headerText(dialog.callId)}\r\nContact: <${contact}>\r\n`;
  return { uri, prefix };
}

export interface DialogRequest {
  readonly method: string;
  /** Ours: grows with each request (RFC 3261 §12.2.1.1). */
  readonly cseq: number;
  /** Our Contact URI. */
  readonly contact: string;
  readonly fields?: readonly Field[];
}

/** The whole head of one request; who sends many in a dialog keeps its {@link dialogPrefix}. */
export function dialogRequestHead(
  dialog: DialogState,
  request: DialogRequest,
): { readonly uri: string; readonly head: string } {
  const { uri, prefix } = dialogPrefix(dialog, request.contact);
  const more = (request.fields ?? []).map(([name, value]) => `${name}: ${headerText(value)}\r\n`).join('');
  return { uri, head: `${prefix}CSeq: ${request.cseq} ${request.method}\r\n${more}` };
}

/** Loose routing leaves the Request-URI alone; a first hop without `lr` is a strict router of RFC 2543, which wants itself there. */
function throughRoutes(dialog: DialogState): { readonly uri: string; readonly routes: readonly string[] } {
  const [first, ...others] = dialog.routeSet;
  if (first === undefined) return { uri: dialog.remoteTarget, routes: [] };
  const hop = readNameAddr(first)?.uri;
  const strict = hop !== undefined && readUri(hop)?.params.has('lr') === false;
  if (!strict) return { uri: dialog.remoteTarget, routes: dialog.routeSet };
  return { uri: forRequestLine(hop), routes: [...others, `<${dialog.remoteTarget}>`] };
}

/** RFC 3261 §19.1.1, table 1: no headers and no `method` parameter in a Request-URI. */
const forRequestLine = (uri: string): string => uri.replace(/\?.*$/, '').replace(/;method=[^;]*/i, '');
