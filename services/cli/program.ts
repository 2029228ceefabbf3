import { Command, CommanderError } from 'commander';
import { addGroupCommands } from './group-commands.ts';
import type { Kit } from './kit.ts';
import { addLiveCommands } from './live-commands.ts';
import { type Outcome, STATUS } from './outcome.ts';
import { addRegistrationCommands } from './registration-commands.ts';
import { addPackageCommands, addRuleCommands } from './rule-commands.ts';
import { addUpkeepCommands } from './upkeep-commands.ts';
import { addUserCommands } from './user-commands.ts';
import type { CliWorld } from './world.ts';

const AFTER_HELP = `
Settings are those of npm start: environment variables, or a file .env in the working directory.
Every command takes --json: one JSON document on standard output, {"error": "…"} for a refusal.
Long work tells how far it is on standard error.

Exit status
  0  done; check: nothing is wrong
  1  refused, or done in part (import: some lines were passed over); check: something is wrong
  2  wrong use, wrong setting, or the database cannot be reached`;

/** Runs one command line (without the program's own name). @returns the exit status. */
export async function runProgram(words: readonly string[], world: CliWorld): Promise<number> {
  let status: number = STATUS.done;
  const json = words.includes('--json');

  const run = async (work: () => Promise<Outcome>): Promise<void> => {
    const outcome = await work();
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

function commands(world: CliWorld, run: Kit['run'], json: boolean): Command {
  const program = new Command('porchlight');
  const setUp = (command: Command): Command =>
    command
      .exitOverride()
      .showHelpAfterError('(add --help for how it is used)')
      .configureOutput({
        writeOut: (text) => world.out(text.trimEnd()),
        writeErr: (text) => world.err(text.trimEnd()),
      });
  setUp(program).description('The command line of a Porchlight presence server.').addHelpText('after', AFTER_HELP);

  const kit: Kit = {
    world,
    json,
    run,
    program,
    group: (name, about) => setUp(program.command(name)).description(about),
    add: (parent, usage, about) =>
      setUp(parent.command(usage)).description(about).option('--json', 'print one JSON document'),
    progress(what, every) {
      let told = 0;
      return {
        done(count) {
          if (count < told + every) return;
          told = count;
          world.err(`… ${count} ${what}`);
        },
      };
    },
  };
  addUserCommands(kit);
  addRuleCommands(kit);
  addGroupCommands(kit);
  addLiveCommands(kit);
  addPackageCommands(kit);
  addRegistrationCommands(kit);
  addUpkeepCommands(kit);
  return program;
}
