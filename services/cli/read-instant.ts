const DAY = /^\d{4}-\d{2}-\d{2}$/;
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})?$/;

/**
 * Reads `2026-12-24`, `2026-12-24T18:00` (by the clock of this place) or `2026-12-24T18:00Z`.
 * @param edge what a day alone means: its first moment, or the one at which it is over.
 * @returns epoch ms, or undefined for anything else.
 */
export function readInstant(text: string, edge: 'begins' | 'ends'): number | undefined {
  if (TIME.test(text)) return existing(new Date(text), text);
  if (!DAY.test(text)) return undefined;
  const day = new Date(`${text}T00:00`);
  if (existing(day, text) === undefined) return undefined;
  if (edge === 'ends') day.setDate(day.getDate() + 1);
  return day.getTime();
}

/** The 30th of February is none, though some engines make it the 2nd of March. */
function existing(date: Date, text: string): number | undefined {
  const at = date.getTime();
  if (Number.isNaN(at)) return undefined;
  const [year = 0, month = 0, day = 0] = text.slice(0, 10).split('-').map(Number);
  const asked = new Date(Date.UTC(year, month - 1, day));
  return asked.getUTCMonth() === month - 1 && asked.getUTCDate() === day ? at : undefined;
}
