/** Node: what SIP services say of themselves; Figure: what they counted. */
import { checkKey } from '../limits.ts';
import { cutFigures, cutNode, type Figures, MAX_FIGURES, MAX_NODES, type NodeReport, type Nodes } from '../nodes.ts';
import type { Attempt } from './database.ts';
import { toNumber, toText } from './decode.ts';
import type { Executor, Row, Value } from './executor.ts';
import { quoted, upsertSql } from './statements.ts';

const NODE = ['id', 'role', 'state', 'host', 'pid', 'version', 'startedAt', 'since', 'seenAt', 'listens', 'packages'];
const FIGURE = ['node', 'at', 'spanMs', 'publications', 'subscriptions', 'notifies', 'lagMs', 'failures'];

export function makeNodes(executor: Executor, attempt: Attempt): Nodes {
  const { dialect } = executor;
  const write = (sql: string, values: readonly Value[]): Promise<number> =>
    attempt(() => executor.transaction((statements) => statements.execute(sql, [...values])));

  return {
    async report(given) {
      checkKey(given.id, 64, 'id of a node');
      const { id, role, state, host, pid, version, startedAt, since, seenAt, listens, packages } = cutNode(given);
      const texts = [JSON.stringify(listens), JSON.stringify(packages)];
      const values = [id, role, state, host, pid, version, startedAt, since, seenAt, ...texts];
      await write(upsertSql(dialect, 'Node', NODE, 1, ['id']), values);
    },
    async leave(id) {
      await write('DELETE FROM `Node` WHERE `id` = ?', [id]);
    },
    async list() {
      const sql = `SELECT ${quoted(NODE)} FROM \`Node\` ORDER BY \`seenAt\` DESC, \`id\` LIMIT ${MAX_NODES}`;
      return (await attempt(() => executor.query(sql, []))).map(readNode);
    },
    async write(given) {
      checkKey(given.node, 64, 'id of a node');
      const { node, at, spanMs, publications, subscriptions, notifies, lagMs, failures } = cutFigures(given);
      const values = [node, at, spanMs, publications, subscriptions, notifies, lagMs, JSON.stringify(failures)];
      await write(upsertSql(dialect, 'Figure', FIGURE, 1, ['node', 'at']), values);
    },
    async figures(since) {
      const sql = `SELECT ${quoted(FIGURE)} FROM \`Figure\` WHERE \`at\` > ? ORDER BY \`at\` DESC LIMIT ${MAX_FIGURES}`;
      return (await attempt(() => executor.query(sql, [since]))).map(readFigures).reverse();
    },
    async pulse() {
      const sql =
        'SELECT (SELECT COUNT(*) FROM `Node`), (SELECT MAX(`seenAt`) FROM `Node`), (SELECT MAX(`at`) FROM `Figure`)';
      const [row = []] = await attempt(() => executor.query(sql, []));
      return row.map((column) => toNumber(column ?? 0)).join(' ');
    },
    async purge(seenBefore, countedBefore) {
      const nodes = await write('DELETE FROM `Node` WHERE `seenAt` < ?', [seenBefore]);
      return nodes + (await write('DELETE FROM `Figure` WHERE `at` < ?', [countedBefore]));
    },
  };
}

function readNode([id, role, state, host, pid, version, startedAt, since, seenAt, listens, packages]: Row): NodeReport {
  return {
    id: toText(id),
    role: toText(role),
    state: toText(state) as NodeReport['state'],
    host: toText(host),
    pid: toNumber(pid),
    version: toText(version),
    startedAt: toNumber(startedAt),
    since: toNumber(since),
    seenAt: toNumber(seenAt),
    listens: JSON.parse(toText(listens)) as NodeReport['listens'],
    packages: JSON.parse(toText(packages)) as NodeReport['packages'],
  };
}

function readFigures([node, at, spanMs, publications, subscriptions, notifies, lagMs, failures]: Row): Figures {
  return {
    node: toText(node),
    at: toNumber(at),
    spanMs: toNumber(spanMs),
    publications: toNumber(publications),
    subscriptions: toNumber(subscriptions),
    notifies: toNumber(notifies),
    lagMs: toNumber(lagMs),
    failures: JSON.parse(toText(failures)) as Figures['failures'],
  };
}
