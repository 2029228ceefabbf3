import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { portalAddress } from './greeting.mjs';
import { StartRefused } from './refusal.mjs';

/** Beside `./data`, and never it. */
const FOLDER = './data-demo';

/**
 * The environment of `npm start -- --demo`: data in a folder of its own, unless DATA_DIR names another.
 * @throws StartRefused where a database is configured: that one is for something else.
 */
export function demoEnvironment(environment) {
  if (environment.DATABASE_URL) {
    throw new StartRefused(
      '--demo has an embedded database of its own, and DATABASE_URL names another: run it with DATABASE_URL= (empty)',
    );
  }
  return { ...environment, DATA_DIR: environment.DATA_DIR || FOLDER };
}

/**
 * Asks whether a database that is there already is the demo's, before anything is changed in it.
 * @param built imports a module of dist.
 * @throws StartRefused when it is not, or cannot be read.
 */
export async function refuseForeignDatabase(config, built) {
  if (!existsSync(join(config.dataDir, 'porchlight.db'))) return;
  const { demoRefusal } = await built('dist/services/demo/index.js');
  const why = await withStore(config, built, (store) => demoRefusal(store)).catch(() => 'the database cannot be read');
  refuse(config, why);
}

/** Makes the people of the demo. @returns `[{ name, password }]`. @throws StartRefused */
export async function settleDemo(config, built) {
  const { settleHousehold } = await built('dist/services/demo/index.js');
  const { ConfigError, readKey, systemClock } = await built('dist/services/runtime/index.js');
  const { openSecrets } = await built('dist/services/store/index.js');
  if (!config.listen.some(({ transport }) => transport === 'udp')) {
    throw new StartRefused("SIP_LISTEN: the demo's phones speak UDP; name a listening point for it");
  }
  const { domain, realm } = config;
  const household = await withStore(config, built, (store) =>
    settleHousehold({ store, secrets: openSecrets(readKey(config)), clock: systemClock, domain, realm }),
  ).catch((fault) => {
    if (fault instanceof ConfigError) throw new StartRefused(fault.message);
    throw fault;
  });
  if (household.kind === 'refused') refuse(config, household.why);
  return household.people;
}

async function withStore(config, built, work) {
  const { silentLog, systemClock } = await built('dist/services/runtime/index.js');
  const { openStore } = await built('dist/services/store/index.js');
  const store = await openStore(config.databaseUrl, { clock: systemClock, log: silentLog });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

function refuse({ dataDir }, why) {
  if (why === undefined) return;
  throw new StartRefused(
    `--demo: ${why}. It is in ${shown(dataDir)}: set DATA_DIR to another folder, or move that one away`,
  );
}

function shown(dataDir) {
  const path = relative(process.cwd(), dataDir);
  return path === '' || path.startsWith('..') ? dataDir : `./${path}`;
}

/** What is printed when everything answers and the phones are about to be switched on. */
export function demoGreeting({ people, dataDir, domain }, web, lan) {
  const [first] = people;
  return [
    '',
    'Porchlight is on, with three people who are made up, and so are their phones.',
    '',
    `  Portal    ${portalAddress(web, lan)}`,
    '',
    '  Log in as           with the password',
    ...people.map(({ name, password }) => `    ${name.padEnd(16)}  ${password}`),
    '',
    `  ${first.name.padEnd(6)}  My presence: her desk phone and her mobile come and go, and are one presence.`,
    '          Watchers: Ben sees her; Cleo asks. Approve her, and read below what her phone is told.',
    '  ben     Who may see me: Cleo is refused. She tries again in the afternoon.',
    '  cleo    Watchers: Ada is shown Cleo offline all day, and cannot tell.',
    '',
    `  Their addresses end in @${domain}. A day of theirs, 08:00 to 20:00, takes twelve minutes;`,
    '  below is what happens in it, by their clock.',
    '',
    `  The passwords are new at every start and shown only here. All of it is in ${shown(dataDir)}; delete that`,
    '  folder when you have seen enough. `npm start` without --demo has no accounts but those that people make.',
    '',
    'Ctrl-C ends it.',
    '',
  ].join('\n');
}
