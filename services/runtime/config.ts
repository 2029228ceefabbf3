import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIPv4, isIPv6 } from 'node:net';
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
  readonly transport: 'udp' | 'tcp';
  /** IPv6 without brackets. */
  readonly address: string;
  readonly port: number;
}

const DIGEST_ALGORITHM_NAMES = ['SHA-512-256', 'SHA-256', 'MD5'] as const;
/** RFC 8760 §2.1. */
export type DigestAlgorithmName = (typeof DIGEST_ALGORITHM_NAMES)[number];

/** What both processes need to know; see settings.json for what each one means. */
export interface Config {
  /** The first of `domains`. */
  readonly domain: string;
  readonly domains: readonly [string, ...string[]];
  readonly aliases: readonly string[];
  /** As configured; undefined means what the database holds, at first the domain. */
  readonly realm: string | undefined;
  readonly listen: readonly ListeningPoint[];
  /** `host` or `host:port`; undefined means the local address on the route to the peer. */
  readonly advertise: string | undefined;
  /** Addresses and `ADDRESS/BITS` of peers whose P-Asserted-Identity is believed. */
  readonly trusted: readonly string[];
  /** What everybody is challenged with, the strongest first; `by-client`: what their profile says; undefined: MD5. */
  readonly digestAlgorithms: readonly DigestAlgorithmName[] | 'by-client' | undefined;
  readonly digestQop: 'auth' | 'auth,auth-int';
  /** With the password in it, wherever that was configured, and DATABASE_CA_FILE as the parameter `sslCa`. */
  readonly databaseUrl: string;
  readonly dataDir: string;
  /** 32 bytes; undefined where a file holds the key, see readKey. */
  readonly key: Uint8Array | undefined;
  /** Undefined means the one in `dataDir`. */
  readonly keyFile: string | undefined;
  readonly defaultPermission: 'allow' | 'polite-block' | 'confirm' | 'block';
  /** Who may make an account in the portal, unless an administrator has set it otherwise. */
  readonly defaultRegistration: 'open' | 'invitation' | 'closed';
  /** Undefined means what each event package says. */
  readonly notifyPaceMs: number | undefined;
  /** NOTIFYs in a row that a watcher may leave unanswered before its subscription goes. */
  readonly notifyTimeouts: number;
  /** Requests a second, for long; 0 for any. */
  readonly accountRate: number;
  readonly sourceRate: number;
  readonly logLevel: LogLevel;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const HOST_NAME = /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/i;
const ONLY_NUMBERS = /^[\d.]+$/;

/** A host name, an IPv4 address, or an IPv6 address in brackets. Four numbers that are no address are no name either. */
/** An address, or a network as ADDRESS/BITS. */
function isRange(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const most = isIPv4(address) ? 32 : isIPv6(address) ? 128 : -1;
  return rest.length === 0 && most > 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most));
}

function isHost(text: string): boolean {
  if (text.startsWith('[')) return text.endsWith(']') && isIPv6(text.slice(1, -1));
  return isIPv4(text) || (HOST_NAME.test(text) && !ONLY_NUMBERS.test(text));
}

/** `HOST:PORT` or `[IPv6]:PORT` taken apart; undefined when it is not that. */
function hostPort(text: string): { readonly host: string; readonly port: number } | undefined {
  const match = /^(\[[^\]]*\]|[^\s:]+):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? '';
  const port = Number(match?.[2]);
  return isHost(host) && port <= 65_535 ? { host, port } : undefined;
}

/** Reads `HOST:PORT`, `[IPv6]:PORT`; port 0 means any. @throws ConfigError naming the setting. */
export function readHostPort(name: string, text: string): { readonly address: string; readonly port: number } {
  const parts = hostPort(text);
  if (parts === undefined) throw new ConfigError(`${name}: ${shown(text)} is not ADDRESS:PORT`);
  return { address: parts.host.replace(/^\[|\]$/g, ''), port: parts.port };
}

function listeningPoint(text: string): ListeningPoint {
  const match = /^(udp|tcp):(.+)$/.exec(text);
  if (match?.[2] === undefined)
    throw new ConfigError(`SIP_LISTEN: ${shown(text)} is not udp:ADDRESS:PORT or tcp:ADDRESS:PORT`);
  return { transport: match[1] === 'tcp' ? 'tcp' : 'udp', ...readHostPort('SIP_LISTEN', match[2]) };
}

/** A value as part of one line, whatever characters it holds. */
function shown(value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is to be kept out of the line.
  return `'${value.replace(/[\u0000-\u001f\u007f]/g, '?')}'`;
}

/** A database URL without what must not reach a log. */
function shownUrl(value: string): string {
  return shown(value.replace(/^([^:]*:\/*).*@/, '$1…@').replace(/\?.*$/, '?…'));
}

/** A value of this setting, without what must not reach a log. */
function shownAs(name: string, value: string): string {
  if (name === 'PORCHLIGHT_KEY') return 'it';
  return name === 'DATABASE_URL' ? shownUrl(value) : shown(value);
}

function isDatabaseUrl(text: string): boolean {
  if (text.startsWith('file:')) return filePath(text) !== '';
  if (!/^(mysql|mariadb):\/\//.test(text) || !URL.canParse(text)) return false;
  const { hostname: host, pathname } = new URL(text);
  return host !== '' && pathname.length > 1;
}

/** `file:PATH`, `file://PATH` or `file:///PATH` without its scheme. */
function filePath(url: string): string {
  return url.slice('file:'.length).replace(/^\/\//, '');
}

const list = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

/** The strongest first, each once; undefined when one is unknown, or there is none. */
function digestAlgorithms(text: string): readonly DigestAlgorithmName[] | 'by-client' | undefined {
  if (text.trim().toLowerCase() === 'by-client') return 'by-client';
  const named = new Set(list(text.toUpperCase()));
  const known = DIGEST_ALGORITHM_NAMES.filter((name) => named.has(name));
  return known.length > 0 && known.length === named.size ? known : undefined;
}
const requestsPerSecond = z.string().regex(/^\d{1,6}$/, 'must be a number of requests a second, or 0 for any');

const Shape = z.object({
  SIP_DOMAIN: z
    .string()
    .refine((text) => list(text).length > 0 && list(text).every(isHost), 'is not a host name')
    .refine((text) => list(text).every((name) => name.length <= 190), 'is too long')
    .optional(),
  SIP_ALIASES: z
    .string()
    .refine(
      (text) => list(text).every(isHost),
      'must be host names or addresses (IPv6 in brackets) with commas between',
    )
    .optional(),
  SIP_REALM: z
    .string()
    .regex(/^[^"\\\p{Cc}]{1,190}$/u, 'must be 1 to 190 characters without quotes, backslashes or control characters')
    .optional(),
  SIP_LISTEN: z
    .string()
    .refine((text) => list(text).length > 0, 'names no listening point; it is udp:ADDRESS:PORT or tcp:ADDRESS:PORT')
    .default('udp:0.0.0.0:5060,tcp:0.0.0.0:5060'),
  SIP_ADVERTISE: z
    .string()
    .refine((text) => isHost(text) || hostPort(text) !== undefined, 'is not HOST or HOST:PORT')
    .optional(),
  SIP_TRUSTED: z
    .string()
    .refine((text) => list(text).every(isRange), 'must be addresses or ADDRESS/BITS with commas between')
    .optional(),
  DIGEST_ALGORITHMS: z
    .string()
    .refine(
      (text) => digestAlgorithms(text) !== undefined,
      `must be ${DIGEST_ALGORITHM_NAMES.join(', ')}, some of them, or by-client`,
    )
    .optional(),
  DIGEST_QOP: z.enum(['auth', 'auth,auth-int'], { error: 'must be auth or auth,auth-int' }).default('auth'),
  DATABASE_URL: z
    .string()
    .refine(isDatabaseUrl, 'must be mysql://USER:PASSWORD@HOST:PORT/NAME or file:PATH')
    .optional(),
  DATABASE_PASSWORD: z.string().optional(),
  DATABASE_PASSWORD_FILE: z.string().optional(),
  DATABASE_CA_FILE: z.string().optional(),
  DATA_DIR: z.string().default('./data'),
  PORCHLIGHT_KEY: z
    .string()
    .regex(/^[A-Za-z0-9+/]{43}=$/, 'must be 32 bytes in base64')
    .optional(),
  PORCHLIGHT_KEY_FILE: z.string().optional(),
  DEFAULT_PERMISSION: z
    .enum(['allow', 'polite-block', 'confirm', 'block'], { error: 'must be confirm, allow, polite-block or block' })
    .default('confirm'),
  DEFAULT_REGISTRATION: z
    .enum(['open', 'invitation', 'closed'], { error: 'must be open, invitation or closed' })
    .default('open'),
  NOTIFY_PACE: z
    .string()
    .regex(/^\d{1,4}(\.\d{1,3})?$/, 'must be a number of seconds, 0 to 9999')
    .optional(),
  NOTIFY_TIMEOUTS: z
    .string()
    .regex(/^([1-9]|10)$/, 'must be a number from 1 to 10')
    .default('1'),
  ACCOUNT_RATE: requestsPerSecond.default('100'),
  SOURCE_RATE: requestsPerSecond.default('200'),
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
    const value = given[name] ?? '';
    throw new ConfigError(`${name}: ${shownAs(name, value)} ${issue?.message ?? 'is wrong'}`);
  }
  const values = parsed.data;
  const dataDir = resolve(values.DATA_DIR);
  // A machine may be called what no SIP domain can be ("Bob's laptop").
  const [domain = isHost(hostname()) ? hostname().toLowerCase() : 'localhost', ...others] = list(
    (values.SIP_DOMAIN ?? '').toLowerCase(),
  );
  const domains = [domain, ...others] as const;
  return {
    domain,
    domains,
    aliases: values.SIP_ALIASES === undefined ? ownNames() : list(values.SIP_ALIASES),
    realm: values.SIP_REALM,
    listen: list(values.SIP_LISTEN).map(listeningPoint),
    advertise: values.SIP_ADVERTISE,
    trusted: list(values.SIP_TRUSTED ?? ''),
    digestAlgorithms: digestAlgorithms(values.DIGEST_ALGORITHMS ?? ''),
    digestQop: values.DIGEST_QOP,
    databaseUrl: withTls(
      withPassword(databaseUrl(values.DATABASE_URL, dataDir), databasePassword(values)),
      values.DATABASE_CA_FILE,
    ),
    dataDir,
    key: values.PORCHLIGHT_KEY === undefined ? undefined : new Uint8Array(Buffer.from(values.PORCHLIGHT_KEY, 'base64')),
    keyFile: values.PORCHLIGHT_KEY_FILE === undefined ? undefined : resolve(values.PORCHLIGHT_KEY_FILE),
    defaultPermission: values.DEFAULT_PERMISSION,
    defaultRegistration: values.DEFAULT_REGISTRATION,
    notifyPaceMs: values.NOTIFY_PACE === undefined ? undefined : Math.round(Number(values.NOTIFY_PACE) * 1000),
    notifyTimeouts: Number(values.NOTIFY_TIMEOUTS),
    accountRate: Number(values.ACCOUNT_RATE),
    sourceRate: Number(values.SOURCE_RATE),
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
  const path = filePath(configured);
  return `file:${isAbsolute(path) ? path : resolve(path)}`;
}

/** @returns undefined when it is in the URL, or there is none. */
function databasePassword(values: z.infer<typeof Shape>): string | undefined {
  const path = values.DATABASE_PASSWORD_FILE;
  if (values.DATABASE_PASSWORD !== undefined || path === undefined) return values.DATABASE_PASSWORD;
  return readSettingFile('DATABASE_PASSWORD_FILE', path).replace(/\r?\n$/, '');
}

function readSettingFile(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (fault) {
    const why = fault instanceof Error && 'code' in fault ? String(fault.code) : String(fault);
    throw new ConfigError(`${name}: ${shown(path)} cannot be read (${why})`);
  }
}

function withPassword(databaseUrl: string, password: string | undefined): string {
  if (password === undefined || databaseUrl.startsWith('file:')) return databaseUrl;
  const url = new URL(databaseUrl);
  url.password = encodeURIComponent(password);
  return url.href;
}

/**
 * What asks for TLS must never be passed over: of the many spellings that other programs know (`sslmode`, `tls`,
 * `ssl=require`), the driver would take no notice and connect without, or without looking at the certificate.
 */
function withTls(databaseUrl: string, caFile: string | undefined): string {
  if (databaseUrl.startsWith('file:')) return databaseUrl;
  const url = new URL(databaseUrl);
  for (const [name, value] of url.searchParams) {
    if (!/^(ssl|tls|usessl|requiressl|rejectunauthorized)/i.test(name)) continue;
    if (name !== 'ssl' || !/^(true|false)$/.test(value)) {
      throw new ConfigError(`DATABASE_URL: ${shown(name)} must be ssl=true, or DATABASE_CA_FILE instead of it`);
    }
    if (value === 'false' && caFile !== undefined) {
      throw new ConfigError('DATABASE_URL: ssl=false is against DATABASE_CA_FILE, which asks for TLS');
    }
  }
  if (caFile === undefined) return databaseUrl;
  const path = resolve(caFile);
  const text = readSettingFile('DATABASE_CA_FILE', path);
  try {
    new X509Certificate(text);
  } catch {
    throw new ConfigError(`DATABASE_CA_FILE: ${shown(path)} is not a certificate in PEM form`);
  }
  url.searchParams.set('sslCa', path);
  return url.href;
}

export interface SettingText {
  readonly name: string;
  readonly shape: string;
  readonly usual: string;
  readonly about: string;
}

/** The texts of every setting, for --help and .env.example. */
export const settingTexts: readonly SettingText[] = settings;
