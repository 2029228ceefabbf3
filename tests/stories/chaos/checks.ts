/** What must be true of an hour, seen from the wire: every datagram the service sent, also those that were lost. */
import type { Passage } from '../../support/network.ts';
import { secretOf } from './people.ts';
import { OWNERS, type RuleSet } from './world.ts';

/** A rule is heard of within a second (docs/architecture.md, journal); from then on it counts, for retransmissions too. */
export const HEARD_MS = 1_000;

interface Sent extends Passage {
  readonly dialog: string;
  readonly cseq: number;
}

const part = (text: string, pattern: RegExp): string => pattern.exec(text)?.[1] ?? '';

function notifiesOf(passages: readonly Passage[]): readonly Sent[] {
  return passages
    .filter(({ text }) => text.startsWith('NOTIFY '))
    .map((passage) => ({
      ...passage,
      dialog: `${part(passage.text, /\r\nCall-ID: (.*)\r/)} ${part(passage.text, /\r\nFrom: .*;tag=([^;\r]*)/)}`,
      cseq: Number(part(passage.text, /\r\nCSeq: (\d+) /)),
    }));
}

function byDialog(sent: readonly Sent[]): ReadonlyMap<string, readonly Sent[]> {
  const dialogs = new Map<string, Sent[]>();
  for (const notify of sent) {
    const known = dialogs.get(notify.dialog);
    if (known === undefined) dialogs.set(notify.dialog, [notify]);
    else known.push(notify);
  }
  return dialogs;
}

/** A number stands for one NOTIFY: what carries it again is the same to the byte; each new one is higher than all before. */
export function repeatedCSeqs(passages: readonly Passage[]): readonly string[] {
  const wrong: string[] = [];
  for (const [dialog, sent] of byDialog(notifiesOf(passages))) {
    const texts = new Map<number, string>();
    let highest = 0;
    for (const { cseq, text, at } of sent) {
      const before = texts.get(cseq);
      if (before === undefined && cseq <= highest) wrong.push(`${dialog}: CSeq ${cseq} after ${highest}, at ${at}`);
      if (before !== undefined && before !== text) wrong.push(`${dialog}: CSeq ${cseq} twice, at ${at}`);
      texts.set(cseq, text);
      highest = Math.max(highest, cseq);
    }
  }
  return wrong;
}

/** Nothing but its own retransmissions follows the first terminated NOTIFY of a dialog. */
export function afterTheEnd(passages: readonly Passage[]): readonly string[] {
  const wrong: string[] = [];
  for (const [dialog, sent] of byDialog(notifiesOf(passages))) {
    const end = sent.find(({ text }) => text.includes('\r\nSubscription-State: terminated'));
    if (end === undefined) continue;
    const later = sent.filter(({ cseq }) => cseq > end.cseq);
    wrong.push(...later.map(({ cseq, at }) => `${dialog}: CSeq ${cseq} after the end at ${end.cseq}, at ${at}`));
  }
  return wrong;
}

/** Documents that went to somebody who might not see them, a second after that was decided or later. */
export function leaks(
  passages: readonly Passage[],
  rules: readonly RuleSet[],
  userAt: (address: string) => string | undefined,
): readonly string[] {
  return passages.flatMap(({ at, to, text }) => {
    const watcher = userAt(to);
    if (watcher === undefined) return [];
    return OWNERS.filter((owner) => owner !== watcher && text.includes(secretOf(owner)))
      .filter((owner) => !mayHaveSeen(rules, owner, watcher, at))
      .map((owner) => `${watcher} was sent the state of ${owner} at ${at}: ${text.slice(0, 60)}`);
  });
}

/** Whether `allow` stood at any moment of the second before. */
function mayHaveSeen(rules: readonly RuleSet[], owner: string, watcher: string, at: number): boolean {
  const about = rules.filter((rule) => rule.owner === owner && rule.watcher === watcher && rule.at <= at);
  const stood = about.filter((_, index) => (about[index + 1]?.at ?? Number.POSITIVE_INFINITY) >= at - HEARD_MS);
  return stood.some(({ permission }) => permission === 'allow');
}
