/**
 * What known clients need that others do not. The rules are the table below, and nothing else in the server asks for a
 * User-Agent. Whoever is not in it is served by the letter of the RFCs. docs/compatibility.md says where each line comes
 * from and what it was tried with; a line without a need is left out of the table.
 */
import { LRUCache } from 'lru-cache';
import { detached } from '#runtime';
import type { DigestAlgorithm } from '#sip';
import type { ChooseAlgorithms } from './challenge.ts';

export interface ClientNeeds {
  /** What it is challenged with where the setting DIGEST_ALGORITHMS says `by-client`; one, since few can read two. */
  readonly digest: readonly [DigestAlgorithm];
  /**
   * NOTIFYs in a row that the client may leave unanswered (Timer F) before its subscription goes; undefined: what the
   * setting NOTIFY_TIMEOUTS says (RFC 6665 §4.2.2).
   */
  readonly notifyTimeouts: number | undefined;
  /**
   * Seconds for which the entity-tag just replaced is still taken under the same Call-ID; 0 by the book (RFC 3903 §6
   * step 3). For clients that send the next PUBLISH before they have read the answer to the one before.
   */
  readonly etagGrace: number;
  /**
   * An initial PUBLISH under a Call-ID that has a publication goes on with it: the client keeps one publication a
   * Call-ID, and has lost its entity-tag.
   */
  readonly onePublicationPerCallId: boolean;
  /** The Request-URI may name our domain alone; whose presence is meant stands in To. */
  readonly presentityInTo: boolean;
  /** A pending NOTIFY carries the document that tells nothing, where it would carry none (RFC 3856 §6.7 allows both). */
  readonly bodyWhilePending: boolean;
}

export interface ClientProfile {
  /** Of User-Agent, from its first character. */
  readonly match: RegExp;
  /** For people. */
  readonly name: string;
  readonly needs: Partial<ClientNeeds>;
}

const BY_THE_BOOK: ClientNeeds = {
  digest: ['MD5'],
  notifyTimeouts: undefined,
  etagGrace: 0,
  onePublicationPerCallId: false,
  presentityInTo: false,
  bodyWhilePending: false,
};

/** The first line that matches counts. */
export const CLIENT_PROFILES: readonly ClientProfile[] = [
  {
    match: /^PJSUA\/v(2\.(1[7-9]|[2-9]\d)|[3-9]|[1-9]\d)/i,
    name: 'PJSIP: pjsua 2.17 and later',
    needs: { digest: ['SHA-256'], etagGrace: 5, onePublicationPerCallId: true },
  },
  {
    match: /^Linphonec?\/[5-9]/i,
    name: 'Linphone 5 and later',
    needs: { digest: ['SHA-256'] },
  },
  {
    match: /^(PJSUA|MicroSIP|pjsip)\b/i,
    name: 'PJSIP: pjsua, MicroSIP',
    needs: { etagGrace: 5, onePublicationPerCallId: true },
  },
  {
    match: /^(Cisco|Linksys)[/-]?SPA9\d\d\b/i,
    name: 'Cisco and Linksys SPA9xx',
    needs: { notifyTimeouts: 3 },
  },
  {
    match: /^Yealink\b/i,
    name: 'Yealink',
    needs: { presentityInTo: true },
  },
  {
    match: /^(IM-client\/OMA1\.0 )?(sipML5|Boghe|Doubango|idoubs|imsdroid)/i,
    name: 'Doubango: sipML5, Boghe',
    needs: { bodyWhilePending: true },
  },
];

/** Texts of User-Agent whose profile is at hand; a server sees some dozens. */
const REMEMBERED = 1000;
/** No known name stands further behind. */
const LONGEST = 128;

/** Finds a client's needs by its User-Agent; equal texts are searched for once. */
export type FindNeeds = (userAgent: string) => ClientNeeds;

export function makeClientNeeds(profiles: readonly ClientProfile[] = CLIENT_PROFILES): FindNeeds {
  const merged = profiles.map(({ match, needs }) => ({ match, needs: { ...BY_THE_BOOK, ...needs } }));
  const found = new LRUCache<string, ClientNeeds>({ max: REMEMBERED });
  return (userAgent) => {
    if (userAgent === '') return BY_THE_BOOK;
    const key = userAgent.length > LONGEST ? userAgent.slice(0, LONGEST) : userAgent;
    let needs = found.get(key);
    if (needs === undefined) {
      needs = merged.find(({ match }) => match.test(key))?.needs ?? BY_THE_BOOK;
      found.set(detached(key), needs);
    }
    return needs;
  };
}

/** What each client's profile says, for the setting DIGEST_ALGORITHMS=by-client. */
export function algorithmsByClient(needsOf: FindNeeds = makeClientNeeds()): ChooseAlgorithms {
  return ({ headers }) => needsOf(headers.get('user-agent') ?? '').digest;
}
