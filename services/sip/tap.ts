import { readNameAddr } from './grammar/index.ts';
import type { Flow } from './message.ts';
import type { Transport } from './transport/index.ts';

/** `in`: to us. */
export type Direction = 'in' | 'out';

/** Sees messages as they are on the wire, each copy of them, for somebody who wants to know what their phone says. */
export interface Tap {
  /** Asked for each message: false is all that most messages have to do with it. */
  readonly isOn: boolean;
  /** Must not wait for anything, and must not keep the bytes: their buffer may be used again. */
  saw(direction: Direction, bytes: Uint8Array, flow: Flow): void;
}

/** The same transport with somebody listening. */
export function tapped(transport: Transport, tap: Tap): Transport {
  return {
    ...transport,
    start: (receive) =>
      transport.start((bytes, flow, fault) => {
        if (tap.isOn) tap.saw('in', bytes, flow);
        receive(bytes, flow, fault);
      }),
    send(bytes, flow, onFailure) {
      if (tap.isOn) tap.saw('out', bytes, flow);
      transport.send(bytes, flow, onFailure);
    },
  };
}

const HEAD_BYTES = 8192;
const END_OF_HEAD = /\r?\n\r?\n/;
/**
 * As nearly everybody writes it, so that nothing has to be taken apart: `From: "Alice" <sip:alice@example.com>;tag=1`. No two of
 * its parts take the same characters, so that it reads a hostile line once and no more.
 */
const plain = (names: string): RegExp =>
  new RegExp(`\\n(?:${names})[ \\t]*:[^\\n<"]*(?:"(?:[^"\\\\\\n]|\\\\.)*"[ \\t]*)?<([^>\\n]*)>`, 'i');
const whole = (names: string): RegExp => new RegExp(`\\n(?:${names})[ \\t]*:([^\\n]*(?:\\n[ \\t][^\\n]*)*)`, 'i');
const FROM = { plain: plain('from|f'), whole: whole('from|f') };
const TO = { plain: plain('to|t'), whole: whole('to|t') };

/**
 * The URI of the peer that a message came from or goes to, as the message itself says, proved by nothing: the From of what
 * peers ask and of our answers, the To of what we ask and of their answers. Undefined where it cannot be read.
 */
export function peerUri(direction: Direction, bytes: Uint8Array): string | undefined {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, HEAD_BYTES));
  const text = start.toString('latin1');
  const field = (direction === 'in') === text.startsWith('SIP/') ? TO : FROM;
  const found = field.plain.exec(text);
  const end = text.indexOf('\r\n\r\n');
  if (found !== null && (end < 0 || found.index < end)) return found[1];
  const [head = ''] = start.toString('utf8').split(END_OF_HEAD, 1);
  const value = field.whole.exec(head)?.[1];
  return value === undefined ? undefined : readNameAddr(value.replaceAll(/[\r\n]+/g, ' ').trim())?.uri;
}

const OF_CREDENTIALS =
  /^((?:proxy-)?auth(?:orization|enticate|entication-info)|www-authenticate|proxy-authentication-info)([ \t]*:[ \t]*)((?:[^\r\n]|\r(?!\n))*)/gim;
const SECRET = /\b(nonce|nextnonce|cnonce|response|rspauth|opaque)([ \t]*=[ \t]*)(?:"(?:[^"\\]|\\.)*"?|[^\s,"]+)/gi;

/**
 * The text of a message without what proves who somebody is: answers to challenges and what they are made with (RFC 7616
 * §3.3, §3.4, §3.5); of other schemes than Digest nothing is left but the name.
 */
export function withoutCredentials(text: string): string {
  const end = END_OF_HEAD.exec(text)?.index ?? text.length;
  const head = text.slice(0, end).replaceAll(/\r?\n[ \t]+/g, ' ');
  const masked = head.replaceAll(OF_CREDENTIALS, (_line, name: string, colon: string, value: string) => {
    const isOfDigest = /^digest\s/i.test(value) || /info$/i.test(name);
    return `${name}${colon}${isOfDigest ? value.replaceAll(SECRET, '$1$2"…"') : `${/^[\w-]+/.exec(value)?.[0] ?? ''} …`}`;
  });
  return masked + text.slice(end);
}
