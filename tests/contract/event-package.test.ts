import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe } from 'vitest';
import presence from '../../services/packages/presence/index.ts';
import { eventPackageContract } from './event-package.contract.ts';

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

/** The pieces of the walk-through in docs/event-packages.md, one after the other. */
function writtenByTheBook(): string {
  const page = readFileSync(new URL('../../docs/event-packages.md', import.meta.url), 'utf8');
  const code = [...page.matchAll(/^```js\n(.*?)^```$/gms)].map(([, piece]) => piece).join('');
  return `data:text/javascript,${encodeURIComponent(code)}`;
}

describe.each([
  ['tests/support/example-package.mjs', new URL('../support/example-package.mjs', import.meta.url).href],
  ['what the pieces in docs/event-packages.md make', writtenByTheBook()],
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
