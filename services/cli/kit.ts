import type { Command } from 'commander';
import type { ImportProgress, Outcome, Progress } from './outcome.ts';
import type { CliWorld, NewFile } from './world.ts';

/** What the groups of commands are put together with. */
export interface Kit {
  readonly world: CliWorld;
  readonly json: boolean;
  readonly program: Command;
  group(name: string, about: string): Command;
  add(parent: Command, usage: string, about: string): Command;
  /** Does the work and tells how it ended. */
  run(work: () => Promise<Outcome>): Promise<void>;
  /** Said on standard error each time so many more are done. */
  progress(what: string, every: number): Progress;
}

/** Progress of an import, whose bad lines are told as they come. */
export function importProgress({ world, json, progress }: Kit, what: string): ImportProgress {
  return {
    ...progress(what, 10_000),
    bad(line, why) {
      if (!json) world.err(`line ${line}: ${why}`);
    },
  };
}

/** Fills a new file; where that fails or is refused no part of it stays. */
export async function intoFile(
  { world, json }: Kit,
  path: string,
  fill: (file: NewFile['stream']) => Promise<Outcome>,
): Promise<Outcome> {
  if (path === '-' && json) return { kind: 'refused', why: 'standard output cannot hold both the file and --json' };
  const file = await world.createFile(path).catch((fault: Error) => fault.message);
  if (typeof file === 'string') return { kind: 'refused', why: file };
  let outcome: Outcome;
  try {
    outcome = await fill(file.stream);
    if (outcome.kind !== 'refused') await file.keep();
  } catch (fault) {
    await file.drop();
    throw fault;
  }
  if (outcome.kind === 'refused') await file.drop();
  else if (path === '-') {
    for (const line of outcome.lines) world.err(line);
    return { ...outcome, lines: [] };
  }
  return outcome;
}
