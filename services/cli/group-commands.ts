import { addGroup, changeMembers, listGroups, removeGroup } from './groups.ts';
import type { Kit } from './kit.ts';
import { noted } from './outcome.ts';

export function addGroupCommands({ world, run, add, group }: Kit): void {
  const groups = group('group', 'lists of people that rules can be about');

  add(groups, 'add <owner> <name> [member...]', 'make a group')
    .addHelpText(
      'after',
      '\nMEMBER is USER@DOMAIN. A rule is about the group as group:NAME.\n' +
        'Example: porchlight group add alice@example.com Family bob@example.com zoe@example.com',
    )
    .action((owner: string, name: string, members: readonly string[]) =>
      run(() => world.withDeps((deps) => noted(deps, 'group-set', owner, addGroup(deps, owner, name, members)))),
    );
  add(groups, 'list <owner>', 'list the groups of one account, and who is in them').action((owner: string) =>
    run(() => world.withDeps((deps) => listGroups(deps, owner))),
  );
  add(groups, 'remove <owner> <name>', 'delete a group and the rules about it').action((owner: string, name: string) =>
    run(() => world.withDeps((deps) => noted(deps, 'group-deleted', owner, removeGroup(deps, owner, name)))),
  );
  add(groups, 'member <owner> <name> <member...>', 'put people into a group')
    .option('--remove', 'take them out of it')
    .action((owner: string, name: string, members: readonly string[], { remove }: { readonly remove?: true }) =>
      run(() =>
        world.withDeps((deps) =>
          noted(deps, 'group-set', owner, changeMembers(deps, owner, name, members, remove === true)),
        ),
      ),
    );
}
