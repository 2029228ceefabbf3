/** PastWatcher: who watched before. */
import type { Aor } from '#model';
import { couldBeAor, readable } from '../../limits.ts';
import type { PastWatcher, PastWatchers } from '../../personal.ts';
import type { Attempt } from '../database.ts';
import { toNumber, toText } from '../decode.ts';
import type { Executor } from '../executor.ts';
import { inBatches, insertSql, padded } from '../statements.ts';
import { forget, OWNED, withOwners } from './owners.ts';

const COLUMNS = ['loginId', 'watcher', 'event', 'client', 'firstAt', 'lastAt'] as const;

export function makePastWatchers(executor: Executor, attempt: Attempt, mostOfOne: number): PastWatchers {
  /** The earliest beginning stays; all else is as it was last. */
  const upsert = (rows: number): string =>
    executor.dialect === 'mysql'
      ? `${insertSql('PastWatcher', COLUMNS, rows)} ON DUPLICATE KEY UPDATE \`client\` = VALUES(\`client\`), \`lastAt\` = VALUES(\`lastAt\`), \`firstAt\` = LEAST(\`firstAt\`, VALUES(\`firstAt\`))`
      : `${insertSql('PastWatcher', COLUMNS, rows)} ON CONFLICT (\`loginId\`, \`watcher\`, \`event\`) DO UPDATE SET \`client\` = excluded.\`client\`, \`lastAt\` = excluded.\`lastAt\`, \`firstAt\` = MIN(\`firstAt\`, excluded.\`firstAt\`)`;

  return {
    async of(owner) {
      if (!couldBeAor(owner)) return [];
      const sql = `SELECT \`watcher\`, \`event\`, \`client\`, \`firstAt\`, \`lastAt\` FROM \`PastWatcher\` WHERE ${OWNED} ORDER BY \`lastAt\` DESC, \`watcher\`, \`event\` LIMIT ${mostOfOne}`;
      const rows = await attempt(() => executor.query(sql, [owner]));
      return rows.map(([watcher, event, client, firstAt, lastAt]) => ({
        owner,
        watcher: toText(watcher) as Aor,
        event: toText(event),
        client: toText(client),
        firstAt: toNumber(firstAt),
        lastAt: toNumber(lastAt),
      }));
    },
    async write(rows) {
      const fitting = rows.filter(({ watcher }) => couldBeAor(watcher));
      if (fitting.length === 0) return;
      await attempt(() =>
        executor.transaction(async (statements) => {
          for (const batch of inBatches(await withOwners(statements, fitting))) {
            const filled = padded(batch);
            await statements.execute(
              upsert(filled.length),
              filled.flatMap(([id, row]) => valuesOf(id, row)),
            );
          }
        }),
      );
    },
    forget: (owner) => attempt(() => forget(executor, 'PastWatcher', owner)),
    purge: (before) => attempt(() => purgeOldAndMany(executor, before, mostOfOne)),
  };
}

const valuesOf = (id: number, { watcher, event, client, firstAt, lastAt }: PastWatcher) => [
  id,
  watcher,
  event,
  readable(client, 128),
  firstAt,
  lastAt,
];

async function purgeOldAndMany(executor: Executor, before: number, mostOfOne: number): Promise<number> {
  const crowded = await executor.query(
    'SELECT `loginId` FROM `PastWatcher` GROUP BY `loginId` HAVING COUNT(*) > ? LIMIT 1000',
    [mostOfOne],
  );
  return executor.transaction(async (statements) => {
    let gone = await statements.execute('DELETE FROM `PastWatcher` WHERE `lastAt` < ?', [before]);
    for (const [loginId] of crowded) {
      const id = toNumber(loginId);
      const sql = `SELECT \`lastAt\` FROM \`PastWatcher\` WHERE \`loginId\` = ? ORDER BY \`lastAt\` DESC LIMIT 1 OFFSET ${mostOfOne}`;
      const [row] = await statements.query(sql, [id]);
      if (row === undefined) continue;
      const delete_ = 'DELETE FROM `PastWatcher` WHERE `loginId` = ? AND `lastAt` <= ?';
      gone += await statements.execute(delete_, [id, toNumber(row[0])]);
    }
    return gone;
  });
}
