import { type Aor, type Group, groupSubject, MAX_GROUPS } from '#model';
import { checkGroup, checkPreference, readable } from '../limits.ts';
import {
  type Glance,
  MAILS_ASKS,
  MAX_PAST_WATCHERS,
  MAX_TRACED,
  MAX_TRACED_LENGTH,
  type PastWatcher,
  type Personal,
  type Question,
  type Sighting,
  type TracedMessage,
} from '../personal.ts';
import type { Note } from './journal.ts';
import type { MemoryRows } from './rows.ts';

/** What is kept for one person; see ../personal.ts. Rows of accounts that are gone are dropped with them (accounts.ts). */
export function makeMemoryPersonal(rows: MemoryRows, note: Note): Personal {
  const { accounts, groups, preferences, sightings, availability, pastWatchers, tickets, traces, notices } = rows;

  return {
    groups: {
      async of(owner) {
        return [...groups.values()].filter((group) => group.owner === owner).sort(byName);
      },
      async set(group) {
        checkGroup(group);
        if (!accounts.has(group.owner)) return 'no-account';
        const theirs = [...groups.values()].filter(({ owner }) => owner === group.owner);
        if (theirs.some(({ id, name }) => name === group.name && id !== group.id)) return 'name-taken';
        if (!theirs.some(({ id }) => id === group.id)) {
          if (theirs.length >= MAX_GROUPS) return 'too-many';
          if (groups.has(group.id)) throw new Error('the id is another owner’s group');
        }
        groups.set(group.id, { ...group, members: [...group.members].sort() });
        note({ kind: 'rules', subject: group.owner });
        return 'set';
      },
      async remove(owner, id) {
        if (groups.get(id)?.owner !== owner) return false;
        groups.delete(id);
        const theirs = rows.rules.get(owner);
        for (const [key, rule] of theirs ?? []) if (rule.subject === groupSubject(id)) theirs?.delete(key);
        note({ kind: 'rules', subject: owner });
        return true;
      },
    },

    preferences: {
      async of(owner) {
        return new Map(preferences.get(owner));
      },
      async set(owner, name, value) {
        checkPreference(name, value);
        if (!accounts.has(owner)) return false;
        const theirs = preferences.get(owner) ?? new Map<string, string>();
        preferences.set(owner, theirs);
        if (value === undefined) theirs.delete(name);
        else theirs.set(name, value);
        note({ kind: 'preferences', subject: owner });
        return true;
      },
      async having(name) {
        return new Set([...preferences].flatMap(([owner, theirs]) => (theirs.has(name) ? [owner] : [])));
      },
    },

    sightings: {
      async of(owner) {
        return [...sightings.values()].filter((row) => row.owner === owner).sort(newestSighting);
      },
      async write(given) {
        for (const row of given) {
          const kept = { ...row, client: readable(row.client, 128), flow: readable(row.flow, 255) };
          if (accounts.has(row.owner)) sightings.set(`${row.owner} ${row.kind} ${kept.client}`, kept);
        }
      },
      purge: async (before) => dropWhere(sightings, ({ at }) => at < before),
    },

    availability: {
      async of(owner, since) {
        const theirs = [...availability.values()].filter((row) => row.owner === owner).sort((a, b) => a.at - b.at);
        const first = theirs.findLastIndex(({ at }) => at < since);
        return theirs.slice(Math.max(0, first));
      },
      async write(given) {
        for (const row of given) if (accounts.has(row.owner)) availability.set(`${row.owner} ${row.at}`, row);
      },
      forget: async (owner) => dropWhere(availability, (row) => row.owner === owner),
      purge: async (before) => dropWhere(availability, ({ at }) => at < before),
    },

    pastWatchers: {
      async of(owner) {
        return [...pastWatchers.values()]
          .filter((row) => row.owner === owner)
          .sort(newestWatcher)
          .slice(0, MAX_PAST_WATCHERS);
      },
      async write(given) {
        for (const row of given) {
          if (!accounts.has(row.owner)) continue;
          const key = `${row.owner} ${row.watcher} ${row.event}`;
          const firstAt = Math.min(row.firstAt, pastWatchers.get(key)?.firstAt ?? row.firstAt);
          pastWatchers.set(key, { ...row, client: readable(row.client, 128), firstAt });
        }
      },
      forget: async (owner) => dropWhere(pastWatchers, (row) => row.owner === owner),
      async purge(before) {
        let gone = dropWhere(pastWatchers, ({ lastAt }) => lastAt < before);
        for (const owner of new Set([...pastWatchers.values()].map((row) => row.owner))) {
          const theirs = [...pastWatchers.values()].filter((row) => row.owner === owner).sort(newestWatcher);
          const last = theirs[MAX_PAST_WATCHERS];
          if (last === undefined) continue;
          gone += dropWhere(pastWatchers, (row) => row.owner === owner && row.lastAt <= last.lastAt);
        }
        return gone;
      },
    },

    tickets: {
      async issue(ticket) {
        if (!accounts.has(ticket.owner)) return false;
        dropWhere(tickets, ({ owner, purpose }) => owner === ticket.owner && purpose === ticket.purpose);
        tickets.set(ticket.idHash, ticket);
        return true;
      },
      async spend(idHash, purpose, now) {
        const ticket = tickets.get(idHash);
        if (ticket === undefined || ticket.purpose !== purpose || ticket.expiresAt <= now) return undefined;
        tickets.delete(idHash);
        return ticket.owner;
      },
      forget: async (owner) => dropWhere(tickets, (ticket) => ticket.owner === owner),
      purge: async (now) => dropWhere(tickets, ({ expiresAt }) => expiresAt < now),
    },

    traces: {
      async of(owner) {
        return [...traces.values()].filter((row) => row.owner === owner).sort(oldestMessage);
      },
      async write(given) {
        for (const row of given) {
          const kept = { ...row, flow: readable(row.flow, 255), text: readable(row.text, MAX_TRACED_LENGTH) };
          if (accounts.has(row.owner)) traces.set(`${row.owner} ${row.number % MAX_TRACED}`, kept);
        }
      },
      forget: async (owner) => dropWhere(traces, (row) => row.owner === owner),
      purge: async (before) => dropWhere(traces, ({ at }) => at < before),
    },

    notices: {
      async due(now, since, limit) {
        const asking = [
          ...[...rows.subscriptions.values()].filter(({ state }) => state === 'pending'),
          ...rows.waiting.values(),
        ];
        const found = new Map<string, Question>();
        for (const { presentity: owner, watcher, expiresAt } of asking) {
          const key = `${owner} ${watcher}`;
          const isOpen = accounts.get(owner)?.account.disabled === false && preferences.get(owner)?.has(MAILS_ASKS);
          const wasTold = (notices.get(key)?.at ?? Number.NEGATIVE_INFINITY) >= since;
          if (isOpen && !wasTold && expiresAt > now) found.set(key, { owner, watcher });
        }
        return [...found.values()].sort(byOwner).slice(0, limit);
      },
      async claim({ owner, watcher }, at, since) {
        const key = `${owner} ${watcher}`;
        if (!accounts.has(owner) || (notices.get(key)?.at ?? Number.NEGATIVE_INFINITY) >= since) return false;
        notices.set(key, { owner, watcher, at });
        return true;
      },
      purge: async (before) => dropWhere(notices, ({ at }) => at < before),
    },

    glances: {
      async publications(presentities, now) {
        const found = new Map<Aor, string>();
        for (const { presentity, modifiedAt, expiresAt } of rows.publications.values()) {
          if (!presentities.includes(presentity) || expiresAt <= now) continue;
          found.set(presentity, `${found.get(presentity) ?? ''} ${modifiedAt} ${expiresAt}`);
        }
        return found;
      },
      async watchers(presentities, now) {
        const found = new Map<Aor, Glance>();
        for (const presentity of presentities) {
          const theirs = [...rows.subscriptions.values()].filter(
            (row) => row.presentity === presentity && row.expiresAt > now,
          );
          if (theirs.length === 0) continue;
          const count = (state: string): number =>
            new Set(theirs.flatMap((row) => (row.state === state ? [row.watcher] : []))).size;
          const pulse = theirs
            .map(({ id, state, permission, expiresAt }) => `${id} ${state} ${permission} ${expiresAt}`)
            .sort()
            .join('\n');
          found.set(presentity, { watching: count('active'), asking: count('pending'), pulse });
        }
        return found;
      },
      async sightings(owners) {
        const found = new Map<Aor, string>();
        for (const owner of owners) {
          const theirs = [...sightings.values()].filter((row) => row.owner === owner);
          if (theirs.length > 0) found.set(owner, theirs.map(({ kind, at }) => `${kind} ${at}`).join(' '));
        }
        return found;
      },
      async traces(owners) {
        const found = new Map<Aor, string>();
        for (const owner of owners) {
          const theirs = [...traces.values()].filter((row) => row.owner === owner);
          if (theirs.length > 0) found.set(owner, theirs.map(({ number, at }) => `${number} ${at}`).join(' '));
        }
        return found;
      },
      async sessions(idHashes, now) {
        return new Set(idHashes.filter((idHash) => (rows.sessions.get(idHash)?.expiresAt ?? 0) > now));
      },
      async subscriptions(presentity, now, { state, limit, skip = 0, search = '' }) {
        return [...rows.subscriptions.values()]
          .filter((row) => row.presentity === presentity && row.expiresAt > now && row.state === state)
          .filter(({ watcher }) => watcher.toLowerCase().includes(search.toLowerCase()))
          .sort((one, other) => one.createdAt - other.createdAt || (one.id < other.id ? -1 : 1))
          .slice(skip, skip + limit);
      },
    },
  };
}

/** Everything of an account that is gone. */
export function dropPersonal(rows: MemoryRows, owner: Aor): void {
  rows.preferences.delete(owner);
  for (const table of [
    rows.groups,
    rows.sightings,
    rows.availability,
    rows.pastWatchers,
    rows.tickets,
    rows.traces,
    rows.notices,
  ]) {
    dropWhere<{ readonly owner: Aor }>(table, (row) => row.owner === owner);
  }
}

/** @returns how many there were. */
export function dropWhere<Row>(rows: Map<string, Row>, isGone: (row: Row) => boolean): number {
  let gone = 0;
  for (const [key, row] of rows) if (isGone(row) && rows.delete(key)) gone += 1;
  return gone;
}

const byName = (one: Group, other: Group): number =>
  one.name === other.name ? (one.id < other.id ? -1 : 1) : one.name < other.name ? -1 : 1;
const newestSighting = (one: Sighting, other: Sighting): number =>
  other.at - one.at || (one.kind < other.kind ? -1 : 1);
const byOwner = (one: Question, other: Question): number =>
  `${one.owner} ${one.watcher}` < `${other.owner} ${other.watcher}` ? -1 : 1;
const oldestMessage = (one: TracedMessage, other: TracedMessage): number =>
  one.at - other.at || one.number - other.number;
const newestWatcher = (one: PastWatcher, other: PastWatcher): number =>
  other.lastAt - one.lastAt || (one.watcher < other.watcher ? -1 : 1);
