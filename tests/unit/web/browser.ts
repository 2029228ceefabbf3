import type { FastifyInstance } from 'fastify';

/** What a browser without JavaScript does: keeps cookies, sends the token of the page it shows, follows redirects. */
export interface Browser {
  readonly cookies: Map<string, string>;
  /** The page that is shown. */
  page: Shown;
  get(url: string, headers?: Readonly<Record<string, string>>): Promise<Shown>;
  /** Posts a form with the token of the page shown (unless given), and follows a 303. */
  post(
    url: string,
    fields?: Readonly<Record<string, string>>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Shown>;
}

export interface Shown {
  readonly url: string;
  readonly status: number;
  readonly html: string;
  readonly headers: Readonly<Record<string, string | string[] | number | undefined>>;
  /** Cookies as they were set by this answer, whole. */
  readonly setCookies: readonly string[];
  /** The answers on the way here. */
  readonly by: readonly Shown[];
}

const NOTHING: Shown = { url: '', status: 0, html: '', headers: {}, setCookies: [], by: [] };

export function makeBrowser(app: FastifyInstance, usual: Readonly<Record<string, string>>): Browser {
  const cookies = new Map<string, string>();

  async function ask(method: 'GET' | 'POST', url: string, headers: object, payload?: string): Promise<Shown> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const form = payload === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await app.inject({
      method,
      url,
      headers: { ...usual, ...(cookie === '' ? {} : { cookie }), ...form, ...headers },
      ...(payload === undefined ? {} : { payload }),
    });
    const setCookies = [answer.headers['set-cookie'] ?? []].flat();
    for (const text of setCookies) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(text) ?? [];
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
    return { url, status: answer.statusCode, html: answer.body, headers: answer.headers, setCookies, by: [] };
  }

  async function follow(shown: Shown): Promise<Shown> {
    const to = shown.headers['location'];
    if (shown.status !== 303 || typeof to !== 'string') return shown;
    const next = await follow(await ask('GET', to, {}));
    return { ...next, by: [shown, ...next.by] };
  }

  const browser: Browser = {
    cookies,
    page: NOTHING,
    async get(url, headers = {}) {
      browser.page = await follow(await ask('GET', url, headers));
      return browser.page;
    },
    async post(url, fields = {}, headers = {}) {
      const token = /name="_csrf" value="([^"]+)"/.exec(browser.page.html)?.[1] ?? '';
      const payload = new URLSearchParams({ _csrf: token, ...fields }).toString();
      browser.page = await follow(await ask('POST', url, headers, payload));
      return browser.page;
    },
  };
  return browser;
}

/** What people read: the page without tags, white space folded. */
export function textOf(html: string): string {
  return html
    .replaceAll(/<(script|style)[\s\S]*?<\/\1>/g, '')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll('&amp;', '&')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll(/\s+/g, ' ')
    .trim();
}
