/**
 * Writes prisma/embedded/schema.prisma: the tables of prisma/schema.prisma for SQLite. Another provider, another output
 * folder, and no `@db.…` types, which are MySQL's. `--check` compares instead and exits 1 when they differ.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const TRUTH = new URL('../../../prisma/schema.prisma', import.meta.url);
const EMBEDDED = new URL('../../../prisma/embedded/schema.prisma', import.meta.url);
const HEADER = '// Derived from prisma/schema.prisma by services/store/prisma/derive-embedded.mjs. Do not edit.\n\n';

/** @param {string} schema the MySQL schema's text. @returns {string} the SQLite schema's text. */
export function deriveEmbedded(schema) {
  const derived = schema
    .replace(/^(?:\/\/.*\n)+\n/, HEADER)
    .replace('"../services/store/prisma/generated/mysql"', '"../../services/store/prisma/generated/sqlite"')
    .replace('provider = "mysql"', 'provider = "sqlite"')
    .replace(/[ \t]+@db\.\w+(?:\([\d, ]*\))?/g, '');
  if (derived.includes('mysql') || derived.includes('@db.')) throw new Error('schema.prisma has grown something new');
  return derived;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const derived = deriveEmbedded(readFileSync(TRUTH, 'utf8'));
  if (!process.argv.includes('--check')) {
    writeFileSync(EMBEDDED, derived);
  } else if (readFileSync(EMBEDDED, 'utf8') !== derived) {
    console.error('prisma/embedded/schema.prisma is not what prisma/schema.prisma gives: run derive-embedded.mjs');
    process.exitCode = 1;
  }
}
