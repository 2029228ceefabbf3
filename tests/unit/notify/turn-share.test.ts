/** Much that is to be told at once: what is sent between two looks at what has arrived. */
import { describe, expect, it } from 'vitest';
import { type Live, makeLive } from '../../../services/notify/live.ts';
import { makeTurnShare } from '../../../services/notify/turn-share.ts';
import { makeSubscription } from '../../support/stores.ts';

const A_TURN = 24;
const MOST_UNDER_WAY = 2000;

function setUp(count: number) {
  const lives = Array.from({ length: count }, (_, n) => makeLive(makeSubscription(`s${n}`), 1));
  const drawn: string[] = [];
  let turns: (() => void)[] = [];
  const share = makeTurnShare(
    (live: Live) => void drawn.push(live.subscription.id),
    (work) => void turns.push(work),
  );
  const turn = (): void => {
    const due = turns;
    turns = [];
    for (const work of due) work();
  };
  return { lives, drawn, share, turn, armed: () => turns.length };
}

const ids = (count: number): readonly string[] => Array.from({ length: count }, (_, n) => `s${n}`);

describe('a share of what is sent for each turn of the event loop', () => {
  it('a few go at once; of many, those that came first, and the others in order, some in each turn', () => {
    const { lives, drawn, share, turn, armed } = setUp(60);
    for (const live of lives) share.take(live);
    expect(drawn).toEqual(ids(A_TURN));
    turn();
    expect(drawn).toEqual(ids(2 * A_TURN));
    turn();
    expect(drawn).toEqual(ids(60));
    turn();
    expect([drawn.length, armed()]).toEqual([60, 0]);
  });

  it('who is asked for again while waiting is drawn once', () => {
    const { lives, drawn, share, turn } = setUp(30);
    for (const live of [...lives, ...lives.slice(24)]) share.take(live);
    turn();
    expect(drawn).toEqual(ids(30));
  });

  it('who has been drawn waits behind those who were not, when it is asked for again', () => {
    const { lives, drawn, share, turn } = setUp(60);
    for (const live of lives) share.take(live);
    turn();
    share.take(lives[30] as Live);
    turn();
    turn();
    expect(drawn).toEqual([...ids(60), 's30']);
  });

  it('what could not wait counts', () => {
    const { lives, drawn, share, turn } = setUp(30);
    for (let spent = 0; spent < A_TURN - 1; spent += 1) share.spend();
    for (const live of lives) share.take(live);
    expect(drawn).toEqual(ids(1));
    turn();
    expect(drawn).toEqual(ids(1 + A_TURN));
  });

  it('while the database is given time, the others wait; they go on when it has answered', () => {
    const { lives, drawn, share, turn, armed } = setUp(3);
    for (let n = 0; n < MOST_UNDER_WAY; n += 1) share.began();
    for (const live of lives) share.take(live);
    expect([drawn, armed()]).toEqual([[], 0]);
    share.ended();
    turn();
    expect(drawn).toEqual(ids(3));
  });

  it('who is ready, because what had to be written is, goes before those who are not begun', () => {
    const { lives, drawn, share, turn } = setUp(60);
    for (const live of lives.slice(0, 58)) share.take(live);
    for (let n = 0; n < MOST_UNDER_WAY; n += 1) share.began();
    share.take(lives[59] as Live, true);
    share.take(lives[58] as Live, true);
    turn();
    expect(drawn).toEqual([...ids(A_TURN), 's59', 's58']);
    share.ended();
    turn();
    expect(drawn.slice(A_TURN + 2)).toEqual(ids(2 * A_TURN).slice(A_TURN));
  });
});
