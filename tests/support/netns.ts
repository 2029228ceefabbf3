/**
 * Another network on this machine: a namespace of Linux with one cable (a veth pair) to ours. Needs root. Everything is
 * named after this process, so that what a killed run left behind is known, and cleared away by the next.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

export interface OtherNetwork {
  /** Words before a command line that is to run inside: `ip netns exec NAME`. */
  readonly before: readonly [string, ...string[]];
  /** Our end of the cable. */
  readonly host: string;
  /** A second address of ours, not on the cable's network: reached through the first. */
  readonly elsewhere: string;
  /** The other end. */
  readonly inside: string;
  remove(): void;
}

/** Debian's iproute2. */
const IP = 'ip';
const PREFIX = 'porchlight-';

function tryIp(...words: readonly string[]): { readonly failure: string; readonly stdout: string } {
  const { status, stdout, stderr } = spawnSync(IP, words, { encoding: 'utf8' });
  return { failure: status === 0 ? '' : `ip ${words.join(' ')}: ${stderr}`, stdout };
}

function ip(...words: readonly string[]): string {
  const { failure, stdout } = tryIp(...words);
  if (failure !== '') throw new Error(failure);
  return stdout;
}

/**
 * False, after a printed line, where networks cannot be made: without root, or in a container that may not. With CI=true it
 * throws in the second case, so that the suite is never passed over by accident.
 */
export function canMakeNetworks(suite: string): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    console.log(`${suite}: not run, it needs root on Linux`);
    return false;
  }
  try {
    makeOtherNetwork().remove();
    return true;
  } catch (fault) {
    if (process.env['CI'] === 'true') throw fault;
    console.log(`${suite}: not run, this machine allows no network namespaces (${(fault as Error).message.trim()})`);
    return false;
  }
}

/** Names hold the pid of who made them. */
function removeLeftovers(): void {
  for (const name of ip('netns', 'list').matchAll(new RegExp(`^${PREFIX}(\\d+)`, 'gm'))) {
    if (!existsSync(`/proc/${name[1]}`)) tryIp('netns', 'delete', `${PREFIX}${name[1]}`);
  }
}

/** Makes the namespace and the cable. @throws when this machine does not allow it; nothing is left behind then. */
export function makeOtherNetwork(): OtherNetwork {
  removeLeftovers();
  const name = `${PREFIX}${process.pid}`;
  // RFC 2544's range: nobody's network, so that no route of this machine is hidden.
  const net = `198.18.${process.pid % 250}`;
  const [host, inside, elsewhere] = [`${net}.1`, `${net}.2`, `198.19.${process.pid % 250}.1`];
  const [ourEnd, theirEnd] = [`pl${process.pid}a`, `pl${process.pid}b`];
  const remove = (): void => {
    process.off('exit', remove);
    // The cable goes with either end.
    tryIp('link', 'delete', ourEnd);
    tryIp('netns', 'delete', name);
  };
  process.once('exit', remove);
  try {
    ip('netns', 'add', name);
    ip('link', 'add', ourEnd, 'type', 'veth', 'peer', 'name', theirEnd);
    ip('link', 'set', theirEnd, 'netns', name);
    ip('address', 'add', `${host}/30`, 'dev', ourEnd);
    ip('address', 'add', `${elsewhere}/32`, 'dev', ourEnd);
    ip('link', 'set', ourEnd, 'up');
    ip('-n', name, 'address', 'add', `${inside}/30`, 'dev', theirEnd);
    ip('-n', name, 'link', 'set', 'lo', 'up');
    ip('-n', name, 'link', 'set', theirEnd, 'up');
    ip('-n', name, 'route', 'add', 'default', 'via', host);
  } catch (fault) {
    remove();
    throw fault;
  }
  return { before: [IP, 'netns', 'exec', name], host, inside, elsewhere, remove };
}
