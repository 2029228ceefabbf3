import { openStage } from '../micro/stage.mjs';

export const WATCHERS = 10;
const TOGETHER = 6;

/** A stage with owners of so many rules each, about people who do not watch; those who do may by everybody's rule. */
export async function openWatchedOwners(xs, more = () => ({})) {
  const stage = await openStage({ people: 200 });
  await stage.logIn(stage.people);
  const watchers = stage.people.slice(-WATCHERS);

  async function ownersOf(rules) {
    const first = xs.indexOf(rules) * TOGETHER;
    const owners = stage.people.slice(first, first + TOGETHER);
    for (const { aor: owner } of owners) {
      const rule = (subject, index) => ({ owner, subject, event: 'presence', permission: 'allow', ...more(index) });
      const others = Array.from({ length: rules - 1 }, (_, index) => rule(`sip:friend${index}@example.com`, index));
      const everybody = { owner, subject: '*', event: 'presence', permission: 'allow' };
      await stage.store.rules.setMany([...others, everybody]);
    }
    await stage.appear(owners);
    await stage.watchAll(owners.flatMap((owner) => watchers.map((watcher) => stage.newWatch(watcher, owner))));
    return owners;
  }
  return { stage, watchers, ownersOf };
}
