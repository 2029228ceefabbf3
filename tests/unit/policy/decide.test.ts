import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Aor, PERMISSIONS, type Permission, type Rule, readAor, type Subject } from '#model';
import { decide } from '#policy';

const alice = readAor('sip:alice@example.com') as Aor;
const bob = readAor('sip:bob@example.com') as Aor;
const carol = readAor('sip:carol@example.org') as Aor;

const rule = (subject: string, permission: Permission, event = 'presence', owner = alice): Rule => ({
  owner,
  subject: subject as Subject,
  event,
  permission,
});

const ask = (rules: readonly Rule[], watcher = bob, byDefault: Permission = 'confirm') =>
  decide(rules, alice, watcher, 'presence', byDefault);

describe('who may see whom', () => {
  it('without a rule the server decides: strangers wait', () => {
    expect(ask([])).toEqual({ permission: 'confirm', rule: undefined, because: 'default' });
  });

  it('the owner sees their own state, even when everybody is blocked', () => {
    expect(ask([rule('*', 'block')], alice)).toMatchObject({ permission: 'allow', because: 'self' });
  });

  it('a rule for the person wins over one for the domain, that over one for everybody', () => {
    const everybody = rule('*', 'allow');
    const domain = rule('@example.com', 'polite-block');
    const person = rule(bob, 'block');
    expect(ask([everybody])).toMatchObject({ permission: 'allow', because: 'everybody', rule: everybody });
    expect(ask([everybody, domain])).toMatchObject({ permission: 'polite-block', because: 'domain' });
    expect(ask([everybody, domain, person])).toMatchObject({ permission: 'block', because: 'person' });
  });

  it("another domain's rule, another event's rule and another owner's rule do not speak", () => {
    const others = [rule('@example.org', 'allow'), rule(bob, 'allow', 'dialog'), rule(bob, 'allow', 'presence', carol)];
    expect(ask(others)).toMatchObject({ because: 'default' });
    expect(ask(others, carol)).toMatchObject({ permission: 'allow', because: 'domain' });
  });

  it('blocking somebody ends at block, whatever else is granted', () => {
    const subjects = fc.constantFrom('*', '@example.com', 'sip:eve@example.com', '@example.org');
    const granted = fc.record({ subject: subjects, permission: fc.constantFrom(...PERMISSIONS) });
    fc.assert(
      fc.property(fc.array(granted), fc.nat(), fc.constantFrom(...PERMISSIONS), (grants, place, byDefault) => {
        const rules = grants.map(({ subject, permission }) => rule(subject, permission));
        rules.splice(place % (rules.length + 1), 0, rule(bob, 'block'));
        return ask(rules, bob, byDefault).permission === 'block';
      }),
    );
  });
});
