import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe } from 'vitest';
import presence from '../../services/packages/presence/index.ts';
import { winfoPackage } from '../../services/packages/winfo/index.ts';
import { readWalkThrough } from '../support/walk-through.ts';
import { eventPackageContract } from './event-package.contract.ts';
import { watcherPackageContract } from './watcher-package.contract.ts';

const body = (name: string): Uint8Array =>
  readFileSync(fileURLToPath(new URL(`../cases/client-bodies/${name}.xml`, import.meta.url)));

eventPackageContract(presence, 'presence', {
  accepted: ['baresip-noreg-006', 'pjsua-udp-010', 'kamailio-front-001', 'linphone-rls-004'].map((name) => ({
    contentType: 'application/pidf+xml',
    body: body(name),
  })),
  malformed: [
    { contentType: 'application/pidf+xml', body: body('linphone-rls-003') },
    { contentType: 'application/pidf+xml;charset=utf-8', body: '<presence' },
    { contentType: 'Application/PIDF+xml', body: '' },
  ],
});

describe.each([
  ['tests/support/example-package.mjs', new URL('../support/example-package.mjs', import.meta.url).href],
  ['what the pieces in docs/event-packages.md make', `data:text/javascript,${encodeURIComponent(readWalkThrough())}`],
])('%s', async (_name, module) => {
  const loaded = (await import(module)) as { readonly default: unknown };
  eventPackageContract(loaded.default, 'ping-state', {
    accepted: [
      { contentType: 'text/plain', body: 'up 12\n' },
      { contentType: 'text/plain', body: 'down' },
    ],
    malformed: [{ contentType: 'text/plain', body: 'sideways' }],
  });
});

for (const name of ['presence.winfo', 'ping-state.winfo', 'presence.winfo.winfo'])
  watcherPackageContract(winfoPackage(name), name);
