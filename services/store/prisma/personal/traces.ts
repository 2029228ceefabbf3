/** Trace: somebody's last SIP messages. */
import { couldBeAor, readable } from '../../limits.ts';
import { MAX_TRACED, MAX_TRACED_LENGTH, type TracedMessage, type Traces } from '../../personal.ts';
import type { Attempt } from '../database.ts';
import { toNumber, toText } from '../decode.ts';
import type { Executor } from '../executor.ts';
import { forget, OWNED, purge, upsertOwned } from './owners.ts';

const COLUMNS = ['place', 'number', 'at', 'direction', 'flow', 'text'] as const;

export function makeTraces(executor: Executor, attempt: Attempt): Traces {
  return {
    async of(owner) {
      if (!couldBeAor(owner)) return [];
      const sql = `SELECT \`number\`, \`at\`, \`direction\`, \`flow\`, \`text\` FROM \`Trace\` WHERE ${OWNED} ORDER BY \`at\`, \`number\``;
      const rows = await attempt(() => executor.query(sql, [owner]));
      return rows.map(([number, at, direction, flow, text]) => ({
        owner,
        number: toNumber(number),
        at: toNumber(at),
        direction: toText(direction) as TracedMessage['direction'],
        flow: toText(flow),
        text: toText(text),
      }));
    },
    async write(messages) {
      const into = { table: 'Trace', columns: COLUMNS, key: ['loginId', 'place'] };
      await attempt(() =>
        upsertOwned(executor, into, messages, ({ number, at, direction, flow, text }) => [
          number % MAX_TRACED,
          number,
          at,
          direction,
          readable(flow, 255),
          readable(text, MAX_TRACED_LENGTH),
        ]),
      );
    },
    forget: (owner) => attempt(() => forget(executor, 'Trace', owner)),
    purge: (before) => attempt(() => purge(executor, 'Trace', 'at', before)),
  };
}
