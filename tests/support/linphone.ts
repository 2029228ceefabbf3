/** Linphone on the command line, as a watcher. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DOMAIN, type Place, passwordOf, type Running, type Tool } from './processes.ts';

export const LINPHONE: Tool = { program: 'linphonec', package: 'linphone-cli' };

/** Watches from the start, as `user`; says `Friend "NAME" <…> is Online` and the like. */
export function startLinphone(place: Place, user: string, friend: string, folderName = 'linphone'): Running {
  const folder = join(place.folder, folderName);
  mkdirSync(join(folder, '.local/share/linphone'), { recursive: true });
  writeFileSync(join(folder, 'linphonerc'), linphoneConfig(place, user, friend));
  return place.program('stdbuf', ['-oL', 'linphonec', '-c', join(folder, 'linphonerc')], { cwd: folder });
}

/** No account: an account would have to be registered before Linphone watches. It asks as its primary contact. */
function linphoneConfig(place: Place, user: string, friend: string): string {
  return `[sip]
sip_port=-1
sip_tcp_port=0
sip_tls_port=0
default_proxy=-1
guess_hostname=0
use_ipv6=0
contact="${user}" <sip:${user}@127.0.0.1>
subscribe_presence_only_when_registered=0
[auth_info_0]
username=${user}
userid=${user}
passwd=${passwordOf(user)}
realm="${DOMAIN}"
domain=${DOMAIN}
[friend_0]
url="${friend}" <sip:${friend}@${place.server}>
pol=accept
subscribe=1
`;
}
