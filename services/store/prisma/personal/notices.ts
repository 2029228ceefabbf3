/** Notice: when an owner was last told by mail that somebody asks. */
import type { Aor } from '#model';
import { couldBeAor } from '../../limits.ts';
import { MAILS_ASKS, type Notices } from '../../personal.ts';
import type { Attempt } from '../database.ts';
import { toNumber, toText } from '../decode.ts';
import type { Executor } from '../executor.ts';
import { insertSql } from '../statements.ts';
import { purge } from './owners.ts';

/** Begins with those who wish to be told, who are few: nothing here looks at every subscription there is. */
const asking = (table: string, where: string): string =>
  `SELECT l.\`aor\`, a.\`watcher\` FROM \`Preference\` p JOIN \`Login\` l ON l.\`id\` = p.\`loginId\`` +
  ` JOIN \`${table}\` a ON a.\`presentity\` = l.\`aor\` AND ${where} a.\`expiresAt\` > ?` +
  ' LEFT JOIN `Notice` n ON n.`loginId` = l.`id` AND n.`watcher` = a.`watcher`' +
  ' WHERE p.`name` = ? AND l.`disabled` = ? AND (n.`at` IS NULL OR n.`at` < ?)';
const DUE = `${asking('Subscription', "a.`state` = 'pending' AND")} UNION ${asking('Waiting', '')} ORDER BY 1, 2 LIMIT ?`;

export function makeNotices(executor: Executor, attempt: Attempt): Notices {
  const insert = insertSql('Notice', ['loginId', 'watcher', 'at'], 1).replace(
    'INSERT',
    executor.dialect === 'mysql' ? 'INSERT IGNORE' : 'INSERT OR IGNORE',
  );

  return {
    async due(now, since, limit) {
      const each = [now, MAILS_ASKS, false, since];
      const rows = await attempt(() => executor.query(DUE, [...each, ...each, limit]));
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
