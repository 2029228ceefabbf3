import { describe, expect, it } from 'vitest';
import { type Aor, groupSubject, PERMISSIONS, type Permission, type Rule, readAor, type Subject } from '#model';
import { contendersOf, decide, nextTurnOf } from '#policy';
import fc from '../../support/properties.ts';

const alice = readAor('sip:alice@example.com') as Aor;
const bob = readAor('sip:bob@example.com') as Aor;
const carol = readAor('sip:carol@example.org') as Aor;

const NOW = 1_800_000_000_000;

const rule = (subject: string, permission: Permission, event = 'presence', owner = alice): Rule => ({
  owner,
  subject: subject as Subject,
  event,
  permission,
});

const ask = (rules: readonly Rule[], watcher = bob, byDefault: Permission = 'confirm') =>
  decide(rules, alice, watcher, 'presence', byDefault, NOW);

/** A rule about a group with these members. */
const groupRule = (id: string, permission: Permission, members: readonly Aor[]): Rule => ({
  ...rule(groupSubject(id), permission),
  members,
});

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

  it('a rule for a group the person is in stands between the person and the domain', () => {
    const domain = rule('@example.com', 'block');
    const friends = groupRule('friends', 'allow', [carol, bob]);
    expect(ask([domain, friends])).toMatchObject({ permission: 'allow', because: 'group', rule: friends });
    expect(ask([domain, friends, rule(bob, 'confirm')])).toMatchObject({ permission: 'confirm', because: 'person' });
    expect(ask([domain, groupRule('others', 'allow', [carol])])).toMatchObject({ because: 'domain' });
  });

  it('of several groups the one that grants least speaks, in whatever order they stand', () => {
    const groups = [
      groupRule('a', 'allow', [bob]),
      groupRule('b', 'polite-block', [bob]),
      groupRule('c', 'confirm', [bob]),
    ];
    expect(ask(groups)).toMatchObject({ permission: 'confirm', because: 'group' });
    expect(ask(groups.toReversed())).toMatchObject({ permission: 'confirm', because: 'group' });
  });

  it('a rule speaks from its beginning on and no longer at its end', () => {
    const dated = { ...rule(bob, 'allow'), fromAt: NOW - 1, untilAt: NOW + 1 };
    expect(ask([dated])).toMatchObject({ because: 'person' });
    expect(ask([{ ...dated, fromAt: NOW }])).toMatchObject({ because: 'person' });
    expect(ask([{ ...dated, fromAt: NOW + 1 }])).toMatchObject({ because: 'default' });
    expect(ask([{ ...dated, untilAt: NOW }, rule('*', 'block')])).toMatchObject({ because: 'everybody' });
  });

  it('the next moment at which a rule begins or ends is known, and there is none where no rule has dates', () => {
    const rules = [
      { ...rule(bob, 'allow'), fromAt: NOW + 50, untilAt: NOW + 90 },
      { ...rule(carol, 'allow'), untilAt: NOW },
    ];
    expect(nextTurnOf(rules, NOW)).toBe(NOW + 50);
    expect(nextTurnOf(rules, NOW + 50)).toBe(NOW + 90);
    expect(nextTurnOf(rules, NOW + 90)).toBeUndefined();
    expect(nextTurnOf([rule(bob, 'allow')], NOW)).toBeUndefined();
  });

  it('of many dates, most of them past, the next is found', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: NOW - 40, max: NOW + 40 }), { maxLength: 60 }), (instants) => {
        const rules = instants.map((untilAt) => ({ ...rule(bob, 'allow'), untilAt }));
        const ahead = instants.filter((at) => at > NOW);
        expect(nextTurnOf(rules, NOW)).toBe(ahead.length === 0 ? undefined : Math.min(...ahead));
      }),
    );
  });

  const subjects = fc.constantFrom('*', '@example.com', 'sip:eve@example.com', '@example.org', 'group:g1', 'group:g2');
  const instant = fc.option(fc.integer({ min: NOW - 5, max: NOW + 5 }), { nil: undefined });
  const someRule = fc
    .record({ subject: subjects, permission: fc.constantFrom(...PERMISSIONS), fromAt: instant, untilAt: instant })
    .map(
      ({ subject, permission, fromAt, untilAt }): Rule => ({
        ...rule(subject, permission),
        ...(fromAt !== undefined && { fromAt }),
        ...(untilAt !== undefined && { untilAt }),
        ...(subject.startsWith('group:') && { members: [bob] }),
      }),
    );

  it('blocking somebody ends at block, whatever else is granted to groups, domains and everybody, and when', () => {
    fc.assert(
      fc.property(fc.array(someRule), fc.nat(), fc.constantFrom(...PERMISSIONS), (grants, place, byDefault) => {
        const rules = grants.filter(({ subject }) => subject !== (bob as string));
        rules.splice(place % (rules.length + 1), 0, rule(bob, 'block'));
        return ask(rules, bob, byDefault).permission === 'block';
      }),
    );
  });

  it('what is told to the owner about who overrules whom begins with what is decided', () => {
    fc.assert(
      fc.property(fc.array(someRule), fc.constantFrom(...PERMISSIONS), (rules, byDefault) => {
        const all = contendersOf(rules, alice, bob, 'presence', byDefault, NOW);
        expect(all[0]).toEqual(ask(rules, bob, byDefault));
        expect(all.at(-1)).toMatchObject(all.length > 1 ? { because: 'default' } : {});
      }),
    );
  });
});
