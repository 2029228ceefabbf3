import { type Config, ConfigError, type Environment, readConfig, readHostPort } from '#runtime';

/** What the portal needs to know: what both processes share, and where it listens. See settings.json for the words. */
export interface WebConfig extends Config {
  /** `url`: where browsers find it, `https://host/`; undefined means where each request came by. */
  readonly web: { readonly address: string; readonly port: number; readonly url: string | undefined };
  /** Addresses and networks whose X-Forwarded-For and X-Forwarded-Proto are believed; nobody's when empty. */
  readonly proxies: readonly string[];
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
  return { ...shared, web: { ...listen, url: readUrl(environment['WEB_URL'] ?? '') }, proxies };
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
