import {
  makeCompositor,
  makePublicationBook,
  makePublicationSweep,
  makeTakeUp,
  makeWithdrawal,
  restorePublications,
} from '#compositor';
import {
  type AccountAccess,
  type ChooseAlgorithms,
  makeAnswerOptions,
  makeClientNeeds,
  makeGuessing,
  makeRates,
  type OfferedQop,
  type RateLimits,
  type TrustedPeers,
} from '#gate';
import type { Aor, Domains, Permission, Realms } from '#model';
import { makeNotifier } from '#notify';
import { makeRegistry, type PackageStanding } from '#packages';
import { makePublish } from '#publish';
import {
  makeAvailabilityBook,
  makeFigureBook,
  makePasswordUseBook,
  makePastWatcherBook,
  makeSightingBook,
  makeTraceBook,
} from '#record';
import { type Clock, type Log, makeLanes, type Random } from '#runtime';
import { type Endpoint, type Incoming, makeLocator, makeNonces, type Names, type Tap } from '#sip';
import { type Algorithm, makeBell, makeCachedAccess, type Secrets, type Store, startTail } from '#store';
import { makeSubscribe } from '#subscribe';
import { makeFollowOrders } from './follow-orders.ts';

/** What the SIP service is made of; main.ts brings the real things, the stories bring a network that loses packets. */
export interface ServiceNeeds {
  readonly store: Store;
  readonly secrets: Secrets;
  readonly domains: Domains;
  readonly realms: Realms;
  readonly byDefault: Permission;
  /** Peers that are believed when they say who sent a request. */
  readonly trusted: TrustedPeers;
  /** What senders are challenged with; MD5 when absent. */
  readonly algorithms?: ChooseAlgorithms;
  /** The one that most of them are challenged with; MD5 when absent. */
  readonly usualAlgorithm?: Algorithm;
  readonly qop?: OfferedQop;
  /** NOTIFYs in a row that a watcher may leave unanswered before its subscription goes; at least 1. */
  readonly notifyTimeouts: number;
  readonly rateLimits: RateLimits;
  /** Undefined: what each event package says. */
  readonly paceMs: number | undefined;
  /** False while another process may have taken the role: then 503 is answered and no NOTIFY is sent. */
  readonly holdsRole: () => boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** The name of this process among those that may serve; what it counts goes under it. */
  readonly node: string;
  /** How it stands with the event packages has changed. */
  readonly onPackages?: () => void;
  /** Where names lead that watchers and proxies are known by (RFC 3263); none is looked up when absent. */
  readonly names?: Names;
  /** Opens the sockets, or a network of the tests' own; requests go to `handle`, and the tap sees every message. */
  readonly openEndpoint: (handle: (incoming: Incoming) => void | Promise<void>, tap: Tap) => Promise<Endpoint>;
}

export interface Service {
  /** How it stands with each event package that is to be served. */
  standings(): readonly PackageStanding[];
  /** Lets what is under way finish, writes down what watchers were told, closes the sockets. The store stays open. */
  close(): Promise<void>;
  /** Ends at once, as a crash does: nothing more is sent or written. */
  kill(): Promise<void>;
}

/** Nonces outlive the longest subscription, so that no refresh needs a second round (RFC 7616 §3.3). */
const NONCE_LIFETIME_MS = 4 * 3_600_000;
const MAX_NONCES = 200_000;

/** Methods that the server answers otherwise than with 405 (RFC 3261 §8.2.1). */
const ALLOW = 'SUBSCRIBE, PUBLISH, OPTIONS';

/** Puts the rooms together. Resolves when everything of the run before is taken up and requests are answered. */
export async function startService(needs: ServiceNeeds): Promise<Service> {
  const { store, secrets, clock, random, log, domains, realms } = needs;
  const bell = makeBell(log);
  const lanes = makeLanes();
  const needsOf = makeClientNeeds();
  const registry = makeRegistry({ log, clock, onQuarantine: lookAgainAtPackages });

  const tail = startTail({
    journal: store.journal,
    eventLoader: store.eventLoader,
    clock,
    log,
    purges: true,
    onChange: hear,
    onEverything: () => hear({ kind: 'everything', subject: '' }),
  });
  const isFresh = (): boolean => tail.isFresh() && needs.holdsRole();
  const { usualAlgorithm: usual } = needs;
  const cached = makeCachedAccess({ store, secrets, clock, isFresh, ...(usual && { usual }) });
  const access: AccountAccess = cached;
  await tail.ready;
  await registry.sync(await store.eventLoader.list());

  const book = makePublicationBook();
  const compositor = makeCompositor({
    book,
    registry,
    clock,
    onTimedChange: (presentity, event) => bell.ring({ kind: 'state', subject: presentity, event }),
  });
  const sweep = makePublicationSweep({
    book,
    publications: store.publications,
    lanes,
    clock,
    log,
    onEnded: tellChange,
  });

  let serve: (incoming: Incoming) => void | Promise<void> = (incoming) =>
    incoming.respond({ status: 503, headers: [['Retry-After', '1']], stateless: true });
  const traces = makeTraceBook({ traces: store.traces, preferences: store.preferences, domains, clock, log });
  const endpoint = await needs.openEndpoint((incoming) => serve(incoming), traces.tap);
  const pastWatchers = makePastWatcherBook({ pastWatchers: store.pastWatchers, clock, log });
  const figures = makeFigureBook({
    nodes: store.nodes,
    node: needs.node,
    publications: () => book.size,
    subscriptions: () => notifier.book.size,
    clock,
    log,
  });
  const notifier = makeNotifier({
    subscriptions: store.subscriptions,
    waiting: store.waiting,
    access,
    compositor,
    registry,
    endpoint,
    bell,
    lanes,
    clock,
    log,
    byDefault: needs.byDefault,
    paceMs: needs.paceMs,
    notifyTimeouts: needs.notifyTimeouts,
    needsOf,
    isKnownHop: needs.trusted.has,
    ...(needs.names && { locator: makeLocator({ names: needs.names, clock, log, chance: random.fraction }) }),
    onEnded: pastWatchers.ended,
    onSent: figures.notified,
    onOutcome: figures.ended,
  });

  const withdrawal = makeWithdrawal({ book, sweep, access, lanes, clock, log });
  const takeUp = makeTakeUp({
    book,
    sweep,
    publications: store.publications,
    lanes,
    clock,
    log,
    onTaken: tellChange,
  });
  const sightings = makeSightingBook({ sightings: store.sightings, domains, clock, log });
  const passwordUses = makePasswordUseBook({ devicePasswords: store.devicePasswords, clock, log });
  const availability = makeAvailabilityBook({ ...store, compositor, clock, log });
  for (const book of [sightings, availability, traces]) bell.listen(book.hear);
  bell.listen(makeFollowOrders({ notifier, withdrawal, takeUp }));

  const publications = await restorePublications({ publications: store.publications, book, sweep });
  const subscriptions = await notifier.restore();
  // An account may have been disabled while nobody served; `notify` looks for itself.
  void withdrawal.lookAtAll();
  await availability.begin();
  await traces.begin();

  const nonces = makeNonces({
    key: secrets.deriveKey('nonce'),
    clock,
    random,
    lifetimeMs: NONCE_LIFETIME_MS,
    capacity: MAX_NONCES,
  });
  const rates = makeRates({ limits: needs.rateLimits, trusted: needs.trusted, clock, random, log });
  const { trusted, algorithms, qop } = needs;
  const guessing = makeGuessing(clock, trusted);
  const digest = { ...(algorithms && { algorithms }), ...(qop && { qop }) };
  const gate = {
    access,
    rates,
    needsOf,
    onPassword: passwordUses.proved,
    nonces,
    guessing,
    domains,
    realms,
    trusted,
    ...digest,
    registry,
    clock,
    random,
    log,
  };
  const publish = makePublish({ ...gate, book, compositor, sweep, lanes, bell, publications: store.publications });
  const subscribe = makeSubscribe({
    ...gate,
    byDefault: needs.byDefault,
    watchBook: notifier.book,
    desk: notifier.desk,
    amend: notifier.amend,
    register: notifier.register,
    expiry: notifier.expiry,
    endpoint,
    subscriptions: store.subscriptions,
  });

  const answerOptions = makeAnswerOptions(registry, ALLOW);
  /** The same request, whose answer is seen once it has been given. */
  const seen = (incoming: Incoming): Incoming => ({
    ...incoming,
    respond(answer) {
      incoming.respond(answer);
      sightings.saw(incoming.request, incoming.flow, answer);
      figures.answered(incoming.request, answer);
    },
  });

  serve = (incoming) => {
    switch (incoming.request.method) {
      case 'PUBLISH':
        return publish(seen(incoming));
      case 'SUBSCRIBE':
        return subscribe(seen(incoming));
      case 'OPTIONS':
        return incoming.respond(answerOptions(incoming.request));
      default:
        return incoming.respond({ status: 405, headers: [['Allow', ALLOW]], stateless: true });
    }
  };
  log.info({ publications, subscriptions, packages: registry.names() }, 'serving');

  function tellChange({ presentity, event }: { readonly presentity: Aor; readonly event: string }): void {
    compositor.changed(presentity, event);
    bell.ring({ kind: 'state', subject: presentity, event });
  }

  /** Cached facts go first, then those who act on them look again. */
  function hear(change: Parameters<typeof bell.ring>[0]): void {
    cached.look(change);
    if (change.kind === 'packages') void reload();
    else if (change.kind === 'reload') void reload(change.event);
    else bell.ring(change);
  }

  /** @param event the one that is to be imported anew, whatever became of it. */
  async function reload(event?: string): Promise<void> {
    try {
      const rows = await store.eventLoader.list();
      await (event === undefined ? registry.sync(rows) : registry.reload(rows, event));
      lookAgainAtPackages();
    } catch (fault) {
      log.warn({ fault: String(fault) }, 'Eventloader could not be read; it is looked at again');
    }
  }

  async function stop(): Promise<void> {
    await endpoint.close();
    await tail.close();
    sweep.close();
    withdrawal.close();
    takeUp.close();
    compositor.close();
    notifier.stop();
    for (const book of [sightings, availability, traces, pastWatchers, passwordUses, figures]) book.close();
  }

  /** What a package composed is no longer true; whose package is gone has nothing to watch. */
  function lookAgainAtPackages(): void {
    compositor.forgetAll();
    needs.onPackages?.();
    bell.ring({ kind: 'packages', subject: '' });
  }

  return {
    standings: registry.standings,
    async close() {
      await endpoint.close();
      await lanes.idle();
      const lost = (): void => log.warn({}, 'what was seen last is lost');
      await notifier.writeDown().catch(lost);
      await Promise.all([availability.end(), pastWatchers.flush(), traces.flush()]).catch(lost);
      await stop();
    },
    kill: stop,
  };
}
