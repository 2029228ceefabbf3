import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Programs from Debian that suites use, the package of each, and what is skipped without it. */
const TOOLS = [
  { program: 'chromium', package: 'chromium', suite: 'e2e: the portal in a real browser' },
  { program: 'mariadbd', package: 'mariadb-server', suite: 'contract: the store on MariaDB' },
  { program: 'baresip', package: 'baresip-core', suite: 'clients: real phones (baresip); e2e: the whole promise' },
  { program: 'sipp', package: 'sip-tester', suite: 'clients: scripted requests (sipp)' },
  { program: 'sipsak', package: 'sipsak', suite: 'clients: PUBLISH from a file (sipsak)' },
  { program: 'linphonec', package: 'linphone-cli', suite: 'clients: Linphone watches (linphonec)' },
  { program: 'twinkle-console', package: 'twinkle-console', suite: 'clients: Twinkle publishes (twinkle-console)' },
  { program: 'kamailio', package: 'kamailio', suite: 'clients: phones behind a proxy (kamailio)' },
  { program: 'xmllint', package: 'libxml2-utils', suite: 'documents checked against their XML schemas (xmllint)' },
  { program: 'ip', package: 'iproute2', suite: 'clients: a phone in another network namespace (ip)' },
];
const POLICY = '/usr/sbin/policy-rc.d';

/**
 * Installs what is missing as root on Debian; elsewhere says which command would, and names each suite that is skipped.
 * @returns the programs that are missing after that.
 */
export async function setUpTools(say, { needed }) {
  let missing = TOOLS.filter(({ program }) => !isThere(program));
  if (missing.length === 0 || !needed) return missing.map(({ program }) => program);
  const packages = missing.map((tool) => tool.package);
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    say(`Installing from Debian: ${packages.join(' ')} …`);
    aptInstall(packages, say);
    missing = TOOLS.filter(({ program }) => !isThere(program));
  } else say(`Some suites need: sudo apt-get install ${packages.join(' ')}`);
  for (const { program, suite } of missing) say(`skipped without ${program}: ${suite}`);
  return missing.map(({ program }) => program);
}

/** Debian starts a database server as soon as it is installed, unless a policy says no; the tests start their own. */
function aptInstall(packages, say) {
  const makesPolicy = !existsSync(POLICY);
  if (makesPolicy) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    for (const words of [['update'], ['install', '-y', '--no-install-recommends', ...packages]]) {
      const { status, stdout, stderr } = spawnSync('apt-get', ['-q', ...words], {
        env: environment,
        stdio: ['ignore', 'pipe', 'pipe'],
        encoding: 'utf8',
        maxBuffer: 2 ** 26,
      });
      if (status !== 0) say(`apt-get ${words[0]} failed:\n${stdout.slice(-2000)}${stderr.slice(-2000)}`);
    }
  } finally {
    if (makesPolicy) rmSync(POLICY, { force: true });
  }
}

function isThere(program) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
