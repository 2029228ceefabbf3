/** `npm run docs:rfc`: writes docs/rfc/*.md from docs/rfc/clauses and the titles of the tests. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readClauseLists } from './clauses.ts';
import { drawPages } from './pages.ts';
import { ROOT } from './root.ts';
import { readTests } from './titles.ts';

for (const [name, text] of drawPages(readClauseLists(), readTests())) {
  writeFileSync(join(ROOT, 'docs/rfc', name), text);
}
