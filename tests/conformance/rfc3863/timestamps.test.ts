import { describe, expect, test } from 'vitest';
import type { Published } from '#packages';
import { compose, NOON, OPEN, pidf, publish } from '../../support/presence.ts';

const T = (at: number): string => new Date(at).toISOString();
const tuple = (timestamp: string, inside = ''): string =>
  pidf(`<tuple id="a">${OPEN}${inside}${timestamp === '' ? '' : `<timestamp>${timestamp}</timestamp>`}</tuple>`);
const told = (published: Published<never> | ReturnType<typeof publish>, now: number): string =>
  /<timestamp>([^<]*)</.exec(compose([published as ReturnType<typeof publish>], now))?.[1] ?? '';

/** A publication that began at NOON, with the body it has since `modifiedAt`. */
const since = (body: string, modifiedAt: number) => ({ ...publish(body, 'pubA', modifiedAt), createdAt: NOON });

describe('RFC 3863 §4.1.7: successive documents never carry the same timestamp', () => {
  test('in the first body of a publication the device’s own time counts', () => {
    expect(told(since(tuple('2026-11-22T08:00:00Z'), NOON), NOON)).toBe('2026-11-22T08:00:00Z');
  });

  test('a device whose clock is ahead of ours is told with ours: nothing later may look older', () => {
    expect(told(since(tuple('2026-11-22T12:00:01Z'), NOON), NOON)).toBe(T(NOON));
    expect(told(since(tuple('2039-01-01T00:00:00Z'), NOON), NOON)).toBe(T(NOON));
  });

  test.each([
    '2026-11-22T12:00:00.000Z',
    '2026-11-22T11:59:59.999Z',
    '2026-11-22T12:00:00Z',
    '2026-11-22T13:00:00.000+01:00',
    '2026-11-22T23:30:00+14:00',
    '2026-11-22T12:00:00.0000001Z',
  ])('%s is not ahead of noon, in whatever form it is written', (time) => {
    expect(told(since(tuple(time), NOON), NOON)).toBe(time);
  });

  test.each(['2026-11-22T12:00:00.001Z', '2026-11-22T12:00:00.001000Z', '2026-11-22T11:00:01.000-01:00'])(
    '%s is ahead of noon, in whatever form it is written',
    (time) => {
      expect(told(since(tuple(time), NOON), NOON)).toBe(T(NOON));
    },
  );

  test('a device that says the same time in every body, or an older one: each is told later than the one before', () => {
    const bodies = ['2026-11-22T11:59:59Z', '2026-11-22T11:59:59Z', '2026-11-22T07:00:00Z', '', '2026-11-22T11:59:59Z'];
    const times = bodies.map((timestamp, index) => told(since(tuple(timestamp), NOON + index), NOON + 10));
    expect(times[0]).toBe('2026-11-22T11:59:59Z');
    const instants = times.map((text) => Date.parse(text));
    expect(instants).toEqual(instants.toSorted((one, other) => one - other));
    expect(new Set(instants).size).toBe(bodies.length);
  });

  test('drawn again, nothing moves', () => {
    const published = since(tuple(''), NOON + 5);
    expect(told(published, NOON + 5)).toBe(told(published, NOON + 90_000));
  });

  test('RFC 4480 §3.1: an element that begins or ceases to hold changes its tuple at that very moment', () => {
    const activities = `<r:activities from="${T(NOON + 60_000)}" until="${T(NOON + 120_000)}"><r:meeting/></r:activities>`;
    const published = since(tuple('2026-11-22T08:00:00Z', activities), NOON);
    expect(told(published, NOON)).toBe('2026-11-22T08:00:00Z');
    expect(told(published, NOON + 60_000)).toBe(T(NOON + 60_000));
    expect(told(published, NOON + 119_999)).toBe(T(NOON + 60_000));
    expect(told(published, NOON + 500_000)).toBe(T(NOON + 120_000));
  });

  test('person and device are told in the same way', () => {
    const body = pidf(
      '<dm:person id="p"><dm:timestamp>2026-11-22T08:00:00Z</dm:timestamp></dm:person>' +
        '<dm:device id="d"><dm:deviceID>urn:x:1</dm:deviceID><dm:timestamp>2026-11-22T08:00:00Z</dm:timestamp></dm:device>',
    );
    const stamps = (modifiedAt: number): readonly string[] =>
      [...compose([since(body, modifiedAt)]).matchAll(/<dm:timestamp>([^<]*)/g)].map(([, text]) => text ?? '');
    expect(stamps(NOON)).toEqual(['2026-11-22T08:00:00Z', '2026-11-22T08:00:00Z']);
    expect(stamps(NOON + 1)).toEqual([T(NOON + 1), T(NOON + 1)]);
  });
});
