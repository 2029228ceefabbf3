/** For pages that stay open: one statement for all of them, and sums in the place of rows. */
import type { Aor } from '#model';
import { couldBeAor } from '../../limits.ts';
import type { Glance, Glances } from '../../personal.ts';
import type { Attempt } from '../database.ts';
import { toNumber, toText } from '../decode.ts';
import type { Executor, Row, Value } from '../executor.ts';
import { inBatches, marks, padded, quoted } from '../statements.ts';
import { SUBSCRIPTION } from '../subscriptions.ts';

/** Instants are summed without their upper digits, so that a sum of many stays an exact number. */
const LOW = 1_000_000_007;

export function makeGlances(executor: Executor, attempt: Attempt): Glances {
  /** @param sql whose `IN (…)` comes first among its parameters. */
  async function ofMany(
    keys: readonly string[],
    sql: (places: string) => string,
    rest: readonly Value[],
  ): Promise<readonly Row[]> {
    const rows: Row[] = [];
    for (const batch of inBatches(keys)) {
      const values = padded(batch);
      rows.push(...(await attempt(() => executor.query(sql(marks(values.length)), [...values, ...rest]))));
    }
    return rows;
  }

  return {
    async publications(presentities, now) {
      const rows = await ofMany(
        presentities.filter(couldBeAor),
        (places) =>
          `SELECT \`presentity\`, COUNT(*), SUM(\`modifiedAt\` % ${LOW}), SUM(\`expiresAt\` % ${LOW}), MAX(\`modifiedAt\`) FROM \`Pdata\`` +
          ` WHERE \`presentity\` IN (${places}) AND \`expiresAt\` > ? GROUP BY \`presentity\``,
        [now],
      );
      return new Map(rows.map(([presentity, ...sums]) => [toText(presentity) as Aor, sums.map(toNumber).join(' ')]));
    },

    async watchers(presentities, now) {
      const rows = await ofMany(
        presentities.filter(couldBeAor),
        (places) =>
          "SELECT `presentity`, COUNT(DISTINCT CASE WHEN `state` = 'active' THEN `watcher` END)," +
          " COUNT(DISTINCT CASE WHEN `state` = 'pending' THEN `watcher` END), COUNT(*)," +
          ` SUM(\`createdAt\` % ${LOW}), SUM(\`expiresAt\` % ${LOW}),` +
          " SUM(CASE `permission` WHEN 'allow' THEN 1 WHEN 'polite-block' THEN 1000 ELSE 0 END) FROM `Subscription`" +
          ` WHERE \`presentity\` IN (${places}) AND \`expiresAt\` > ? GROUP BY \`presentity\``,
        [now],
      );
      return new Map(
        rows.map(([presentity, ...counts]): [Aor, Glance] => {
          const [watching = 0, asking = 0, ...sums] = counts.map(toNumber);
          return [toText(presentity) as Aor, { watching, asking, pulse: [watching, asking, ...sums].join(' ') }];
        }),
      );
    },

    async sightings(owners) {
      const rows = await ofMany(
        owners.filter(couldBeAor),
        (places) =>
          'SELECT l.`aor`, COUNT(*), MAX(s.`at`) FROM `Sighting` s JOIN `Login` l ON l.`id` = s.`loginId`' +
          ` WHERE l.\`aor\` IN (${places}) GROUP BY l.\`aor\``,
        [],
      );
      return new Map(rows.map(([aor, ...sums]) => [toText(aor) as Aor, sums.map(toNumber).join(' ')]));
    },

    async traces(owners) {
      const rows = await ofMany(
        owners.filter(couldBeAor),
        (places) =>
          'SELECT l.`aor`, COUNT(*), MAX(t.`at`), MAX(t.`number`) FROM `Trace` t JOIN `Login` l ON l.`id` = t.`loginId`' +
          ` WHERE l.\`aor\` IN (${places}) GROUP BY l.\`aor\``,
        [],
      );
      return new Map(rows.map(([aor, ...sums]) => [toText(aor) as Aor, sums.map(toNumber).join(' ')]));
    },

    async sessions(idHashes, now) {
      const sql = (places: string): string =>
        `SELECT \`idHash\` FROM \`Session\` WHERE \`idHash\` IN (${places}) AND \`expiresAt\` > ?`;
      return new Set((await ofMany(idHashes, sql, [now])).map(([idHash]) => toText(idHash)));
    },

    async subscriptions(presentity, now, { state, limit, skip = 0, search = '' }) {
      if (!couldBeAor(presentity)) return [];
      // `!` is the escape on both databases; a backslash would be read twice on one of them.
      const like = `%${search.replaceAll(/[!%_]/g, '!$&')}%`;
      const sql =
        `SELECT ${quoted(SUBSCRIPTION.columns)} FROM \`Subscription\` WHERE \`presentity\` = ? AND \`expiresAt\` > ?` +
        " AND `state` = ? AND `watcher` LIKE ? ESCAPE '!' ORDER BY `createdAt`, `id` LIMIT ? OFFSET ?";
      const rows = await attempt(() => executor.query(sql, [presentity, now, state, like, limit, skip]));
      return rows.map((row) => SUBSCRIPTION.readRow(row));
    },
  };
}
