/**
 * Generates the two Prisma clients (MySQL, SQLite) into generated/, which is not checked in. Skips a client whose stamp
 * says that the schema and Prisma's version are those it was made from.
 *
 * Prisma's schema engine is a separate download that generating does not use; naming any executable in its place lets
 * `prisma generate` run without the network.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const ROOT = new URL('../../../', import.meta.url);
const CLIENTS = [
  { schema: 'prisma/schema.prisma', output: 'services/store/prisma/generated/mysql/' },
  { schema: 'prisma/embedded/schema.prisma', output: 'services/store/prisma/generated/sqlite/' },
];
const prismaManifest = createRequire(import.meta.url).resolve('prisma/package.json');

function stampOf(schema) {
  const hash = createHash('sha256');
  for (const file of [new URL(schema, ROOT), prismaManifest]) hash.update(readFileSync(file));
  return hash.digest('hex');
}

function readOr(file, otherwise) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return otherwise;
  }
}

for (const { schema, output } of CLIENTS) {
  const stamp = stampOf(schema);
  const stampFile = new URL(`${output}.stamp`, ROOT);
  if (readOr(stampFile, '') === stamp) continue;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [fileURLToPath(new URL('build/index.js', `file://${prismaManifest}`)), 'generate', '--schema', schema],
    {
      cwd: ROOT,
      encoding: 'utf8',
      env: {
        ...process.env,
        PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
        PRISMA_HIDE_UPDATE_MESSAGE: '1',
        CHECKPOINT_DISABLE: '1',
      },
    },
  );
  if (status !== 0) {
    process.stderr.write(`${stdout}${stderr}\nprisma generate failed for ${schema}\n`);
    process.exit(1);
  }
  writeFileSync(stampFile, stamp);
}
