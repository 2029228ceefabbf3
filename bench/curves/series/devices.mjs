import { openStage, ROUND } from '../../micro/stage.mjs';

const TOGETHER = 16;

/** One of somebody's devices says something new, and one watcher is told of all of them: composed and written anew. */
export default {
  name: 'devices',
  x: 'devices of the presentity',
  operation: 'PUBLISH modify, one NOTIFY and its 200',
  work: 'device in the NOTIFY',
  xs: [1, 2, 4, 8, 16, 32],
  async open(xs) {
    const stage = await openStage({ people: ROUND * 8 });
    const watcher = stage.people.at(-1);
    await stage.logIn([watcher]);
    return {
      async at(devices) {
        const first = xs.indexOf(devices) * TOGETHER;
        const owners = stage.people.slice(first, first + TOGETHER);
        const phones = owners.map(({ user }) =>
          Array.from({ length: devices }, (_, device) => stage.phoneOf(user, `${user}-${device}`)),
        );
        await stage.logIn(phones.flat());
        await stage.appear(phones.flat());
        await stage.watchAll(owners.map((owner) => stage.newWatch(watcher, owner)));
        let device = 0;
        return async () => {
          device = (device + 1) % devices;
          const spent = await stage.feedAndAnswer(phones.map((mine) => stage.publishRequest(mine[device])));
          return { spent, done: TOGETHER, work: TOGETHER * devices };
        };
      },
      close: stage.close,
    };
  },
};
