import { openWatchedOwners, WATCHERS } from '../owners.mjs';

/** Somebody with many rules says something new: each watcher's permission is asked for. */
export default {
  name: 'rules',
  x: 'rules of the presentity',
  operation: `PUBLISH modify, ${WATCHERS} NOTIFYs and their 200s`,
  xs: [1, 10, 100, 1000, 10_000],
  async open(xs, more) {
    const { stage, ownersOf } = await openWatchedOwners(xs, more);
    return {
      async at(rules) {
        const owners = await ownersOf(rules);
        return async () => ({
          spent: await stage.feedAndAnswer(owners.map((owner) => stage.publishRequest(owner))),
          done: owners.length,
        });
      },
      close: stage.close,
    };
  },
};
