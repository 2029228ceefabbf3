import type { AccountAccess, Authenticated, PackageFound, ResourceNamed } from '#gate';
import type { Permission, Rule } from '#model';
import { decide } from '#policy';
import type { Clock } from '#runtime';
import { type Refusal, refuse } from '#sip';

/** What the rules give this watcher now. The NOTIFY asks them again: this is for the answer and the row. */
export interface PolicyAsked {
  readonly permission: Exclude<Permission, 'block'>;
}

type Known = Authenticated & ResourceNamed & PackageFound;

/** RFC 3856 §6.6: a known refusal is 403; who has to be confirmed is pending; the others are active. */
export function makeAskPolicy(access: Pick<AccountAccess, 'rules'>, byDefault: Permission, clock: Clock) {
  return function askPolicy(known: Known): PolicyAsked | Refusal | Promise<PolicyAsked | Refusal> {
    const rules = access.rules(known.presentity);
    return rules instanceof Promise ? rules.then((late) => judge(known, late)) : judge(known, rules);
  };

  function judge({ presentity, identity, eventPackage }: Known, rules: readonly Rule[]): PolicyAsked | Refusal {
    const { permission } = decide(rules, presentity, identity, eventPackage.name, byDefault, clock.now());
    return permission === 'block' ? refuse(403) : { permission };
  }
}
