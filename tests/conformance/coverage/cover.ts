/** Clauses and tests put together, and what does not fit. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Clause, ClauseList } from './clauses.ts';
import { ROOT } from './root.ts';
import type { TitledTest } from './titles.ts';

export interface Covered {
  readonly clause: Clause;
  readonly tests: readonly TitledTest[];
}

const cites = (test: TitledTest, { rfc, section }: Clause): boolean =>
  test.citations.some((cited) => cited.rfc === rfc && (cited.section === section || cited.section === '§*'));

export function cover(clause: Clause, tests: readonly TitledTest[]): Covered {
  const { fragments } = clause;
  if (clause.standing === 'not applicable') return { clause, tests: [] };
  if (fragments.length === 0) return { clause, tests: tests.filter((test) => cites(test, clause)) };
  return { clause, tests: tests.filter(({ title }) => fragments.some((fragment) => title.includes(fragment))) };
}

/** Everything that is claimed and not so; empty when all is well. */
export function whatIsWrong(lists: readonly ClauseList[], tests: readonly TitledTest[]): readonly string[] {
  return [...lists.flatMap((list) => wrongInList(list, tests)), ...wrongInTitles(lists, tests)];
}

function wrongInList({ clauses }: ClauseList, tests: readonly TitledTest[]): readonly string[] {
  return clauses.flatMap((clause) => {
    const name = `RFC ${clause.rfc} ${clause.section} (${clause.text})`;
    const gone = clause.files
      .filter((file) => !existsSync(join(ROOT, file)))
      .map((file) => `${name} is said to be in ${file}, which is not there`);
    const unknown = clause.fragments
      .filter((fragment) => !tests.some(({ title }) => title.includes(fragment)))
      .map((fragment) => `${name} names a test '${fragment}', which is not there`);
    const untested =
      clause.level === 'MUST' && clause.standing === 'implemented' && cover(clause, tests).tests.length === 0
        ? [`${name} is a MUST that no test shows`]
        : [];
    return [...gone, ...unknown, ...untested];
  });
}

/** A title that cites a clause of a listed RFC which the list does not have: a wrong number, or a clause left out. */
function wrongInTitles(lists: readonly ClauseList[], tests: readonly TitledTest[]): readonly string[] {
  const sections = new Map(lists.map(({ rfc, clauses }) => [rfc, new Set(clauses.map(({ section }) => section))]));
  return tests.flatMap(({ title, file, citations }) =>
    citations
      .filter(({ rfc, section }) => section !== '§*' && sections.get(rfc)?.has(section) === false)
      .map(({ rfc, section }) => `'${title}' (${file}) cites RFC ${rfc} ${section}, which its list does not have`),
  );
}
