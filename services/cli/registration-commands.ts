import { listAudit } from './audit-log.ts';
import type { Kit } from './kit.ts';
import { addInvitation, endInvitation, listInvitations, registration } from './registration.ts';

/** Who may come in, and what was done. */
export function addRegistrationCommands(kit: Kit): void {
  const { world, run, add, program } = kit;

  add(program, 'registration [mode]', 'who may make an account in the portal: open, invitation or closed').action(
    (mode?: string) => run(() => world.withDeps((deps) => registration(deps, mode))),
  );

  const invitation = kit.group('invitation', 'links to make an account with, while registration is by invitation');
  add(invitation, 'add <note>', 'make a link for one account; NOTE says whom it is for')
    .option('--days <number>', 'for how long it opens', '7')
    .option('--portal <url>', 'where the portal is found, to be put before the link')
    .action((note: string, options: { readonly days: string; readonly portal?: string }) =>
      run(() => world.withDeps((deps) => addInvitation(deps, note, options))),
    );
  add(invitation, 'list', 'list the invitations').action(() => run(() => world.withDeps(listInvitations)));
  add(invitation, 'revoke <id>', 'take an invitation back').action((id: string) =>
    run(() => world.withDeps((deps) => endInvitation(deps, id))),
  );

  add(program, 'audit', 'what administrators did, here and in the portal, the newest first')
    .option('--limit <number>', 'how many lines', '50')
    .action((options: { readonly limit: string }) =>
      run(() => world.withDeps((deps) => listAudit(deps, options.limit))),
    );
}
