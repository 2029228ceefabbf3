import { readFileSync } from 'node:fs';
import { type Config, ConfigError, type Environment, readConfig, readHostPort } from '#runtime';
import type { SmtpServer } from './mail/mailer.ts';

/** What the portal needs to know: what both processes share, and where it listens. See settings.json for the words. */
export interface WebConfig extends Config {
  /** `url`: where browsers find it, `https://host/`; undefined means where each request came by. */
  readonly web: { readonly address: string; readonly port: number; readonly url: string | undefined };
  /** Addresses and networks whose X-Forwarded-For and X-Forwarded-Proto are believed; nobody's when empty. */
  readonly proxies: readonly string[];
  /** Undefined: no mail is sent. */
  readonly mail: { readonly server: SmtpServer; readonly from: string } | undefined;
}

const ADDRESS = /^[0-9a-fA-F:.]+(\/\d{1,3})?$/;

/** The only door to process.env in the portal. @throws ConfigError with one line that names the setting. */
export function readWebConfig(environment: Environment = process.env): WebConfig {
  const shared = readConfig(environment);
  const proxies = (environment['WEB_PROXY'] ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  for (const proxy of proxies) {
    if (!ADDRESS.test(proxy)) throw new ConfigError(`WEB_PROXY: '${proxy}' is not an address or ADDRESS/BITS`);
  }
  const listen = readHostPort('WEB_LISTEN', environment['WEB_LISTEN'] || '0.0.0.0:8080');
  const url = readUrl(environment['WEB_URL'] ?? '');
  return { ...shared, web: { ...listen, url }, proxies, mail: readMail(environment, url) };
}

function readUrl(text: string): string | undefined {
  if (text === '') return undefined;
  const url = /^https?:\/\/[^\s/?#@\\]+\/?$/i.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) {
    throw new ConfigError(
      `WEB_URL: ${JSON.stringify(text)} is not https://HOST or https://HOST:PORT (or http), without a path`,
    );
  }
  return url.href;
}

/** A name and an address as mails carry them, or an address alone; no line ends, which would begin another header. */
const FROM = /^(?:[^<>\r\n"]{1,128} )?<?[^\s<>@"]{1,64}@[^\s<>@"]{1,253}>?$/;

/** The URL is never shown: it may hold a password. */
function readMail(environment: Environment, url: string | undefined): WebConfig['mail'] {
  const text = environment['SMTP_URL'] ?? '';
  const from = environment['MAIL_FROM'] ?? '';
  if (text === '') return undefined;
  const at = URL.canParse(text) ? new URL(text) : undefined;
  const isWhole = at !== undefined && /^smtps?:$/.test(at.protocol) && at.hostname !== '';
  if (!isWhole || !/^\/?$/.test(at.pathname) || at.search !== '' || at.hash !== '') {
    throw new ConfigError('SMTP_URL: is not smtp://HOST, smtp://USER:PASSWORD@HOST:PORT or the same with smtps');
  }
  if (url === undefined) throw new ConfigError('SMTP_URL: needs WEB_URL, where links in mails lead to');
  if (!FROM.test(from)) throw new ConfigError(`MAIL_FROM: ${JSON.stringify(from)} is not ADDRESS or NAME <ADDRESS>`);
  const secure = at.protocol === 'smtps:';
  const path = environment['SMTP_PASSWORD_FILE'] ?? '';
  const server = {
    host: at.hostname.replace(/^\[|\]$/g, ''),
    port: at.port === '' ? (secure ? 465 : 587) : Number(at.port),
    secure,
    user: at.username === '' ? undefined : decodeURIComponent(at.username),
    password: path === '' ? decodeURIComponent(at.password) : readSecret('SMTP_PASSWORD_FILE', path),
  };
  return { server, from };
}

function readSecret(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (fault) {
    const why = fault instanceof Error && 'code' in fault ? String(fault.code) : String(fault);
    throw new ConfigError(`${name}: ${JSON.stringify(path)} cannot be read (${why})`);
  }
}
