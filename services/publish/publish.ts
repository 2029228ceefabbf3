import type { Compositor, PublicationBook, PublicationSweep } from '#compositor';
import {
  type AccountAccess,
  type AuthenticateNeeds,
  decodeBody,
  type FindNeeds,
  makeAuthenticate,
  makeFindPackage,
  makeFindResource,
  makeGrantRequestExpiry,
  makeNameResource,
  makeReceive,
  type Rates,
  refuseExtensions,
  walk,
} from '#gate';
import type { Domains } from '#model';
import type { Registry } from '#packages';
import type { Clock, Lanes, Log, Random } from '#runtime';
import { type Incoming, isRefusal, type Refusal } from '#sip';
import type { Bell, Publications } from '#store';
import { makeAnswerPublish } from './answer.ts';
import { authorizePublisher } from './authorize-publisher.ts';
import { makeFindPublishable } from './find-publishable.ts';
import { makeKeep } from './keep.ts';
import { makeMatchEntityTag } from './match-entity-tag.ts';
import { readBody } from './read-body.ts';
import { makeReplacedTags } from './replaced-tags.ts';
import { makeSettle } from './settle.ts';
import { makeWholeWrite } from './whole-write.ts';

export interface PublishNeeds extends AuthenticateNeeds {
  readonly rates: Rates;
  readonly needsOf: FindNeeds;
  readonly registry: Registry;
  readonly access: AccountAccess;
  readonly domains: Domains;
  readonly book: PublicationBook;
  readonly compositor: Compositor;
  readonly sweep: PublicationSweep;
  readonly publications: Pick<Publications, 'write'>;
  readonly lanes: Lanes;
  readonly bell: Bell;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/**
 * The table. Nothing is queued for a presentity before the sender is known, or strangers could fill the lane; from then
 * on one request at a time per presentity (RFC 3903 §6: processed in order, atomically).
 */
export function makePublish(needs: PublishNeeds): (incoming: Incoming) => void | Promise<void> {
  const whole = makeWholeWrite(needs);
  const replaced = makeReplacedTags(needs.clock);
  const entry = walk<Incoming>()
    .step(refuseExtensions)
    .step(needs.rates.admitSource)
    .step(makeAuthenticate(needs))
    .step(needs.rates.admitAccount)
    .step(makeNameResource(needs));

  type Entered = Exclude<Awaited<ReturnType<typeof entry.run>>, { readonly refused: unknown }>;
  const inLane = walk<Entered>()
    .step(makeSettle(whole))
    .step(makeFindResource(needs.access))
    .step(makeFindPackage(needs.registry))
    .step(makeFindPublishable(needs.registry))
    .step(authorizePublisher)
    .step(makeMatchEntityTag({ ...needs, replaced }))
    .step(makeGrantRequestExpiry(needs.random))
    .step(decodeBody)
    .step(readBody)
    .step(makeKeep({ ...needs, whole, replaced }))
    .step(makeAnswerPublish(needs.bell));

  const receive = makeReceive(needs);
  return (incoming) =>
    receive(incoming, () => {
      const known = entry.run(incoming);
      return known instanceof Promise ? known.then(enterLane) : enterLane(known);
    });

  function enterLane(known: Entered | Refusal): ReturnType<typeof inLane.run> {
    return isRefusal(known) ? known : needs.lanes.run(known.presentity, () => inLane.run(known));
  }
}
