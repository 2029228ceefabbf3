import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readClauseList, readClauseLists } from './clauses.ts';
import { cover, whatIsWrong } from './cover.ts';
import { drawPages } from './pages.ts';
import { ROOT } from './root.ts';
import { citationsOf, readTests, testsIn } from './titles.ts';

const lists = readClauseLists();
const tests = readTests();

describe('docs/rfc', () => {
  it('claims no MUST without a test, names no file and no test that is not there; no title cites an unknown clause', () => {
    expect(whatIsWrong(lists, tests)).toEqual([]);
  });

  it('is what npm run docs:rfc writes', () => {
    const pages = drawPages(lists, tests);
    const read = (name: string): string =>
      existsSync(join(ROOT, 'docs/rfc', name)) ? readFileSync(join(ROOT, 'docs/rfc', name), 'utf8') : '';
    const stale = [...pages].filter(([name, text]) => read(name) !== text).map(([name]) => name);
    expect(stale, 'run npm run docs:rfc').toEqual([]);
    const others = readdirSync(join(ROOT, 'docs/rfc')).filter((name) => name.endsWith('.md') && !pages.has(name));
    expect(others).toEqual([]);
  });
});

describe('the check itself', () => {
  const list = (...lines: readonly string[]) => readClauseList('x.txt', ['RFC 9999 Of tests', ...lines].join('\n'));
  const wrong = (text: string, ...lines: readonly string[]) =>
    whatIsWrong([list(...lines)], testsIn('x.test.ts', text));

  it('finds a MUST that no test shows, and lets a SHOULD pass', () => {
    const done = '  in tests/conformance/coverage/cover.ts';
    expect(wrong('', '§1 MUST: be there', done)).toEqual(['RFC 9999 §1 (be there) is a MUST that no test shows']);
    expect(wrong('', '§1 SHOULD: be there', done)).toEqual([]);
    expect(wrong('', '§1 MUST: be there', '  not applicable: it binds others')).toEqual([]);
    expect(wrong("it('RFC 9999 §1: is there', f)", '§1 MUST: be there', done)).toEqual([]);
  });

  it('finds files, tests and clauses that are not there', () => {
    expect(wrong('', '§1 SHOULD: x', '  in nowhere.ts')).toEqual([
      'RFC 9999 §1 (x) is said to be in nowhere.ts, which is not there',
    ]);
    expect(wrong('', '§1 SHOULD: x', '  in package.json', '  test no such')).toEqual([
      "RFC 9999 §1 (x) names a test 'no such', which is not there",
    ]);
    expect(wrong("it('RFC 9999 §2: x', f)", '§1 SHOULD: x', '  in package.json')).toEqual([
      "'RFC 9999 §2: x' (x.test.ts) cites RFC 9999 §2, which its list does not have",
    ]);
  });

  it('refuses a clause of which nothing is said', () => {
    expect(() => list('§1 MUST: x')).toThrow(/says nothing/);
    expect(() => list('§1 MUST: x', '  perhaps')).toThrow(/x.txt:3/);
    expect(() => list('§1 OUGHT: x', '§2 MUST: y', 'stray')).toThrow(/x.txt:4: not a clause/);
  });

  it('reads citations: of the title, else of the describe around it', () => {
    const text = `describe('RFC 3261 §18.2.2 and RFC 3581 §4: answers', () => {
      it('plain', f);
      it.each([1])('§18.1.1, §8.1.1.7: %s', f);
      describe(\`RFC 4475 §\${section}: x\`, () => test('y', f));
    });`;
    expect(testsIn('x.test.ts', text).map(({ citations }) => citations)).toEqual([
      [
        { rfc: '3261', section: '§18.2.2' },
        { rfc: '3581', section: '§4' },
      ],
      [
        { rfc: '3261', section: '§18.1.1' },
        { rfc: '3261', section: '§8.1.1.7' },
      ],
      [{ rfc: '4475', section: '§*' }],
    ]);
    expect(citationsOf('RFC 3903 §6 step 3: x', undefined).citations).toEqual([{ rfc: '3903', section: '§6 step 3' }]);
    expect(() => citationsOf('§6: x', undefined)).toThrow(/of no RFC/);
  });

  it('a clause that names tests is shown by those alone', () => {
    const [clause] = list('§1 MUST: x', '  in package.json', '  test the one').clauses;
    const two = testsIn('x.test.ts', "it('RFC 9999 §1: the one', f); it('RFC 9999 §1: another', f)");
    expect(clause && cover(clause, two).tests.map(({ title }) => title)).toEqual(['RFC 9999 §1: the one']);
  });
});
