import { readFileSync } from 'node:fs';

const RESULTS = { passed: 'passed', failed: '**failed**', pending: 'skipped', skipped: 'skipped', todo: 'skipped' };

/** docs/interop.md. @param clients each with what it is, its version (undefined: not installed) and vitest's results. */
export function drawPage(clients, date) {
  return [
    '<!-- Written by `npm run interop`; nothing here is written by hand. -->',
    '',
    '# Which clients were tried',
    '',
    `Real programs against the service as it is built, on ${systemName()} with Node ${process.version},`,
    `on ${date.toISOString().slice(0, 10)}. Anyone can run it again: \`npm run interop\` (the programs are Debian's; a client`,
    'that is not installed is named as skipped). Every scenario waits for events with a deadline, and none for time to pass.',
    '',
    '| Client | Version | Scenario | Result |',
    '| --- | --- | --- | --- |',
    ...clients.flatMap(rowsOf),
    '',
  ].join('\n');
}

function rowsOf({ client, version, scenarios }) {
  if (version === undefined) return [`| ${client} | not installed | | skipped |`];
  return scenarios.map(({ ancestorTitles, title, status }) => {
    const setting = ancestorTitles.at(-1)?.split(': ')[1]?.replaceAll("'", '');
    const where = setting === undefined ? '' : `${setting}: `;
    return `| ${client} | ${version} | ${where}${title.replaceAll('|', '\\|')} | ${RESULTS[status] ?? status} |`;
  });
}

function systemName() {
  try {
    return /^PRETTY_NAME="(.*)"$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'an unknown system';
  } catch {
    return 'an unknown system';
  }
}
