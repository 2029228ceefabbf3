import { type Authenticated, nothing, type ResourceNamed } from '#gate';
import { type Refusal, refuse } from '#sip';

/** RFC 3903 §6 step 1, §14.1: only the account itself publishes for its AOR. */
export function authorizePublisher({ identity, presentity }: Authenticated & ResourceNamed): object | Refusal {
  return identity === presentity ? nothing : refuse(403);
}
