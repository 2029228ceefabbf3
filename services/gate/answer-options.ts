import type { Registry } from '#packages';
import { type Answer, CONTENT_ENCODINGS, isRefusal, type SipRequest } from '#sip';
import { allowEvents } from './find-package.ts';
import { refuseScheme } from './find-resource.ts';
import { refuseExtensions } from './refuse-extensions.ts';

/**
 * RFC 3261 §11.2: what can be done here; open to everybody, and answered without keeping anything. The Request-URI need not
 * be somebody's: many ask for `sip:host` to see whether we are alive. What no request of ours could have (§8.2) is refused.
 * @param allow the value of Allow.
 */
export function makeAnswerOptions(registry: Registry, allow: string): (request: SipRequest) => Answer {
  return function answerOptions(request) {
    for (const refuses of [refuseScheme, refuseExtensions]) {
      const outcome = refuses({ request });
      if (isRefusal(outcome)) return { ...outcome.refused, stateless: true };
    }
    return {
      status: 200,
      headers: [
        ['Allow', allow],
        ...allowEvents(registry),
        ['Accept', bodiesTaken(registry).join(', ')],
        ['Accept-Encoding', CONTENT_ENCODINGS],
        ['Accept-Language', 'en'],
        ['Supported', ''],
      ],
      stateless: true,
    };
  };
}

function bodiesTaken(registry: Registry): readonly string[] {
  const hosted = registry.names().map((event) => registry.find(event));
  return [...new Set(hosted.flatMap((one) => (one?.feed === 'publications' ? one.publishes : [])))];
}
