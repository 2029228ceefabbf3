import type { AccountAccess, Authenticated, PackageFound, ResourceNamed } from '#gate';
import type { Permission } from '#model';
import { decide } from '#policy';
import { type Refusal, refuse } from '#sip';

/** What the rules give this watcher now. The NOTIFY asks them again: this is for the answer and the row. */
export interface PolicyAsked {
  readonly permission: Exclude<Permission, 'block'>;
}

/** RFC 3856 §6.6: a known refusal is 403; who has to be confirmed is pending; the others are active. */
export function makeAskPolicy(access: Pick<AccountAccess, 'rules'>, byDefault: Permission) {
  return async function askPolicy(known: Authenticated & ResourceNamed & PackageFound): Promise<PolicyAsked | Refusal> {
    const { presentity, identity, eventPackage } = known;
    const rules = await access.rules(presentity);
    const { permission } = decide(rules, presentity, identity, eventPackage.name, byDefault);
    return permission === 'block' ? refuse(403) : { permission };
  };
}
