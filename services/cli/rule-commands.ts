import { importProgress, type Kit } from './kit.ts';
import { noted } from './outcome.ts';
import { addPackage, disablePackage, enablePackage, listPackages, reloadPackageNow } from './packages.ts';
import { importRules } from './rule-import.ts';
import { deleteRule, listRules, type RuleDates, setRule } from './rules.ts';

export function addRuleCommands(kit: Kit): void {
  const { world, run, add } = kit;
  const rule = kit.group('rule', 'who may see whom');

  add(rule, 'set <owner> <watcher> <event> <permission>', 'add or replace a rule')
    .addHelpText(
      'after',
      "\nWATCHER is sip:USER@DOMAIN, group:NAME (see porchlight group), @DOMAIN or '*'.\n" +
        'PERMISSION is allow, polite-block, confirm or block.\n' +
        'WHEN is 2026-12-24, 2026-12-24T18:00 by the clock of this place, or 2026-12-24T18:00Z; a day alone is meant whole.\n' +
        'Example: porchlight rule set alice@example.com sip:bob@example.com presence allow --until 2026-12-31',
    )
    .option('--from <when>', 'it holds from then on')
    .option('--until <when>', 'it holds until then')
    .action((owner: string, watcher: string, event: string, permission: string, dates: RuleDates) =>
      run(() =>
        world.withDeps((deps) =>
          noted(deps, 'rule-set', owner, setRule(deps, owner, watcher, event, permission, dates)),
        ),
      ),
    );
  add(rule, 'list [owner]', 'list the rules of one account, or of all').action((owner?: string) =>
    run(() => world.withDeps((deps) => listRules(deps, owner))),
  );
  add(rule, 'delete <owner> <watcher> <event>', 'delete a rule').action(
    (owner: string, watcher: string, event: string) =>
      run(() => world.withDeps((deps) => noted(deps, 'rule-deleted', owner, deleteRule(deps, owner, watcher, event)))),
  );
  add(rule, 'import <file>', 'set the rules of a CSV file; - is standard input')
    .addHelpText(
      'after',
      '\nThe first line names the columns: owner,watcher,permission and if wanted event (presence).',
    )
    .action((path: string) =>
      run(() =>
        world.withDeps(async (deps) => {
          const opened = await world.openFile(path).catch((fault: Error) => fault.message);
          if (typeof opened === 'string') return { kind: 'refused', why: opened };
          return noted(deps, 'rules-imported', '', importRules(deps, opened, importProgress(kit, 'rules set')));
        }),
      ),
    );
}

export function addPackageCommands(kit: Kit): void {
  const { world, run, add } = kit;
  const packages = kit.group('package', 'event packages');

  add(packages, 'list', 'list the event packages').action(() => run(() => world.withDeps(listPackages)));
  add(packages, 'add <event> <module>', 'serve an event package of your own')
    .addHelpText(
      'after',
      '\nMODULE is an npm package installed beside the server, or a file: an absolute path, or one that begins with ./\n' +
        'It is loaded here first, and refused where it does not keep the contract.\n' +
        'Example: porchlight package add ping-state ./ping-state.mjs',
    )
    .action((event: string, module: string) =>
      run(() => world.withDeps((deps) => noted(deps, 'package-added', event, addPackage(deps, event, module)))),
    );
  add(packages, 'enable <event>', 'serve an event package').action((event: string) =>
    run(() => world.withDeps((deps) => enablePackage(deps, event))),
  );
  add(packages, 'reload <event>', 'import its module anew: a file as it is now, or what failed too often').action(
    (event: string) => run(() => world.withDeps((deps) => reloadPackageNow(deps, event))),
  );
  add(packages, 'disable <event>', 'serve an event package no more').action((event: string) =>
    run(() => world.withDeps((deps) => disablePackage(deps, event))),
  );
}
