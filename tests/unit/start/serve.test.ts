import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { type Child, endAll, GRACE_MS, startChild } from '../../../services/start/children.mjs';
import { untilSipAnswers } from '../../../services/start/ready.mjs';
import { freePort, isFreePort } from '../../support/ports.ts';

const SERVE = fileURLToPath(new URL('./stubs/serve.mjs', import.meta.url));

interface Started {
  readonly process: ChildProcess;
  /** Resolves when standard output or standard error holds the text. */
  says(text: string): Promise<string>;
  readonly ended: Promise<{ readonly status: number | null; readonly output: string }>;
}

const running: ChildProcess[] = [];
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

function startServe(environment: Readonly<Record<string, string>>): Started {
  const child = spawn(process.execPath, [SERVE], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  running.push(child);
  let output = '';
  const hearers = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (piece: Buffer) => {
      output += piece.toString('utf8');
      for (const hear of hearers) hear();
    });
  }
  return {
    process: child,
    says: (text) =>
      new Promise((resolve) => {
        const hear = (): void => {
          if (output.includes(text)) resolve(output);
        };
        hearers.add(hear);
        hear();
      }),
    ended: once(child, 'close').then(([status]) => ({ status: status as number | null, output })),
  };
}

async function freePorts(): Promise<{ readonly SIP_PORT: string; readonly WEB_PORT: string }> {
  return { SIP_PORT: String(await freePort()), WEB_PORT: String(await freePort()) };
}

/** A service that has begun, so that its SIGTERM handler stands, and is shown not to end by it. */
async function startDeafService(): Promise<{ readonly child: Child; readonly isDeaf: boolean }> {
  const ports = await freePorts();
  const script = fileURLToPath(new URL('./stubs/sip.mjs', import.meta.url));
  const child = startChild('the SIP service', script, { ...process.env, ...ports, SIP_BEHAVIOUR: 'deaf' });
  const signal = AbortSignal.timeout(15_000);
  await untilSipAnswers('127.0.0.1', Number(ports.SIP_PORT), 'example.com', signal);
  child.kill('SIGTERM');
  await untilSipAnswers('127.0.0.1', Number(ports.SIP_PORT), 'example.com', signal);
  return { child, isDeaf: !child.isGone() };
}

describe('npm start, once everything is built', () => {
  it('prints where the portal is and what to enter in a phone, when both services answer', async () => {
    const ports = await freePorts();
    const started = startServe(ports);
    const output = await started.says('Ctrl-C ends it.');
    expect(output).toContain(`http://127.0.0.1:${ports.WEB_PORT}/`);
    expect(output).toContain(`127.0.0.1:${ports.SIP_PORT}`);
    expect(output).toMatch(/Domain +example\.com/);
    expect(output).toMatch(/Transport +UDP or TCP\n/);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('%s ends parent and children with status 0', async (signal) => {
    const ports = await freePorts();
    const started = startServe(ports);
    await started.says('Ctrl-C ends it.');
    started.process.kill(signal);
    const { status, output } = await started.ended;
    expect(status).toBe(0);
    expect(output).not.toContain('Porchlight stops');
    expect(await isFreePort(Number(ports.SIP_PORT))).toBe(true);
  });

  it('Ctrl-C reaches the whole process group at once: still status 0, and no talk of a service that failed', async () => {
    const started = startServe(await freePorts());
    await started.says('Ctrl-C ends it.');
    process.kill(-(started.process.pid ?? Number.NaN), 'SIGINT');
    const { status, output } = await started.ended;
    expect(status).toBe(0);
    expect(output).not.toContain('Porchlight stops');
  });

  it('a service that does not heed SIGTERM is killed when its grace is over, within the promised 5 s', async () => {
    const { child, isDeaf } = await startDeafService();
    await endAll([child], 50);
    expect(isDeaf).toBe(true);
    expect(await child.exited).toEqual({ status: null, signal: 'SIGKILL' });
    expect(GRACE_MS).toBeLessThan(5000);
  });

  it('when one service dies the other is ended, and the reason is printed', async () => {
    const ports = await freePorts();
    const { status, output } = await startServe({ ...ports, WEB_BEHAVIOUR: 'crash' }).ended;
    expect(status).toBe(1);
    expect(output).toContain('Porchlight stops: the portal ended with status 7; ending the SIP service too.');
    expect(await isFreePort(Number(ports.SIP_PORT))).toBe(true);
  });

  it('a service that refuses its settings is one clear line and status 2, without a greeting or a stack', async () => {
    const { status, output } = await startServe({ ...(await freePorts()), SIP_BEHAVIOUR: 'wrong-setting' }).ended;
    expect(status).toBe(2);
    expect(output).toContain('NOTIFY_PACE: is wrong');
    expect(output).toContain('the SIP service ended with status 2');
    expect(output).not.toContain('Porchlight is on');
    expect(output).not.toMatch(/^ +at /m);
  });

  it('a parent that is killed leaves no orphan on the port', async () => {
    const ports = await freePorts();
    const started = startServe(ports);
    await started.says('Ctrl-C ends it.');
    started.process.kill('SIGKILL');
    // `close` comes when the children, which hold the same standard output, are gone too.
    await started.ended;
    expect(await isFreePort(Number(ports.SIP_PORT))).toBe(true);
  });
});
