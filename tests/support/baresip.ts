/**
 * baresip, Debian's softphone (package baresip-core), as a presentity and as a watcher: without registration, on loopback
 * unless told otherwise, driven by commands on its standard input.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DOMAIN, type Place, passwordOf, type Running, type Tool } from './processes.ts';

export const BARESIP: readonly Tool[] = [
  { program: 'baresip', package: 'baresip-core' },
  { program: 'stdbuf', package: 'coreutils' },
];

export interface PhoneOptions {
  readonly user: string;
  readonly password?: string;
  /** Whom it watches. */
  readonly watches?: readonly string[];
  /** `host:port`; the place's SIP service unless told otherwise. */
  readonly server?: string;
  /** Where it listens: an own address. */
  readonly address?: string;
  /** `udp` unless told otherwise. */
  readonly transport?: 'udp' | 'tcp';
  /** Whether it registers; it does not unless told so. */
  readonly registers?: boolean;
  /** Words before its command line: `ip netns exec NAME`. */
  readonly before?: readonly string[];
}

export interface Phone extends Running {
  /** `presence_online`, `presence_offline`, `quit`. */
  say(command: string): void;
  /** Resolves when it tells its user that the contact's status changed to this one; of what is said from `from` on. */
  shows(user: string, status: 'Online' | 'Offline' | 'Unknown', from?: number): ReturnType<Running['until']>;
}

const CONFIG = [
  'poll_method epoll',
  'module_path /usr/lib/baresip/modules',
  'module stdio.so',
  'module g711.so',
  'module uuid.so',
  'module_app account.so',
  'module_app contact.so',
  'module_app menu.so',
  'module_app presence.so',
];

let phones = 0;

/** Starts a phone; resolves when it takes commands. It subscribes a second later. */
export async function startPhone(place: Place, options: PhoneOptions): Promise<Phone> {
  const { user, password = passwordOf(user), watches = [], server = place.server, address = '127.0.0.1' } = options;
  const { transport = 'udp' } = options;
  phones += 1;
  const folder = join(place.folder, `phone-${phones}-${user}`);
  mkdirSync(folder);
  const write = (name: string, lines: readonly string[]): void =>
    writeFileSync(join(folder, name), `${lines.join('\n')}\n`);
  write('config', [...CONFIG, `sip_listen ${address}:0`, `net_interface ${address}`]);
  const account = `<sip:${user}@${DOMAIN};transport=${transport}>;auth_user=${user};auth_pass=${password}`;
  const outbound = transport === 'udp' ? `sip:${server}` : `sip:${server};transport=${transport}`;
  write('accounts', [`${account};outbound="${outbound}";regint=${options.registers === true ? 60 : 0};pubint=60`]);
  write(
    'contacts',
    watches.map((name) => `"${name}" <sip:${name}@${DOMAIN}>;presence=p2p`),
  );

  // A line at a time even into a pipe; -s prints every SIP message.
  const words = [...(options.before ?? []), 'stdbuf', '-oL', 'baresip', '-f', folder, '-s'];
  const running = place.program(words[0] as string, words.slice(1), { cwd: folder });
  await running.until(/baresip is ready/);
  return {
    ...running,
    say: (command) => running.write(`/${command}\n`),
    shows: (name, status, from) =>
      running.until(new RegExp(`<sip:${name}@${DOMAIN}> changed status from \\w+ to ${status}`), from),
  };
}
