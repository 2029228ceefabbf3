/** Kamailio, Debian's proxy (package kamailio), with the example configuration that is in docs/examples/kamailio. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './ports.ts';
import { DOMAIN, type Place, passwordOf, type Running, type Tool } from './processes.ts';

export const KAMAILIO: readonly Tool[] = [{ program: 'kamailio', package: 'kamailio' }];

/** On loopback, and not where the phones of tests are, so that the service can tell them apart. */
export const PROXY_ADDRESS = '127.0.0.2';

export interface SipProxy extends Running {
  /** `127.0.0.2:20124`. */
  readonly server: string;
}

export interface ProxyOptions {
  /** Whom it asks for passwords itself, in the name of the service; it asks nobody when absent. */
  readonly accounts?: readonly string[];
}

const CONFIGURATION = fileURLToPath(new URL('../../docs/examples/kamailio/kamailio.cfg', import.meta.url));

/** In front of the place's SIP service; resolves when it takes requests. */
export async function startKamailio(place: Place, { accounts }: ProxyOptions = {}): Promise<SipProxy> {
  const server = `${PROXY_ADDRESS}:${await freePort(PROXY_ADDRESS)}`;
  const defines = [`LISTEN=udp:${server}`, `DOMAIN="${DOMAIN}"`, `PORCHLIGHT="sip:${place.server}"`];
  if (accounts !== undefined) defines.push(`ACCOUNTS="text://${writeAccounts(place.folder, accounts)}"`);
  const words = ['-DD', '-E', '-m', '32', '-M', '4', '-Y', place.folder, '-f', CONFIGURATION];
  // Asked, not killed: its workers end with it.
  const endedBy = 'SIGTERM';
  const running = place.program('kamailio', [...words, ...defines.flatMap((define) => ['-A', define])], { endedBy });
  await running.until(/the proxy is ready/);
  return { ...running, server };
}

/** Tables of its module db_text: a line that names the columns, then one line a row. */
function writeAccounts(folder: string, users: readonly string[]): string {
  const accounts = join(folder, 'accounts');
  mkdirSync(accounts);
  const ha1 = (user: string): string =>
    createHash('md5')
      .update(`${user}:${DOMAIN}:${passwordOf(user)}`)
      .digest('hex');
  const write = (table: string, lines: readonly string[]): void =>
    writeFileSync(join(accounts, table), `${lines.join('\n')}\n`);
  write('version', ['table_name(string) table_version(int)', 'subscriber:7']);
  const rows = users.map((user) => `${user}:${DOMAIN}:${ha1(user)}`);
  write('subscriber', ['username(string) domain(string) ha1(string)', ...rows]);
  return accounts;
}
