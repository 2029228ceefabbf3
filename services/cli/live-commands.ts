import type { Kit } from './kit.ts';
import {
  endSubscription,
  listPublications,
  listSubscriptions,
  removePublication,
  type SubscriptionFilter,
} from './live.ts';
import { noted } from './outcome.ts';

export function addLiveCommands(kit: Kit): void {
  const { world, run, add } = kit;

  const subscription = kit.group('subscription', 'who watches whom now');
  add(subscription, 'list', 'list the live subscriptions')
    .option('--of <name>', 'only the watchers of this account')
    .option('--watcher <name>', 'only what this account watches')
    .action((filter: SubscriptionFilter) => run(() => world.withDeps((deps) => listSubscriptions(deps, filter))));
  add(subscription, 'end <id>', 'end a subscription; its watcher is told, and may subscribe anew').action(
    (id: string) =>
      run(() => world.withDeps((deps) => noted(deps, 'subscription-ended', id, endSubscription(deps, id)))),
  );

  const publication = kit.group('publication', 'what is published now');
  add(publication, 'list [name]', 'list the publications of one account, or of all').action((name?: string) =>
    run(() => world.withDeps((deps) => listPublications(deps, name))),
  );
  add(publication, 'remove <id>', 'remove a publication; its watchers are told, its device may publish anew').action(
    (id: string) =>
      run(() => world.withDeps((deps) => noted(deps, 'publication-removed', id, removePublication(deps, id)))),
  );
}
