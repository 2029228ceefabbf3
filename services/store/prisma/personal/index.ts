/** What is kept for one person, over Prisma's adapters: see ../../personal.ts. */
import { type Aor, MAX_AOR_LENGTH } from '#model';
import type { Clock } from '#runtime';
import { checkKey, checkPreference, couldBeAor, readable } from '../../limits.ts';
import {
  type AvailabilityRow,
  MAX_PAST_WATCHERS,
  type Personal,
  type Preferences,
  type Sighting,
  type Tickets,
} from '../../personal.ts';
import { noteChanges } from '../changes.ts';
import type { Attempt } from '../database.ts';
import { toNumber, toText } from '../decode.ts';
import type { Executor } from '../executor.ts';
import { insertSql, upsertSql } from '../statements.ts';
import { makeGlances } from './glances.ts';
import { makeGroups } from './groups.ts';
import { makeNotices } from './notices.ts';
import { forget, OWNED, purge, upsertOwned } from './owners.ts';
import { makePastWatchers } from './past-watchers.ts';
import { makeTraces } from './traces.ts';

export function makePersonal(executor: Executor, attempt: Attempt, clock: Clock): Personal {
  return {
    groups: makeGroups(executor, attempt, clock),
    preferences: makePreferences(executor, attempt, clock),
    tickets: makeTickets(executor, attempt),
    glances: makeGlances(executor, attempt),
    traces: makeTraces(executor, attempt),
    notices: makeNotices(executor, attempt),
    pastWatchers: makePastWatchers(executor, attempt, MAX_PAST_WATCHERS),
    sightings: {
      async of(owner) {
        if (!couldBeAor(owner)) return [];
        const sql = `SELECT \`kind\`, \`client\`, \`flow\`, \`status\`, \`at\` FROM \`Sighting\` WHERE ${OWNED} ORDER BY \`at\` DESC, \`kind\``;
        const rows = await attempt(() => executor.query(sql, [owner]));
        return rows.map(([kind, client, flow, status, at]) => ({
          owner,
          kind: toText(kind) as Sighting['kind'],
          client: toText(client),
          flow: toText(flow),
          status: toNumber(status),
          at: toNumber(at),
        }));
      },
      async write(sightings) {
        const columns = ['kind', 'client', 'flow', 'status', 'at'];
        const into = { table: 'Sighting', columns, key: ['loginId', 'kind', 'client'] };
        await attempt(() =>
          upsertOwned(executor, into, sightings, ({ kind, client, flow, status, at }) => [
            kind,
            readable(client, 128),
            readable(flow, 255),
            status,
            at,
          ]),
        );
      },
      purge: (before) => attempt(() => purge(executor, 'Sighting', 'at', before)),
    },
    availability: {
      async of(owner, since) {
        if (!couldBeAor(owner)) return [];
        const sql = (where: string): string =>
          `SELECT \`at\`, \`state\` FROM \`Availability\` WHERE ${OWNED} AND \`at\` ${where}`;
        const before = await attempt(() => executor.query(sql('< ? ORDER BY `at` DESC LIMIT 1'), [owner, since]));
        const after = await attempt(() => executor.query(sql('>= ? ORDER BY `at`'), [owner, since]));
        return [...before, ...after].map(([at, state]) => ({
          owner,
          at: toNumber(at),
          state: toText(state) as AvailabilityRow['state'],
        }));
      },
      async write(rows) {
        const into = { table: 'Availability', columns: ['at', 'state'], key: ['loginId', 'at'] };
        await attempt(() => upsertOwned(executor, into, rows, ({ at, state }) => [at, state]));
      },
      forget: (owner) => attempt(() => forget(executor, 'Availability', owner)),
      purge: (before) => attempt(() => purge(executor, 'Availability', 'at', before)),
    },
  };
}

function makePreferences(executor: Executor, attempt: Attempt, clock: Clock): Preferences {
  return {
    async of(owner) {
      if (!couldBeAor(owner)) return new Map();
      const sql = `SELECT \`name\`, \`value\` FROM \`Preference\` WHERE ${OWNED}`;
      const rows = await attempt(() => executor.query(sql, [owner]));
      return new Map(rows.map(([name, value]) => [toText(name), toText(value)]));
    },
    async set(owner, name, value) {
      checkPreference(name, value);
      if (!couldBeAor(owner)) return false;
      return attempt(() =>
        executor.transaction(async (statements) => {
          const [login] = await statements.query('SELECT `id` FROM `Login` WHERE `aor` = ?', [owner]);
          if (login === undefined) return false;
          const id = toNumber(login[0]);
          if (value === undefined) {
            await statements.execute('DELETE FROM `Preference` WHERE `loginId` = ? AND `name` = ?', [id, name]);
          } else {
            const columns = ['loginId', 'name', 'value'];
            const sql = upsertSql(executor.dialect, 'Preference', columns, 1, ['loginId', 'name']);
            await statements.execute(sql, [id, name, value]);
          }
          await noteChanges(statements, [{ kind: 'preferences', subject: owner }], clock.now());
          return true;
        }),
      );
    },
    async having(name) {
      const sql = 'SELECT l.`aor` FROM `Preference` p JOIN `Login` l ON l.`id` = p.`loginId` WHERE p.`name` = ?';
      const rows = await attempt(() => executor.query(sql, [name]));
      return new Set(rows.map(([aor]) => toText(aor) as Aor));
    },
  };
}

function makeTickets(executor: Executor, attempt: Attempt): Tickets {
  return {
    async issue({ idHash, owner, purpose, expiresAt }) {
      checkKey(idHash, 64, 'ticket');
      checkKey(purpose, 16, 'purpose');
      checkKey(owner, MAX_AOR_LENGTH, 'owner');
      return attempt(() =>
        executor.transaction(async (statements) => {
          const [login] = await statements.query('SELECT `id` FROM `Login` WHERE `aor` = ?', [owner]);
          if (login === undefined) return false;
          const id = toNumber(login[0]);
          await statements.execute('DELETE FROM `Ticket` WHERE `loginId` = ? AND `purpose` = ?', [id, purpose]);
          const sql = insertSql('Ticket', ['idHash', 'loginId', 'purpose', 'expiresAt'], 1);
          await statements.execute(sql, [idHash, id, purpose, expiresAt]);
          return true;
        }),
      );
    },
    async spend(idHash, purpose, now) {
      return attempt(() =>
        executor.transaction(async (statements) => {
          const sql =
            'SELECT l.`aor` FROM `Ticket` t JOIN `Login` l ON l.`id` = t.`loginId`' +
            ' WHERE t.`idHash` = ? AND t.`purpose` = ? AND t.`expiresAt` > ?';
          const [row] = await statements.query(sql, [idHash, purpose, now]);
          if (row === undefined) return undefined;
          // Whoever deletes the row has it; a second one who saw it too deletes nothing.
          const spent = await statements.execute('DELETE FROM `Ticket` WHERE `idHash` = ?', [idHash]);
          return spent === 1 ? (toText(row[0]) as Aor) : undefined;
        }),
      );
    },
    forget: (owner) => attempt(() => forget(executor, 'Ticket', owner)),
    purge: (now) => attempt(() => purge(executor, 'Ticket', 'expiresAt', now)),
  };
}
