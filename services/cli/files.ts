import { randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import type { CliWorld, NewFile } from './world.ts';

/** @throws an Error with one line. */
export async function openFile(path: string): Promise<Readable> {
  if (path === '-') return process.stdin;
  await mustBeReadable(path);
  return createReadStream(path);
}

/** Standard input can be read once only: it is put into a file first, for the owner's eyes. */
export async function openTwice(path: string): ReturnType<CliWorld['openTwice']> {
  if (path !== '-') {
    await mustBeReadable(path);
    return { open: () => createReadStream(path), close: async () => undefined };
  }
  const copy = join(tmpdir(), `porchlight-${randomBytes(12).toString('hex')}`);
  await pipeline(process.stdin, createWriteStream(copy, { flags: 'wx', mode: 0o600 }));
  return { open: () => createReadStream(copy), close: () => rm(copy, { force: true }) };
}

const WHY_NOT: Readonly<Record<string, string>> = { EEXIST: 'there is one already', ENOENT: 'there is no such folder' };

/** @throws an Error with one line, also where there is such a file. */
export async function createFile(path: string): Promise<NewFile> {
  if (path === '-') {
    return { stream: process.stdout, keep: async () => undefined, drop: async () => undefined };
  }
  const file = await open(path, 'wx', 0o600).catch((fault: NodeJS.ErrnoException) => {
    throw new Error(`cannot make ${path}: ${WHY_NOT[fault.code ?? ''] ?? fault.code ?? fault.message}`);
  });
  const stream = file.createWriteStream({ flush: true });
  // Said by whoever writes next, or waits for the end.
  stream.on('error', () => undefined);
  return {
    stream,
    async keep() {
      stream.end();
      await finished(stream);
    },
    async drop() {
      stream.destroy();
      await rm(path, { force: true });
    },
  };
}

async function mustBeReadable(path: string): Promise<void> {
  try {
    const file = await open(path, 'r');
    const isFolder = (await file.stat()).isDirectory();
    await file.close();
    if (isFolder) throw new Error('it is a folder');
  } catch (fault) {
    const code = (fault as NodeJS.ErrnoException).code;
    const why = code === 'ENOENT' ? 'there is no such file' : (code ?? (fault as Error).message);
    throw new Error(`cannot read ${path}: ${why}`);
  }
}
