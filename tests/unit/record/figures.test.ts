import { afterEach, expect, test } from 'vitest';
import { type FigureBook, makeFigureBook } from '#record';
import { silentLog } from '#runtime';
import { type Figures, makeMemoryStore, StoreUnavailable } from '#store';
import { makeFakeClock } from '../../support/fake-clock.ts';

let book: FigureBook;
afterEach(() => book.close());

test('what was counted while the database was away is in the next row, which stands for all that time', async () => {
  const clock = makeFakeClock(100_000);
  const { nodes } = makeMemoryStore({ clock });
  let away = true;
  book = makeFigureBook({
    nodes: {
      ...nodes,
      async write(figures: Figures) {
        if (away) throw new StoreUnavailable('away');
        return nodes.write(figures);
      },
    },
    node: 'one',
    publications: () => 1,
    subscriptions: () => 2,
    clock,
    log: silentLog,
  });
  book.notified(40);
  book.ended({ kind: 'unreachable', why: 'no way' });
  await clock.advance(5_000);
  book.notified(7);
  book.ended({ kind: 'unreachable', why: 'no way' });
  book.ended({ kind: 'timeout' });
  away = false;
  await clock.advance(5_000);
  book.notified(3);
  await clock.advance(5_000);
  expect(await nodes.figures(0)).toEqual([
    {
      node: 'one',
      at: 110_000,
      spanMs: 10_000,
      publications: 1,
      subscriptions: 2,
      notifies: 2,
      lagMs: 40,
      failures: { 'out unreachable': 2, 'out timeout': 1 },
    },
    { node: 'one', at: 115_000, spanMs: 5_000, publications: 1, subscriptions: 2, notifies: 1, lagMs: 3, failures: {} },
  ]);
});
