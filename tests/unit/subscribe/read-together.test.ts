import { describe, expect, it } from 'vitest';
import type { AccountState } from '#gate';
import type { Aor, Rule } from '#model';
import { StoreUnavailable } from '#store';
import { makeReadTogether } from '../../../services/subscribe/read-together.ts';
import { aor } from '../../support/stores.ts';

type Late<T> = T | Promise<T>;

function read(account: Late<AccountState | undefined>, rules: Late<readonly Rule[]> = []) {
  const asked: string[] = [];
  const note = <T>(what: string, of: Aor, value: T): T => {
    asked.push(`${what} ${of}`);
    return value;
  };
  const readTogether = makeReadTogether({
    account: (of) => note('account', of, account),
    rules: (of) => note('rules', of, rules),
  });
  expect(readTogether({ presentity: aor('alice') })).toEqual({});
  return asked;
}

describe('I subscribe to somebody of whom nothing is at hand', () => {
  it('their rules are read along with their account', () => {
    expect(read(Promise.resolve({ aor: aor('alice'), disabled: false }))).toEqual([
      'account sip:alice@example.com',
      'rules sip:alice@example.com',
    ]);
  });

  it('their account is at hand: nothing is read before it is asked for', () => {
    expect(read({ aor: aor('alice'), disabled: false })).toEqual(['account sip:alice@example.com']);
    expect(read(undefined)).toEqual(['account sip:alice@example.com']);
  });

  it('a reading that fails is told to the step that asks for what it brings', async () => {
    const fault = new StoreUnavailable('away');
    const [account, rules] = [Promise.reject(fault), Promise.reject(fault)];
    read(account, rules);
    await expect(account).rejects.toBe(fault);
    await expect(rules).rejects.toBe(fault);
  });
});
