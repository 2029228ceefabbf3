import { describe, expect, it } from 'vitest';
import { makeTurns } from '#runtime';
import { makeFakeClock } from '../../support/fake-clock.ts';

function setUp(atOnce: number, mostWaiting: number) {
  const { settle } = makeFakeClock();
  const turns = makeTurns(atOnce, mostWaiting);
  const begun: string[] = [];
  const end = new Map<string, () => void>();
  const fail = new Map<string, (fault: Error) => void>();
  const run = (name: string) =>
    turns.run(() => {
      begun.push(name);
      return new Promise<string>((resolve, reject) => {
        end.set(name, () => resolve(name));
        fail.set(name, reject);
      });
    });
  return { begun, end, fail, run, settle };
}

describe('turns', () => {
  it('so many at a time, the others in order of arrival', async () => {
    const { begun, end, run, settle } = setUp(2, 10);
    const answers = ['a', 'b', 'c', 'd'].map(run);
    await settle();
    expect(begun).toEqual(['a', 'b']);
    end.get('b')?.();
    await settle();
    expect(begun).toEqual(['a', 'b', 'c']);
    end.get('a')?.();
    end.get('c')?.();
    await settle();
    end.get('d')?.();
    expect(await Promise.all(answers)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('when too many wait the next is refused and not done', async () => {
    const { begun, end, run, settle } = setUp(1, 1);
    run('a');
    const waiting = run('b');
    expect(run('c')).toBeUndefined();
    await settle();
    end.get('a')?.();
    await settle();
    end.get('b')?.();
    expect(await waiting).toBe('b');
    expect(begun).toEqual(['a', 'b']);
    expect(run('d')).toBeInstanceOf(Promise);
  });

  it('a fault goes to its own caller and its place to the next', async () => {
    const { begun, fail, run, settle } = setUp(1, 1);
    const one = run('a');
    run('b');
    await settle();
    fail.get('a')?.(new Error('a'));
    await expect(one).rejects.toThrow('a');
    await settle();
    expect(begun).toEqual(['a', 'b']);
  });
});
