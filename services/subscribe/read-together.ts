import { type AccountAccess, nothing, type ResourceNamed } from '#gate';

/**
 * The next steps ask whether the presentity is there, then for its rules. Where the one is not at hand, the other is read along
 * with it, so that who waits waits once.
 */
export function makeReadTogether(access: Pick<AccountAccess, 'account' | 'rules'>) {
  return function readTogether({ presentity }: ResourceNamed): object {
    const account = access.account(presentity);
    if (!(account instanceof Promise)) return nothing;
    const rules = access.rules(presentity);
    // Whoever asks for either once more is told how its reading ended.
    for (const reading of [account, rules]) if (reading instanceof Promise) reading.catch(() => undefined);
    return nothing;
  };
}
