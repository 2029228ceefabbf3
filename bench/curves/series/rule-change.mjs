import { setTimeout as pause } from 'node:timers/promises';
import { openWatchedOwners, WATCHERS } from '../owners.mjs';

const LOOK_MS = 50;

/** One line of somebody's rules is changed: all are read anew, and each watcher is looked at again. */
export default {
  name: 'rule-change',
  x: 'rules of the presentity',
  operation: `a changed rule, ${WATCHERS} watchers reviewed, one NOTIFY and its 200`,
  work: 'rule',
  xs: [1, 10, 100, 1000, 10_000],
  async open(xs) {
    const { stage, watchers, ownersOf } = await openWatchedOwners(xs);
    const subject = watchers[0].aor;
    return {
      async at(rules) {
        const owners = await ownersOf(rules);
        let permission = 'allow';
        return async () => {
          permission = permission === 'allow' ? 'polite-block' : 'allow';
          const told = stage.notifies + owners.length;
          const before = process.cpuUsage();
          await stage.store.rules.setMany(
            owners.map(({ aor: owner }) => ({ owner, subject, event: 'presence', permission })),
          );
          // The service hears of it from the journal, within a second.
          while (stage.notifies < told) await pause(LOOK_MS);
          const { user, system } = process.cpuUsage(before);
          const spent = user + system + (await stage.answerNotifies());
          return { spent, done: owners.length, work: owners.length * rules };
        };
      },
      close: stage.close,
    };
  },
};
