import { openStage } from '../../micro/stage.mjs';

const TOGETHER = 8;
const FRAME_BYTES = 430;

const tuple = (index) =>
  `  <tuple id="m${index}">\n    <status><basic>open</basic></status>\n    <contact priority="0.5">sip:m${index}@192.0.2.1</contact>\n    <note>line ${index}</note>\n  </tuple>\n`;

/** A document with as many tuples as its size allows: read, kept, composed, written, and sent to one watcher. */
export default {
  name: 'body',
  x: 'bytes of the body',
  operation: 'PUBLISH modify, one NOTIFY and its 200',
  work: 'KB',
  xs: [FRAME_BYTES, 1000, 2000, 5000, 10_000, 20_000, 40_000, 60_000],
  async open(xs) {
    const stage = await openStage({ people: 100 });
    const watcher = stage.people.at(-1);
    await stage.logIn(stage.people);
    return {
      async at(bytes) {
        let more = '';
        for (let index = 0; more.length + FRAME_BYTES + 150 < bytes; index += 1) more += tuple(index);
        const first = xs.indexOf(bytes) * TOGETHER;
        const phones = stage.people.slice(first, first + TOGETHER).map((phone) => ({ ...phone, more }));
        await stage.appear(phones);
        await stage.watchAll(phones.map((phone) => stage.newWatch(watcher, phone)));
        const size = (FRAME_BYTES + more.length) / 1000;
        return async () => {
          const spent = await stage.feedAndAnswer(phones.map((phone) => stage.publishRequest(phone)));
          return { spent, done: TOGETHER, work: TOGETHER * size };
        };
      },
      close: stage.close,
    };
  },
};
