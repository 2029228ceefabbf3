import { openStage, ROUND } from '../../micro/stage.mjs';
import { scattered } from '../scattered.mjs';

const EACH = 10;

/** Everybody watches ten others; now one, now another refreshes. What is held may cost memory, not time. */
export default {
  name: 'subscriptions',
  x: 'subscriptions held',
  operation: 'refresh, NOTIFY and its 200',
  xs: [10_000, 30_000, 100_000],
  large: [300_000, 1_000_000],
  grows: true,
  async open() {
    const stage = await openStage({ people: 0 });
    const watches = [];
    return {
      async at(subscriptions) {
        const before = stage.people.length;
        await stage.register(subscriptions / EACH);
        await stage.logIn(stage.people.slice(before));
        const { people } = stage;
        for (let user = before; user < people.length; user += ROUND) {
          const some = people
            .slice(user, user + ROUND)
            .flatMap((watcher) =>
              Array.from({ length: EACH }, (_, index) =>
                stage.newWatch(watcher, people[(watcher.user * 7 + index * 13 + 1) % people.length]),
              ),
            );
          await stage.watchAll(some);
          watches.push(...some);
        }
        const next = scattered(watches);
        return async () => ({
          spent: await stage.feedAndAnswer(Array.from({ length: ROUND }, () => stage.subscribeRequest(next()))),
          done: ROUND,
        });
      },
      close: stage.close,
    };
  },
};
