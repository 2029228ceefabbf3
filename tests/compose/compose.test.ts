/** The containers as docker-compose.yml has them. Runs wherever a Docker engine answers; the first build takes minutes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '#runtime';
import { untilSipAnswers, untilWebAnswers } from '../../services/start/ready.mjs';
import { findCompose, openProject, type Project, run } from '../support/compose.ts';
import { DOMAIN, eventually, passwordOf, pidf, uri } from '../support/processes.ts';
import { makePeer, type Peer } from '../support/sip-peer.ts';
import { openTcpPort } from '../support/tcp-port.ts';

const compose = findCompose('docker compose: the containers');
const BUILD_MS = 1_800_000;
const STEP_MS = 240_000;

describe.skipIf(compose === undefined)('docker compose', () => {
  let project: Project;
  const peers: Peer[] = [];
  let alicesBrowser = '';

  beforeAll(async () => {
    project = await openProject(compose as [string, ...string[]]);
    await project.compose('up', '--detach', '--build', '--scale', 'sip=2');
    await answers();
  }, BUILD_MS);
  afterAll(async () => {
    await Promise.all(peers.map((peer) => peer.close()));
    await project?.close();
  }, STEP_MS);

  const answers = (): Promise<unknown> =>
    Promise.all([
      untilSipAnswers('127.0.0.1', project.sipPort, DOMAIN, AbortSignal.timeout(120_000)),
      untilWebAnswers('127.0.0.1', project.webPort, AbortSignal.timeout(120_000)),
    ]);

  /** By TCP: the answers and NOTIFYs come over its own connection, whatever address an engine makes it come from. */
  async function phone(user: string): Promise<Peer> {
    const transport = await openTcpPort(project.sipPort);
    const peer = makePeer({
      transport,
      clock: systemClock,
      address: transport.address,
      server: `127.0.0.1:${project.sipPort}`,
      user,
      password: passwordOf(user),
    });
    peers.push(peer);
    return peer;
  }

  const cookiesOf = ({ headers }: Response): string =>
    headers
      .getSetCookie()
      .map((line) => line.split(';')[0])
      .join('; ');

  /** @returns the cookies of whoever registered. */
  async function register(user: string): Promise<string> {
    const page = `http://127.0.0.1:${project.webPort}/register`;
    const form = await fetch(page);
    const cookie = cookiesOf(form);
    const csrf = /name="_csrf" value="([^"]+)"/.exec(await form.text())?.[1] ?? '';
    const body = new URLSearchParams({
      _csrf: csrf,
      username: user,
      password: passwordOf(user),
    });
    const answer = await fetch(page, { method: 'POST', body, headers: { cookie }, redirect: 'manual' });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/phones']);
    return cookiesOf(answer);
  }

  it(
    'register two accounts in the portal, publish, watch, block: as on one machine',
    async () => {
      alicesBrowser = await register('alice');
      await register('bob');
      await project.porchlight(['rule', 'set', `alice@${DOMAIN}`, uri('bob'), 'presence', 'allow']);
      const [alice, bob] = await Promise.all([phone('alice'), phone('bob')]);
      const watch = await bob.subscribe({ to: uri('alice'), expires: 3600 });
      expect((await alice.publish({ body: pidf('alice', 'open', 'in a container'), expires: 3600 })).status).toBe(200);
      await watch.until(({ body }) => body.includes('in a container'));
      await project.porchlight(['rule', 'set', `alice@${DOMAIN}`, uri('bob'), 'presence', 'block']);
      expect(await watch.until(({ state }) => state === 'terminated')).toMatchObject({ reason: 'rejected', body: '' });
      await project.porchlight(['rule', 'set', `alice@${DOMAIN}`, uri('bob'), 'presence', 'allow']);
    },
    STEP_MS,
  );

  it('each secret that is missing, or empty, is refused with a line that names it and what to do', async () => {
    const settings = ['PORCHLIGHT_KEY', 'MYSQL_PASSWORD', 'MYSQL_ROOT_PASSWORD', 'SIP_DOMAIN', 'SIP_ADVERTISE'];
    for (const name of settings) {
      for (const line of ['', `${name}=\n`]) {
        const { status, out, err } = await project.configWith((text) =>
          text.replace(new RegExp(`^${name}=.*\n`, 'm'), line),
        );
        expect([name, status === 0]).toEqual([name, false]);
        expect(out + err).toMatch(/missing - run once - sh docs\/examples\/make-env\.sh/);
      }
    }
    expect((await project.configWith((text) => text)).status).toBe(0);
  });

  it(
    'no container runs as root, can write to its code, or has the tools of development',
    async () => {
      for (const service of ['sip', 'web']) {
        const [container = ''] = await project.containers(service);
        const [user = ''] = (await project.docker('exec', container, 'id', '-u')).trim().split('\n');
        expect(Number(user)).toBeGreaterThan(0);
        expect((await run('docker', ['exec', container, 'sh', '-c', 'echo x >/app/package.json'])).status).not.toBe(0);
        const packages = await project.docker('exec', container, 'ls', '/app/node_modules');
        expect(packages.split('\n')).not.toContain('prisma');
        expect(packages.split('\n')).not.toContain('typescript');
        expect(packages.includes('fastify\n')).toBe(service === 'web');
      }
    },
    STEP_MS,
  );

  it(
    'kill -9 of the SIP container that serves: the other takes over behind the same port',
    async () => {
      const ids = await project.containers('sip');
      expect(ids).toHaveLength(2);
      const logs = await Promise.all(ids.map((id) => project.docker('logs', id)));
      const serving = ids.filter((_id, index) => logs[index]?.includes('SIP service ready'));
      expect(serving).toHaveLength(1);
      const killedAt = performance.now();
      await project.docker('kill', '--signal', 'KILL', serving[0] ?? '');
      await untilSipAnswers('127.0.0.1', project.sipPort, DOMAIN, AbortSignal.timeout(20_000));
      console.log(
        `the second SIP container answers ${Math.round(performance.now() - killedAt)} ms after the kill of the first`,
      );
      const bob = await phone('bob');
      const watch = await bob.subscribe({ to: uri('alice'), expires: 600 });
      await watch.until(({ body }) => body.includes('in a container'));
    },
    STEP_MS,
  );

  it(
    'the database away: 503 with Retry-After, a plain page, and back by itself',
    async () => {
      const alice = await phone('alice');
      expect((await alice.publish({ body: pidf('alice', 'open', 'before'), expires: 3600 })).status).toBe(200);
      const restarts = async (): Promise<readonly string[]> => {
        const ids = [...(await project.containers('sip')), ...(await project.containers('web'))];
        return Promise.all(
          ids.map((id) => project.docker('inspect', '--format', '{{.RestartCount}} {{.State.StartedAt}}', id)),
        );
      };
      const before = await restarts();
      await project.compose('stop', 'mysql');
      // Longer than the lease lasts without a renewal.
      const refused = await eventually('a 503', async () => {
        const answer = await alice.publish({ body: pidf('alice', 'closed'), expires: 3600 });
        return answer.status === 503 ? answer : undefined;
      });
      expect(refused.header('Retry-After')).toMatch(/^\d+$/);
      await new Promise((resolve) => setTimeout(resolve, 6_000));
      expect((await alice.publish({ body: pidf('alice', 'closed'), expires: 3600 })).status).toBe(503);
      const page = await fetch(`http://127.0.0.1:${project.webPort}/presence`, { headers: { cookie: alicesBrowser } });
      expect([page.status, page.headers.get('content-type')]).toEqual([503, expect.stringContaining('text/html')]);

      await project.compose('start', 'mysql');
      await eventually('a 200', async () => {
        const answer = await alice.publish({ body: pidf('alice', 'open', 'after'), expires: 3600 });
        return answer.status === 200 ? answer : undefined;
      });
      await untilWebAnswers('127.0.0.1', project.webPort, AbortSignal.timeout(60_000));
      expect(await restarts()).toEqual(before);
    },
    STEP_MS,
  );

  it(
    'down and up: accounts, rules and what was published are there',
    async () => {
      await project.compose('down', '--timeout', '10');
      await project.compose('up', '--detach');
      await answers();
      const bob = await phone('bob');
      const watch = await bob.subscribe({ to: uri('alice'), expires: 600 });
      expect((await watch.until(({ body }) => body !== '')).body).toContain('after');
    },
    STEP_MS,
  );
});
