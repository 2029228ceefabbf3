import { type IncomingMessage, request } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { aor, makePortal, type Portal, publication, subscription } from './portal.ts';

let portal: Portal;
afterEach(() => portal.close());

interface Stream {
  readonly answer: IncomingMessage;
  readonly text: () => string;
  readonly ended: Promise<void>;
  /** Resolves once this was said. */
  until(said: RegExp): Promise<string>;
  leave(): void;
}

/** A real connection: a stream cannot be injected. */
function open(url: string, cookie: string): Promise<Stream> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { headers: { cookie }, agent: false }, (answer) => {
      let text = '';
      const waiting = new Set<() => void>();
      answer.setEncoding('utf8').on('data', (more: string) => {
        text += more;
        for (const look of waiting) look();
      });
      const ended = new Promise<void>((over) => answer.on('close', () => over()));
      resolve({
        answer,
        text: () => text,
        ended,
        until: (said) =>
          new Promise((found) => {
            const look = (): void => {
              const match = said.exec(text)?.[0];
              if (match === undefined) return;
              waiting.delete(look);
              found(match);
            };
            waiting.add(look);
            look();
          }),
        leave: () => asked.destroy(),
      });
    });
    asked.on('error', reject).end();
  });
}

const cookieOf = (browser: { readonly cookies: ReadonlyMap<string, string> }): string =>
  [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');

describe('A page that stays open', () => {
  it('hears over a stream of events that there is something new, with the headers of every page', async () => {
    portal = makePortal();
    const cookie = cookieOf(await portal.member('alice'));
    const stream = await open(`${await portal.listen()}/live`, cookie);
    expect(stream.answer.statusCode).toBe(200);
    expect(stream.answer.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
    });
    expect(stream.answer.headers['content-security-policy']).toContain("connect-src 'self'");
    await portal.clock.advance(1000);
    await stream.until(/"topics":\["home","watchers","rules","phones","trace","server"\],"asking":0/);
    await portal.store.publications.write({ kind: 'insert', publication: publication(aor('alice'), portal.clock) });
    await portal.clock.advance(1000);
    await stream.until(/event: news\ndata: \{"topics":\["home"\],"asking":0\}\n\n/);
    await portal.store.subscriptions.write({
      kind: 'insert',
      subscription: subscription(aor('alice'), aor('bob'), portal.clock),
    });
    await portal.clock.advance(1000);
    await stream.until(/\{"topics":\["watchers"\],"asking":1\}/);
    await portal.clock.advance(30_000);
    await stream.until(/\n: \n/);
    stream.leave();
  });

  it('ends with the session, and with the server', async () => {
    portal = makePortal();
    const cookie = cookieOf(await portal.member('alice'));
    const url = await portal.listen();
    const first = await open(`${url}/live`, cookie);
    await portal.store.sessions.endAll(aor('alice'));
    await portal.clock.advance(6000);
    await first.ended;
    const bob = await open(`${url}/live`, cookieOf(await portal.member('bob')));
    await portal.close();
    await bob.ended;
  });

  it('strangers get no stream and stay away; the thirteenth page of one account looks by hand', async () => {
    portal = makePortal();
    const url = await portal.listen();
    const stranger = await open(`${url}/live`, '');
    expect(stranger.answer.statusCode).toBe(204);
    expect((await portal.browser().get('/live/news')).status).toBe(401);
    const alice = await portal.member('alice');
    const streams = await Promise.all(Array.from({ length: 12 }, () => open(`${url}/live`, cookieOf(alice))));
    expect((await open(`${url}/live`, cookieOf(alice))).answer.statusCode).toBe(503);
    await portal.store.subscriptions.write({
      kind: 'insert',
      subscription: subscription(aor('alice'), aor('bob'), portal.clock),
    });
    expect(JSON.parse((await alice.get('/live/news')).html)).toEqual({ asking: 1 });
    for (const stream of streams) stream.leave();
  });
});
