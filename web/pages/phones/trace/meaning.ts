import type { TracedMessage } from '#store';
import type { Words } from '../../../words/index.ts';
import { addressIn, parameterOf, type SipText } from './sip-text.ts';

/** What a message means, in words. `bad`: it went wrong, and the words say what to do. */
export interface Meaning {
  readonly tone: 'plain' | 'good' | 'bad';
  readonly text: string;
}

/** Whose phone it should be. */
export interface Owner {
  /** As the phone must send it for authentication. */
  readonly username: string;
}

type Direction = TracedMessage['direction'];

const plain = (text: string): Meaning => ({ tone: 'plain', text });
const good = (text: string): Meaning => ({ tone: 'good', text });
const bad = (text: string): Meaning => ({ tone: 'bad', text });

/** RFC 3903 table 1, RFC 6665 §3.1: what a request is for, by the fields it has. */
export function meaningOfRequest(sip: SipText, direction: Direction, { trace: { asks, tells } }: Words): Meaning {
  if (direction === 'out') {
    const [state = ''] = (sip.header('subscription-state') ?? '').split(';', 1);
    return plain(tells(addressIn(sip.header('from')), state));
  }
  const isOver = sip.header('expires') === '0';
  switch (sip.method) {
    case 'PUBLISH':
      if (sip.header('sip-if-match') === undefined) return plain(asks.publish);
      if (isOver) return plain(asks.withdraw);
      return plain(sip.body.trim() === '' ? asks.refresh : asks.change);
    case 'SUBSCRIBE': {
      const whom = addressIn(sip.header('to'));
      if (isOver) return plain(asks.unwatch(whom));
      return plain(/;\s*tag=/i.test(sip.header('to') ?? '') ? asks.watchOn(whom) : asks.watch(whom));
    }
    case 'REGISTER':
      return plain(asks.register);
    case 'OPTIONS':
      return plain(asks.options);
    default:
      return plain(asks.other(sip.method));
  }
}

export function meaningOfAnswer(
  sip: SipText,
  status: number,
  request: SipText | undefined,
  direction: Direction,
  owner: Owner,
  words: Words,
): Meaning {
  if (direction === 'in') return meaningOfPhonesAnswer(status, words);
  const { trace } = words;
  if (status < 300) return good(taken(sip, words));
  if (status === 401) return meaningOf401(sip, request, owner, words);
  const failures: Readonly<Record<number, string>> = trace.failures;
  switch (status) {
    case 400:
      return bad(trace.badRequest(sip.reason));
    case 403:
      return bad(sip.header('cseq')?.endsWith('PUBLISH') ? trace.notYours : trace.notAllowed);
    case 404:
      return bad(trace.notFound(addressIn(request?.uri ?? sip.header('to'))));
    case 405:
      return sip.header('cseq')?.endsWith('REGISTER') ? plain(trace.noRegistrar) : bad(trace.noMethod);
    case 406:
    case 415:
      return bad(trace.wrongType(request?.header('content-type') ?? '', sip.header('accept') ?? ''));
    case 420:
      return bad(trace.noExtension(sip.header('unsupported') ?? ''));
    case 423:
      return bad(trace.tooBrief(sip.header('min-expires') ?? ''));
    case 489:
      return bad(trace.noPackage(request?.header('event') ?? '', sip.header('allow-events') ?? ''));
    case 503:
      return bad(trace.busy(sip.header('retry-after') ?? '1'));
    default:
      return bad(failures[status] ?? (status >= 500 ? trace.ours : trace.refused(status)));
  }
}

function taken(sip: SipText, { trace }: Words): string {
  const expires = Number(sip.header('expires') ?? Number.NaN);
  if (Number.isNaN(expires)) return trace.taken;
  return expires === 0 ? trace.over : trace.takenFor(expires);
}

/** The first 401 is how every exchange begins, a stale one mends itself; what is left is a wrong name or password. */
function meaningOf401(sip: SipText, request: SipText | undefined, owner: Owner, { trace }: Words): Meaning {
  const challenge = sip.header('www-authenticate');
  if (/stale\s*=\s*"?true/i.test(challenge ?? '')) return plain(trace.stale);
  const proof = request?.header('authorization');
  if (proof === undefined) return plain(trace.challenged);
  const username = parameterOf(proof, 'username') ?? '';
  const realm = parameterOf(proof, 'realm') ?? '';
  const ours = parameterOf(challenge, 'realm') ?? '';
  if (realm !== ours) return bad(trace.wrongRealm(realm, ours));
  if (username !== owner.username) return bad(trace.wrongName(username, owner.username));
  return bad(trace.wrongPassword);
}

/** What a phone says to a NOTIFY (RFC 6665 §4.1.3). */
function meaningOfPhonesAnswer(status: number, { trace }: Words): Meaning {
  if (status < 300) return good(trace.phoneTook);
  return bad(status === 481 ? trace.phoneForgot : trace.phoneRefused(status));
}
