/**
 * Reads docs/rfc/clauses/NNNN.txt: what one RFC asks of a presence agent, clause by clause, and where it is done.
 *
 *     RFC 3903 Event State Publication
 *     §6 step 3 MUST: more than one SIP-If-Match is 400
 *       in services/publish/match-entity-tag.ts
 *       test more than one SIP-If-Match
 *     §4.2 MUST: an initial PUBLISH has a body
 *       not applicable: it binds the publisher
 *     §9 SHOULD: …
 *       otherwise: what is done instead, and why
 *
 * `in` names a file that does it. `test` is a piece of a test's title; without one, every test whose title cites the section
 * is meant. Lines that begin with `#` are remarks. MUST NOT, SHALL and REQUIRED are written as MUST, RECOMMENDED as SHOULD;
 * a clause without such a word is PLAIN.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './root.ts';

export const LEVELS = ['MUST', 'SHOULD', 'MAY', 'PLAIN'] as const;
export type Level = (typeof LEVELS)[number];

export type Standing = 'implemented' | 'not applicable' | 'otherwise';

export interface Clause {
  readonly rfc: string;
  /** `§6 step 3`. */
  readonly section: string;
  readonly level: Level;
  readonly text: string;
  readonly standing: Standing;
  /** From the root. */
  readonly files: readonly string[];
  /** Pieces of titles; empty: all that cite the section. */
  readonly fragments: readonly string[];
  /** Why not, or what instead. */
  readonly why: string;
}

export interface ClauseList {
  readonly rfc: string;
  readonly title: string;
  /** What stands above the table. */
  readonly preface: readonly string[];
  readonly clauses: readonly Clause[];
}

export const CLAUSES_FOLDER = 'docs/rfc/clauses';

const CLAUSE = /^(§[\d.]+(?: step \d+)?) (MUST|SHOULD|MAY|PLAIN): (\S.*)$/;

/** @throws Error with file and line when a list cannot be read. */
export function readClauseLists(): readonly ClauseList[] {
  return readdirSync(join(ROOT, CLAUSES_FOLDER))
    .filter((name) => name.endsWith('.txt'))
    .sort()
    .map((name) => readClauseList(name, readFileSync(join(ROOT, CLAUSES_FOLDER, name), 'utf8')));
}

interface Draft {
  readonly section: string;
  readonly level: Level;
  readonly text: string;
  readonly files: string[];
  readonly fragments: string[];
  standing: Standing | undefined;
  why: string;
}

/** @param name of the file, for what is thrown. */
export function readClauseList(name: string, text: string): ClauseList {
  const [head = '', ...lines] = text.split('\n');
  const heading = /^RFC (\d+) (\S.*)$/.exec(head);
  if (heading === null) throw new Error(`${name}:1: 'RFC NUMBER TITLE' is expected`);
  const [, rfc = '', title = ''] = heading;
  const preface: string[] = [];
  const drafts: Draft[] = [];
  for (const [index, line] of lines.entries()) {
    const where = `${name}:${index + 2}`;
    if (line.trim() === '' || line.startsWith('#')) continue;
    const clause = CLAUSE.exec(line);
    const draft = drafts.at(-1);
    if (clause !== null) {
      const [, section = '', level, what = ''] = clause;
      const begun = {
        section,
        level: level as Level,
        text: what,
        files: [],
        fragments: [],
        standing: undefined,
        why: '',
      };
      drafts.push(begun);
    } else if (draft === undefined && !line.startsWith(' ')) preface.push(line);
    else if (draft === undefined || !line.startsWith('  ')) throw new Error(`${where}: not a clause: ${line}`);
    else addTo(draft, line.trim(), where);
  }
  return { rfc, title, preface, clauses: drafts.map((draft) => finish(draft, rfc, name)) };
}

function addTo(draft: Draft, line: string, where: string): void {
  const match = /^(in|test|not applicable:|otherwise:) (\S.*)$/.exec(line);
  const [, word, rest = ''] = match ?? [];
  switch (word) {
    case 'in':
      draft.standing ??= 'implemented';
      draft.files.push(...rest.split(' '));
      return;
    case 'test':
      draft.fragments.push(rest);
      return;
    case 'not applicable:':
      draft.standing = 'not applicable';
      draft.why = rest;
      return;
    case 'otherwise:':
      draft.standing = 'otherwise';
      draft.why = rest;
      return;
    default:
      throw new Error(`${where}: 'in', 'test', 'not applicable:' or 'otherwise:' is expected: ${line}`);
  }
}

function finish(draft: Draft, rfc: string, name: string): Clause {
  const { standing } = draft;
  if (standing === undefined) throw new Error(`${name}: ${draft.section} (${draft.text}) says nothing of what is done`);
  return { ...draft, standing, rfc };
}
