/** Finds the tests and what their titles cite: `RFC 3903 §6 step 3: …`, or `§6: …` under a describe that names the RFC. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import { ROOT } from './root.ts';

export interface Citation {
  readonly rfc: string;
  /** `§6 step 3`; `§*` where the title is made of a list: every section of that RFC's list. */
  readonly section: string;
}

export interface TitledTest {
  /** From the root. */
  readonly file: string;
  /** With the titles of what it stands in, joined by ` › `. */
  readonly title: string;
  /** Its own, or else those of the innermost describe that has some. */
  readonly citations: readonly Citation[];
}

const NAMES = new Set(['it', 'test', 'describe', 'describeWithXmllint', 'contract']);

export function readTests(): readonly TitledTest[] {
  return readdirSync(join(ROOT, 'tests'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(test|contract|spec)\.ts$/.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort()
    .flatMap((file) => testsIn(file, readFileSync(join(ROOT, file), 'utf8')));
}

interface Around {
  readonly title: string;
  readonly rfc: string | undefined;
  readonly citations: readonly Citation[];
}

export function testsIn(file: string, text: string): readonly TitledTest[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: TitledTest[] = [];

  function visit(node: ts.Node, around: Around): void {
    const named = ts.isCallExpression(node) ? readCall(node) : undefined;
    if (named === undefined) {
      ts.forEachChild(node, (child) => visit(child, around));
      return;
    }
    const read = citationsOf(named.title, around.rfc);
    const inside: Around = {
      title: around.title === '' ? named.title : `${around.title} › ${named.title}`,
      rfc: read.rfc ?? around.rfc,
      citations: read.citations.length > 0 ? read.citations : around.citations,
    };
    if (named.isTest) found.push({ file, title: inside.title, citations: inside.citations });
    for (const argument of (node as ts.CallExpression).arguments) visit(argument, inside);
  }

  visit(source, { title: '', rfc: undefined, citations: [] });
  return found;
}

/** A call of `it`, `test.each(…)`, `describe.skipIf(…)` and the like whose first argument is a title. */
function readCall(call: ts.CallExpression): { readonly title: string; readonly isTest: boolean } | undefined {
  const [first] = call.arguments;
  const name = rootName(call.expression);
  if (first === undefined || name === undefined || !NAMES.has(name)) return undefined;
  const title = titleText(first);
  return title === undefined ? undefined : { title, isTest: name === 'it' || name === 'test' };
}

function rootName(expression: ts.Expression): string | undefined {
  if (ts.isIdentifier(expression)) return expression.text;
  if (ts.isPropertyAccessExpression(expression) || ts.isCallExpression(expression))
    return rootName(expression.expression);
  return undefined;
}

function titleText(node: ts.Expression): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return undefined;
  return node.head.text + node.templateSpans.map(({ literal }) => `*${literal.text}`).join('');
}

/** @param rfc that a bare `§` belongs to. */
export function citationsOf(
  title: string,
  rfc: string | undefined,
): { readonly rfc: string | undefined; readonly citations: readonly Citation[] } {
  const citations: Citation[] = [];
  let first: string | undefined;
  let current = rfc;
  // `$rfc §$section` of a table of cases: which ones, only a run can tell.
  if (/\$rfc/.test(title)) return { rfc: undefined, citations };
  for (const [, number, section, step] of title.matchAll(/RFC (\d{4})|§(\d[\d.]*\d|\d|\*|\$\w+)( step \d+)?/g)) {
    if (number !== undefined) {
      current = number;
      first ??= number;
    } else if (current !== undefined) {
      const known = section?.startsWith('$') ? '*' : section;
      citations.push({ rfc: current, section: `§${known}${step ?? ''}` });
    } else throw new Error(`'${title}' cites §${section}, of no RFC`);
  }
  return { rfc: first, citations };
}
