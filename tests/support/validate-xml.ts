import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe } from 'vitest';

const SCHEMAS = fileURLToPath(new URL('../cases/schemas/', import.meta.url));

const { CI } = process.env;
const available = spawnSync('xmllint', ['--version']).error === undefined;

/**
 * A suite that needs xmllint (Debian: libxml2-utils). Without it the suite is skipped and says so; where CI=true that is a
 * failure.
 */
export function describeWithXmllint(title: string, body: () => void): void {
  if (!available && CI === 'true') throw new Error('xmllint is missing: install libxml2-utils');
  if (!available) console.log(`skipped, xmllint is missing (install libxml2-utils): ${title}`);
  describe.skipIf(!available)(title, body);
}

/**
 * Holds documents against a schema of tests/cases/schemas, all in one run of xmllint.
 * @returns what is wrong, line by line; empty when every document is valid.
 */
export function validateXml(documents: readonly Uint8Array[], schema = 'presence-all.xsd'): string {
  if (documents.length === 0) return '';
  const folder = mkdtempSync(join(tmpdir(), 'validate-xml-'));
  try {
    const files = documents.map((document, index) => {
      const file = join(folder, `${index}.xml`);
      writeFileSync(file, document);
      return file;
    });
    const run = spawnSync('xmllint', ['--nonet', '--noout', '--schema', join(SCHEMAS, schema), ...files], {
      encoding: 'utf8',
    });
    if (run.error !== undefined) throw run.error;
    if (run.status === 0) return '';
    return run.stderr
      .split('\n')
      .filter((line) => line !== '' && !line.endsWith(' validates'))
      .join('\n')
      .replaceAll(`${folder}/`, 'document ');
  } finally {
    rmSync(folder, { recursive: true });
  }
}
