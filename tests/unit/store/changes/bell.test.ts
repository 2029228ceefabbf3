import { describe, expect, it } from 'vitest';
import type { Change } from '#model';
import { type Log, silentLog } from '#runtime';
import { makeBell } from '#store';
import { makeFakeClock } from '../../../support/fake-clock.ts';

const rules = (subject: string): Change => ({ kind: 'rules', subject });
const { settle } = makeFakeClock();

describe('the bell', () => {
  it('delivers in the order of ringing, to every listener, after the step that rang', async () => {
    const bell = makeBell();
    const heard: string[] = [];
    bell.listen((change) => heard.push(`one ${change.subject}`));
    bell.listen((change) => heard.push(`two ${change.subject}`));
    bell.ring(rules('a'));
    bell.ring(rules('b'));
    heard.push('the step ends');
    await settle();
    expect(heard).toEqual(['the step ends', 'one a', 'two a', 'one b', 'two b']);
  });

  it('what a listener rings comes after what is already waiting', async () => {
    const bell = makeBell();
    const heard: string[] = [];
    bell.listen((change) => {
      heard.push(change.subject);
      if (change.subject === 'a') bell.ring(rules('c'));
    });
    bell.ring(rules('a'));
    bell.ring(rules('b'));
    await settle();
    expect(heard).toEqual(['a', 'b', 'c']);
  });

  it('a listener’s fault is logged and stops neither the others nor what comes later', async () => {
    const faults: object[] = [];
    const log: Log = { ...silentLog, error: (fields) => faults.push(fields) };
    const bell = makeBell(log);
    const heard: string[] = [];
    bell.listen(() => {
      throw new Error('broken');
    });
    bell.listen((change) => heard.push(change.subject));
    bell.ring(rules('a'));
    bell.ring(rules('b'));
    await settle();
    expect(heard).toEqual(['a', 'b']);
    expect(faults).toHaveLength(2);
    bell.ring(rules('c'));
    await settle();
    expect(heard).toEqual(['a', 'b', 'c']);
  });

  it('who has stopped listening hears nothing, not even what was rung before', async () => {
    const bell = makeBell();
    const heard: string[] = [];
    const stop = bell.listen((change) => heard.push(`stopped ${change.subject}`));
    bell.listen((change) => heard.push(change.subject));
    bell.ring(rules('a'));
    stop();
    stop();
    await settle();
    expect(heard).toEqual(['a']);
  });

  it('a listener that ends another one keeps it from hearing the same Change', async () => {
    const bell = makeBell();
    const heard: string[] = [];
    bell.listen(() => stop());
    const stop = bell.listen((change) => heard.push(change.subject));
    bell.ring(rules('a'));
    await settle();
    expect(heard).toEqual([]);
  });

  it('one function that listens twice hears twice, and each can be ended by itself', async () => {
    const bell = makeBell();
    const heard: string[] = [];
    const listener = (change: Change) => void heard.push(change.subject);
    bell.listen(listener);
    const stop = bell.listen(listener);
    bell.ring(rules('a'));
    await settle();
    stop();
    bell.ring(rules('b'));
    await settle();
    expect(heard).toEqual(['a', 'a', 'b']);
  });
});
