import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeDomains, makeRealms } from '#model';
import { makeRandom, silentLog, systemClock } from '#runtime';
import { migrate, openSecrets, openStore, type Store } from '#store';
import { buildApp } from '../../web/app.ts';
import { makeMailer } from '../../web/mail/mailer.ts';
import { freePort } from '../support/ports.ts';

/** A portal that listens, on an SQLite file of its own. */
export interface RunningPortal {
  /** Without a slash at its end. */
  readonly url: string;
  readonly store: Store;
  close(): Promise<void>;
}

/** @param smtpPort of a mail server on this machine; no mail is sent without. */
export async function startPortal(domain: string, smtpPort?: number): Promise<RunningPortal> {
  const port = await freePort('127.0.0.1');
  const mailer =
    smtpPort === undefined
      ? undefined
      : makeMailer({
          server: { host: '127.0.0.1', port: smtpPort, secure: false, user: undefined, password: undefined },
          from: `Porchlight <porchlight@${domain}>`,
          clock: systemClock,
          log: silentLog,
        });
  const folder = mkdtempSync(join(tmpdir(), 'porchlight-e2e-'));
  const databaseUrl = `file:${join(folder, 'porchlight.db')}`;
  await migrate(databaseUrl, { log: silentLog });
  const store = await openStore(databaseUrl, { clock: systemClock, log: silentLog });
  const domains = makeDomains([domain], ['localhost', '127.0.0.1']);
  const app = buildApp({
    store,
    secrets: openSecrets(new Uint8Array(32).fill(9)),
    clock: systemClock,
    random: makeRandom(),
    log: silentLog,
    domains,
    realms: makeRealms(domains, domain),
    defaultPermission: 'confirm',
    defaultRegistration: 'open',
    phone: { advertised: undefined, listens: '0.0.0.0', candidates: ['192.0.2.7'], port: 5060, transport: 'UDP' },
    // So that each member can come from a home of their own: registration is limited by address.
    proxies: ['127.0.0.1'],
    url: mailer === undefined ? undefined : `http://127.0.0.1:${port}/`,
    mailer,
  });
  const url = await app.listen({ host: '127.0.0.1', port });
  return {
    url,
    store,
    async close() {
      await app.close();
      mailer?.close();
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
