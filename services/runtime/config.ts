import { hostname, networkInterfaces } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { z } from 'zod';
import type { LogLevel } from './log.ts';
import settings from './settings.json' with { type: 'json' };

/** One line about a setting that is wrong; the process prints it and ends with status 2. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

export interface ListeningPoint {
  readonly transport: 'udp';
  /** IPv6 without brackets. */
  readonly address: string;
  readonly port: number;
}

/** What both processes need to know; see settings.json for what each one means. */
export interface Config {
  readonly domain: string;
  readonly aliases: readonly string[];
  /** As configured; undefined means what the database holds, at first the domain. */
  readonly realm: string | undefined;
  readonly listen: readonly ListeningPoint[];
  /** `host` or `host:port`; undefined means the local address on the route to the peer. */
  readonly advertise: string | undefined;
  readonly databaseUrl: string;
  readonly dataDir: string;
  readonly defaultPermission: 'allow' | 'polite-block' | 'confirm' | 'block';
  /** Undefined means what each event package says. */
  readonly notifyPaceMs: number | undefined;
  readonly logLevel: LogLevel;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const HOST = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$|^\[[0-9a-f:.]+\]$/i;

/** Reads `HOST:PORT`, `[IPv6]:PORT`. @throws ConfigError naming the setting. */
export function readHostPort(name: string, text: string): { readonly address: string; readonly port: number } {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) throw new ConfigError(`${name}: '${text}' is not ADDRESS:PORT`);
  return { address: match[1] ?? match[2] ?? '', port };
}

function listeningPoint(text: string): ListeningPoint {
  const match = /^udp:(.+)$/.exec(text);
  if (match?.[1] === undefined) throw new ConfigError(`SIP_LISTEN: '${text}' is not udp:ADDRESS:PORT`);
  return { transport: 'udp', ...readHostPort('SIP_LISTEN', match[1]) };
}

const list = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

const Shape = z.object({
  SIP_DOMAIN: z.string().regex(HOST, 'is not a host name').max(190).optional(),
  SIP_ALIASES: z.string().optional(),
  SIP_REALM: z
    .string()
    .regex(/^[^"\\\r\n]{1,190}$/, 'may not hold quotes, backslashes or line ends')
    .optional(),
  SIP_LISTEN: z.string().default('udp:0.0.0.0:5060'),
  SIP_ADVERTISE: z
    .string()
    .regex(/^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(:\d{1,5})?$/, 'is not HOST or HOST:PORT')
    .optional(),
  DATABASE_URL: z
    .string()
    .regex(/^(mysql|mariadb|file):/, 'must begin with mysql:// or file:')
    .optional(),
  DATA_DIR: z.string().default('./data'),
  DEFAULT_PERMISSION: z
    .enum(['allow', 'polite-block', 'confirm', 'block'], { error: 'must be confirm, allow, polite-block or block' })
    .default('confirm'),
  NOTIFY_PACE: z
    .string()
    .regex(/^\d{1,4}(\.\d{1,3})?$/, 'must be a number of seconds')
    .optional(),
  LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'], { error: 'must be debug, info, warn, error or silent' })
    .default('info'),
});

/** @throws ConfigError with one line that names the setting and what is wrong with it. */
export function readConfig(environment: Environment = process.env): Config {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = Shape.safeParse(given);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const name = String(issue?.path[0]);
    throw new ConfigError(`${name}: '${given[name] ?? ''}' ${issue?.message ?? 'is wrong'}`);
  }
  const values = parsed.data;
  const dataDir = resolve(values.DATA_DIR);
  const domain = (values.SIP_DOMAIN ?? hostname()).toLowerCase();
  return {
    domain,
    aliases: values.SIP_ALIASES === undefined ? ownNames() : list(values.SIP_ALIASES),
    realm: values.SIP_REALM,
    listen: list(values.SIP_LISTEN).map(listeningPoint),
    advertise: values.SIP_ADVERTISE,
    databaseUrl: databaseUrl(values.DATABASE_URL, dataDir),
    dataDir,
    defaultPermission: values.DEFAULT_PERMISSION,
    notifyPaceMs: values.NOTIFY_PACE === undefined ? undefined : Math.round(Number(values.NOTIFY_PACE) * 1000),
    logLevel: values.LOG_LEVEL,
  };
}

/** This machine's host name, `localhost` and every address of its interfaces. */
function ownNames(): string[] {
  const names = [hostname(), 'localhost', '127.0.0.1', '[::1]'];
  for (const addresses of Object.values(networkInterfaces())) {
    for (const { family, address, scopeid } of addresses ?? []) {
      if (family === 'IPv4') names.push(address);
      else if (scopeid === 0) names.push(`[${address}]`);
    }
  }
  return [...new Set(names)];
}

/** `file:` paths are relative to the working directory; the default file lies in DATA_DIR. */
function databaseUrl(configured: string | undefined, dataDir: string): string {
  if (configured === undefined) return `file:${join(dataDir, 'porchlight.db')}`;
  if (!configured.startsWith('file:')) return configured.replace(/^mariadb:/, 'mysql:');
  const path = configured.slice('file:'.length).replace(/^\/\//, '');
  return `file:${isAbsolute(path) ? path : resolve(path)}`;
}

export interface SettingText {
  readonly name: string;
  readonly shape: string;
  readonly usual: string;
  readonly about: string;
}

/** The texts of every setting, for --help and .env.example. */
export const settingTexts: readonly SettingText[] = settings;
