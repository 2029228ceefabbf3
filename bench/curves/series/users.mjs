import { openStage, ROUND } from '../../micro/stage.mjs';
import { scattered } from '../scattered.mjs';

/** Everybody has a device that publishes; now one, now another says something new. */
export default {
  name: 'users',
  x: 'users, each with a publication',
  operation: 'PUBLISH modify',
  xs: [1000, 3000, 10_000, 30_000, 100_000],
  grows: true,
  async open() {
    const stage = await openStage({ people: 0 });
    return {
      async at(users) {
        const before = stage.people.length;
        await stage.register(users);
        const fresh = stage.people.slice(before);
        await stage.logIn(fresh);
        await stage.appear(fresh);
        const next = scattered(stage.people);
        return async () => ({
          spent: await stage.feedAndAnswer(Array.from({ length: ROUND }, () => stage.publishRequest(next()))),
          done: ROUND,
        });
      },
      close: stage.close,
    };
  },
};
