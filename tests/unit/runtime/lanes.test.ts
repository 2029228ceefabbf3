import { describe, expect, it } from 'vitest';
import { makeLanes } from '#runtime';
import { makeFakeClock } from '../../support/fake-clock.ts';

function gate() {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

describe('lanes', () => {
  it('RFC 3903 §6: work of one key runs one at a time, in order of arrival', async () => {
    const clock = makeFakeClock();
    const lanes = makeLanes();
    const first = gate();
    const seen: string[] = [];
    const one = lanes.run('alice', async () => {
      seen.push('one begins');
      await first.opened;
      seen.push('one ends');
      return 1;
    });
    const two = lanes.run('alice', () => {
      seen.push('two');
      return 2;
    });
    await clock.settle();
    expect(seen).toEqual(['one begins']);
    first.open();
    expect(await Promise.all([one, two])).toEqual([1, 2]);
    expect(seen).toEqual(['one begins', 'one ends', 'two']);
  });

  it('different keys do not wait for each other', async () => {
    const lanes = makeLanes();
    const first = gate();
    const one = lanes.run('alice', () => first.opened);
    expect(await lanes.run('bob', () => 'bob')).toBe('bob');
    first.open();
    await one;
  });

  it('a fault goes to its own caller, and the lane goes on', async () => {
    const lanes = makeLanes();
    const one = lanes.run('alice', () => {
      throw new Error('one');
    });
    const two = lanes.run('alice', () => 'two');
    await expect(one).rejects.toThrow('one');
    expect(await two).toBe('two');
  });

  it('a lane without work is forgotten', async () => {
    const clock = makeFakeClock();
    const lanes = makeLanes();
    const one = lanes.run('alice', () => 1);
    const two = lanes.run('bob', () => Promise.reject(new Error('two')));
    expect(lanes.size).toBe(2);
    await one;
    await expect(two).rejects.toThrow('two');
    await clock.settle();
    expect(lanes.size).toBe(0);
  });

  it('idle waits for work that was added while it waited', async () => {
    const clock = makeFakeClock();
    const lanes = makeLanes();
    const first = gate();
    const second = gate();
    void lanes.run('alice', () => first.opened);
    let idle = false;
    const waiting = lanes.idle().then(() => {
      idle = true;
    });
    void lanes.run('alice', () => second.opened);
    first.open();
    await clock.settle();
    expect(idle).toBe(false);
    second.open();
    await waiting;
    expect(lanes.size).toBe(0);
  });
});
