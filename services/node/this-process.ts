import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

/**
 * Where this process's pid means something: `name#1a2b3c4d`, the host name and a fingerprint of the boot and the pid
 * namespace. Two containers may both be called `sip` and both run as pid 1; a machine that was started anew counts its pids
 * anew. Where the system does not tell (it is not Linux) it is the host name alone.
 */
export function thisHost(): string {
  const parts = [attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim())];
  parts.push(attempt(() => readlinkSync('/proc/self/ns/pid')));
  const known = parts.filter((part) => part !== undefined);
  if (known.length === 0) return hostname();
  return `${hostname()}#${createHash('sha256').update(known.join(' ')).digest('hex').slice(0, 8)}`;
}

/** As package.json says, which lies above the sources and above what is built of them. @throws when there is none. */
export function thisVersion(): string {
  for (let folder = import.meta.dirname; ; folder = join(folder, '..')) {
    const text = attempt(() => readFileSync(join(folder, 'package.json'), 'utf8'));
    if (text !== undefined) return (JSON.parse(text) as { readonly version: string }).version;
    if (folder === join(folder, '..')) throw new Error('package.json is missing');
  }
}

/** Whether a process of this host lives, also one that may not be signalled. */
export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (fault) {
    return fault instanceof Error && 'code' in fault && fault.code === 'EPERM';
  }
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
