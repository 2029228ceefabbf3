import { openStage } from '../micro/stage.mjs';

/** What a document of the stage takes without anything behind its tuple. */
export const FRAME_BYTES = 430;
export const SIZES = [FRAME_BYTES, 1000, 2000, 5000, 10_000, 20_000, 40_000, 60_000];
const TOGETHER = 8;

/** Somebody's documents of so many bytes each: read, kept, composed, written, and sent to one watcher. @param shapes XML of a size, to be put behind a tuple. */
export async function openBodies(xs, shapes) {
  const stage = await openStage({ people: (TOGETHER + shapes.length) * xs.length + 1 });
  const watcher = stage.people.at(-1);
  await stage.logIn(stage.people);
  let first = 0;
  return {
    async at(bytes) {
      const some = stage.people.slice(first, first + Math.max(TOGETHER, shapes.length));
      first += some.length;
      const phones = some.map((phone, index) => ({
        ...phone,
        more: shapes[index % shapes.length](bytes - FRAME_BYTES),
      }));
      await stage.appear(phones);
      await stage.watchAll(phones.map((phone) => stage.newWatch(watcher, phone)));
      const work = phones.reduce((sum, { more }) => sum + FRAME_BYTES + more.length, 0) / 1000;
      return async () => {
        const spent = await stage.feedAndAnswer(phones.map((phone) => stage.publishRequest(phone)));
        return { spent, done: phones.length, work };
      };
    },
    close: stage.close,
  };
}

/** Pieces up to a size, none where not one fits. */
export function piecesOf(bytes, piece) {
  let text = '';
  for (let index = 0; ; index += 1) {
    const next = piece(index);
    if (text.length + next.length > bytes) return text;
    text += next;
  }
}
