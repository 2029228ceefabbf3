import { EVERYBODY, type Group, kindOf, type Rule } from '#model';
import { holdsAt } from '#policy';
import { instantWords } from '../../times.ts';
import type { Words } from '../../words/index.ts';
import { eventWords, subjectWords } from '../../words/protocol.ts';
import { writeWallTime } from '../../zones.ts';

/** A rule as it stands on the page. */
export interface RuleLine extends Rule {
  readonly kind: ReturnType<typeof kindOf>;
  readonly whom: string;
  /** When it holds, in words; '' for always. */
  readonly when: string;
  readonly holds: boolean;
  /** For the form that changes the dates. */
  readonly from: string;
  readonly until: string;
}

export interface RuleGroup {
  readonly event: string;
  readonly name: string;
  readonly rules: readonly RuleLine[];
  /** The rule for everybody: what strangers get. */
  readonly everybody: RuleLine | undefined;
}

const ORDER = { person: 0, group: 1, domain: 2, everybody: 3 } as const;

/** Rules by event package, the closest first: in the order in which they win. */
export function linesOf(
  known: readonly string[],
  all: readonly Rule[],
  groups: readonly Group[],
  { words, zone, now }: { readonly words: Words; readonly zone: string; readonly now: number },
): readonly RuleGroup[] {
  const line = (rule: Rule): RuleLine => ({
    ...rule,
    kind: kindOf(rule.subject),
    whom: subjectWords(rule.subject, words, groups),
    when: whenWords(rule, zone, words),
    holds: holdsAt(rule, now),
    from: rule.fromAt === undefined ? '' : writeWallTime(rule.fromAt, zone),
    until: rule.untilAt === undefined ? '' : writeWallTime(rule.untilAt, zone),
  });
  const events = [...new Set([...known, ...all.map(({ event }) => event)])];
  return events.map((event) => {
    const lines = all
      .filter((rule) => rule.event === event)
      .map(line)
      .sort((a, b) => ORDER[a.kind] - ORDER[b.kind] || a.whom.localeCompare(b.whom));
    return {
      event,
      name: eventWords(event, words),
      rules: lines,
      everybody: lines.find(({ subject }) => subject === EVERYBODY),
    };
  });
}

function whenWords({ fromAt, untilAt }: Rule, zone: string, words: Words): string {
  const { holds } = words.rules;
  const parts = [
    ...(fromAt === undefined ? [] : [holds.from(instantWords(fromAt, zone, words))]),
    ...(untilAt === undefined ? [] : [holds.until(instantWords(untilAt, zone, words))]),
  ];
  return parts.join(' ');
}
