import { describe, expect, test } from 'vitest';
import { judgeSqlite, makeDurabilityNote, readInnoDb } from '../../../services/store/prisma/durability.ts';

describe('durability, read back', () => {
  test.each([
    ['wal', 2, true],
    ['wal', 3, true],
    ['wal', 1, false],
    ['wal', 0, false],
    ['delete', 3, true],
    ['delete', 2, false],
    ['truncate', 3, true],
    ['memory', 3, false],
    ['off', 3, false],
  ])('SQLite with journal_mode %s and synchronous %s: on the disk %s', (mode, level, isDurable) => {
    expect(judgeSqlite(mode, level).faults.length === 0).toBe(isDurable);
  });

  test.each([
    [['1', '0', '0', '1'], []],
    [['1', '0', '0', 'ON'], []],
    [['1', '1', '1', 'DETECT_AND_RECOVER'], []],
    [['2', '0', '0', '1'], ['innodb_flush_log_at_trx_commit is 2']],
    [['0', '0', '0', '1'], ['innodb_flush_log_at_trx_commit is 0']],
    [['1', '1', '0', '1'], ['sync_binlog is 0']],
    [
      ['2', '1', '100', '0'],
      ['innodb_flush_log_at_trx_commit is 2', 'sync_binlog is 100', 'innodb_doublewrite is 0'],
    ],
    [['1', '0', '0', 'DETECT_ONLY'], ['innodb_doublewrite is DETECT_ONLY']],
  ])('InnoDB with %j: %j', async (row, starts) => {
    const { faults } = await readInnoDb({ query: async () => [row] });
    expect(faults).toHaveLength(starts.length);
    for (const [index, start] of starts.entries()) expect(faults[index]?.startsWith(start)).toBe(true);
  });

  test('it is said once, loudly when it is wrong, and again when it is something else', () => {
    const lines: string[] = [];
    const log = {
      info: (fields: object, message: string) => void lines.push(`info ${message} ${JSON.stringify(fields)}`),
      error: (fields: object, message: string) => void lines.push(`error ${message} ${JSON.stringify(fields)}`),
    };
    const note = makeDurabilityNote(log);
    note(judgeSqlite('wal', 2));
    note(judgeSqlite('wal', 2));
    note(judgeSqlite('wal', 0));
    expect(lines).toEqual([
      'info what is committed is on the disk {"settings":{"journal_mode":"wal","synchronous":"FULL"}}',
      expect.stringMatching(/^error WHAT IS ANSWERED CAN BE LOST IN A CRASH.*"synchronous":"OFF"/),
    ]);
  });
});
