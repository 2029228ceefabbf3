import { backUp, restore } from './backup.ts';
import { check } from './check.ts';
import { rotateKey, rotateKeyTo } from './key-rotate.ts';
import { intoFile, type Kit } from './kit.ts';
import { noted } from './outcome.ts';

export function addUpkeepCommands(kit: Kit): void {
  const { world, run, add, program } = kit;

  add(program, 'check', 'look at settings, key, database, clock, ports and DNS, and say what is wrong').action(() =>
    run(() => check(world.surroundings)),
  );
  add(program, 'backup <file>', 'write database and key to one file, while the services go on; - is standard output')
    .addHelpText('after', '\nThe file opens every account to whoever reads it: it is made for its owner only (0600).')
    .action((path: string) =>
      run(() =>
        world.withDeps((deps) =>
          noted(
            deps,
            'backup',
            '',
            intoFile(kit, path, (file) => backUp(deps, file, kit.progress('rows written', 50_000))),
          ),
        ),
      ),
    );
  add(program, 'restore <file>', 'put a back-up in the place of the database; - is standard input')
    .option('--replace', 'also where the database is not empty')
    .addHelpText(
      'after',
      '\nThe SIP service and the portal must not run. SQLite or MySQL, as DATABASE_URL says, whatever the back-up is from.',
    )
    .action((path: string, options: { readonly replace?: boolean }) =>
      run(async () => {
        const file = await world.openTwice(path).catch((fault: Error) => fault.message);
        if (typeof file === 'string') return { kind: 'refused', why: file };
        try {
          return await world.withNew((deps) =>
            noted(
              deps,
              'restore',
              '',
              restore(deps, file.open, { replace: options.replace === true }, kit.progress('rows restored', 50_000)),
            ),
          );
        } finally {
          await file.close();
        }
      }),
    );

  const key = kit.group('key', 'the key that credentials are sealed with');
  add(key, 'rotate', 'make a new key and seal all credentials with it; can be cut off and run again')
    .option('--to <file>', 'seal with the key of this file, where PORCHLIGHT_KEY gives the one in use')
    .action((options: { readonly to?: string }) =>
      run(() =>
        world.withDeps((deps) => {
          const progress = kit.progress('credentials sealed', 10_000);
          const rotating =
            options.to === undefined
              ? rotateKey(deps, progress)
              : rotateKeyTo(deps, { key: world.keyOf(options.to), path: options.to }, progress);
          return noted(deps, 'key-rotated', '', rotating);
        }),
      ),
    );
}
