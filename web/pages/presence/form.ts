import { MAX_NOTE_LENGTH, STATUSES, type StatusSet } from '../../own-status.ts';
import { type FormErrors, type FormReading, fieldOf } from '../../plugins/forms.ts';
import type { Words } from '../../words/index.ts';
import { endOfDay, readZone } from '../../zones.ts';

export const UNTILS = ['day', 'half-hour', 'hour', 'four-hours', 'week'] as const;
export type Until = (typeof UNTILS)[number];

const SPANS_MS: Readonly<Record<Exclude<Until, 'day'>, number>> = {
  'half-hour': 1_800_000,
  hour: 3_600_000,
  'four-hours': 4 * 3_600_000,
  week: 7 * 86_400_000,
};
/** A day that is nearly over would end a status before anybody saw it. */
const LEAST_MS = 5 * 60_000;

export const keptOf = (body: unknown): Readonly<Record<'status' | 'note' | 'until', string>> => ({
  status: fieldOf(body, 'status'),
  note: fieldOf(body, 'note').trim(),
  until: fieldOf(body, 'until') || 'day',
});

/** @param now epoch ms. */
export function readStatus(body: unknown, now: number, { status: words }: Words): FormReading<StatusSet> {
  const kept = keptOf(body);
  const status = STATUSES.find((one) => one === kept.status);
  const until = UNTILS.find((one) => one === kept.until);
  // What turns the direction of writing, or ends a line, has no business beside a name.
  const note = kept.note.replaceAll(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\u2028\u2029]/gu, ' ');
  const errors: FormErrors = {
    ...(status === undefined && { status: words.choose }),
    ...(until === undefined && { until: words.choose }),
    ...([...note].length > MAX_NOTE_LENGTH && { note: words.longNote(MAX_NOTE_LENGTH) }),
  };
  if (status === undefined || until === undefined || Object.keys(errors).length > 0) return { kind: 'wrong', errors };
  const end = until === 'day' ? endOfDay(now, readZone(fieldOf(body, 'zone'))) : now + SPANS_MS[until];
  return { kind: 'good', values: { status, note, until: Math.max(end, now + LEAST_MS) } };
}
