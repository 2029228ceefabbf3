import type { Readable } from 'node:stream';
import { Command, CommanderError } from 'commander';
import type { CliDeps, Outcome } from './outcome.ts';
import { STATUS } from './outcome.ts';
import { disablePackage, enablePackage, listPackages } from './packages.ts';
import { deleteRule, listRules, setRule } from './rules.ts';
import { addUser } from './user-add.ts';
import { importUsers } from './user-import.ts';
import { listUsers } from './user-list.ts';

/** The world around the command line; tests hand in another one. */
export interface CliWorld {
  out(line: string): void;
  err(line: string): void;
  /** Undefined when the person gave up. */
  askPassword(): Promise<string | undefined>;
  /** @throws an Error with one line when the file cannot be opened. `-` is standard input. */
  openFile(path: string): Promise<Readable>;
  /** Opens the database for one command and closes it after. */
  withDeps(work: (deps: CliDeps) => Promise<Outcome>): Promise<Outcome>;
}

/** Said on standard error each time so many more accounts are in. */
const TELL_EVERY = 10_000;

const AFTER_HELP = `
Settings are those of npm start: environment variables, or a file .env in the working directory.
Every command takes --json: one JSON document on standard output, {"error": "…"} for a refusal.

Exit status
  0  done
  1  refused, or done in part (user import: some lines were passed over)
  2  wrong use, wrong setting, or the database cannot be reached`;

/** Runs one command line (without the program's own name). @returns the exit status. */
export async function runProgram(words: readonly string[], world: CliWorld): Promise<number> {
  let status: number = STATUS.done;
  const json = words.includes('--json');

  const run = async (work: (deps: CliDeps) => Promise<Outcome>): Promise<void> => {
    const outcome = await world.withDeps(work);
    status = STATUS[outcome.kind];
    if (outcome.kind === 'refused') refuse(world, json, outcome.why);
    else if (json) world.out(JSON.stringify(outcome.value, null, 2));
    else for (const line of outcome.lines) world.out(line);
  };

  try {
    await commands(world, run, json).parseAsync(words, { from: 'user' });
  } catch (fault) {
    if (!(fault instanceof CommanderError)) throw fault;
    return fault.exitCode === 0 ? STATUS.done : STATUS.misused;
  }
  return status;
}

function refuse(world: CliWorld, json: boolean, why: string): void {
  if (json) world.out(JSON.stringify({ error: why }));
  else world.err(`porchlight: ${why}`);
}

type Run = (work: (deps: CliDeps) => Promise<Outcome>) => Promise<void>;

function commands(world: CliWorld, run: Run, json: boolean): Command {
  const program = new Command('porchlight');
  const setUp = (command: Command): Command =>
    command
      .exitOverride()
      .showHelpAfterError('(add --help for how it is used)')
      .configureOutput({
        writeOut: (text) => world.out(text.trimEnd()),
        writeErr: (text) => world.err(text.trimEnd()),
      });
  const add = (parent: Command, usage: string, about: string): Command =>
    setUp(parent.command(usage)).description(about).option('--json', 'print one JSON document');

  setUp(program).description('The command line of a Porchlight presence server.').addHelpText('after', AFTER_HELP);

  const user = setUp(program.command('user')).description('accounts');
  add(user, 'add <name>', 'add an account, NAME or NAME@DOMAIN; the password is read from standard input')
    .addHelpText('after', '\nExample: printf \'%s\\n\' "$PASSWORD" | porchlight user add alice@example.com')
    .action(async (name: string) => {
      const password = await world.askPassword();
      await run(async (deps) =>
        password === undefined ? { kind: 'refused', why: 'no password was given' } : addUser(deps, name, password),
      );
    });
  add(user, 'list', 'list the accounts')
    .option('--search <text>', 'only those whose address holds this text')
    .action((options: { readonly search?: string }) => run((deps) => listUsers(deps, options.search)));
  add(user, 'import <file>', 'add the accounts of a CSV file; - is standard input')
    .addHelpText(
      'after',
      '\nThe first line names the columns: username,password or username,ha1, and if wanted realm, algorithm\n' +
        '(MD5, SHA-256, SHA-512-256) and domain. Lines that cannot be taken are told on standard error and passed over.',
    )
    .action((path: string) => run((deps) => importFile(deps, world, path, json)));

  const rule = setUp(program.command('rule')).description('who may see whom');
  add(rule, 'set <owner> <watcher> <event> <permission>', 'add or replace a rule')
    .addHelpText(
      'after',
      "\nWATCHER is sip:USER@DOMAIN, @DOMAIN or '*'. PERMISSION is allow, polite-block, confirm or block.\n" +
        'Example: porchlight rule set alice@example.com sip:bob@example.com presence allow',
    )
    .action((owner: string, watcher: string, event: string, permission: string) =>
      run((deps) => setRule(deps, owner, watcher, event, permission)),
    );
  add(rule, 'list [owner]', 'list the rules of one account, or of all').action((owner?: string) =>
    run((deps) => listRules(deps, owner)),
  );
  add(rule, 'delete <owner> <watcher> <event>', 'delete a rule').action(
    (owner: string, watcher: string, event: string) => run((deps) => deleteRule(deps, owner, watcher, event)),
  );

  const packages = setUp(program.command('package')).description('event packages');
  add(packages, 'list', 'list the event packages').action(() => run(listPackages));
  add(packages, 'enable <event>', 'serve an event package').action((event: string) =>
    run((deps) => enablePackage(deps, event)),
  );
  add(packages, 'disable <event>', 'serve an event package no more').action((event: string) =>
    run((deps) => disablePackage(deps, event)),
  );
  return program;
}

async function importFile(deps: CliDeps, world: CliWorld, path: string, json: boolean): Promise<Outcome> {
  const opened = await world.openFile(path).catch((fault: Error) => fault.message);
  if (typeof opened === 'string') return { kind: 'refused', why: opened };
  let told = 0;
  return importUsers(deps, opened, {
    bad(line, why) {
      if (!json) world.err(`line ${line}: ${why}`);
    },
    added(count) {
      if (count < told + TELL_EVERY) return;
      told = count;
      world.err(`… ${count} accounts added`);
    },
  });
}
