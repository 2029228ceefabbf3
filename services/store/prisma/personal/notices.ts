/** Notice: when an owner was last told by mail that somebody asks. */
import type { Aor } from '#model';
import { couldBeAor } from '../../limits.ts';
import { MAILS_ASKS, type Notices } from '../../personal.ts';
import type { Attempt } from '../database.ts';
import { toNumber, toText } from '../decode.ts';
import type { Executor } from '../executor.ts';
import { insertSql } from '../statements.ts';
import { purge } from './owners.ts';

const ASKING =
  "SELECT `presentity`, `watcher` FROM `Subscription` WHERE `state` = 'pending' AND `expiresAt` > ?" +
  ' UNION SELECT `presentity`, `watcher` FROM `Waiting` WHERE `expiresAt` > ?';

export function makeNotices(executor: Executor, attempt: Attempt): Notices {
  const insert = insertSql('Notice', ['loginId', 'watcher', 'at'], 1).replace(
    'INSERT',
    executor.dialect === 'mysql' ? 'INSERT IGNORE' : 'INSERT OR IGNORE',
  );

  return {
    async due(now, since, limit) {
      const sql =
        `SELECT l.\`aor\`, a.\`watcher\` FROM (${ASKING}) a JOIN \`Login\` l ON l.\`aor\` = a.\`presentity\`` +
        ' JOIN `Preference` p ON p.`loginId` = l.`id` AND p.`name` = ?' +
        ' LEFT JOIN `Notice` n ON n.`loginId` = l.`id` AND n.`watcher` = a.`watcher`' +
        ' WHERE l.`disabled` = ? AND (n.`at` IS NULL OR n.`at` < ?) ORDER BY l.`aor`, a.`watcher` LIMIT ?';
      const rows = await attempt(() => executor.query(sql, [now, now, MAILS_ASKS, false, since, limit]));
      return rows.map(([owner, watcher]) => ({ owner: toText(owner) as Aor, watcher: toText(watcher) as Aor }));
    },
    async claim({ owner, watcher }, now, since) {
      if (!couldBeAor(owner) || !couldBeAor(watcher)) return false;
      return attempt(() =>
        executor.transaction(async (statements) => {
          const [login] = await statements.query('SELECT `id` FROM `Login` WHERE `aor` = ?', [owner]);
          if (login === undefined) return false;
          const id = toNumber(login[0]);
          if ((await statements.execute(insert, [id, watcher, now])) > 0) return true;
          const update = 'UPDATE `Notice` SET `at` = ? WHERE `loginId` = ? AND `watcher` = ? AND `at` < ?';
          return (await statements.execute(update, [now, id, watcher, since])) > 0;
        }),
      );
    },
    purge: (before) => attempt(() => purge(executor, 'Notice', 'at', before)),
  };
}
