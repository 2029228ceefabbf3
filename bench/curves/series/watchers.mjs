import { openStage, ROUND } from '../../micro/stage.mjs';

const WATCHERS = 10_000;

/** One change, told to all who watch: until the last of them has answered. */
export default {
  name: 'watchers',
  x: 'watchers of the presentity',
  operation: 'PUBLISH modify, NOTIFYs and their 200s',
  work: 'NOTIFY',
  xs: [1, 3, 10, 30, 100, 300, 1000, 3000, 10_000],
  async open(xs) {
    const stage = await openStage({ people: WATCHERS });
    await stage.logIn(stage.people);
    return {
      async at(watchers) {
        // With few watchers several presentities together, or the wait for the last answer would count as theirs.
        const some = Math.max(1, Math.floor(ROUND / watchers));
        const first = xs.indexOf(watchers) * ROUND;
        const watched = stage.people.slice(first, first + some);
        await stage.appear(watched);
        const those = stage.people.slice(0, watchers);
        await stage.watchAll(watched.flatMap((of) => those.map((watcher) => stage.newWatch(watcher, of))));
        return async () => {
          const before = stage.notifies;
          const spent = await stage.feedAndAnswer(watched.map((of) => stage.publishRequest(of)));
          return { spent, done: some, work: stage.notifies - before };
        };
      },
      close: stage.close,
    };
  },
};
