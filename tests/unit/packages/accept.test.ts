import { describe, expect, test } from 'vitest';
import { chooseFormat, readAccept } from '#packages';

const FORMATS = ['application/pidf+xml', 'application/pidf-diff+xml'];
const choose = (...accept: string[]): string | undefined => chooseFormat(FORMATS, readAccept(accept));

describe('RFC 3261 §20.1, RFC 6665 §3.1.3: Accept', () => {
  test('no header means the default; an empty one means nothing', () => {
    expect(chooseFormat(FORMATS, undefined)).toBe('application/pidf+xml');
    expect(choose()).toBeUndefined();
    expect(choose('')).toBeUndefined();
  });

  test('of what the watcher takes, what it likes best; of equals, what the package names first', () => {
    expect(choose('application/pidf-diff+xml', 'application/pidf+xml;q=0.5')).toBe('application/pidf-diff+xml');
    expect(choose('application/pidf-diff+xml', 'application/pidf+xml')).toBe('application/pidf+xml');
    expect(choose('multipart/related', 'Application/PIDF+xml ; charset=utf-8')).toBe('application/pidf+xml');
  });

  test('ranges cover types, and the more specific range speaks for a type', () => {
    expect(choose('*/*')).toBe('application/pidf+xml');
    expect(choose('application/*;q=0.1')).toBe('application/pidf+xml');
    expect(choose('application/pidf+xml;q=0', '*/*')).toBe('application/pidf-diff+xml');
    expect(choose('text/*')).toBeUndefined();
  });

  test('q=0 and types we do not write are not acceptable', () => {
    expect(choose('application/pidf+xml; q=0')).toBeUndefined();
    expect(choose('application/xpidf+xml', 'nonsense', '/')).toBeUndefined();
  });
});
