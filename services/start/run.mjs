import { totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { getHeapStatistics } from 'node:v8';
import { knockAddress, lanAddress } from './addresses.mjs';
import { build } from './build.mjs';
import { endAll, howItEnded, startChild } from './children.mjs';
import { demoEnvironment, demoGreeting, refuseForeignDatabase, settleDemo } from './demo.mjs';
import { greeting } from './greeting.mjs';
import { heapWords } from './heap.mjs';
import { install } from './install.mjs';
import { tcpRefusal, udpRefusal } from './ports.mjs';
import { untilSipAnswers, untilWebAnswers } from './ready.mjs';
import { StartRefused, writing } from './refusal.mjs';
import { helpText, readSettings } from './settings.mjs';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const STILL_WAITING_MS = 10_000;
const MB = 2 ** 20;

/** Does what the words ask for. @returns the exit status: 0 ended as asked, 1 a service failed, 2 refused to start. */
export async function runFromCommandLine(words, given) {
  if (words.includes('--help') || words.includes('-h')) {
    process.stdout.write(helpText(readSettings()));
    return 0;
  }
  const say = (line) => console.log(line);
  try {
    const strange = words.find((word) => word !== '--demo');
    if (strange !== undefined) throw new StartRefused(`npm start knows only --demo and --help, not '${strange}'`);
    const isDemo = words.length > 0;
    const environment = isDemo ? demoEnvironment(given) : given;
    await writing(ROOT, async () => {
      await install(ROOT, environment, say);
      await build(ROOT, environment, say);
    });
    const config = await prepare(environment, isDemo ? (config) => refuseForeignDatabase(config, built) : undefined);
    const people = isDemo ? await settleDemo(config, built) : undefined;
    return await serve({
      config,
      web: config.web,
      environment,
      say,
      scripts: { sip: join(ROOT, 'dist/services/main.js'), web: join(ROOT, 'dist/web/main.js') },
      demo: people && { people, dataDir: config.dataDir, script: join(ROOT, 'dist/services/demo/main.js') },
    });
  } catch (fault) {
    if (!(fault instanceof StartRefused)) throw fault;
    console.error(fault.message);
    return 2;
  }
}

/**
 * Reads the settings, tries the ports, and brings database and key file into being.
 * @param look at what is there, before anything is changed.
 */
async function prepare(environment, look = () => undefined) {
  const { ConfigError, readKey, silentLog } = await built('dist/services/runtime/index.js');
  const { readWebConfig } = await built('dist/web/config.js');
  const { migrate, StoreUnavailable } = await built('dist/services/store/index.js');
  try {
    const config = readWebConfig(environment);
    for (const { transport, address, port } of config.listen)
      refuse(await (transport === 'tcp' ? tcpRefusal(address, port, 'SIP_LISTEN') : udpRefusal(address, port)));
    refuse(await tcpRefusal(config.web.address, config.web.port));
    await look(config);
    readKey(config);
    await migrate(config.databaseUrl, { log: silentLog }).catch((fault) => {
      throw new StartRefused(databaseWords(fault, StoreUnavailable));
    });
    return config;
  } catch (fault) {
    if (fault instanceof ConfigError) throw new StartRefused(fault.message);
    throw fault;
  }
}

/** One line: what a driver says below the first is of no use to who starts Porchlight. */
function databaseWords(fault, StoreUnavailable) {
  const [first] = String(fault.message).split('\n', 1);
  return fault instanceof StoreUnavailable
    ? `DATABASE_URL: the database cannot be reached (${first})`
    : `DATABASE_URL: the database cannot be made ready (${first})`;
}

function refuse(line) {
  if (line !== undefined) throw new StartRefused(line);
}

function built(name) {
  return import(pathToFileURL(join(ROOT, name)).href);
}

/**
 * Runs both services until one ends or somebody asks (SIGINT, SIGTERM, SIGHUP; Ctrl-C reaches the children as well).
 * @param demo `{ people, dataDir, script }`: their phones are a third child, as soon as both services answer.
 * @returns the exit status.
 */
export async function serve({ config, web, environment, say, scripts, demo }) {
  const asked = untilAsked();
  const heap = heapWords({
    // Where nothing is constrained Node says nought, or a number beyond all memory.
    availableMb: Math.min(process.constrainedMemory() || totalmem(), totalmem()) / MB,
    limitMb: getHeapStatistics().heap_size_limit / MB,
    nodeOptions: environment.NODE_OPTIONS,
  });
  const sip = startChild('the SIP service', scripts.sip, environment, heap);
  const portal = startChild('the portal', scripts.web, environment);
  const children = [sip, portal];
  const diedOf = (child) => child.exited.then((how) => ({ child, how }));
  const died = [sip, portal].map(diedOf);
  const giveUp = new AbortController();

  const reminder = setInterval(
    () => say('Still waiting for both services to answer (see the lines above) …'),
    STILL_WAITING_MS,
  );
  const ready = Promise.all([
    ...config.listen.map(({ transport, address, port }) =>
      untilSipAnswers(knockAddress(address), port, config.domain, giveUp.signal, transport),
    ),
    untilWebAnswers(knockAddress(web.address), web.port, giveUp.signal),
  ]).then(() => undefined);
  ready.catch(() => undefined);

  let ending = await Promise.race([ready, asked.promise, ...died]);
  clearInterval(reminder);
  giveUp.abort();
  if (ending === undefined) {
    const lan = await lanAddress();
    if (demo === undefined) say(greeting(config, web, lan));
    else {
      say(demoGreeting({ ...demo, domain: config.domain }, web, lan));
      const phones = startChild('the demo', demo.script, environment);
      phones.send(demo.people);
      children.push(phones);
      died.push(diedOf(phones));
    }
    ending = await Promise.race([asked.promise, ...died]);
  }
  // A Ctrl-C reaches parent and children at the same moment: a child may be gone before we have heard of it.
  if (ending.child !== undefined) ending = await Promise.race([asked.promise, settled(ending)]);
  if (ending.child !== undefined) {
    const others = children.filter((child) => !child.isGone()).map(({ title }) => title);
    const and = others.length === 0 ? '' : `; ending ${others.join(' and ')} too`;
    console.error(`Porchlight stops: ${ending.child.title} ${howItEnded(ending.how)}${and}.`);
  }
  await endAll(children);
  asked.forget();
  if (ending.child === undefined) return 0;
  return ending.how.status === 2 ? 2 : 1;
}

function settled(value) {
  return new Promise((resolve) => setTimeout(resolve, 100, value));
}

function untilAsked() {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  let hear;
  const promise = new Promise((resolve) => {
    hear = (signal) => resolve({ signal });
  });
  for (const signal of signals) process.on(signal, hear);
  return {
    promise,
    forget() {
      for (const signal of signals) process.off(signal, hear);
    },
  };
}
