import type { Names, NaptrRecord, SrvRecord } from '#sip';

/** A DNS of the test's own, by name; `refuses` are those that it cannot be asked for. Says what it was asked. */
export interface FakeNames extends Names {
  readonly asked: readonly string[];
}

export interface Zone {
  readonly naptr?: Readonly<Record<string, readonly NaptrRecord[]>>;
  readonly srv?: Readonly<Record<string, readonly SrvRecord[]>>;
  readonly a?: Readonly<Record<string, readonly string[]>>;
  readonly aaaa?: Readonly<Record<string, readonly string[]>>;
  readonly refuses?: readonly string[];
  /** Never answers for these. */
  readonly silent?: readonly string[];
}

export function makeNames(zone: Zone): FakeNames {
  const asked: string[] = [];
  async function ask<Record_>(kind: string, name: string, records: readonly Record_[] | undefined) {
    asked.push(`${kind} ${name}`);
    if (zone.silent?.includes(name)) await new Promise(() => undefined);
    if (zone.refuses?.includes(name)) throw new Error('SERVFAIL');
    return records ?? [];
  }
  return {
    asked,
    naptr: (name) => ask('NAPTR', name, zone.naptr?.[name]),
    srv: (name) => ask('SRV', name, zone.srv?.[name]),
    addresses: (name, family) => (family === 6 ? ask('AAAA', name, zone.aaaa?.[name]) : ask('A', name, zone.a?.[name])),
  };
}

export const naptr = (order: number, preference: number, service: string, replacement: string): NaptrRecord => ({
  order,
  preference,
  flags: 's',
  service,
  replacement,
});

export const srv = (priority: number, weight: number, name: string, port = 5060): SrvRecord => ({
  priority,
  weight,
  port,
  name,
});
