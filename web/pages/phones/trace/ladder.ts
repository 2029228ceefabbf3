import type { TracedMessage } from '#store';
import type { Words } from '../../../words/index.ts';
import { type Meaning, meaningOfAnswer, meaningOfRequest, type Owner } from './meaning.ts';
import { readSipText, type SipText } from './sip-text.ts';

/** A rung of the ladder: one message, and what it means. */
export interface Rung {
  readonly at: number;
  readonly direction: TracedMessage['direction'];
  /** `PUBLISH`, `401 Unauthorized`. */
  readonly label: string;
  /** `udp 192.0.2.9:5060`, where it is another than on the rung before. */
  readonly phone: string | undefined;
  readonly tone: Meaning['tone'];
  readonly meaning: string;
  readonly text: string;
  /** So many messages between the rung before and this one were too much to be written. */
  readonly leftOut: number;
}

/** Who has not answered by then, does not (RFC 3261 §17.1.2.2, timer F). */
const GIVEN_UP_MS = 32_000;

/** @param messages oldest first. */
export function ladderOf(messages: readonly TracedMessage[], owner: Owner, now: number, words: Words): readonly Rung[] {
  const read = messages.map((message) => ({ ...message, sip: readSipText(message.text) }));
  const answered = new Set(read.flatMap(({ sip }) => (sip.status === undefined ? [] : [sip.exchange])));
  const requests = new Map<string, SipText>();
  const seen = new Set<string>();
  let phone = '';
  let number = read[0]?.number ?? 0;
  return read.map((message, index): Rung => {
    const { sip, direction, flow, at } = message;
    const copy = `${direction} ${sip.status ?? ''} ${sip.exchange}`;
    const again = seen.has(copy);
    seen.add(copy);
    if (sip.status === undefined) requests.set(sip.exchange, sip);
    const isLast = !read.slice(index + 1).some((later) => later.sip.exchange === sip.exchange);
    const isUnanswered = sip.status === undefined && isLast && !answered.has(sip.exchange) && at + GIVEN_UP_MS < now;
    const { tone, text } = meaning();
    const place = flow.replace(/[|].*$/, '').replace(':', ' ');
    const isElsewhere = place !== phone;
    phone = place;
    const leftOut = Math.max(0, message.number - number - 1);
    number = message.number;
    const label = sip.status === undefined ? sip.method : `${sip.status} ${sip.reason}`;
    return {
      at,
      direction,
      label: label.trim() || '…',
      phone: isElsewhere ? place : undefined,
      tone,
      meaning: text,
      text: message.text,
      leftOut,
    };

    function meaning(): Meaning {
      const { trace } = words;
      if (isUnanswered) return { tone: 'bad', text: direction === 'in' ? trace.notAnswered : trace.phoneSilent };
      if (again) return { tone: 'plain', text: trace.again };
      if (sip.status === undefined) return meaningOfRequest(sip, direction, words);
      return meaningOfAnswer(sip, sip.status, requests.get(sip.exchange), direction, owner, words);
    }
  });
}
