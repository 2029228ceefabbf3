import { importProgress, intoFile, type Kit } from './kit.ts';
import { noted } from './outcome.ts';
import { addUser } from './user-add.ts';
import { deleteUser, disableUser, enableUser, resetLink, setAdmin, setPassword } from './user-change.ts';
import { exportUsers } from './user-export.ts';
import { importUsers } from './user-import.ts';
import { listUsers } from './user-list.ts';
import { showUser } from './user-show.ts';

const NO_PASSWORD = { kind: 'refused', why: 'no password was given' } as const;

export function addUserCommands(kit: Kit): void {
  const { world, run, add } = kit;
  const user = kit.group('user', 'accounts');

  add(user, 'add <name>', 'add an account, NAME or NAME@DOMAIN; the password is read from standard input')
    .addHelpText('after', '\nExample: printf \'%s\\n\' "$PASSWORD" | porchlight user add alice@example.com')
    .action(async (name: string) => {
      const password = await world.askPassword();
      await run(() =>
        world.withDeps(async (deps) => (password === undefined ? NO_PASSWORD : addUser(deps, name, password))),
      );
    });
  add(user, 'list', 'list the accounts')
    .option('--search <text>', 'only those whose address holds this text')
    .action((options: { readonly search?: string }) =>
      run(() => world.withDeps((deps) => listUsers(deps, options.search))),
    );
  add(user, 'show <name>', 'show one account: what it can log in with, its rules, publications and watchers').action(
    (name: string) => run(() => world.withDeps((deps) => showUser(deps, name))),
  );
  add(
    user,
    'disable <name>',
    'let nobody in as this account; what it publishes and watches ends within a second',
  ).action((name: string) => run(() => world.withDeps((deps) => disableUser(deps, name))));
  add(user, 'enable <name>', 'let it in again').action((name: string) =>
    run(() => world.withDeps((deps) => enableUser(deps, name))),
  );
  add(user, 'admin <name>', 'let an account run the server by the portal')
    .option('--off', 'from now on it may not')
    .action((name: string, options: { readonly off?: true }) =>
      run(() => world.withDeps((deps) => setAdmin(deps, name, options.off !== true))),
    );
  add(user, 'reset <name>', 'make a link by which its owner sets a new password, once, within a day')
    .option('--portal <url>', 'where the portal is found, to be put before the link')
    .action((name: string, options: { readonly portal?: string }) =>
      run(() => world.withDeps((deps) => resetLink(deps, name, options.portal))),
    );
  add(user, 'delete <name>', 'delete an account with its rules, publications and subscriptions').action(
    (name: string) => run(() => world.withDeps((deps) => deleteUser(deps, name))),
  );
  add(user, 'password <name>', 'set a new password, read from standard input; its browser sessions end').action(
    async (name: string) => {
      const password = await world.askPassword();
      await run(() =>
        world.withDeps(async (deps) => (password === undefined ? NO_PASSWORD : setPassword(deps, name, password))),
      );
    },
  );
  add(user, 'import <file>', 'add the accounts of a CSV file; - is standard input')
    .addHelpText(
      'after',
      '\nThe first line names the columns: username,password or username,ha1, and if wanted realm, algorithm\n' +
        '(MD5, SHA-256, SHA-512-256), domain and disabled. Lines that cannot be taken are told on standard error\n' +
        'and passed over.',
    )
    .action((path: string) =>
      run(() =>
        world.withDeps(async (deps) => {
          const opened = await world.openFile(path).catch((fault: Error) => fault.message);
          if (typeof opened === 'string') return { kind: 'refused', why: opened };
          return noted(deps, 'accounts-imported', '', importUsers(deps, opened, importProgress(kit, 'accounts added')));
        }),
      ),
    );
  add(user, 'export <file>', 'write all accounts as CSV that import takes; - is standard output')
    .option('--algorithm <name>', 'which HA1: MD5, SHA-256 or SHA-512-256', 'MD5')
    .addHelpText(
      'after',
      '\nThe file opens every account in it to whoever reads it: it is made for its owner only (0600).',
    )
    .action((path: string, options: { readonly algorithm: string }) =>
      run(() =>
        world.withDeps((deps) =>
          noted(
            deps,
            'accounts-exported',
            '',
            intoFile(kit, path, (file) =>
              exportUsers(deps, file, options.algorithm, kit.progress('accounts exported', 10_000)),
            ),
          ),
        ),
      ),
    );
}
