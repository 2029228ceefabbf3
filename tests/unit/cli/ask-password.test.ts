import { PassThrough, Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { askPassword, type Terminal } from '../../../services/cli/ask-password.ts';

describe('the password of porchlight user add', () => {
  it.each([
    [['secret\n'], 'secret'],
    [['sec', 'ret\r\nmore\n'], 'secret'],
    [['no line end'], 'no line end'],
    [[' spaces stay \n'], ' spaces stay '],
    [[], ''],
  ])('is the first line of standard input: %j', async (pieces, password) => {
    expect(await askPassword(Readable.from(pieces), new PassThrough())).toBe(password);
  });

  function terminal(): {
    readonly input: PassThrough & Terminal;
    readonly raw: boolean[];
    readonly output: PassThrough;
  } {
    const raw: boolean[] = [];
    const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: (on: boolean) => void raw.push(on) });
    return { input, raw, output: new PassThrough() };
  }

  it('is asked for twice at a terminal, and not one letter of it is shown', async () => {
    const { input, raw, output } = terminal();
    const asked = askPassword(input, output);
    input.write('sexx\u007f\u007fcret\r');
    await new Promise((resolve) => setImmediate(resolve));
    input.write('secret\r');
    expect(await asked).toBe('secret');
    expect(String(output.read())).toBe('Password: \nAgain: \n');
    expect(raw).toEqual([true, false]);
  });

  it('two that differ are no password', async () => {
    const { input, output } = terminal();
    const asked = askPassword(input, output);
    input.write('one\r');
    await new Promise((resolve) => setImmediate(resolve));
    input.write('two\r');
    expect(await asked).toBeUndefined();
    expect(String(output.read())).toContain('not the same');
  });

  it('Ctrl-C gives up and leaves the terminal as it was', async () => {
    const { input, raw, output } = terminal();
    const asked = askPassword(input, output);
    input.write('sec\u0003');
    expect(await asked).toBeUndefined();
    expect(raw).toEqual([true, false]);
  });
});
