import type { Readable, Writable } from 'node:stream';

/** What a terminal has over a pipe. */
export interface Terminal extends Readable {
  readonly isTTY?: boolean;
  setRawMode?(raw: boolean): unknown;
}

const ENTER = /[\r\n]/;
const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const BACKSPACES = ['\b', '\u007f'];

/**
 * Takes a password from standard input: the first line of a pipe or file, or, at a terminal, asked for without showing
 * it. @returns undefined when the person gave up (Ctrl-C, Ctrl-D) or the two entries differ.
 */
export async function askPassword(input: Terminal, output: Writable): Promise<string | undefined> {
  if (input.isTTY !== true) return firstLine(input);
  input.setEncoding('utf8');
  input.setRawMode?.(true);
  try {
    const first = await typed(input, output, 'Password: ');
    if (first === undefined) return undefined;
    const second = await typed(input, output, 'Again: ');
    if (second !== undefined && second !== first) output.write('The two are not the same.\n');
    return second === first ? first : undefined;
  } finally {
    input.setRawMode?.(false);
    input.pause();
  }
}

async function firstLine(input: Readable): Promise<string> {
  input.setEncoding('utf8');
  let text = '';
  for await (const piece of input) {
    text += piece;
    if (text.includes('\n')) break;
  }
  return text.split(/\r?\n/, 1)[0] ?? '';
}

/** One line in raw mode: nothing of it is echoed. */
function typed(input: Readable, output: Writable, prompt: string): Promise<string | undefined> {
  output.write(prompt);
  return new Promise((resolve) => {
    let text = '';
    const done = (outcome: string | undefined): void => {
      input.off('data', take);
      input.off('end', give);
      output.write('\n');
      resolve(outcome);
    };
    const give = (): void => done(undefined);
    const take = (piece: string): void => {
      for (const character of piece) {
        if (ENTER.test(character)) {
          done(text);
          return;
        }
        if (character === CTRL_C || character === CTRL_D) {
          done(undefined);
          return;
        }
        text = BACKSPACES.includes(character) ? [...text].slice(0, -1).join('') : text + character;
      }
    };
    input.on('data', take);
    input.once('end', give);
    input.resume();
  });
}
