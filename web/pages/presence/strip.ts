import type { AvailabilityRow } from '#store';
import { spanWords } from '../../times.ts';
import type { Words } from '../../words/index.ts';

/** A bar of the strip: when it begins and how wide it is, in thousandths of the whole. */
export interface Bar {
  readonly state: AvailabilityRow['state'];
  readonly x: number;
  readonly width: number;
}

export interface Strip {
  readonly bars: readonly Bar[];
  /** `Available 3 hours, Busy 20 minutes`: the same in words, for those who do not see bars. */
  readonly sums: readonly { readonly state: AvailabilityRow['state']; readonly text: string }[];
}

const WHOLE = 1000;
const ORDER: readonly AvailabilityRow['state'][] = ['available', 'busy', 'away', 'offline', 'unknown'];

/** @param rows oldest first, one before `since` included. */
export function stripOf(rows: readonly AvailabilityRow[], since: number, now: number, words: Words): Strip {
  const bars: Bar[] = [];
  const totals = new Map<AvailabilityRow['state'], number>();
  const share = (ms: number): number => Math.round((ms / (now - since)) * WHOLE * 100) / 100;
  rows.forEach(({ at, state }, index) => {
    const from = Math.max(at, since);
    const to = Math.min(rows[index + 1]?.at ?? now, now);
    if (to <= from) return;
    bars.push({ state, x: share(from - since), width: share(to - from) });
    totals.set(state, (totals.get(state) ?? 0) + to - from);
  });
  const sums = ORDER.flatMap((state) => {
    const total = totals.get(state);
    return total === undefined ? [] : [{ state, text: words.strip.of(words.states[state], spanWords(total, words)) }];
  });
  return { bars, sums };
}
