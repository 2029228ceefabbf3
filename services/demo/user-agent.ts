import type { Clock, Random } from '#runtime';
import {
  type Endpoint,
  type Field,
  type Flow,
  headerText,
  type Incoming,
  type Outcome,
  type SipRequest,
  type SipResponse,
} from '#sip';
import { type Challenge, readChallenge, writeAuthorization } from './challenge.ts';

/** A request of ours, without what every request of this user agent has. */
export interface Ask {
  readonly method: 'PUBLISH' | 'SUBSCRIBE';
  /** Request-URI. */
  readonly uri: string;
  /** To URI and, in a dialog, its tag. */
  readonly to: string;
  readonly toTag?: string | undefined;
  readonly callId: string;
  readonly fromTag: string;
  /** Route values, in order. */
  readonly routes?: readonly string[];
  readonly fields: readonly Field[];
  readonly body?: Uint8Array;
}

/** The final answer; undefined when none came, or the request could not be sent. */
export type Reply = SipResponse | undefined;

/** One phone's SIP: who it is, whom it asks, how it proves itself. */
export interface UserAgent {
  /** `sip:ada@example.com`. */
  readonly aor: string;
  readonly clock: Clock;
  ask(ask: Ask): Promise<Reply>;
  /** A name that nobody else has: for Call-IDs and tags. */
  unique(): string;
  /** Takes the NOTIFYs of one dialog, known by Call-ID and our tag, and says how to answer; until told to stop. */
  onNotify(callId: string, localTag: string, take: (notify: SipRequest) => number): () => void;
  close(): Promise<void>;
}

export interface UserAgentOptions {
  readonly user: string;
  readonly domain: string;
  readonly password: string;
  /** What it calls itself (RFC 3261 §20.41). */
  readonly title: string;
  /** The way to the service, whatever the URIs say: an outbound proxy. */
  readonly server: Pick<Flow, 'address' | 'port'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly openEndpoint: (handle: (incoming: Incoming) => void) => Promise<Endpoint>;
}

export async function openUserAgent(options: UserAgentOptions): Promise<UserAgent> {
  const { user, domain, password, title, clock, random } = options;
  const aor = `sip:${user}@${domain}`;
  const takers = new Map<string, (notify: SipRequest) => number>();
  const endpoint = await options.openEndpoint(handle);
  const flow: Flow = { transport: 'udp', via: 'udp', ...options.server };
  let cseq = 0;
  /** The last challenge: used again until the service wants a new one. */
  let known: { readonly challenge: Challenge; uses: number } | undefined;

  function handle({ request, respond }: Incoming): void {
    if (request.method !== 'NOTIFY') {
      respond({ status: 405, headers: [['Allow', 'NOTIFY']] });
      return;
    }
    const take = takers.get(`${request.callId} ${request.to.params.get('tag') ?? ''}`);
    // RFC 6665 §4.1.3: no such subscription.
    respond({ status: take?.(request) ?? 481 });
  }

  function authorization({ method, uri }: Ask): readonly Field[] {
    if (known === undefined) return [];
    known.uses += 1;
    const { challenge, uses } = known;
    const proof = { challenge, uses, method, uri, username: user, password, cnonce: random.token(16) };
    return [['Authorization', writeAuthorization(proof)]];
  }

  function once(ask: Ask): Promise<Reply> {
    cseq += 1;
    const fields: readonly Field[] = [
      ['Max-Forwards', '70'],
      ...(ask.routes ?? []).map((route): Field => ['Route', route]),
      ['From', `<${aor}>;tag=${ask.fromTag}`],
      ['To', `<${ask.to}>${ask.toTag === undefined ? '' : `;tag=${ask.toTag}`}`],
      ['Call-ID', ask.callId],
      ['CSeq', `${cseq} ${ask.method}`],
      ['User-Agent', title],
      ...ask.fields,
      ...authorization(ask),
    ];
    const head = fields.map(([name, value]) => `${name}: ${headerText(value)}\r\n`).join('');
    return new Promise((resolve) => {
      const settle = (outcome: Outcome): void => resolve(outcome.kind === 'response' ? outcome.response : undefined);
      endpoint.send({ method: ask.method, uri: ask.uri, head, body: ask.body }, flow, settle);
    });
  }

  return {
    aor,
    clock,
    unique: () => random.token(20),
    async ask(ask) {
      const contact: Field = ['Contact', `<${contactOf(endpoint, flow, user)}>`];
      const whole = ask.method === 'SUBSCRIBE' ? { ...ask, fields: [contact, ...ask.fields] } : ask;
      const reply = await once(whole);
      if (reply?.status !== 401) return reply;
      const challenge = readChallenge(reply.headers.all('WWW-Authenticate'));
      if (challenge === undefined) return reply;
      // RFC 3261 §22.1: once; credentials that were refused are not offered again.
      known = { challenge, uses: 0 };
      return once(whole);
    },
    onNotify(callId, localTag, take) {
      const key = `${callId} ${localTag}`;
      takers.set(key, take);
      return () => void takers.delete(key);
    },
    close: () => endpoint.close(),
  };
}

/** `sip:192.0.2.10:5060` of the endpoint, with our name before it. */
function contactOf(endpoint: Endpoint, flow: Flow, user: string): string {
  return endpoint.contact(flow).replace(/^sip:/, `sip:${user}@`);
}
