/** Draws docs/rfc: one page for each RFC, and one that counts. */
import type { Clause, ClauseList } from './clauses.ts';
import { type Covered, cover } from './cover.ts';
import type { TitledTest } from './titles.ts';

const GENERATED = '<!-- Written by `npm run docs:rfc`; edit the list in docs/rfc/clauses instead. -->';

/** File name in docs/rfc → content. */
export function drawPages(lists: readonly ClauseList[], tests: readonly TitledTest[]): ReadonlyMap<string, string> {
  const covered = lists.map((list) => ({ list, rows: list.clauses.map((clause) => cover(clause, tests)) }));
  return new Map([
    ['README.md', drawIndex(covered)],
    ...covered.map(({ list, rows }): [string, string] => [`rfc${list.rfc}.md`, drawPage(list, rows)]),
  ]);
}

function drawPage({ rfc, title, preface }: ClauseList, rows: readonly Covered[]): string {
  const applies = rows.filter(({ clause }) => clause.standing !== 'not applicable');
  const others = rows.filter(({ clause }) => clause.standing === 'not applicable');
  return [
    GENERATED,
    '',
    `# [RFC ${rfc}](https://www.rfc-editor.org/rfc/rfc${rfc}): ${title}`,
    ...preface.flatMap((line) => ['', line]),
    '',
    '| Clause | | What it asks | Where | Tests |',
    '| --- | --- | --- | --- | --- |',
    ...applies.map(drawRow),
    ...(others.length === 0
      ? []
      : ['', '## Not applicable', '', '| Clause | | What it asks | Why not |', '| --- | --- | --- | --- |']),
    ...others.map(({ clause }) => row([clause.section, levelOf(clause), clause.text, clause.why])),
    '',
  ].join('\n');
}

function drawRow({ clause, tests }: Covered): string {
  const files = [...new Set(tests.map(({ file }) => file))].map(link);
  const named = clause.fragments.map((fragment) => `“${fragment}”`);
  const shown = [...files, ...named].join('<br>');
  const where = clause.files.map(link).join('<br>');
  const otherwise = clause.standing === 'otherwise' ? `**Otherwise:** ${clause.why}` : '';
  return row([
    clause.section,
    levelOf(clause),
    clause.text,
    [where, otherwise].filter((text) => text !== '').join('<br>'),
    shown === '' ? 'none' : shown,
  ]);
}

const levelOf = ({ level }: Clause): string => (level === 'PLAIN' ? '' : level);

const link = (file: string): string => `[${file.replace(/^.*\//, '')}](../../${file})`;

const row = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;

function drawIndex(covered: readonly { readonly list: ClauseList; readonly rows: readonly Covered[] }[]): string {
  const count = (rows: readonly Covered[], wanted: (row: Covered) => boolean): string =>
    String(rows.filter(wanted).length);
  return [
    GENERATED,
    '',
    '# What the RFCs ask, where it is done, and which test shows it',
    '',
    'One page for each RFC that binds a presence agent. Each clause that says MUST, SHOULD or the like is there, in our',
    'words, with the file that does it and the tests whose titles cite it, or with the reason why it does not apply.',
    '_Otherwise_ counts the clauses that are not followed to the letter; each says why. A test fails when a MUST is claimed',
    'that no test shows, when a file is named that is not there, when a title cites a clause that no list has, and when',
    'these pages are not what `npm run docs:rfc` writes of the lists in `docs/rfc/clauses`.',
    '',
    '| RFC | | MUST done | SHOULD done | without the word, done | of these without a test | Otherwise | Not applicable |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...covered.map(({ list, rows }) => {
      const is =
        (...levels: readonly string[]) =>
        (found: Covered) =>
          levels.includes(found.clause.level) && found.clause.standing === 'implemented';
      return row([
        `[${list.rfc}](rfc${list.rfc}.md)`,
        list.title,
        count(rows, is('MUST')),
        count(rows, is('SHOULD')),
        count(rows, is('MAY', 'PLAIN')),
        count(rows, (found) => found.clause.standing === 'implemented' && found.tests.length === 0),
        count(rows, ({ clause }) => clause.standing === 'otherwise'),
        count(rows, ({ clause }) => clause.standing === 'not applicable'),
      ]);
    }),
    '',
  ].join('\n');
}
