import type { NaptrRecord, SrvRecord } from './names.ts';

/** In the order of RFC 3403 §4.1; those of one order and preference stay as they came. */
export function orderNaptr(records: readonly NaptrRecord[]): readonly NaptrRecord[] {
  return [...records].sort((one, other) => one.order - other.order || one.preference - other.preference);
}

/**
 * In the order of RFC 2782: by priority, and within one by chance, weighted.
 * @param chance uniform in [0, 1).
 */
export function orderSrv(records: readonly SrvRecord[], chance: () => number): readonly SrvRecord[] {
  const left = [...records].sort((one, other) => one.priority - other.priority || one.weight - other.weight);
  const ordered: SrvRecord[] = [];
  while (left.length > 0) {
    const { priority } = left[0] as SrvRecord;
    const last = left.findLastIndex((record) => record.priority === priority);
    const sum = left.slice(0, last + 1).reduce((weight, record) => weight + record.weight, 0);
    let drawn = Math.floor(chance() * (sum + 1));
    let index = 0;
    while (index < last && drawn > (left[index] as SrvRecord).weight) {
      drawn -= (left[index] as SrvRecord).weight;
      index += 1;
    }
    ordered.push(...left.splice(index, 1));
  }
  return ordered;
}
